//! Reads one sheet from its tokens: by the form's labels and the text's own structure, never by page or title.

mod answers;
mod chart;
mod header;
mod roadmap;
pub(crate) mod texts;

use std::ops::Range;

use indexmap::IndexMap;
use kaikaku_domain::form::Form;
use kaikaku_domain::sheet::{Content, Response};
use kaikaku_domain::{Finding, FiscalYear, Severity, Sheet};

use crate::labels::Role;
use crate::ledger::Ledger;
use crate::tokens::{Kind, Token};

/// What every sheet of a report shares.
pub(crate) struct Frame<'f, 's> {
    pub(crate) form: &'f Form,
    pub(crate) periods: Vec<String>,
    pub(crate) grades: Vec<String>,
    pub(crate) plan_years: (FiscalYear, FiscalYear),
    /// Folded titles that the list or other sheets name, for telling a wrapped title's end.
    pub(crate) titles: Vec<String>,
    /// How wide a full line is, column by column.
    pub(crate) edges: texts::Edges<'s>,
    /// How wide the chart's column of labels usually is.
    pub(crate) chart_width: f32,
    /// The same where rows are marked and every character takes its full room.
    pub(crate) marked_chart: crate::join::Column,
}

/// A sheet while it is read.
pub(crate) struct Reader<'a, 's> {
    frame: &'a Frame<'a, 's>,
    ledger: &'a mut Ledger<'s>,
    tokens: Vec<Token>,
    findings: Vec<Finding>,
    page: Option<u32>,
    sheet: Sheet,
    /// The bullets found, group by group, in source order, with the level that a label near them names.
    contents: Vec<Vec<String>>,
}

/// A sheet with what was found while reading it.
pub(crate) struct ReadSheet {
    pub(crate) sheet: Sheet,
    /// The groups of bullets in source order; which level each belongs to is told with all sheets at hand.
    pub(crate) contents: Vec<Vec<String>>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads a sheet. Text that fits no field stays unclaimed in the ledger.
pub(crate) fn read<'s>(
    frame: &Frame<'_, 's>,
    ledger: &mut Ledger<'s>,
    tokens: Vec<Token>,
    page: Option<u32>,
) -> ReadSheet {
    let mut reader = Reader {
        frame,
        ledger,
        tokens,
        findings: Vec::new(),
        page,
        sheet: empty(page),
        contents: Vec::new(),
    };
    reader.claim_labels();
    reader.read_path();
    reader.read_departments();
    reader.read_content();
    reader.read_texts();
    reader.read_answers();
    reader.read_chart_and_roadmap();
    ReadSheet { sheet: reader.sheet, contents: reader.contents, findings: reader.findings }
}

fn empty(page: Option<u32>) -> Sheet {
    Sheet {
        id: None,
        page,
        mark: None,
        path: Vec::new(),
        lead_departments: Vec::new(),
        supporting_departments: Vec::new(),
        content: Vec::<Content>::new(),
        goal: None,
        challenge: None,
        responses: Vec::<Response>::new(),
        activities: Vec::new(),
        activity_notes: Vec::new(),
        roadmap: Vec::new(),
        roadmap_values: Vec::new(),
        fields: IndexMap::new(),
    }
}

impl Reader<'_, '_> {
    /// Every label is one, wherever it stands; grades wait until they are told to be ratings.
    fn claim_labels(&mut self) {
        for token in &self.tokens {
            match &token.kind {
                Kind::Label(Role::Grade(_)) | Kind::Text => {}
                Kind::Label(_) => {
                    self.ledger.label(&token.range);
                }
                Kind::Node { label, .. } => {
                    self.ledger.label(label);
                }
            }
        }
    }

    /// Whether the token is text that no field has taken.
    fn is_open_text(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_text() && self.ledger.is_free(&token.range))
    }

    /// The open text that follows the token without a label between.
    fn text_after(&self, at: usize) -> Vec<usize> {
        (at + 1..self.tokens.len()).take_while(|next| self.is_open_text(*next)).collect()
    }

    fn ranges(&self, tokens: &[usize]) -> Vec<Range<usize>> {
        tokens.iter().map(|at| self.tokens[*at].range.clone()).collect()
    }

    fn positions(&self, role: Role) -> Vec<usize> {
        (0..self.tokens.len()).filter(|at| self.tokens[*at].role() == Some(role)).collect()
    }

    fn find(&mut self, rule: &str, severity: Severity, field: &str, message: &str, evidence: String) {
        let title = self.sheet.title();
        self.findings.push(Finding {
            rule: rule.to_owned(),
            severity,
            page: self.page,
            place: format!("{} {title} {field}", self.sheet.reference()).trim().to_owned(),
            message: message.to_owned(),
            evidence,
        });
    }
}
