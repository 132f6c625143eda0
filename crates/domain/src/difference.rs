//! What changed between two texts, character by character, in pieces that a person can read.
//!
//! The shortest list of changes is not the most readable one: texts that were rewritten share scattered particles by
//! chance, and a new sentence can be drawn as starting in the middle of the one before. So scraps between two changes
//! join them, and a change begins and ends where a sentence does if it can.

use std::hash::Hash;
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

/// What became of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is in both texts.
    Same,
    /// It is in the earlier text only.
    Removed,
    /// It is in the later text only.
    Added,
}

/// A stretch of text with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub kind: Kind,
    /// The text, never empty, in whole characters as a person counts them.
    pub text: String,
}

/// The pieces that lead from one text to another. Without the added ones they are the text before, without the removed
/// ones the text after; a removed piece comes before the added one that replaces it.
///
/// Texts that differ in too much to compare by character are compared by sentence; the cost is bounded at any length
/// (two texts of 200,000 random characters: half a second) and the answer never depends on the machine's speed.
pub fn difference(before: &str, after: &str) -> Vec<Piece> {
    let old: Vec<&str> = before.graphemes(true).collect();
    let new: Vec<&str> = after.graphemes(true).collect();
    let hunks = join(compare(&old, &new), |between, changed| is_scrap(&old[between], changed));
    let hunks = join(at_natural_ends(hunks, &old, &new), |between, _| between.is_empty());
    pieces(&hunks, &old, &new)
}

/// A place where the texts differ: characters of the one stand where characters of the other stood.
#[derive(Debug, Clone)]
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

impl Hunk {
    fn size(&self) -> usize {
        self.old.len() + self.new.len()
    }
}

/// How many steps may be spent on one difference, taking a comparison of n with m things as (n + m)² steps. Texts of
/// 15,000 characters each, or of as many sentences, are compared in every case; see `difference` for the time it takes.
const STEPS: usize = 1_000_000_000;

fn compare(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let middle = Hunk { old: start..old.len() - end, new: start..new.len() - end };
    let mut steps = STEPS;
    within(&middle, old, new, &mut steps).unwrap_or_else(|| by_sentence(middle, old, new, &mut steps))
}

/// What differs in a part of the texts, by character; `None` when finding out could cost more steps than are left.
fn within(part: &Hunk, old: &[&str], new: &[&str], steps: &mut usize) -> Option<Vec<Hunk>> {
    let found = changes(&old[part.old.clone()], &new[part.new.clone()], steps)?;
    let moved = |range: Range<usize>, by: usize| range.start + by..range.end + by;
    let in_whole =
        |hunk: Hunk| Hunk { old: moved(hunk.old, part.old.start), new: moved(hunk.new, part.new.start) };
    Some(found.into_iter().map(in_whole).collect())
}

/// What differs in a long part of the texts: first by sentence, then inside of the changed ones as far as the steps go.
fn by_sentence(part: Hunk, old: &[&str], new: &[&str], steps: &mut usize) -> Vec<Hunk> {
    let (old_sentences, new_sentences) = (sentences(old, &part.old), sentences(new, &part.new));
    let old_texts: Vec<&[&str]> = old_sentences.iter().map(|sentence| &old[sentence.clone()]).collect();
    let new_texts: Vec<&[&str]> = new_sentences.iter().map(|sentence| &new[sentence.clone()]).collect();
    let Some(found) = changes(&old_texts, &new_texts, steps) else { return vec![part] };
    let mut hunks = Vec::new();
    for hunk in found {
        let place = Hunk {
            old: covered(&old_sentences, &hunk.old, part.old.end),
            new: covered(&new_sentences, &hunk.new, part.new.end),
        };
        match within(&place, old, new, steps) {
            Some(inner) => hunks.extend(inner),
            None => hunks.push(place),
        }
    }
    hunks
}

/// Where two sequences differ; `None` when finding out could cost more steps than are left.
fn changes<T: Eq + Hash>(old: &[T], new: &[T], steps: &mut usize) -> Option<Vec<Hunk>> {
    let both = old.len() + new.len();
    *steps = steps.checked_sub(both.saturating_mul(both))?;
    let operations = capture_diff_slices(Algorithm::Myers, old, new);
    let changed = operations.iter().filter(|operation| operation.tag() != DiffTag::Equal);
    Some(changed.map(|it| Hunk { old: it.old_range(), new: it.new_range() }).collect())
}

/// The sentences and lines of a part of a text, by their characters.
fn sentences(text: &[&str], part: &Range<usize>) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = part.start;
    for place in part.clone() {
        if text[place] == "。" || is_line_end(text[place]) || place + 1 == part.end {
            sentences.push(start..place + 1);
            start = place + 1;
        }
    }
    sentences
}

/// The characters of some sentences in a row; where there are none, the place where they would stand.
fn covered(sentences: &[Range<usize>], row: &Range<usize>, end: usize) -> Range<usize> {
    let start_of = |place: usize| sentences.get(place).map_or(end, |sentence| sentence.start);
    start_of(row.start)..start_of(row.end)
}

/// Joins neighbours where `joins` says so of the range between them in the old text and of their sizes together.
fn join(hunks: Vec<Hunk>, joins: impl Fn(Range<usize>, usize) -> bool) -> Vec<Hunk> {
    let mut joined: Vec<Hunk> = Vec::new();
    for mut hunk in hunks {
        // What was joined is larger than before, so that it may now swallow the one before it too.
        while let Some(last) =
            joined.pop_if(|last| joins(last.old.end..hunk.old.start, last.size() + hunk.size()))
        {
            hunk = Hunk { old: last.old.start..hunk.old.end, new: last.new.start..hunk.new.end };
        }
        joined.push(hunk);
    }
    joined
}

/// Whether a text between two changes is too little to be read on its own: up to three characters and less than half
/// of what changed around it. A line end always is something to hold on to.
fn is_scrap(between: &[&str], changed: usize) -> bool {
    between.len() <= 3 && 2 * between.len() < changed && !between.iter().any(|c| is_line_end(c))
}

/// Moves what was only added or only removed to where a reader would cut, as far as it reads the same there:
/// `検討{+した。試行+}した。` becomes `検討した。{+試行した。+}`.
fn at_natural_ends(mut hunks: Vec<Hunk>, old: &[&str], new: &[&str]) -> Vec<Hunk> {
    for place in 0..hunks.len() {
        let low = place.checked_sub(1).map_or((0, 0), |last| (hunks[last].old.end, hunks[last].new.end));
        let high =
            hunks.get(place + 1).map_or((old.len(), new.len()), |next| (next.old.start, next.new.start));
        let Hunk { old: removed, new: added } = &mut hunks[place];
        if Range::is_empty(removed) {
            slide(added, removed, new, low.1..high.1);
        } else if Range::is_empty(added) {
            slide(removed, added, old, low.0..high.0);
        }
    }
    hunks
}

/// Moves a stretch of a text to its best place inside `bounds`, and its empty counterpart in the other text with it.
fn slide(stretch: &mut Range<usize>, counterpart: &mut Range<usize>, text: &[&str], bounds: Range<usize>) {
    let length = stretch.len();
    let turns = |start: &usize| text[*start] == text[start + length];
    let left = (bounds.start..stretch.start).rev().take_while(turns).count();
    let right = (stretch.start..bounds.end - length).take_while(turns).count();
    let places = stretch.start - left..=stretch.start + right;
    let best = places.max_by_key(|start| cut(text, *start) + cut(text, start + length));
    let start = best.unwrap_or(stretch.start);
    let other = counterpart.start + start - stretch.start;
    (*stretch, *counterpart) = (start..start + length, other..other);
}

/// How natural it is to cut a text before a character, 0 to 4.
fn cut(text: &[&str], place: usize) -> u8 {
    let before = place.checked_sub(1).map(|last| text[last]);
    match (before, text.get(place)) {
        (None, _) | (_, None) => 4,
        (Some(before), _) if is_line_end(before) => 4,
        (Some("。" | "．"), _) => 3,
        (Some("、" | "，" | "・" | "）" | "」" | "】" | " " | "\u{3000}"), _) => 2,
        (_, Some(&("（" | "「" | "【" | "・" | "➢"))) => 2,
        (Some(before), Some(after)) if is_hiragana(before) && !is_hiragana(after) => 1,
        _ => 0,
    }
}

fn is_line_end(character: &str) -> bool {
    matches!(character, "\n" | "\r\n" | "\r")
}

fn is_hiragana(character: &str) -> bool {
    character.starts_with(|c| ('ぁ'..='ゖ').contains(&c))
}

fn pieces(hunks: &[Hunk], old: &[&str], new: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |kind, text: &[&str]| {
        if !text.is_empty() {
            pieces.push(Piece { kind, text: text.concat() });
        }
    };
    let mut end = 0;
    for hunk in hunks {
        push(Kind::Same, &old[end..hunk.old.start]);
        push(Kind::Removed, &old[hunk.old.clone()]);
        push(Kind::Added, &new[hunk.new.clone()]);
        end = hunk.old.end;
    }
    push(Kind::Same, &old[end..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `同じ[-削る-]{+足す+}`
    fn drawn(before: &str, after: &str) -> String {
        let draw = |piece: &Piece| match piece.kind {
            Kind::Same => piece.text.clone(),
            Kind::Removed => format!("[-{}-]", piece.text),
            Kind::Added => format!("{{+{}+}}", piece.text),
        };
        difference(before, after).iter().map(draw).collect()
    }

    fn check(cases: &[(&str, &str, &str)]) {
        for (before, after, expect) in cases {
            assert_eq!(drawn(before, after), *expect);
        }
    }

    /// The laws of every difference; gives the pieces back.
    fn lawful(before: &str, after: &str) -> Vec<Piece> {
        let pieces = difference(before, after);
        let without = |kind| -> String {
            pieces.iter().filter(|piece| piece.kind != kind).map(|piece| piece.text.as_str()).collect()
        };
        assert!(without(Kind::Added) == before, "{before:?} {after:?}");
        assert!(without(Kind::Removed) == after, "{before:?} {after:?}");
        assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
        for pair in pieces.windows(2) {
            assert_ne!(pair[0].kind, pair[1].kind, "{before:?} {after:?}");
            assert_ne!((pair[0].kind, pair[1].kind), (Kind::Added, Kind::Removed), "{before:?} {after:?}");
        }
        pieces
    }

    #[test]
    fn a_changed_word_is_marked_and_the_rest_is_not() {
        check(&[
            ("", "", ""),
            ("同じ文です。", "同じ文です。", "同じ文です。"),
            ("", "新規", "{+新規+}"),
            ("廃止", "", "[-廃止-]"),
            ("令和6年度に実施した。", "令和7年度に実施した。", "令和[-6-]{+7+}年度に実施した。"),
            (
                "12人が受講し、34人が修了",
                "13人が受講し、35人が修了",
                "1[-2-]{+3+}人が受講し、3[-4-]{+5+}人が修了",
            ),
            ("研修を行った", "職員研修を2回行った", "{+職員+}研修を{+2回+}行った"),
        ]);
    }

    #[test]
    fn scraps_shared_by_chance_join_the_changes_around_them() {
        check(&[
            ("窓口の混雑を緩和", "書面の審査を廃止", "[-窓口の混雑を緩和-]{+書面の審査を廃止+}"),
            ("12.5%", "13.8%", "1[-2.5-]{+3.8+}%"),
            // Small insertions beside each other stay what they are.
            ("税（国）", "税、（国）は", "税{+、+}（国）{+は+}"),
            ("一\n二", "三\n四", "[-一-]{+三+}\n[-二-]{+四+}"),
        ]);
    }

    #[test]
    fn a_new_sentence_begins_where_the_one_before_ends() {
        check(&[
            ("検討した。周知した。", "検討した。試行した。周知した。", "検討した。{+試行した。+}周知した。"),
            ("検討した。試行した。周知した。", "検討した。周知した。", "検討した。[-試行した。-]周知した。"),
            ("・窓口\n・税務\n", "・窓口\n・防災\n・税務\n", "・窓口\n{+・防災\n+}・税務\n"),
            ("りんご", "りんごりんご", "りんご{+りんご+}"),
        ]);
    }

    #[test]
    fn a_character_as_a_person_counts_it_is_never_torn() {
        check(&[
            ("葛\u{E0100}城", "葛城", "[-葛\u{E0100}-]{+葛+}城"),
            ("か\u{3099}", "か", "[-か\u{3099}-]{+か+}"),
            ("一\r\n二", "一\n二", "一[-\r\n-]{+\n+}二"),
        ]);
    }

    #[test]
    fn nothing_is_lost_or_invented_between_any_two_texts() {
        let mut random = fastrand::Rng::with_seed(3);
        let signs =
            ["の", "を", "し", "た", "。", "、", "\n", "\r\n", "税", "務", "1", "か\u{3099}", "👨‍👩‍👧", " "];
        for round in 0..4000 {
            let mut text = |length: usize| -> Vec<&str> {
                (0..random.usize(0..=length)).map(|_| signs[random.usize(0..signs.len())]).collect()
            };
            let (before, mut after) = (text(40), text(40));
            // Most texts are the one before with a few changes.
            if round % 4 != 0 {
                after = before.clone();
                for insertion in [text(3), text(8)] {
                    let place = random.usize(0..=after.len());
                    after.splice(place..place, insertion);
                }
                let start = random.usize(0..=after.len());
                after.drain(start..(start + 3).min(after.len()));
            }
            lawful(&before.concat(), &after.concat());
        }
    }

    #[test]
    fn in_a_long_text_a_small_change_is_still_found_by_character() {
        let sentence = |n: usize| format!("取組{n}について庁内で検討し、{}件を見直した。", n * 7 % 13);
        let before: String = (0..9000).map(sentence).collect();
        assert!(before.chars().count() > 200_000);
        let after = before.replacen("取組7に", "事業7に", 1);
        let after = after.replacen(
            "取組8320について庁内で検討し、0件を見直した",
            "取組8320について庁内で検討し、0件を廃止した",
            1,
        );
        let changed: Vec<Piece> =
            lawful(&before, &after).into_iter().filter(|piece| piece.kind != Kind::Same).collect();
        let texts: Vec<&str> = changed.iter().map(|piece| piece.text.as_str()).collect();
        assert!(texts == ["取組", "事業", "見直", "廃止"], "{:?}", &texts[..texts.len().min(9)]);
    }

    #[test]
    fn a_long_text_rewritten_throughout_costs_no_more_than_it_may() {
        let mut random = fastrand::Rng::with_seed(5);
        let mut text = |signs: &[char]| -> String {
            (0..200_000).map(|_| signs[random.usize(0..signs.len())]).collect()
        };
        for signs in [&['税', '務', 'の', '。', '\n'][..], &['税', '務'], &['\n', 'あ'], &['\n']] {
            let (before, after) = (text(signs), text(signs));
            lawful(&before, &after);
        }
        // One sentence without end: what is the same at its beginning is still found.
        let before = text(&['あ']);
        assert_eq!(lawful(&before, &format!("い{before}")).len(), 2);
    }
}
