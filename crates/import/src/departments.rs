//! Department names in a cell: separated, wrapped, or one on each line.

use std::ops::Range;

use crate::ledger::Ledger;

const SEPARATORS: [char; 6] = ['、', '・', ',', '，', '､', '/'];

/// What a department's name ends in.
const ENDINGS: [&str; 13] =
    ["課", "室", "部署", "局", "所", "部", "センター", "委員会", "係", "班", "館", "署", "事務所"];

/// Whether a line can be department names: short words, some of which end like one.
pub(crate) fn looks_like_departments(line: &str) -> bool {
    let line = line.trim();
    const LONGEST: usize = 24;
    !line.is_empty()
        && !line.contains(['。', '」', '：', '➢', '※', '（', '【'])
        && line.split(SEPARATORS).all(|name| name.trim().chars().count() <= LONGEST)
        && (line.contains(SEPARATORS) || is_complete(line) || line.chars().count() <= 12)
        && !line.chars().any(|c| c.is_ascii_digit())
}

/// Whether a word ends like a department's name.
pub(crate) fn is_complete(name: &str) -> bool {
    let name = name.trim();
    name.chars().count() > 1 && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether every word of a list ends like a department's name.
pub(crate) fn are_complete(list: &str) -> bool {
    list.split(SEPARATORS).all(is_complete)
}

/// Takes the names out of lines: separators and line ends between two complete names keep them apart, any other line
/// end was made by a narrow cell.
pub(crate) fn take(ledger: &mut Ledger<'_>, lines: &[Range<usize>], field: &'static str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        for (i, (part, separator)) in split(ledger.text(line), line.start).into_iter().enumerate() {
            ledger.label(&separator);
            let Some(text) = (!part.is_empty()).then(|| ledger.take(&part, field)).flatten() else {
                continue;
            };
            match names.last_mut() {
                Some(last) if i == 0 && open && !(is_complete(last) && is_complete(text)) => {
                    last.push_str(text)
                }
                _ => names.push(text.to_owned()),
            }
        }
        open = !ledger.text(line).trim().ends_with(SEPARATORS);
    }
    names
}

/// The names of a line with the separator after each.
fn split(line: &str, start: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, c) in line.char_indices().filter(|(_, c)| SEPARATORS.contains(c)) {
        let end = at + c.len_utf8();
        parts.push((start + from..start + at, start + at..start + end));
        from = end;
    }
    parts.push((start + from..start + line.len(), 0..0));
    parts
}
