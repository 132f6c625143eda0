//! What a browser posts: fields in order, each a text that can be kept.
//!
//! Nothing is repaired in silence. A byte that is no text, a control character, a form too large: each is a sentence, at
//! the field where there is one.

use percent_encoding::percent_decode;

/// The largest body that is taken, in bytes: a sheet has some ten thousand. A text of 200,000 characters, nine bytes each
/// on the way, still arrives, so that it is refused at its field and not with the whole page.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;
/// The most fields that are taken: the widest sheet has some hundreds.
pub(crate) const MOST_FIELDS: usize = 2000;

/// The fields of a posted form or of an address, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    fields: Vec<(String, String)>,
    wrong: Vec<(String, &'static str)>,
}

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormError {
    /// More fields than any page has.
    TooMany,
    /// The name of a field is no text.
    Name,
}

impl FormError {
    /// What is wrong and what to do.
    pub(crate) fn message(self) -> String {
        match self {
            Self::TooMany => format!(
                "送られた項目が多すぎます（{MOST_FIELDS}個まで）。保存していません。行や帯を減らして、もう一度保存してください。"
            ),
            Self::Name => {
                "送られた内容を読み取れません。画面を開き直して、もう一度入力してください。".to_owned()
            }
        }
    }
}

const NOT_TEXT: &str = "文字として読めないものが含まれています。入力し直してください。";
const CONTROL: &str = "目に見えない制御文字が含まれています。ほかのソフトから貼り付けたときは、メモ帳などに一度貼り付けてから写してください。";

impl Fields {
    /// Reads `application/x-www-form-urlencoded`. A value that cannot be kept is noted and left out.
    pub(crate) fn read(body: &[u8]) -> Result<Self, FormError> {
        let mut read = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if read.fields.len() + read.wrong.len() >= MOST_FIELDS {
                return Err(FormError::TooMany);
            }
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(parts.next().unwrap_or_default()).ok_or(FormError::Name)?;
            match decode(parts.next().unwrap_or_default()) {
                None => read.wrong.push((name, NOT_TEXT)),
                Some(value) => {
                    let value = value.replace("\r\n", "\n").replace('\r', "\n");
                    if value.chars().any(is_forbidden) {
                        read.wrong.push((name.clone(), CONTROL));
                    }
                    read.fields.push((name, value));
                }
            }
        }
        Ok(read)
    }

    /// The value of a field, blank or not.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The value of a field, nothing where it is blank.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.trim().is_empty())
    }

    /// Every value of a field that may come several times.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Every field in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The fields whose values cannot be kept, each with what is wrong and what to do.
    pub(crate) fn wrong(&self) -> &[(String, &'static str)] {
        &self.wrong
    }

    /// All fields but those of one name.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut rest = self.clone();
        rest.fields.retain(|(own, _)| own != name);
        rest.wrong.retain(|(own, _)| own != name);
        rest
    }

    /// The fields whose names begin with a prefix, without it.
    pub(crate) fn under(&self, prefix: &str) -> Self {
        fn rest<V: Clone>(of: &[(String, V)], prefix: &str) -> Vec<(String, V)> {
            let rest =
                |(name, value): &(String, V)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone()));
            of.iter().filter_map(rest).collect()
        }
        Self { fields: rest(&self.fields, prefix), wrong: rest(&self.wrong, prefix) }
    }

    /// How many rows of a growing list there are: `activity.3.label` makes four.
    pub(crate) fn rows(&self, prefix: &str) -> usize {
        let number = |name: &str| {
            let rest = name.strip_prefix(prefix)?;
            rest.split('.').next()?.parse::<usize>().ok().filter(|number| *number < MOST_FIELDS)
        };
        self.fields.iter().filter_map(|(name, _)| number(name)).max().map_or(0, |last| last + 1)
    }
}

/// `+` is a space, `%E3%81%82` a character; nothing where the bytes are no text (a lone surrogate among them).
fn decode(part: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let mut bytes = Vec::with_capacity(part.len());
    bytes.extend(percent_decode(&spaced));
    String::from_utf8(bytes).ok()
}

/// Control characters, and the code points that are no characters: no text has them, and no database of ours takes NUL.
fn is_forbidden(c: char) -> bool {
    let code = u32::from(c);
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || (0xFDD0..=0xFDEF).contains(&code)
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_to_the_letter() {
        let form =
            Fields::read("narrative=%E7%AA%93%E5%8F%A3+A%0D%0AB&rating=A&entry=1&entry=2&x".as_bytes())
                .unwrap();
        assert_eq!(form.value("narrative"), Some("窓口 A\nB"));
        assert_eq!(form.all("entry").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.value("x"), Some(""));
        assert_eq!(form.text("x"), None);
        assert!(form.wrong().is_empty());
    }

    #[test]
    fn what_is_no_text_is_told_at_its_field() {
        for bad in ["%00", "%ED%A0%80", "%FF", "%07", "%EF%BF%BF"] {
            let form = Fields::read(format!("goal=ok&challenge=a{bad}").as_bytes()).unwrap();
            assert_eq!(form.wrong().len(), 1, "{bad}");
            assert_eq!(form.wrong()[0].0, "challenge");
            assert_eq!(form.value("goal"), Some("ok"));
        }
    }

    #[test]
    fn a_flood_of_fields_is_refused() {
        let flood = "a=1&".repeat(10_000);
        assert_eq!(Fields::read(flood.as_bytes()), Err(FormError::TooMany));
        assert_eq!(Fields::read(b"%FF=1"), Err(FormError::Name));
    }

    #[test]
    fn what_was_carried_is_the_form_that_it_was_before() {
        let posted =
            Fields::read(b"name=a&carried.goal=A%0D%0AB&carried.activity.0.label=x&carried.cause=%00");
        let carried = posted.unwrap().under("carried.");
        assert_eq!(carried, Fields::read(b"goal=A%0AB&activity.0.label=x&cause=%00").unwrap());
    }

    #[test]
    fn rows_are_counted_by_their_largest_number() {
        let form = Fields::read(b"activity.0.label=a&activity.3.bar.0.from=4&roadmap.0.label=").unwrap();
        assert_eq!(form.rows("activity."), 4);
        assert_eq!(form.rows("activity.3.bar."), 1);
        assert_eq!(form.rows("target."), 0);
        assert_eq!(Fields::read(b"activity.99999999.label=a").unwrap().rows("activity."), 0);
    }
}
