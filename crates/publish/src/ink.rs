//! What can be printed: text as it goes onto paper, with a visible 〓 and a finding for every character that no font has.
//!
//! The stored text and the attached document keep what the user typed; only the printed data is touched.

use kaikaku_domain::{Finding, Severity};

use crate::fonts;
use crate::view::FieldPlace;

/// Stands where a character has no glyph: the printer's geta, as Japanese print shops have always set it.
pub(crate) const GETA: char = '〓';

/// Makes text printable, and remembers what it had to replace and where that stands.
#[derive(Default)]
pub(crate) struct Ink {
    findings: Vec<Finding>,
    page: Option<u32>,
    owner: String,
    field: Option<FieldPlace>,
    missing: Vec<(FieldPlace, char)>,
}

impl Ink {
    /// What is inked from now on belongs to this page and owner, a sheet's reference and title.
    pub(crate) fn at(&mut self, page: Option<u32>, owner: String) {
        self.page = page;
        self.owner = owner;
        self.field = None;
    }

    /// What is inked from now on was written into this field; into none where it is a heading or a label.
    pub(crate) fn of(&mut self, field: Option<FieldPlace>) {
        self.field = field;
    }

    /// A text of one field, line by line.
    pub(crate) fn lines(&mut self, field: &str, text: &str) -> Vec<String> {
        let mut unknown: Vec<(char, String)> = Vec::new();
        let lines = text
            .replace("\r\n", "\n")
            .split(['\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'])
            .map(|line| printable(line, &mut unknown))
            .collect();
        for (c, evidence) in unknown {
            self.report(field, c, evidence);
        }
        lines
    }

    /// A text of one field on one line.
    pub(crate) fn line(&mut self, field: &str, text: &str) -> String {
        self.lines(field, text).join(" ")
    }

    /// Everything that had to be replaced.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Every character of a sheet that had to be replaced or taken out, once for the field that it was written into.
    pub(crate) fn into_missing(self) -> Vec<(FieldPlace, char)> {
        self.missing
    }

    fn report(&mut self, field: &str, c: char, evidence: String) {
        if let Some(place) = &self.field
            && !self.missing.iter().any(|(other, known)| other == place && *known == c)
        {
            self.missing.push((place.clone(), c));
        }
        let code = format!("U+{:04X}", c as u32);
        let message = if is_invisible(c) {
            format!(
                "印刷できない制御文字 {code} があります。印刷では取り除きました。元の文から削除してください。"
            )
        } else {
            format!(
                "文字「{c}」（{code}）は収録フォントにありません。印刷では「{GETA}」にしました。別の文字に替えてください。"
            )
        };
        self.findings.push(Finding {
            rule: "pdf.glyph".to_owned(),
            severity: Severity::Warning,
            page: self.page,
            place: format!("{} {field}", self.owner).trim().to_owned(),
            message,
            evidence,
        });
    }
}

/// One line with every character replaced or taken out that cannot be printed; each such character once in `unknown`,
/// with the words around its first place.
fn printable(line: &str, unknown: &mut Vec<(char, String)>) -> String {
    let mut print = String::with_capacity(line.len());
    let mut joined = false;
    for (at, c) in line.char_indices() {
        if c == '\t' {
            print.push(' ');
        } else if fonts::has_glyph(c) && !is_invisible(c) {
            print.push(c);
        } else if c.is_whitespace() {
            print.push(' ');
        } else if is_variation(c) {
            // A variation of the character before: printed where the font has it, as that character where it has not.
            if !print.ends_with([GETA, ' ']) && !print.is_empty() {
                print.push(c);
            }
        } else {
            if !unknown.iter().any(|(other, _)| *other == c) {
                unknown.push((c, around(line, at)));
            }
            // Signs joined into one picture are one sign to the reader, and one 〓.
            if !is_invisible(c) && !joined {
                print.push(GETA);
            }
        }
        joined = c == '\u{200D}';
    }
    print
}

/// Characters that have no form of their own: controls, marks of direction, joiners, the byte order mark.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Selectors of a character's form: kanji variants (IVS) and text or picture style.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// The words around a place in a line, the place in the middle.
fn around(line: &str, at: usize) -> String {
    let before: Vec<char> = line[..at].chars().rev().take(10).collect();
    before.into_iter().rev().chain(line[at..].chars().take(11)).filter(|c| !is_invisible(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_glyphs_is_printed_to_the_letter() {
        let mut ink = Ink::default();
        let text = "➢𠮷野家　髙﨑①㈱ [a] #x $y$ \\z ＜ｶﾅ＞ 葛\u{E0100}城";
        assert_eq!(ink.lines("欄", text), [text]);
        assert!(ink.into_findings().is_empty());
    }

    #[test]
    fn a_character_without_a_glyph_becomes_a_geta_and_a_finding() {
        let mut ink = Ink::default();
        ink.at(Some(7), "1-(1) 題".to_owned());
        assert_eq!(ink.lines("目標", "外字\u{E000}と🎉と🎉"), ["外字〓と〓と〓"]);
        let findings = ink.into_findings();
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].page, findings[0].place.as_str()), (Some(7), "1-(1) 題 目標"));
        assert!(findings[0].message.contains("U+E000"));
        assert!(findings[1].evidence.contains("と🎉と"));
    }

    #[test]
    fn what_has_no_form_is_taken_out_and_told() {
        let mut ink = Ink::default();
        assert_eq!(ink.lines("欄", "\u{FEFF}あ\u{7}い\u{202E}う👨\u{200D}👩"), ["あいう〓"]);
        assert_eq!(ink.into_findings().len(), 6);
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let mut ink = Ink::default();
        assert_eq!(ink.lines("欄", "あ\r\nい\rう\u{2028}え\tお\u{2009}か"), ["あ", "い", "う", "え お か"]);
        assert!(ink.into_findings().is_empty());
    }
}
