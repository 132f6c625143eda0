//! What a form definition may not say: each refusal names the key and what to do.

use std::fmt::Debug;

use super::label::next_placeholder;
use super::{CORE, Entered, FORMAT, Field, FieldKind, Form, Layout, Section};
use crate::period::START;

/// What may stand in the braces of a heading or a sentence that is printed with the report's fiscal year.
const OF_THE_YEAR: &[&str] = &["year", "year_short"];

impl Form {
    /// The first thing in which the definition contradicts itself, in Japanese; `None` when it fits together.
    pub(super) fn contradiction(&self) -> Option<String> {
        self.fits_together().err()
    }

    fn fits_together(&self) -> Result<(), String> {
        refuse_if(self.format != FORMAT, || {
            format!("format が `{}` です。`{FORMAT}` と書いてください", self.format)
        })?;
        refuse_if(self.levels.is_empty() || self.periods.is_empty() || self.scale.is_empty(), || {
            "levels・periods・scale はそれぞれ1つ以上必要です。書き加えてください".to_owned()
        })?;
        self.names_are_unique()?;
        refuse_if(self.periods.iter().any(|period| period == START), || {
            format!("periods の「{START}」は年度の目標を入力する時期の名前です。別の名前にしてください")
        })?;
        self.fields.iter().try_for_each(Field::fits_together)?;
        self.fields_are_placed_once()?;
        for (i, section) in self.sections.iter().enumerate() {
            self.section_fits_together(section)
                .map_err(|message| format!("sections の{}番目: {message}", i + 1))?;
        }
        self.every_field_is_placed()?;
        self.report_fits_the_levels()?;
        self.labels().iter().try_for_each(|(key, label, allowed)| placeholders_are_known(key, label, allowed))
    }

    fn names_are_unique(&self) -> Result<(), String> {
        unique("levels の name", self.levels.iter().map(|level| level.name.as_str()))?;
        unique("periods", self.periods.iter().map(String::as_str))?;
        unique("scale の code", self.scale.iter().map(|grade| grade.code.as_str()))?;
        unique("fields の code", self.fields.iter().map(|field| field.code.as_str()))
    }

    fn fields_are_placed_once(&self) -> Result<(), String> {
        let placed: Vec<&str> = self.sections.iter().flat_map(Section::field_codes).collect();
        if let Some(unknown) = placed.iter().find(|code| self.field(code).is_none()) {
            return Err(format!(
                "sections の `{unknown}` は fields にありません。fields に加えるか、sections から除いてください"
            ));
        }
        if let Some(twice) = first_repeated(placed.iter().copied()) {
            return Err(format!("欄 `{twice}` が sections に二度置かれています。一方を除いてください"));
        }
        Ok(())
    }

    fn every_field_is_placed(&self) -> Result<(), String> {
        let placed: Vec<&str> = self.sections.iter().flat_map(Section::field_codes).collect();
        match self.fields.iter().find(|field| !placed.contains(&field.code.as_str())) {
            Some(field) => Err(format!(
                "欄 `{}` がどの sections にもありません。印刷する場所を sections に加えてください",
                field.code
            )),
            None => Ok(()),
        }
    }

    fn section_fits_together(&self, section: &Section) -> Result<(), String> {
        let is_columns = section.layout == Layout::Columns;
        refuse_if(!is_columns && !section.columns.is_empty(), || {
            format!(
                "columns は layout が `columns` のときだけ使えます（今は `{}`）。layout を変えるか、欄を fields に移してください",
                key_of(section.layout)
            )
        })?;
        refuse_if(is_columns && !section.fields.is_empty(), || {
            "layout が `columns` のときは fields を使えません。欄を columns に移してください".to_owned()
        })?;
        refuse_if(is_columns && section.columns.is_empty(), || {
            "layout が `columns` なのに columns がありません。columns を1つ以上書いてください".to_owned()
        })?;
        if let Some(empty) = section.columns.iter().find(|column| column.fields.is_empty()) {
            return Err(format!(
                "columns の「{}」に欄がありません。fields に1つ以上書いてください",
                empty.heading
            ));
        }
        if let Some(narrow) = section.columns.iter().find(|column| column.width == 0) {
            return Err(format!("columns の「{}」の width が0です。1以上にしてください", narrow.heading));
        }
        self.bars_have_their_layout(section)
    }

    /// Activities and roadmap are drawn under a scale of their own, so each has its layout to itself.
    fn bars_have_their_layout(&self, section: &Section) -> Result<(), String> {
        let fields: Vec<&Field> = section.field_codes().filter_map(|code| self.field(code)).collect();
        for (layout, kind) in [(Layout::Chart, FieldKind::Activities), (Layout::Roadmap, FieldKind::Roadmap)]
        {
            if section.layout == layout {
                refuse_if(fields.len() != 1 || fields[0].kind != kind, || {
                    format!(
                        "layout が `{}` のときは、fields に kind が `{}` の欄をちょうど1つ書いてください",
                        key_of(layout),
                        key_of(kind)
                    )
                })?;
            } else if let Some(field) = fields.iter().find(|field| field.kind == kind) {
                return Err(format!(
                    "欄 `{}`（kind が `{}`）は layout が `{}` の sections に置いてください",
                    field.code,
                    key_of(kind),
                    key_of(layout)
                ));
            }
        }
        Ok(())
    }

    fn report_fits_the_levels(&self) -> Result<(), String> {
        let unknown = |level: &&String| self.level(level).is_none();
        if let Some(level) = self.report.notes.iter().filter_map(|note| note.level.as_ref()).find(unknown) {
            return Err(format!(
                "report.notes の level `{level}` は levels にありません。levels の name のどれかにしてください"
            ));
        }
        let (groups, most) = (self.report.index_groups.len(), self.levels.len() - 1);
        refuse_if(groups > most, || {
            format!(
                "report.index_groups が{groups}個あります。最下層を除く階層の数（{most}個）までに減らしてください"
            )
        })
    }

    /// Every label with its key and the names that may stand in its braces.
    fn labels(&self) -> Vec<(&'static str, &str, &'static [&'static str])> {
        let report = &self.report;
        let mut labels: Vec<(&str, &str, &[&str])> = vec![
            ("title", &self.title, &[]),
            ("style.bullet", &self.style.bullet, &[]),
            ("style.activity_mark", &self.style.activity_mark, &[]),
            ("style.department_mark", &self.style.department_mark, &["department"]),
            ("style.separator", &self.style.separator, &[]),
            ("style.added", &self.style.added, &[]),
            ("style.revised", &self.style.revised, &[]),
            ("report.title", &report.title, OF_THE_YEAR),
            ("report.scale", &report.scale, &[]),
            ("report.index", &report.index, &[]),
            ("report.index_path", &report.index_path, &[]),
            ("report.index_result", &report.index_result, &[]),
            ("report.index_page", &report.index_page, &[]),
            ("report.by_rating", &report.by_rating, &[]),
            ("report.rating_group", &report.rating_group, &["code", "label"]),
            ("report.item_mark", &report.item_mark, &[]),
            ("report.item_of_parent", &report.item_of_parent, &["parent", "title"]),
            ("report.tally_grade", &report.tally_grade, &["code", "label"]),
            ("report.tally_unit", &report.tally_unit, &[]),
            ("report.tally_total", &report.tally_total, &[]),
            ("report.tally_left_out", &report.tally_left_out, &["n", "unit"]),
            ("report.achievement_measure", &report.achievement_measure, &["reference", "title"]),
            ("report.achievements", &report.achievements, &[]),
            ("report.achievement_category", &report.achievement_category, &["category"]),
        ];
        labels
            .extend(report.scale_intro.iter().map(|text| ("report.scale_intro", text.as_str(), OF_THE_YEAR)));
        labels
            .extend(report.tally_note.iter().map(|text| ("report.tally_note", text.as_str(), [].as_slice())));
        labels.extend(
            report
                .index_groups
                .iter()
                .map(|text| ("report.index_groups", text.as_str(), ["level", "number", "title"].as_slice())),
        );
        labels.extend(report.notes.iter().map(|note| {
            let allowed: &[&str] =
                if note.level.is_some() { &["n", "year", "year_short"] } else { OF_THE_YEAR };
            ("report.notes の text", note.text.as_str(), allowed)
        }));
        for section in &self.sections {
            labels.extend(
                section.heading.iter().map(|text| ("sections の heading", text.as_str(), OF_THE_YEAR)),
            );
            let headings = section.columns.iter().map(|column| column.heading.as_str());
            labels.extend(headings.map(|text| ("sections の columns の heading", text, OF_THE_YEAR)));
        }
        labels.extend(self.levels.iter().map(|level| ("levels の name", level.name.as_str(), [].as_slice())));
        labels.extend(self.scale.iter().map(|grade| ("scale の label", grade.label.as_str(), [].as_slice())));
        for field in &self.fields {
            let columns = &field.columns;
            let plain = [&field.label, &columns.name, &columns.base, &columns.target, &columns.actual]
                .into_iter()
                .chain([&columns.source])
                .chain(&field.unit)
                .chain(field.choices.iter().map(|choice| &choice.label));
            labels.extend(
                plain.map(|text| ("fields の label・unit・columns・choices", text.as_str(), [].as_slice())),
            );
        }
        labels
    }
}

impl Field {
    fn fits_together(&self) -> Result<(), String> {
        let code = &self.code;
        match CORE.iter().find(|(core, _)| core == code) {
            Some((_, kind)) => refuse_if(*kind != self.kind, || {
                format!(
                    "欄 `{code}` の kind が `{}` です。`{}` にしてください",
                    key_of(self.kind),
                    key_of(*kind)
                )
            })?,
            None => {
                use FieldKind::{Activities, Content, Roadmap};
                refuse_if(matches!(self.kind, Content | Activities | Roadmap), || {
                    let kind = key_of(self.kind);
                    format!(
                        "欄 `{code}` の kind は `{kind}` にできません。code を `{kind}` にするか、kind を変えてください"
                    )
                })?;
            }
        }
        // The document has one value of an own field a sheet, so it cannot be asked of every lead in every period.
        refuse_if(
            self.entered.is_some() && (self.is_core() || self.entered == Some(Entered::Report)),
            || {
                format!(
                    "欄 `{code}` に entered は書けません。町独自の欄に start・result・secretariat のどれかを書いてください"
                )
            },
        )?;
        refuse_if(self.kind == FieldKind::Choice && self.choices.is_empty(), || {
            format!("欄 `{code}` に choices がありません。kind が `choice` の欄には選択肢を書いてください")
        })?;
        refuse_if(self.kind != FieldKind::Choice && !self.choices.is_empty(), || {
            format!("欄 `{code}` の choices は使えません。choices を除くか、kind を `choice` にしてください")
        })?;
        unique(
            &format!("欄 `{code}` の choices の code"),
            self.choices.iter().map(|choice| choice.code.as_str()),
        )?;
        refuse_if(self.limit == Some(0), || {
            format!("欄 `{code}` の limit が0です。1以上にするか、limit を除いてください")
        })
    }
}

fn placeholders_are_known(key: &str, label: &str, allowed: &[&str]) -> Result<(), String> {
    let mut rest = label;
    while let Some((_, name, after)) = next_placeholder(rest) {
        if !allowed.contains(&name) {
            let advice = match allowed {
                [] => "ここには差し込みを書けません".to_owned(),
                _ => {
                    let names: Vec<String> = allowed.iter().map(|name| format!("{{{name}}}")).collect();
                    format!("使えるのは {} です", names.join("・"))
                }
            };
            return Err(format!("{key} の「{label}」に知らない差し込み `{{{name}}}` があります。{advice}"));
        }
        rest = after;
    }
    Ok(())
}

fn refuse_if(wrong: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if wrong { Err(message()) } else { Ok(()) }
}

fn unique<'n>(key: &str, names: impl Iterator<Item = &'n str>) -> Result<(), String> {
    match first_repeated(names) {
        Some(twice) => Err(format!("{key} に `{twice}` が二度あります。一方を除くか、名前を変えてください")),
        None => Ok(()),
    }
}

fn first_repeated<'n>(names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Some(name);
        }
        seen.push(name);
    }
    None
}

/// The word that the definition uses for a kind or layout: each is a single word, so snake case is lower case.
fn key_of(word: impl Debug) -> String {
    format!("{word:?}").to_lowercase()
}
