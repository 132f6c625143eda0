//! One sheet: its responses, its fields, its bars.

use kaikaku_domain::Form;
use kaikaku_domain::sheet::RoadmapBar;
use serde_json::json;

use super::{FORM, check, findings_of, on, report};

#[test]
fn every_lead_answers_once_a_period() {
    check(|report| on(report, 12).responses.pop(), &["warning response.missing 12"]);
    check(
        |report| {
            let again = on(report, 12).responses[0].clone();
            on(report, 12).responses.push(again);
        },
        &["error response.duplicate 12"],
    );
    check(
        |report| on(report, 12).responses[0].department = "総務課".to_owned(),
        &["error response.department 12", "warning response.missing 12"],
    );
    check(
        |report| on(report, 12).responses[0].period = "中間".to_owned(),
        &["error response.period 12", "warning response.missing 12"],
    );
}

#[test]
fn a_result_without_a_rating_is_found() {
    for rating in [None, Some(" ".to_owned())] {
        check(|report| on(report, 12).responses[0].rating = rating, &["warning rating.missing 12"]);
    }
}

#[test]
fn a_grade_that_needs_a_cause_has_a_narrative() {
    for narrative in [None, Some("\n　".to_owned())] {
        check(|report| on(report, 8).responses[0].narrative = narrative, &["warning rating.cause 8"]);
    }
    check(|report| on(report, 5).responses[0].narrative = None, &[]);
}

#[test]
fn a_rating_outside_the_scale_is_found() {
    check(
        |report| on(report, 12).responses[0].rating = Some("Z".to_owned()),
        &["error index.rating 12", "error rating.scale 12"],
    );
    check(
        |report| on(report, 12).fields.insert("second_rating".to_owned(), json!("Z")),
        &["error rating.scale 12"],
    );
}

#[test]
fn what_the_form_has_no_field_for_is_found() {
    let expect = ["error field.unknown 5"];
    check(|report| on(report, 5).challenge = Some("用地".to_owned()), &expect);
    check(
        |report| {
            let bar = RoadmapBar { label: "検討".to_owned(), from_year: None, to_year: None };
            on(report, 5).roadmap.push(bar);
        },
        &expect,
    );
    check(|report| on(report, 5).fields.insert("priority".to_owned(), json!("高")), &expect);
    check(|report| on(report, 5).challenge = Some(" ".to_owned()), &[]);
}

#[test]
fn a_form_without_a_core_field_prints_nothing_of_it() {
    for (code, section) in [
        ("goal", "[[sections]]\nlayout = \"rows\"\nfields = [\"goal\"]\n"),
        (
            "activities",
            "[[sections]]\nlayout = \"chart\"\nheading = \"■ 実施スケジュール\"\nfields = [\"activities\"]\n",
        ),
        ("supporting", ", \"supporting\""),
        ("content", ", \"content\""),
    ] {
        let start = FORM.find(&format!("[[fields]]\ncode = \"{code}\"")).unwrap();
        let end = start + FORM[start + 1..].find("[[").unwrap() + 1;
        assert!(FORM.contains(section), "{section}");
        let smaller = FORM.replacen(&FORM[start..end], "", 1).replacen(section, "", 1);
        let form = Form::from_toml(&smaller).unwrap();
        let findings = findings_of(&report(), &form);
        assert!(!findings.is_empty(), "{code}");
        assert!(findings.iter().all(|finding| finding.rule == "field.unknown"), "{findings:#?}");
    }
}

#[test]
fn a_number_field_holds_a_number() {
    for (value, expect) in [
        ("１，２３４", &[][..]),
        ("▲0.5", &[]),
        ("2人", &["error field.value 5"]),
        ("", &["error field.value 5"]),
    ] {
        check(|report| on(report, 5).fields.insert("hours".to_owned(), json!(value)), expect);
    }
    check(|report| on(report, 5).fields.insert("hours".to_owned(), json!(2)), &["error field.value 5"]);
}

#[test]
fn a_date_field_holds_a_day_that_exists() {
    for (value, expect) in [
        ("2025-03-31", &[][..]),
        ("令和7年3月31日", &[]),
        ("R7.3.31", &[]),
        ("2025-99-99", &["error field.value 5"]),
        ("令和7年度末", &["error field.value 5"]),
    ] {
        check(|report| on(report, 5).fields.insert("fixed_on".to_owned(), json!(value)), expect);
    }
}

#[test]
fn a_choice_is_one_of_the_form_s() {
    check(
        |report| on(report, 5).fields.insert("direction".to_owned(), json!("grow")),
        &["error field.value 5"],
    );
}

#[test]
fn a_text_is_no_longer_than_its_limit_in_characters_as_a_person_counts_them() {
    let expect = ["warning field.limit 5"];
    let of = |n: usize| "か\u{3099}".repeat(n);
    check(|report| on(report, 5).goal = Some(of(400)), &[]);
    check(|report| on(report, 5).goal = Some(of(401)), &expect);
    check(|report| on(report, 5).responses[0].narrative = Some(of(1001)), &expect);
    check(|report| on(report, 5).content[0].bullets = vec![of(150), of(151)], &expect);
    check(|report| on(report, 5).fields.insert("reply".to_owned(), json!(of(501))), &expect);
}

#[test]
fn a_mark_is_one_of_two_codes_whatever_the_form_prints() {
    check(|report| on(report, 5).mark = Some("新規".to_owned()), &["error mark.unknown 5"]);
    check(|report| report.index[0].mark = Some("変更".to_owned()), &["error mark.unknown 5"]);
    check(|report| on(report, 5).mark = Some("修正".to_owned()), &[]);
}

#[test]
fn a_bar_does_not_end_before_it_begins() {
    check(
        |report| {
            let bars = on(report, 5).activities[0].bars.as_mut().unwrap();
            (bars[0].from_month, bars[0].to_month) = (3.try_into().unwrap(), 4.try_into().unwrap());
        },
        &["error activity.months 5"],
    );
}
