//! A stretch of the source with its characters folded for comparing, each still knowing where it stands.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// Folded characters (NFKC, white space left out) with the source bytes that each came from.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    pub(crate) chars: Vec<char>,
    /// The stretch as it is in the source, for what folding takes away (① becomes 1).
    source: String,
    start: usize,
    /// One range for each of `chars`.
    at: Vec<Range<usize>>,
    /// Whether white space stands before the character.
    spaced: Vec<bool>,
}

impl Folded {
    /// Folds `source[range]`.
    pub(crate) fn new(source: &str, range: &Range<usize>) -> Self {
        let mut folded = Self {
            chars: Vec::new(),
            source: source[range.clone()].to_owned(),
            start: range.start,
            at: Vec::new(),
            spaced: Vec::new(),
        };
        let mut space = false;
        for (offset, c) in source[range.clone()].char_indices() {
            if c.is_whitespace() {
                space = true;
                continue;
            }
            let start = range.start + offset;
            for part in std::iter::once(c).nfkc().filter(|part| !part.is_whitespace()) {
                folded.chars.push(part);
                folded.at.push(start..start + c.len_utf8());
                folded.spaced.push(std::mem::take(&mut space));
            }
        }
        folded
    }

    pub(crate) fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether white space stands before the `i`-th character; true at the end and the start.
    pub(crate) fn has_space_before(&self, i: usize) -> bool {
        i == 0 || self.spaced.get(i).copied().unwrap_or(true)
    }

    /// The source bytes of the folded characters `from..to`; empty when they are none.
    pub(crate) fn range(&self, from: usize, to: usize) -> Range<usize> {
        match (self.at.get(from), to.checked_sub(1).and_then(|last| self.at.get(last))) {
            (Some(first), Some(last)) if from < to => first.start..last.end,
            _ => 0..0,
        }
    }

    /// Whether `label` (folded) stands at `i`; gives the place after it.
    pub(crate) fn after(&self, i: usize, label: &[char]) -> Option<usize> {
        (!label.is_empty() && self.chars.get(i..)?.starts_with(label)).then_some(i + label.len())
    }

    /// The source's own characters of a range of this stretch.
    pub(crate) fn source_text(&self, range: &Range<usize>) -> String {
        self.source
            .get(range.start.saturating_sub(self.start)..range.end.saturating_sub(self.start))
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) fn text(&self, from: usize, to: usize) -> String {
        self.chars[from..to].iter().collect()
    }
}
