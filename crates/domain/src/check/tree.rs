//! The plan's tree as the sheets tell it: levels in order, numbers of their numbering, every measure once.

use indexmap::IndexMap;

use super::{Place, name_of};
use crate::finding::Finding;
use crate::report::Report;
use crate::sheet::Sheet;
use crate::text::fold;

pub(super) fn check(report: &Report, findings: &mut Vec<Finding>) {
    let mut ids: IndexMap<&str, &Sheet> = IndexMap::new();
    let mut references: IndexMap<Vec<(&str, String)>, &Sheet> = IndexMap::new();
    for sheet in &report.sheets {
        check_path(report, sheet, findings);
        let mut place = Place::sheet(sheet, findings);
        if let Some(id) = sheet.id.as_deref()
            && let Some(first) = ids.get(id)
        {
            place.error(
                "sheet.id",
                "id",
                "同じ id の調書が既にあります。取組ごとに別の id を付けてください。",
                &format!("{id}: {}", name_of(first)),
            );
        }
        let reference = sheet.path.iter().map(|node| (node.level.as_str(), fold(&node.number))).collect();
        if let Some(first) = references.get(&reference)
            && !sheet.path.is_empty()
        {
            place.error(
                "sheet.reference",
                "番号",
                "同じ番号の調書が既にあります。どちらかの番号を直すか、重複した調書を除いてください。",
                &format!("{}: {}", sheet.reference(), first.title()),
            );
        }
        if let Some(id) = sheet.id.as_deref() {
            ids.entry(id).or_insert(sheet);
        }
        references.entry(reference).or_insert(sheet);
    }
}

/// The path must begin at the root and go down the plan's levels, each number written as its level is numbered.
fn check_path(report: &Report, sheet: &Sheet, findings: &mut Vec<Finding>) {
    let levels = &report.plan.levels;
    let depth_of = |name: &str| levels.iter().position(|level| level.name == name);
    let mut place = Place::sheet(sheet, findings);

    let depths: Vec<Option<usize>> = sheet.path.iter().map(|node| depth_of(&node.level)).collect();
    let descends = depths.windows(2).all(|pair| pair[0] < pair[1]);
    if depths.contains(&None) || depths.first() != Some(&Some(0)) || !descends {
        let order: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
        let path: Vec<&str> = sheet.path.iter().map(|node| node.level.as_str()).collect();
        place.error(
            "path.level",
            "番号",
            "取組の位置が計画の階層の順に並んでいません。最上位の階層から順に書いてください。",
            &format!("調書: {} ／ 計画: {}", path.join("→"), order.join("→")),
        );
    }
    for node in &sheet.path {
        let level = depth_of(&node.level).map(|depth| &levels[depth]);
        if let Some(level) = level.filter(|level| level.numbering.read(&node.number).is_none()) {
            let first = level.numbering.print(1);
            place.error(
                "path.number",
                &level.name,
                &format!("番号が「{}」の付け方と異なります。「{first}」のように書いてください。", level.name),
                &format!("{} {}", node.number, node.title),
            );
        }
    }
    for content in &sheet.content {
        if sheet.path.iter().all(|node| node.level != content.level) {
            place.error(
                "content.level",
                &content.level,
                "この取組の位置にない階層の内容です。階層の名を直すか、内容を移してください。",
                &content.bullets.join(" ／ "),
            );
        }
    }
}
