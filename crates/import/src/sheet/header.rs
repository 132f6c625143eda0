//! The header of a sheet: its path through the plan, its departments, its content.

use std::ops::Range;

use kaikaku_domain::Severity;
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::plan::Node;
use kaikaku_domain::text::fold;

use super::Reader;
use crate::departments;
use crate::folded::Folded;
use crate::labels::{Role, field_of};
use crate::tokens::{Kind, Token, number_at};

impl Reader<'_, '_> {
    /// The nodes from the root to the measure. A label whose number and title were cut loose from it is completed by
    /// the first free text that begins with a number of its level.
    pub(super) fn read_path(&mut self) {
        for level in 0..self.frame.form.levels.len() {
            let Some(label) = self.positions(Role::Level(level)).first().copied() else { continue };
            let node = self.attached_node(level).or_else(|| self.detached_node(level, label));
            match node {
                Some(node) => self.sheet.path.push(node),
                None => {
                    let name = self.frame.form.levels[level].name.clone();
                    self.find(
                        "sheet.path",
                        Severity::Warning,
                        &name,
                        "番号と名称を読み取れません。",
                        name.clone(),
                    );
                }
            }
        }
    }

    fn attached_node(&mut self, level: usize) -> Option<Node> {
        let at = self
            .tokens
            .iter()
            .position(|token| matches!(&token.kind, Kind::Node { level: l, .. } if *l == level))?;
        let Kind::Node { ordinal, number, title, .. } = self.tokens[at].kind.clone() else { return None };
        self.node(level, ordinal, &number, &title, at)
    }

    fn detached_node(&mut self, level: usize, label: usize) -> Option<Node> {
        // What directly follows the label comes first, then the rest in source order.
        let after = label + 1..self.tokens.len();
        let (at, ordinal, number, title) = after.chain(0..label).find_map(|at| {
            self.is_open_text(at).then_some(())?;
            let range = self.tokens[at].range.clone();
            let folded = Folded::new(self.ledger.text(&(0..range.end)), &range);
            let (ordinal, end) = number_at(self.frame.form, level, &folded, 0, true)?;
            (end < folded.len()).then(|| (at, ordinal, folded.range(0, end), folded.range(end, folded.len())))
        })?;
        self.node(level, ordinal, &number, &title, at)
    }

    fn node(
        &mut self,
        level: usize,
        ordinal: u32,
        number: &Range<usize>,
        title: &Range<usize>,
        at: usize,
    ) -> Option<Node> {
        let form_level = &self.frame.form.levels[level];
        self.ledger.label(number);
        let mut whole = self.ledger.take(title, "title")?.to_owned();
        for next in self.text_after(at) {
            let longer = format!("{whole}{}", self.ledger.text(&self.tokens[next].range).trim());
            if !self.is_title_begun(&whole, &longer) {
                break;
            }
            let range = self.tokens[next].range.clone();
            self.ledger.take(&range, "title");
            whole = longer;
        }
        Some(Node {
            level: form_level.name.clone(),
            number: form_level.numbering.print(ordinal),
            title: whole,
        })
    }

    /// Whether `longer` is the beginning of a title known from elsewhere and `whole` is not yet one.
    fn is_title_begun(&self, whole: &str, longer: &str) -> bool {
        let (whole, longer) = (fold(whole), fold(longer));
        !self.frame.titles.contains(&whole)
            && self.frame.titles.iter().any(|title| title.starts_with(&longer))
    }

    pub(super) fn read_departments(&mut self) {
        self.sheet.lead_departments = self.departments("lead", "lead_departments");
        self.sheet.supporting_departments = self.departments("supporting", "supporting_departments");
        if self.sheet.lead_departments.is_empty() {
            let label = self.frame.form.field("lead").map_or(String::new(), |field| field.label.clone());
            self.find("sheet.lead", Severity::Warning, &label, "部署名を読み取れません。", String::new());
        }
    }

    fn departments(&mut self, code: &str, field: &'static str) -> Vec<String> {
        let Some(role) = field_of(self.frame.form, code).map(Role::Field) else { return Vec::new() };
        for label in self.positions(role) {
            let names = self.names_after(label);
            if !names.is_empty() {
                let ranges = self.ranges(&names);
                return departments::take(self.ledger, &ranges, field);
            }
        }
        let label = self.positions(role).first().copied();
        let loose = label.map_or_else(Vec::new, |label| self.loose_names(label, code == "lead"));
        let ranges = self.ranges(&loose);
        departments::take(self.ledger, &ranges, field)
    }

    fn names_after(&self, at: usize) -> Vec<usize> {
        self.text_after(at).into_iter().take_while(|at| self.is_names(*at)).collect()
    }

    /// Names that another column's text has come between and their label: the next lines of the header that hold
    /// nothing but complete names. A lead is one line, a list of supporting departments goes on over several.
    fn loose_names(&self, label: usize, is_lead: bool) -> Vec<usize> {
        let ends = |token: &Token| {
            matches!(token.role(), Some(Role::Heading | Role::RoadmapHeading | Role::Period(_)))
        };
        let header = (label..self.tokens.len()).take_while(|at| !ends(&self.tokens[*at]));
        let starts = header.filter(|at| self.is_open_text(*at));
        let mut found = starts.map(|at| {
            let further = (at + 1..self.tokens.len()).take_while(|next| {
                !is_lead && self.is_open_text(*next) && !self.tokens[*next].gap && self.is_names(*next)
            });
            std::iter::once(at).chain(further).collect::<Vec<_>>()
        });
        found.find(|lines| self.is_names(lines[0]) && self.are_complete(lines)).unwrap_or_default()
    }

    fn is_names(&self, at: usize) -> bool {
        departments::looks_like_departments(self.ledger.text(&self.tokens[at].range))
    }

    /// Whether lines put together are names each of which ends like a department's.
    fn are_complete(&self, lines: &[usize]) -> bool {
        let whole: String = lines.iter().map(|at| self.ledger.text(&self.tokens[*at].range).trim()).collect();
        departments::are_complete(&whole)
    }

    /// The bullets of what the measure is, group by group: a group ends at the next label.
    pub(super) fn read_content(&mut self) {
        let form = self.frame.form;
        if !form.fields.iter().any(|field| field.kind == FieldKind::Content) {
            return;
        }
        let bullet = form.style.bullet.clone();
        let mut at = 0;
        while at < self.tokens.len() {
            let begins =
                self.is_open_text(at) && self.ledger.text(&self.tokens[at].range).starts_with(&bullet);
            if !begins {
                at += 1;
                continue;
            }
            let lines: Vec<usize> = std::iter::once(at).chain(self.text_after(at)).collect();
            at += lines.len();
            let mut bullets: Vec<String> = Vec::new();
            for range in self.ranges(&lines) {
                let is_new = self.ledger.text(&range).starts_with(&bullet);
                let sign = range.start..range.start + if is_new { bullet.len() } else { 0 };
                self.ledger.label(&sign);
                let text = self.ledger.take(&(sign.end..range.end), "content").unwrap_or_default();
                match bullets.last_mut() {
                    Some(last) if !is_new => last.push_str(text),
                    _ => bullets.push(text.to_owned()),
                }
            }
            self.contents.push(bullets);
        }
    }
}
