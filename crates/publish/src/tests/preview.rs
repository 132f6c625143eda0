//! The preview of one sheet: it is the report's page, and tells which field is too long, by how much, and what the fonts
//! do not have.

use std::fs;
use std::path::PathBuf;
use std::thread;

use kaikaku_domain::{Form, Report, Sheet};

use super::fixture::{self, ACTIVITIES, DEPARTMENTS, GLYPHS, HOSTILE, LONG, PLAIN, TIGHT, TWO_LEADS};
use super::{HARD, date};
use crate::geometry::SIZES;
use crate::pdf::typeset;
use crate::preview::{FieldPlace, FieldWarning, Preview, WarningKind, Writing, preview, room};
use crate::view::View;
use crate::{attachments, svg};

fn example(report: &str, form: &str) -> (Report, Form) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    (Report::from_json(&read(report)).unwrap(), Form::from_toml(&read(form)).unwrap())
}

fn shiomi() -> (Report, Form) {
    example("examples/shiomi/2025.json", "forms/iwakuni.toml")
}

/// A report of one sheet of ordinary length, changed.
fn sheet_with(change: impl FnOnce(&mut Sheet)) -> Report {
    let mut report = fixture::report(vec![fixture::plain(PLAIN)]);
    change(&mut report.sheets[0]);
    report
}

fn seen(report: &Report, writing: Writing) -> Preview {
    preview(report, &fixture::form(), 0, writing).unwrap()
}

/// Numbered lines, each shorter than a printed one.
fn lines(count: u32) -> Option<String> {
    Some((1..=count).map(|n| format!("点検の第{n}行")).collect::<Vec<_>>().join("\n"))
}

/// The fields that are too long, with their lines.
fn too_long(preview: &Preview) -> Vec<(&str, u32)> {
    let lines = preview.warnings.iter().filter_map(|warning| match warning.kind {
        WarningKind::Overflow { lines } => Some((warning.field.as_str(), lines)),
        WarningKind::MissingCharacter { .. } => None,
    });
    lines.collect()
}

/// Sets the whole report and compares each of its sheets with the sheet set alone.
fn assert_is_as_in_the_report(report: &Report, form: &Form) {
    let mut report = report.clone();
    let (mut view, _) = View::new(&report, form, date());
    view.sheets.iter_mut().for_each(|sheet| sheet.fit());
    let (document, starts) = typeset(&mut view, &attachments::of(&report, form).unwrap()).unwrap();
    report.sheets.iter_mut().zip(&starts).for_each(|(sheet, start)| sheet.page = Some(*start));
    let mut printed = document.pages().iter().map(svg::picture).skip(starts[0] as usize - 1);
    for place in 0..report.sheets.len() {
        let alone = preview(&report, form, place, Writing::Everything).unwrap();
        assert_eq!(alone.size, view.sheets[place].size, "sheet {place}");
        for (page, picture) in alone.pages.iter().enumerate() {
            assert!(printed.next().as_ref() == Some(picture), "sheet {place}, page {page}");
        }
    }
    assert_eq!(printed.next(), None);
}

#[test]
fn the_preview_is_the_page_of_the_report() {
    assert_is_as_in_the_report(&HARD.0, &fixture::form());
    assert_is_as_in_the_report(&fixture::other_report(), &fixture::other_form());
}

#[test]
fn the_preview_is_the_page_of_the_report_in_the_examples() {
    let (report, form) = shiomi();
    assert_is_as_in_the_report(&report, &form);
    let (report, form) = example("examples/second-form/2024.json", "examples/second-form/form.toml");
    assert_is_as_in_the_report(&report, &form);
}

#[test]
fn another_text_is_another_picture() {
    let (one, other) = (sheet_with(|_| {}), sheet_with(|sheet| sheet.goal = lines(1)));
    assert_ne!(seen(&one, Writing::Everything).pages, seen(&other, Writing::Everything).pages);
    let unnumbered = sheet_with(|sheet| sheet.page = None);
    assert_ne!(seen(&one, Writing::Everything).pages, seen(&unnumbered, Writing::Everything).pages);
}

#[test]
fn every_character_is_drawn_wherever_it_stands() {
    let drawn = |goal: &str| {
        let report = sheet_with(|sheet| sheet.goal = Some(goal.to_owned()));
        let page = seen(&report, Writing::Everything).pages.remove(0);
        (page.matches("<use ").count(), page.matches("<path id=").count())
    };
    let (uses, outlines) = drawn("");
    assert_eq!(drawn("髙髙髙 髙髙"), (uses + 5, outlines + 1));
}

#[test]
fn a_short_sheet_is_one_page_without_warnings() {
    let preview = seen(&sheet_with(|_| {}), Writing::Everything);
    assert_eq!((preview.pages.len(), preview.size), (1, SIZES[0]));
    assert_eq!(preview.warnings, []);
}

#[test]
fn a_tight_sheet_is_set_smaller_without_warnings() {
    let preview = preview(&HARD.0, &fixture::form(), TIGHT, Writing::Everything).unwrap();
    assert_eq!(preview.pages.len(), 1);
    assert!(preview.size < SIZES[0]);
    assert_eq!(preview.warnings, []);
}

#[test]
fn a_narrative_that_is_too_long_is_told_by_how_many_lines() {
    let with = |count| sheet_with(|sheet| sheet.responses[1].narrative = lines(count));
    let long = seen(&with(60), Writing::Period("期末"));
    assert!(long.pages.len() > 1);
    let [warning] = long.warnings.as_slice() else { panic!("{:#?}", long.warnings) };
    let FieldWarning { field, department, period, kind, message } = warning;
    assert_eq!(
        (field.as_str(), department.as_deref(), period.as_deref()),
        ("narrative", Some("港湾課"), Some("期末"))
    );
    let WarningKind::Overflow { lines } = kind else { panic!("{kind:?}") };
    assert!(message.starts_with(&format!("この欄は{lines}行あふれます。")), "{message}");
    assert!(
        message.contains(&format!("{lines}行（約")) && message.ends_with("減らすと1ページに収まります。"),
        "{message}"
    );
    // Without these lines it fits, with one of them it does not.
    assert_eq!(seen(&with(60 - lines), Writing::Period("期末")).pages.len(), 1);
    let nearly = seen(&with(60 - lines + 1), Writing::Period("期末"));
    assert!(nearly.pages.len() > 1);
    assert_eq!(too_long(&nearly), [("narrative", 1)]);
}

#[test]
fn a_text_beside_a_longer_one_is_not_asked_for_lines() {
    let report = sheet_with(|sheet| {
        sheet.goal = lines(20);
        sheet.responses[1].narrative = lines(60);
    });
    let preview = seen(&report, Writing::Everything);
    assert!(matches!(too_long(&preview).as_slice(), [("narrative", _)]), "{:#?}", preview.warnings);
}

#[test]
fn the_longest_texts_give_way_first() {
    let with = |first, second| {
        sheet_with(|sheet| {
            sheet.responses[0].narrative = lines(first);
            sheet.responses[1].narrative = lines(second);
        })
    };
    let preview = seen(&with(30, 40), Writing::Everything);
    let [("narrative", first), ("narrative", second)] = too_long(&preview)[..] else {
        panic!("{:#?}", preview.warnings)
    };
    assert!((30 - first).abs_diff(40 - second) <= 1, "{first} and {second}");
    let message = &preview.warnings[0].message;
    assert!(
        message.contains("「取組状況（中間）」を") && message.contains("「取組状況（期末）」を"),
        "{message}"
    );
    assert_eq!(seen(&with(30 - first, 40 - second), Writing::Everything).pages.len(), 1);
}

#[test]
fn only_what_is_being_written_is_asked_for_lines_where_that_is_enough() {
    let with = |now| {
        sheet_with(|sheet| {
            sheet.responses[0].narrative = lines(20);
            sheet.responses[1].narrative = lines(now);
        })
    };
    let narrative = FieldPlace::of_answer("narrative", "港湾課", "期末");
    let most = room(&with(5), &fixture::form(), 0, &narrative).unwrap().lines;
    assert!((6..20).contains(&most), "the longer one is another period's: {most}");
    let long = seen(&with(most + 2), Writing::Period("期末"));
    assert_eq!(too_long(&long), [("narrative", 2)]);
    assert_eq!(long.warnings[0].period.as_deref(), Some("期末"));
    let all = seen(&with(most + 2), Writing::Everything);
    assert_eq!(all.warnings[0].period.as_deref(), Some("中間"));
    // Where it is not, the one that is too long is named, though it is another period's.
    let before = sheet_with(|sheet| sheet.responses[0].narrative = super::preview::lines(60));
    let preview = seen(&before, Writing::Period("期末"));
    assert!(!preview.warnings.is_empty());
    assert!(preview.warnings.iter().all(|warning| warning.period.as_deref() == Some("中間")));
}

#[test]
fn each_of_two_lead_departments_is_told_of_its_own_text() {
    let mut report = HARD.0.clone();
    report.sheets[TWO_LEADS].responses[3].narrative = lines(60);
    let long = preview(&report, &fixture::form(), TWO_LEADS, Writing::Period("期末")).unwrap();
    let [warning] = long.warnings.as_slice() else { panic!("{:#?}", long.warnings) };
    assert_eq!(warning.department.as_deref(), Some("みなと振興課"));
    report.sheets[TWO_LEADS].responses[2].narrative = lines(60);
    let both = preview(&report, &fixture::form(), TWO_LEADS, Writing::Period("期末")).unwrap();
    let departments: Vec<_> =
        both.warnings.iter().filter_map(|warning| warning.department.as_deref()).collect();
    assert_eq!(departments, ["港湾課", "みなと振興課"]);
    assert!(both.warnings[0].message.contains("【みなと振興課】"), "{}", both.warnings[0].message);
}

#[test]
fn charts_and_departments_can_be_too_long_as_well() {
    let form = fixture::form();
    let chart = preview(&HARD.0, &form, ACTIVITIES, Writing::Start).unwrap();
    let [("activities", rows)] = too_long(&chart)[..] else { panic!("{:#?}", chart.warnings) };
    let mut report = HARD.0.clone();
    report.sheets[ACTIVITIES].activities.truncate(40 - rows as usize);
    assert_eq!(preview(&report, &form, ACTIVITIES, Writing::Start).unwrap().pages.len(), 1);
    let header = preview(&HARD.0, &form, DEPARTMENTS, Writing::Everything).unwrap();
    assert!(matches!(too_long(&header)[..], [("supporting", _)]), "{:#?}", header.warnings);
}

#[test]
fn a_narrative_in_a_row_of_its_own_is_told_too() {
    let mut report = fixture::other_report();
    report.sheets[0].responses[0].narrative = lines(80);
    let preview = preview(&report, &fixture::other_form(), 0, Writing::Period("年度末")).unwrap();
    assert!(matches!(too_long(&preview)[..], [("narrative", _)]), "{:#?}", preview.warnings);
    assert_eq!(preview.warnings[0].department.as_deref(), Some("港湾課"));
}

#[test]
fn a_long_sheet_has_a_picture_of_each_page() {
    let preview = preview(&HARD.0, &fixture::form(), LONG, Writing::Everything).unwrap();
    let (from, to) = HARD.1.sheet(LONG);
    assert_eq!(preview.pages.len(), (to - from + 1) as usize);
    assert!(preview.pages.iter().all(|page| page.starts_with("<svg ") && page.ends_with("</svg>")));
    assert!(too_long(&preview).iter().any(|(field, _)| *field == "narrative"));
}

#[test]
fn a_character_that_no_font_has_is_named_with_its_field() {
    let preview = preview(&HARD.0, &fixture::form(), GLYPHS, Writing::Everything).unwrap();
    let [shown, hidden] = preview.warnings.as_slice() else { panic!("{:#?}", preview.warnings) };
    assert_eq!((shown.field.as_str(), hidden.field.as_str()), ("goal", "goal"));
    assert_eq!(shown.kind, WarningKind::MissingCharacter { characters: vec!['\u{E000}', '🎉'] });
    assert_eq!(
        shown.message,
        "「\u{E000}」（外字U+E000）「🎉」は報告書の書体にありません。〓と印刷されます。別の文字に替えてください。"
    );
    assert_eq!(hidden.kind, WarningKind::MissingCharacter { characters: vec!['\u{FEFF}', '\u{7}'] });
    assert!(hidden.message.contains("U+FEFF、U+0007"), "{}", hidden.message);
}

#[test]
fn a_missing_character_is_found_in_every_kind_of_field() {
    let report = sheet_with(|sheet| {
        sheet.content[0].bullets[0].push('🎉');
        sheet.challenge = Some("課題🎉".to_owned());
        sheet.responses[0].narrative = Some("🎉と🎉".to_owned());
        sheet.activities[0].label.push('🎉');
        sheet.roadmap[0].label.push('🎉');
    });
    let preview = seen(&report, Writing::Everything);
    let fields: Vec<_> = preview.warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(fields, ["content", "challenge", "narrative", "activities", "roadmap"]);
    assert_eq!(preview.warnings[2].period.as_deref(), Some("中間"));
    let (mut report, form) = example("examples/second-form/2024.json", "examples/second-form/form.toml");
    report.sheets[0].fields.insert("opinion".to_owned(), "意見🎉".into());
    let own = crate::preview::preview(&report, &form, 0, Writing::Everything).unwrap();
    assert!(own.warnings.iter().any(|warning| warning.field == "opinion"), "{:#?}", own.warnings);
}

#[test]
fn no_text_makes_a_preview_fail() {
    for text in
        ["\0", "\u{1}\u{1F}", "\u{FFFF}\u{FDD0}", "\u{301}", "\u{E0100}", "\n\n\n", "\r", "👨\u{200D}👩", " "]
    {
        let report = sheet_with(|sheet| {
            sheet.goal = Some(text.to_owned());
            sheet.responses[1].narrative = Some(format!("前{text}後"));
            sheet.activities[0].label = text.to_owned();
        });
        assert_eq!(seen(&report, Writing::Everything).pages.len(), 1, "{text:?}");
    }
    let hostile = preview(&HARD.0, &fixture::form(), HOSTILE, Writing::Everything).unwrap();
    assert!(hostile.pages.iter().all(|page| !page.contains("script") && !page.contains("example.jp")));
}

#[test]
fn a_picture_needs_nothing_from_outside_and_is_small() {
    let (report, form) = shiomi();
    for place in 0..report.sheets.len() {
        for page in preview(&report, &form, place, Writing::Everything).unwrap().pages {
            assert!(page.len() < 400_000, "sheet {place}: {} bytes", page.len());
            assert_eq!(page.matches("://").count(), 1, "only the name of the format");
            for outside in ["<image", "<script", "<style", "<a ", "url(", "font"] {
                assert!(!page.contains(outside), "sheet {place}: {outside}");
            }
            for used in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(page.contains(&format!("<path id=\"{used}\"")), "sheet {place}: {used}");
            }
        }
    }
}

#[test]
fn the_room_of_a_field_is_what_fits_the_page() {
    let form = fixture::form();
    let narrative = FieldPlace::of_answer("narrative", "港湾課", "期末");
    let with = |count| sheet_with(|sheet| sheet.responses[1].narrative = lines(count));
    for count in [1, 10, 60] {
        let room = room(&with(count), &form, 0, &narrative).unwrap();
        assert_eq!(room.used, count);
        assert_eq!(room.left(), room.lines.saturating_sub(count));
        assert_eq!(seen(&with(room.lines), Writing::Everything).pages.len(), 1);
        assert_eq!(seen(&with(room.lines + 1), Writing::Everything).pages.len(), 2);
    }
    let line = "あ".repeat(room(&with(1), &form, 0, &narrative).unwrap().characters_a_line as usize);
    for (text, used) in [(line.clone(), 1), (line + "い", 2)] {
        let report = sheet_with(|sheet| sheet.responses[1].narrative = Some(text));
        assert_eq!(room(&report, &form, 0, &narrative).unwrap().used, used);
    }
}

#[test]
fn a_field_that_is_still_empty_has_room() {
    let report = sheet_with(|sheet| {
        sheet.goal = None;
        sheet.responses.clear();
        sheet.activities.clear();
    });
    let goal = room(&report, &fixture::form(), 0, &FieldPlace::of("goal")).unwrap();
    let narrative = FieldPlace::of_answer("narrative", "港湾課", "中間");
    let narrative = room(&report, &fixture::form(), 0, &narrative).unwrap();
    assert_eq!((goal.used, narrative.used), (0, 0));
    assert!(goal.lines > 15 && narrative.lines > 15, "{goal:?} {narrative:?}");
    let chart = room(&report, &fixture::form(), 0, &FieldPlace::of("activities")).unwrap();
    assert!(chart.lines > 10, "{chart:?}");
    assert_eq!(room(&report, &fixture::form(), 0, &FieldPlace::of("nothing")), None);
    assert_eq!(room(&report, &fixture::form(), 1, &FieldPlace::of("goal")), None);
}

#[test]
fn a_sheet_that_the_report_does_not_have_is_refused() {
    let error = preview(&sheet_with(|_| {}), &fixture::form(), 1, Writing::Everything).unwrap_err();
    assert!(error.to_string().contains("2番目の調書はありません"), "{error}");
}

#[test]
fn two_threads_preview_at_once() {
    let form = fixture::form();
    let alone = [PLAIN, LONG].map(|place| preview(&HARD.0, &form, place, Writing::Everything).unwrap());
    thread::scope(|scope| {
        for (place, expect) in [PLAIN, LONG].into_iter().zip(&alone) {
            let form = &form;
            scope.spawn(move || {
                for _ in 0..8 {
                    assert_eq!(preview(&HARD.0, form, place, Writing::Everything).unwrap(), *expect);
                }
            });
        }
    });
}

/// For a watch and a look at the memory: `cargo test --release --lib .. -- --ignored --nocapture`.
#[test]
#[ignore = "for timing by hand"]
fn a_thousand_letters_are_typed_into_a_sheet() {
    let (mut report, form) = shiomi();
    for letter in 0..1000 {
        let place = letter / 10 % 12;
        report.sheets[place].goal.get_or_insert_default().push('あ');
        if letter % 100 == 99 {
            report.sheets.iter_mut().for_each(|sheet| sheet.goal = lines(3));
            let memory = fs::read_to_string("/proc/self/status").unwrap_or_default();
            println!("{letter} {:?}", memory.lines().find(|line| line.starts_with("VmRSS")));
        }
        preview(&report, &form, place, Writing::Start).unwrap();
    }
}
