//! Achievements: each names a measure of this report, and its text has not the measure's name run into it.

use super::Place;
use crate::finding::Finding;
use crate::report::Report;
use crate::text::fold;

pub(super) fn check(report: &Report, findings: &mut Vec<Finding>) {
    let mut document = Place::document(findings);
    for achievement in &report.achievements {
        let part = format!("成果【{}】", achievement.category);
        let Some(reference) = &achievement.reference else {
            document.warning(
                "achievement.reference",
                &part,
                "成果に取組の番号がありません。どの取組の成果か、番号を書き加えてください。",
                &achievement.text,
            );
            continue;
        };
        let Some(sheet) = report.sheets.iter().find(|sheet| sheet.reference() == *reference) else {
            document.error(
                "achievement.reference",
                &part,
                "成果が指す取組がこの報告にありません。番号を確かめてください。",
                &format!("{reference}: {}", achievement.text),
            );
            continue;
        };
        let (text, title) = (fold(&achievement.text), fold(sheet.title()));
        if !title.is_empty() && text.len() > title.len() && text.ends_with(&title) {
            document.warning(
                "achievement.title",
                &part,
                "成果の文の終わりに取組の名称が入り込んでいるようです。名称であれば文から除いてください。",
                &achievement.text,
            );
        }
    }
}
