//! Numbers as town halls write them: `１，２３４`, `▲5.6`, `△12`; read without ever becoming a rounded float.

use crate::text::narrow;

/// The plain writing of a number, for machines: `▲１，２３４.50` becomes `-1234.50`. `None` when it is no number.
///
/// Negative signs are `▲`, `△`, `-` and `−`; a comma parts groups of three digits; width does not matter. The decimals
/// stay as written, for they tell how exact the figure is. A unit is not part of a number, and `①` or `²` is none.
pub fn read(text: &str) -> Option<String> {
    let narrow: String = text.trim().chars().map(narrow).collect();
    let (sign, body) = match narrow.strip_prefix(['▲', '△', '-', '−']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", narrow.strip_prefix('+').unwrap_or(&narrow)),
    };
    let (whole, decimals) = match body.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (body, None),
    };
    let whole = ungrouped(whole)?;
    match decimals {
        Some(decimals) if is_digits(decimals) => Some(format!("{sign}{whole}.{decimals}")),
        Some(_) => None,
        None => Some(format!("{sign}{whole}")),
    }
}

/// The digits without their commas and leading zeros; `None` when a comma does not part three digits.
fn ungrouped(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let (first, rest) = groups.split_first()?;
    let grouped = rest.is_empty() || (first.len() <= 3 && rest.iter().all(|group| group.len() == 3));
    if !grouped || !groups.iter().all(|group| is_digits(group)) {
        return None;
    }
    let digits = groups.concat();
    let plain = digits.trim_start_matches('0');
    Some(if plain.is_empty() { "0".to_owned() } else { plain.to_owned() })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, Option<&str>)]) {
        for (text, expect) in cases {
            assert_eq!(read(text).as_deref(), *expect, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_in_every_width_and_with_every_sign() {
        check(&[
            ("12", Some("12")),
            ("１２", Some("12")),
            ("1,234", Some("1234")),
            ("１，２３４，５６７", Some("1234567")),
            ("0.5", Some("0.5")),
            ("１２．６", Some("12.6")),
            ("▲1,234", Some("-1234")),
            ("△ 5.60", Some("-5.60")),
            ("-3", Some("-3")),
            ("－３", Some("-3")),
            ("−3", Some("-3")),
            ("+3", Some("3")),
            (" 12 ", Some("12")),
            ("0012", Some("12")),
            ("0", Some("0")),
        ]);
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        check(&[
            ("", None),
            ("12人", None),
            ("約12", None),
            ("1,23", None),
            ("1234,567", None),
            (",123", None),
            ("12.", None),
            (".5", None),
            ("1.2.3", None),
            ("1 234", None),
            ("①", None),
            ("10²", None),
            ("十二", None),
            ("▲", None),
            ("▲-3", None),
            ("－", None),
            ("1e3", None),
            ("1-2", None),
        ]);
    }
}
