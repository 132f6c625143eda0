//! Choosing between two texts field by field: what changed on which side, and the content that follows from the choice.

use kaikaku_domain::Form;
use kaikaku_domain::difference::{Piece, difference};
use kaikaku_domain::entry::Content;
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::scale::Grade;
use kaikaku_domain::submission::TEXT_LIMIT;
use kaikaku_domain::text::{count_characters, is_blank};
use serde_json::Value;

use crate::web::form::Fields;
use crate::web::print::content::{Printed, fields};

/// The text that came too late, the one that is saved, and what both were written from.
pub(super) struct Texts {
    pub(super) base: Content,
    pub(super) mine: Content,
    pub(super) theirs: Content,
}

/// One field as it stands in the three texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) code: String,
    pub(super) label: String,
    /// Whether both say the same: then there is nothing to choose.
    pub(super) is_same: bool,
    pub(super) base: String,
    pub(super) mine: String,
    pub(super) theirs: String,
    /// What each changed in the text that both began with.
    pub(super) mine_changes: Vec<Piece>,
    pub(super) theirs_changes: Vec<Piece>,
    /// Whether the two can be joined by hand: it is free text.
    pub(super) is_text: bool,
    /// What is chosen.
    pub(super) side: Option<Side>,
    /// What stands in the field for a text of one's own.
    pub(super) merged: String,
    /// What must be put right.
    pub(super) error: Option<String>,
}

/// Whose text is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Mine,
    Theirs,
    Merged,
}

impl Side {
    fn read(code: &str) -> Option<Self> {
        match code {
            "mine" => Some(Self::Mine),
            "theirs" => Some(Self::Theirs),
            "merged" => Some(Self::Merged),
            _ => None,
        }
    }
}

impl Field {
    pub(super) fn is_side(&self, code: &str) -> bool {
        self.side.is_some() && self.side == Side::read(code)
    }

    /// Whether only one side changed it, and which, in words.
    pub(super) fn only(&self) -> Option<&'static str> {
        match (self.mine == self.base, self.theirs == self.base) {
            (false, true) => Some("変えたのはあなただけです。"),
            (true, false) => Some("変えたのは相手だけです。"),
            _ => None,
        }
    }
}

impl Texts {
    /// Every field that anything is written in, in the order of the form. A field that only one side changed is chosen
    /// for that side; where both changed it, the writer chooses.
    pub(super) fn fields(&self, form: &Form, scale: &[Grade]) -> Vec<Field> {
        let printed = |content| fields(content, form, scale);
        let (base, mine, theirs) = (printed(&self.base), printed(&self.mine), printed(&self.theirs));
        let mut order: Vec<&Printed> = Vec::new();
        for field in mine.iter().chain(&theirs).chain(&base) {
            if !order.iter().any(|other| other.code == field.code) {
                order.push(field);
            }
        }
        let text = |of: &[Printed], code: &str| {
            of.iter().find(|field| field.code == code).map(|field| field.text.clone()).unwrap_or_default()
        };
        let all = order.into_iter().map(|field| {
            let code = field.code.as_str();
            let texts = [text(&base, code), text(&mine, code), text(&theirs, code)];
            self.field(field, texts, is_text(form, code))
        });
        all.filter(|field| !(field.is_same && field.mine.is_empty())).collect()
    }

    fn field(&self, field: &Printed, [base, mine, theirs]: [String; 3], is_text: bool) -> Field {
        let code = field.code.as_str();
        let is_same = Part::of(&self.mine, code) == Part::of(&self.theirs, code);
        let changed = |content| Part::of(content, code) != Part::of(&self.base, code);
        let side = match (changed(&self.mine), changed(&self.theirs)) {
            (true, false) => Some(Side::Mine),
            (false, true) => Some(Side::Theirs),
            _ => None,
        };
        Field {
            code: field.code.clone(),
            label: field.label.clone(),
            is_same,
            mine_changes: difference(&base, &mine),
            theirs_changes: difference(&base, &theirs),
            merged: mine.clone(),
            base,
            mine,
            theirs,
            is_text,
            side,
            error: None,
        }
    }
}

/// The content that was chosen; none when something must be put right, which then stands at its field.
pub(super) fn chosen(texts: &Texts, fields: &mut [Field], form: &Fields) -> Option<Content> {
    let mut content = texts.theirs.clone();
    for field in fields.iter_mut().filter(|field| !field.is_same) {
        let name = format!("merged.{}", field.code);
        field.side = form.value(&format!("choice.{}", field.code)).and_then(Side::read);
        field.side = field.side.filter(|side| *side != Side::Merged || field.is_text);
        if let Some(merged) = form.value(&name) {
            merged.clone_into(&mut field.merged);
        }
        let wrong = form.wrong().iter().find(|(own, _)| *own == name).map(|(_, message)| *message);
        field.error = match field.side {
            None => Some(format!("「{}」に使う文章を選んでください。", field.label)),
            Some(Side::Merged) => refuse(&field.label, &field.merged, wrong),
            Some(_) => None,
        };
        match field.side {
            Some(Side::Mine) => Part::of(&texts.mine, &field.code).put(&mut content, &field.code),
            Some(Side::Merged) => Part::text(&field.merged).put(&mut content, &field.code),
            Some(Side::Theirs) | None => {}
        }
    }
    fields.iter().all(|field| field.error.is_none()).then_some(content)
}

/// Why a text of one's own cannot be kept.
fn refuse(label: &str, text: &str, wrong: Option<&str>) -> Option<String> {
    let count = count_characters(text);
    match wrong {
        Some(wrong) => Some(format!("「{label}」に{wrong}")),
        None if count > TEXT_LIMIT => {
            Some(format!("「{label}」は{TEXT_LIMIT}文字以内で入力してください（今は{count}文字です）。"))
        }
        None => None,
    }
}

/// Whether a field is free text, so that two can be joined by hand.
fn is_text(form: &Form, code: &str) -> bool {
    matches!(code, "cause" | "policy") || form.field(code).is_some_and(|field| field.kind == FieldKind::Text)
}

/// What one field holds: everything that is chosen together.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(Option<String>),
    Activities(Vec<kaikaku_domain::sheet::Activity>, Vec<String>),
    Roadmap(Vec<kaikaku_domain::sheet::RoadmapBar>, Vec<kaikaku_domain::sheet::RoadmapValue>),
    Own(Option<Value>),
}

impl Part {
    fn text(text: &str) -> Self {
        Self::Text((!is_blank(Some(text))).then(|| text.to_owned()))
    }

    fn of(content: &Content, code: &str) -> Self {
        match (content, code) {
            (Content::Start(start), "goal") => Self::Text(start.goal.clone()),
            (Content::Start(start), "challenge") => Self::Text(start.challenge.clone()),
            (Content::Start(start), "activities") => {
                Self::Activities(start.activities.clone(), start.activity_notes.clone())
            }
            (Content::Start(start), "roadmap") => {
                Self::Roadmap(start.roadmap.clone(), start.roadmap_values.clone())
            }
            (Content::Start(start), _) => Self::Own(start.fields.get(code).cloned()),
            (Content::Report(report), "rating") => Self::Text(report.rating.clone()),
            (Content::Report(report), "narrative") => Self::Text(report.narrative.clone()),
            (Content::Report(report), "cause") => Self::Text(report.cause.clone()),
            (Content::Report(report), "policy") => Self::Text(report.policy.clone()),
            (Content::Report(report), _) => Self::Own(report.fields.get(code).cloned()),
        }
    }

    fn put(self, content: &mut Content, code: &str) {
        match (content, code, self) {
            (Content::Start(start), "goal", Self::Text(text)) => start.goal = text,
            (Content::Start(start), "challenge", Self::Text(text)) => start.challenge = text,
            (Content::Start(start), "activities", Self::Activities(activities, notes)) => {
                (start.activities, start.activity_notes) = (activities, notes);
            }
            (Content::Start(start), "roadmap", Self::Roadmap(bars, values)) => {
                (start.roadmap, start.roadmap_values) = (bars, values);
            }
            (Content::Report(report), "rating", Self::Text(text)) => report.rating = text,
            (Content::Report(report), "narrative", Self::Text(text)) => report.narrative = text,
            (Content::Report(report), "cause", Self::Text(text)) => report.cause = text,
            (Content::Report(report), "policy", Self::Text(text)) => report.policy = text,
            (Content::Start(kaikaku_domain::entry::StartContent { fields, .. }), _, part)
            | (Content::Report(kaikaku_domain::entry::ReportContent { fields, .. }), _, part) => {
                let value = match part {
                    Self::Text(text) => text.map(Value::String),
                    Self::Own(value) => value,
                    Self::Activities(..) | Self::Roadmap(..) => None,
                };
                match value {
                    Some(value) => drop(fields.insert(code.to_owned(), value)),
                    None => drop(fields.shift_remove(code)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
