//! Comparing and counting text as a reader would. Stored text is never folded.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The text for comparing: NFKC and without white space. `収納データ 一元化` and `収納ﾃﾞｰﾀ一元化` are one.
pub fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Whether two texts read the same to a person: width, spaces and line ends do not make a difference.
pub fn reads_same(a: &str, b: &str) -> bool {
    fold(a) == fold(b)
}

/// Whether there is nothing to read: no text, or white space alone.
pub fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// How many characters are left when white space is taken away: what an import must account for.
pub fn visible_chars(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// How many characters a person counts, line ends among them: the grapheme clusters of Unicode Annex 29. A kanji with
/// its variation selector (葛󠄀) and a kana with a combining mark are one each; a browser's `Intl.Segmenter` counts alike.
pub fn count_characters(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Bytes as hexadecimal digits, two a byte: digests as they are kept and shown.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The half-width form of a full-width ASCII character, any other character as it is.
///
/// Narrower than NFKC on purpose: `①` stays no digit and `²` no 2.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(&[0x00, 0x0F, 0xA9, 0xFF]), "000fa9ff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn characters_are_counted_as_a_person_counts_them() {
        for (text, expect) in [
            ("", 0),
            ("目標", 2),
            ("か\u{3099}", 1),
            ("ｶﾞ", 1),
            ("葛\u{E0100}城", 2),
            ("👨‍👩‍👧", 1),
            ("一\n二", 3),
            ("一\r\n二", 3),
        ] {
            assert_eq!(count_characters(text), expect, "{text:?}");
        }
    }

    #[test]
    fn width_and_spaces_do_not_make_texts_differ() {
        for (a, b, same) in [
            ("収納データ 一元化", "収納ﾃﾞｰﾀ一元化", true),
            ("ＩＣＴ", "ICT", true),
            ("総務課\n", "総務課", true),
            ("総務課", "総務部", false),
        ] {
            assert_eq!(reads_same(a, b), same, "{a} {b}");
        }
    }
}
