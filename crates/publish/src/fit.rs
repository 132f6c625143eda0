//! How much room a text takes: the estimate that chooses a sheet's size before it is typeset, and that tells a writer
//! how many lines too long a field is.
//!
//! BIZ UDGothic sets a full-width character one em wide and a half-width one half an em, so a line's length is a count.
//! The estimate follows Typst's plain line breaking with the Japanese rules for line ends; the typeset pages have the
//! last word (`pdf.rs`).

/// Marks a place in printed text where a line may break that has no break of its own: a noncharacter, so no text has it.
pub(crate) const BREAK: char = '\u{FDD0}';

/// The distance from one line's bottom to the next one's top, in em.
pub(crate) const LEADING: f64 = 0.42;

/// How many printed lines a text takes in a column `width` em wide; each line of the text begins a new one.
pub fn lines(text: &str, width: f64) -> u32 {
    text.split('\n').map(|line| line_count(line, width, width)).sum()
}

/// How many lines one line of text breaks into; the first may have another width than the others.
pub(crate) fn line_count(line: &str, first: f64, others: f64) -> u32 {
    let (mut count, mut used, mut room) = (1, 0.0, first);
    for unit in units(line) {
        let wide = width(unit);
        let bare = width(unit.trim_end_matches([' ', '\u{3000}']));
        if used > 0.0 && used + bare > room + 1e-6 {
            count += 1;
            used = 0.0;
            room = others;
        }
        used += wide;
    }
    count
}

/// The width of a text on one line, in em.
pub(crate) fn width(text: &str) -> f64 {
    text.chars().map(char_width).sum()
}

/// A character's width in em.
pub(crate) fn char_width(c: char) -> f64 {
    match c {
        ' '..='~' | '\u{FF61}'..='\u{FF9F}' => 0.5,
        BREAK | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{300}'..='\u{36F}' => 0.0,
        _ => 1.0,
    }
}

/// The text with break marks in every run that cannot break by itself and is wider than a column of `width` em, so that
/// no long address or code ever runs out of its cell.
pub(crate) fn soften(text: &str, column: f64) -> String {
    let mut soft = String::with_capacity(text.len());
    for unit in units(text) {
        if width(unit) <= column {
            soft.push_str(unit);
            continue;
        }
        // Pieces of a quarter of the column fill its lines well and cost few pieces.
        let piece = (column / 4.0).max(0.5);
        let mut used = 0.0;
        for c in unit.chars() {
            if used > 0.0 && used + char_width(c) > piece {
                soft.push(BREAK);
                used = 0.0;
            }
            soft.push(c);
            used += char_width(c);
        }
    }
    soft
}

/// The pieces of a line between which it may break.
fn units(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, mut before) = chars.next()?;
        let end = chars
            .find_map(|(at, c)| {
                let ends = may_break(before, c);
                before = c;
                ends.then_some(at)
            })
            .unwrap_or(rest.len());
        let (unit, tail) = rest.split_at(end);
        rest = tail;
        Some(unit)
    })
}

/// Whether a line may end between two characters: as UAX 14 has it for what town halls write.
fn may_break(before: char, after: char) -> bool {
    const CLOSING: &str = "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】〟°′″℃％‰ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ)]},.:;?!%｡｣､･ｧｨｩｪｫｬｭｮｯｰﾞﾟ〜～…‥";
    const OPENING: &str = "‘“（〔［｛〈《「『【〝([{｢￥＄№#$";
    if before == BREAK || after == BREAK {
        return true;
    }
    if after == ' ' || after == '\u{3000}' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    if before == ' ' || before == '\u{3000}' {
        return true;
    }
    let narrow = |c: char| c.is_ascii() || char_width(c) < 1.0;
    !(narrow(before) && narrow(after)) || before == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_they_are_set() {
        for (text, width, expect) in [
            ("", 10.0, 1),
            ("あいうえおかきくけこ", 10.0, 1),
            ("あいうえおかきくけこさ", 10.0, 2),
            ("あいうえおかきくけ", 4.0, 3),
            // A full stop never begins a line: it takes the character before with it.
            ("あいうえ。", 4.0, 2),
            ("abcdefgh", 4.0, 1),
            ("あ abcdefgh", 4.0, 2),
            ("一\n二", 4.0, 2),
        ] {
            assert_eq!(lines(text, width), expect, "{text}");
        }
    }

    #[test]
    fn a_long_unbroken_run_gets_places_to_break() {
        let address = "https://".to_owned() + &"x".repeat(80);
        let soft = soften(&address, 10.0);
        assert_eq!(soft.replace(BREAK, ""), address);
        assert!(lines(&soft, 10.0) <= 6, "{}", lines(&soft, 10.0));
        assert_eq!(soften("短い文 abc", 10.0), "短い文 abc");
        assert!(soften("ーーーーーーーーーーーーーーー", 5.0).contains(BREAK));
    }
}
