//! What a form definition may say, shown by changing one line of a definition that is right.

use kaikaku_domain::FiscalYear;
use kaikaku_domain::form::{Form, fill};

const SECOND: &str = include_str!("../../../examples/second-form/form.toml");
const FOUR_LEVELS: &str = include_str!("../../../forms/iwakuni.toml");

/// The refusal of the second form when `from` in it is replaced by `to`; empty when it is accepted.
fn refusal(from: &str, to: &str) -> String {
    assert!(SECOND.contains(from), "the form has no `{from}`");
    Form::from_toml(&SECOND.replacen(from, to, 1)).err().map_or(String::new(), |error| error.to_string())
}

fn check(cases: &[(&str, &str, &[&str])]) {
    for (from, to, expect) in cases {
        let refusal = refusal(from, to);
        assert!(!refusal.is_empty(), "accepted: {to}");
        for word in *expect {
            assert!(refusal.contains(word), "`{word}` is not in the refusal of `{to}`: {refusal}");
        }
    }
}

#[test]
fn both_known_forms_fit_together() {
    for text in [SECOND, FOUR_LEVELS] {
        if let Err(error) = Form::from_toml(text) {
            panic!("{error}");
        }
    }
}

#[test]
fn a_chart_holds_exactly_one_activities_field() {
    check(&[
        ("fields = [\"activities\"]", "fields = []", &["sections の5番目", "`chart`", "`activities`"]),
        ("layout = \"chart\"", "layout = \"rows\"", &["`activities`", "`chart`"]),
        ("layout = \"chart\"", "layout = \"roadmap\"", &["sections の5番目", "`chart`"]),
    ]);
    let two = SECOND
        .replacen("fields = [\"activities\"]", "fields = [\"activities\", \"opinion\"]", 1)
        .replacen("\"opinion\", \"reply\"]", "\"reply\"]", 1);
    let refusal = Form::from_toml(&two).unwrap_err().to_string();
    assert!(refusal.contains("ちょうど1つ"), "{refusal}");
}

#[test]
fn every_field_is_placed_and_every_place_has_its_field() {
    check(&[
        ("fields = [\"goal\"]", "fields = []", &["`goal`", "sections に加えてください"]),
        ("fields = [\"goal\"]", "fields = [\"goals\"]", &["`goals`", "fields にありません"]),
    ]);
}

#[test]
fn a_roadmap_has_its_layout_to_itself() {
    let rows = FOUR_LEVELS.replacen("layout = \"roadmap\"", "layout = \"rows\"", 1);
    let refusal = Form::from_toml(&rows).unwrap_err().to_string();
    assert!(refusal.contains("`roadmap` の sections"), "{refusal}");
}

#[test]
fn columns_stand_in_the_layout_of_columns_alone_and_are_not_empty() {
    check(&[
        ("layout = \"columns\"", "layout = \"rows\"", &["sections の3番目", "columns", "`rows`"]),
        ("layout = \"rows\"", "layout = \"columns\"", &["sections の2番目", "fields"]),
        (
            "layout = \"rows\"\nfields = [\"goal\"]",
            "layout = \"columns\"",
            &["sections の2番目", "columns を1つ以上"],
        ),
        (
            "layout = \"rows\"\nfields = [\"goal\"]",
            "layout = \"columns\"\n[[sections]]\nlayout = \"rows\"\nfields = [\"goal\"]",
            &["sections の2番目", "1つ以上"],
        ),
        ("width = 13", "width = 0", &["「実績と評価理由」", "width"]),
        (
            "width = 13",
            "\n[[sections.columns]]\nheading = \"備考\"\nfields = []",
            &["「備考」", "fields に1つ以上"],
        ),
    ]);
}

#[test]
fn a_note_counts_the_nodes_of_a_level_that_exists() {
    check(&[
        ("level = \"事業\"", "level = \"取組細目\"", &["report.notes", "`取組細目`", "levels"]),
        ("[[report.notes]]\ntext = \"掲載頁は", "[[report.notes]]\ntext = \"{n}掲載頁は", &["{n}", "{year}"]),
    ]);
}

#[test]
fn nothing_is_named_twice() {
    check(&[
        ("periods = [\"年度末\"]", "periods = [\"年度末\", \"年度末\"]", &["periods", "`年度末`"]),
        ("code = \"continue\"", "code = \"expand\"", &["`direction` の choices", "`expand`"]),
        ("name = \"事業\"", "name = \"施策の柱\"", &["levels", "`施策の柱`"]),
        ("code = \"A\"", "code = \"S\"", &["scale", "`S`"]),
        ("code = \"opinion\"", "code = \"reply\"", &["fields", "`reply`"]),
        ("fields = [\"goal\"]", "fields = [\"goal\", \"reply\"]", &["`reply`", "二度"]),
    ]);
}

#[test]
fn groups_of_the_list_are_fewer_than_the_levels() {
    check(&[(
        "index_groups = [\"{level}{number} {title}\"]",
        "index_groups = [\"{title}\", \"{title}\"]",
        &["report.index_groups", "2個", "1個"],
    )]);
    assert_eq!(refusal("index_groups = [\"{level}{number} {title}\"]", "index_groups = []"), "");
}

#[test]
fn a_label_has_only_the_placeholders_that_are_filled_in_there() {
    check(&[
        (
            "title = \"{year}経営",
            "title = \"{nendo}経営",
            &["report.title", "{nendo}", "{year}・{year_short}"],
        ),
        (
            "{level}{number} {title}",
            "{level}{no} {title}",
            &["report.index_groups", "{no}", "{level}・{number}・{title}"],
        ),
        ("{parent} ＞ {title}", "{parent} ＞ {name}", &["report.item_of_parent", "{parent}・{title}"]),
        ("評価 {code} の事業", "評価 {grade} の事業", &["report.rating_group", "{code}・{label}"]),
        ("{code} {label}", "{code} {name}", &["report.tally_grade", "{code}・{label}"]),
        ("〈{category}〉", "〈{title}〉", &["report.achievement_category", "{category}"]),
        ("〔{department}〕", "〔{lead}〕", &["style.department_mark", "{department}"]),
        ("■ {year} 年度末評価", "■ {period}", &["sections の heading", "{period}"]),
        ("heading = \"自己評価\"", "heading = \"{code}\"", &["columns の heading", "{code}"]),
        ("label = \"年度目標\"", "label = \"{year}目標\"", &["fields", "{year}", "書けません"]),
        ("tally_unit = \"件\"", "tally_unit = \"件\"\ntally_left_out = \"{x}\"", &["{x}", "{n}・{unit}"]),
        (
            "tally_unit = \"件\"",
            "tally_unit = \"件\"\nachievement_measure = \"{x}\"",
            &["{x}", "{reference}・{title}"],
        ),
        ("index_page = \"掲載頁\"", "index_page = \"{year}の頁\"", &["report.index_page", "書けません"]),
        ("bullet = \"●\"", "bullet = \"{}\"", &["style.bullet", "{}"]),
    ]);
    assert_eq!(refusal("heading = \"自己評価\"", "heading = \"{year_short} 自己評価\""), "");
}

#[test]
fn a_field_has_the_kind_that_its_code_asks_for() {
    check(&[
        (
            "code = \"goal\"\nkind = \"text\"",
            "code = \"goal\"\nkind = \"number\"",
            &["`goal`", "`number`", "`text`"],
        ),
        (
            "code = \"opinion\"\nkind = \"text\"",
            "code = \"opinion\"\nkind = \"roadmap\"",
            &["`opinion`", "`roadmap`"],
        ),
        (
            "code = \"opinion\"\nkind = \"text\"",
            "code = \"opinion\"\nkind = \"choice\"",
            &["`opinion`", "choices"],
        ),
        ("kind = \"choice\"", "kind = \"text\"", &["`direction`", "choices"]),
    ]);
}

#[test]
fn a_limit_leaves_room_for_something() {
    check(&[("limit = 300", "limit = 0", &["`content`", "limit", "1以上"])]);
}

#[test]
fn a_definition_of_another_format_is_refused() {
    check(&[
        ("kaikaku/form@1", "kaikaku/form@2", &["kaikaku/form@2", "kaikaku/form@1"]),
        ("periods = [\"年度末\"]", "periods = []", &["periods", "1つ以上"]),
    ]);
}

#[test]
fn what_is_filled_in_is_never_filled_again() {
    for (label, values, expect) in [
        ("{parent}（{title}）", &[("parent", "{title}"), ("title", "甲")][..], "{title}（甲）"),
        ("{year}と{other}", &[("year", "令和6年度")], "令和6年度と{other}"),
        ("{year}{year}", &[("year", "6")], "66"),
        ("} {year} {", &[("year", "6")], "} 6 {"),
        ("{{year}}", &[("year", "6")], "{6}"),
        ("", &[], ""),
    ] {
        assert_eq!(fill(label, values), expect, "{label}");
    }
}

#[test]
fn a_day_is_printed_in_the_house_s_style_however_it_was_written() {
    let form = Form::from_toml(SECOND).unwrap();
    for (written, expect) in [
        ("2025-06-18", "2025（令和7）年6月18日"),
        ("R7.6.18", "2025（令和7）年6月18日"),
        ("令和７年６月", "令和７年６月"),
    ] {
        assert_eq!(form.print_date(written), expect, "{written}");
    }
}

#[test]
fn a_short_year_and_a_mark_are_printed_in_the_house_s_words() {
    let year = FiscalYear::new(2024).unwrap();
    for (style, expect) in [("western", "2024"), ("western_era", "R6"), ("era", "R6"), ("short", "R6")] {
        let text = SECOND.replacen("fiscal_year = \"western_era\"", &format!("fiscal_year = \"{style}\""), 1);
        assert_eq!(Form::from_toml(&text).unwrap().print_year_short(year), expect, "{style}");
    }
    let form = Form::from_toml(SECOND).unwrap();
    assert_eq!((form.print_mark("追加"), form.print_mark("修正")), ("新規", "変更"));
}
