//! The ledger of an import: which stretch of the source went where. What nobody claimed is `unassigned`.
//!
//! Text reaches a field only through [`Ledger::take`], and a stretch is taken once: so nothing is lost, nothing is
//! used twice and nothing is invented, whatever the readers do.

use std::ops::Range;

/// What a stretch of the source was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A label, number or mark of the form, or a separator between values.
    Label,
    /// The value of a field, by the document's member name.
    Field(&'static str),
}

/// A claimed stretch of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Bytes of the source.
    pub range: Range<usize>,
    /// What they are.
    pub what: Use,
}

pub(crate) struct Ledger<'s> {
    source: &'s str,
    claims: Vec<Claim>,
    taken: Vec<bool>,
}

impl<'s> Ledger<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        Self { source, claims: Vec::new(), taken: vec![false; source.len()] }
    }

    pub(crate) fn text(&self, range: &Range<usize>) -> &'s str {
        &self.source[range.clone()]
    }

    /// Whether nothing in the stretch was claimed.
    pub(crate) fn is_free(&self, range: &Range<usize>) -> bool {
        !self.taken[range.clone()].contains(&true)
    }

    /// Claims a stretch as a field's text and gives it, trimmed; `None` when any of it is already used.
    pub(crate) fn take(&mut self, range: &Range<usize>, field: &'static str) -> Option<&'s str> {
        self.claim(range, Use::Field(field)).then(|| self.text(range).trim())
    }

    /// Claims a stretch as a label. Nothing happens when any of it is already used.
    pub(crate) fn label(&mut self, range: &Range<usize>) -> bool {
        self.claim(range, Use::Label)
    }

    fn claim(&mut self, range: &Range<usize>, what: Use) -> bool {
        if range.is_empty() || !self.is_free(range) {
            return false;
        }
        self.taken[range.clone()].fill(true);
        self.claims.push(Claim { range: range.clone(), what });
        true
    }

    /// Every unclaimed visible stretch, cut at line ends, in source order.
    pub(crate) fn unclaimed(&self) -> Vec<Range<usize>> {
        let mut open: Vec<Range<usize>> = Vec::new();
        for (at, c) in self.source.char_indices() {
            let end = at + c.len_utf8();
            if self.taken[at] || is_line_end(c) {
                continue;
            }
            match open.last_mut() {
                Some(last) if last.end == at => last.end = end,
                _ => open.push(at..end),
            }
        }
        open.retain(|range| !self.source[range.clone()].trim().is_empty());
        open
    }

    pub(crate) fn into_claims(mut self) -> Vec<Claim> {
        self.claims.sort_by_key(|claim| claim.range.start);
        self.claims
    }
}

pub(crate) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{c}')
}
