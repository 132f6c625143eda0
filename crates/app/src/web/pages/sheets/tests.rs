use kaikaku_domain::Report;
use kaikaku_domain::id::MunicipalityId;
use kaikaku_domain::period::Dates;
use kaikaku_domain::workflow::{Relation, State as Way};

use super::*;
use crate::web::form::Fields;
use crate::web::work::fixture::{item, state, today};

fn dates(opens: &str, deadline: &str) -> Dates {
    let day = |text: &str| Date::read(text).unwrap();
    Dates { opens: day(opens), deadline: day(deadline), locks: None }
}

/// A year with its goals and two reports, the second of which is open.
fn year() -> Year {
    let path = format!("{}/../../examples/shiomi/2025.json", env!("CARGO_MANIFEST_DIR"));
    let frame = Report::from_json(&std::fs::read_to_string(path).unwrap()).unwrap();
    let period = |id: i64, name: &str, kind, dates| Period {
        id: PeriodId::new(id),
        name: name.to_owned(),
        kind,
        dates,
    };
    Year {
        id: YearId::new(1),
        municipality: MunicipalityId::new(1),
        fiscal_year: FiscalYear::new(2025).unwrap(),
        form: "iwakuni".to_owned(),
        frame: frame.into(),
        periods: vec![
            period(1, "当初", PeriodKind::Start, dates("2025-04-01", "2025-05-31")),
            period(2, "中間", PeriodKind::Report, dates("2025-09-15", "2025-10-14")),
            period(3, "期末", PeriodKind::Report, dates("2026-03-16", "2026-04-10")),
        ],
    }
}

/// Sheet, entry, period, department, state.
fn line((sheet, entry, period, department): (i64, i64, i64, i64), state: Way) -> Line {
    let line = item(entry, &[Relation::Secretariat], state, ("2026-04-10", None)).line;
    Line {
        sheet: SheetId::new(sheet),
        period: PeriodId::new(period),
        department: DepartmentId::new(department),
        ..line
    }
}

/// One sheet of two departments and one of one.
fn seen() -> Seen {
    let lines = vec![
        line((1, 1, 1, 1), state("fixed")),
        line((1, 2, 2, 1), state("fixed")),
        line((1, 3, 2, 2), state("fixed")),
        line((1, 4, 3, 1), state("received")),
        line((1, 5, 3, 2), state("draft")),
        line((2, 6, 1, 3), state("draft")),
        line((2, 7, 2, 3), state("fixed")),
        line((2, 8, 3, 3), state("returned")),
    ];
    Seen { year: year().into(), lines, conflicts: Vec::new(), names: HashMap::new(), today: today() }
}

fn filter(query: &str) -> Filter {
    Filter::read(&Fields::read(query.as_bytes()).unwrap(), &year(), today())
}

#[test]
fn every_lead_department_has_a_row_and_the_common_goals_stand_in_each() {
    let rows = rows(&seen(), &filter(""), Route::SectionHead);
    let entries =
        |row: &Row| row.cells.iter().map(|cell| cell.entry.map_or(0, EntryId::number)).collect::<Vec<_>>();
    assert_eq!(rows.iter().map(entries).collect::<Vec<_>>(), [[1, 2, 4], [1, 3, 5], [6, 7, 8]]);
    assert_eq!(rows[1].address, "/entries/5");
    assert_eq!(rows[0].cells[2].chip.word, "受付済み");
}

#[test]
fn the_open_period_is_shown_first_and_what_is_late_says_so() {
    assert_eq!(filter("").period, Some(PeriodId::new(3)));
    assert_eq!(filter("period=1").period, Some(PeriodId::new(2)));
    assert_eq!(filter("period=9").period, Some(PeriodId::new(3)));
    let rows = rows(&seen(), &filter(""), Route::SectionHead);
    let late: Vec<_> = rows.iter().map(|row| row.cells[0].late.is_some()).collect();
    assert_eq!(late, [false, false, true]);
}

#[test]
fn an_entry_that_stands_in_two_rows_is_counted_once() {
    let rows = rows(&seen(), &filter("period=0"), Route::SectionHead);
    let counts = counts(&rows, &filter("period=0"), Route::SectionHead);
    let told: Vec<_> = counts.iter().map(|count| (count.chip.map(|chip| chip.code), count.number)).collect();
    assert_eq!(told, [(None, 2), (Some("none"), 1), (Some("fixed"), 1)]);
}

#[test]
fn the_address_of_a_state_keeps_the_rest_of_the_filter() {
    let filter = filter("period=1&department=2&state=fixed");
    assert_eq!(filter.address(Some(State::Returned)), "/sheets?year=1&period=1&state=returned&department=2");
    assert_eq!(filter.state, Some(State::Fixed));
}

#[test]
fn what_only_reads_the_outcome_sees_neither_name_nor_time_of_a_draft() {
    let mut seen = seen();
    seen.names.insert(UserId::new(1), "青木".to_owned());
    let mut draft = line((1, 5, 3, 2), state("returned"));
    assert_eq!(touched(&draft, &seen).as_deref(), Some("4月2日 10:00 青木"));
    draft.sight = Sight::Outline;
    assert_eq!(touched(&draft, &seen), None);
}
