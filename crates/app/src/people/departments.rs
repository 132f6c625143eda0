//! The departments from a CSV file: what it changes, shown first, then written in one change.
//!
//! A row is the department of that name from that fiscal year on. Departments that are not in the file stay as they are.

use kaikaku_domain::fiscal_year::{Digits, YearStyle};
use kaikaku_domain::id::{DepartmentId, MunicipalityId};
use kaikaku_domain::organisation::{Department, Organisation};
use kaikaku_domain::roster::DepartmentRow;
use kaikaku_domain::text::reads_same;
use kaikaku_domain::{Finding, FiscalYear, Moment};
use kaikaku_store::Store;
use serde_json::json;

use super::{PeopleError, event, finding};

/// A department as it will be; others stand there by their place in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// The department; none when it is new.
    pub(crate) id: Option<DepartmentId>,
    pub(crate) name: String,
    pub(crate) division: Option<usize>,
    pub(crate) from_year: FiscalYear,
    pub(crate) to_year: Option<FiscalYear>,
    pub(crate) successors: Vec<usize>,
}

/// What a file changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Every department of the town as it will be.
    pub(crate) departments: Vec<Planned>,
    /// The places of those that the file adds or changes, in the file's order.
    pub(crate) changed: Vec<usize>,
    /// How many rows say what the record has already.
    pub(crate) unchanged: usize,
}

/// What the rows of a file would change in the record as it is now.
pub(crate) async fn plan(
    store: &Store,
    town: MunicipalityId,
    rows: &[DepartmentRow],
) -> Result<Plan, PeopleError> {
    plan_of(rows, &store.organisation(town).await?).map_err(PeopleError::Findings)
}

/// Writes what [`plan`] has shown, with one event for each department.
pub(crate) async fn apply(
    store: &Store,
    town: MunicipalityId,
    rows: &[DepartmentRow],
    plan: &Plan,
    at: Moment,
) -> Result<(), PeopleError> {
    let mut change = store.change(town).await?;
    // Nobody else writes from here on: is it still what was shown?
    if self::plan(store, town, rows).await? != *plan {
        return Err(PeopleError::Changed);
    }
    let mut ids = Vec::with_capacity(plan.departments.len());
    for planned in &plan.departments {
        ids.push(match planned.id {
            Some(id) => id,
            None => change.add_department(&planned.name, None, planned.from_year, planned.to_year).await?,
        });
    }
    let places = plan.changed.iter().filter_map(|place| plan.departments.get(*place).zip(ids.get(*place)));
    for (planned, id) in places {
        let department = Department {
            id: *id,
            name: planned.name.clone(),
            division: planned.division.and_then(|place| ids.get(place).copied()),
            from_year: planned.from_year,
            to_year: planned.to_year,
            successors: planned.successors.iter().filter_map(|place| ids.get(*place).copied()).collect(),
        };
        change.set_department(&department).await?;
        let kind = if planned.id.is_some() { "department_changed" } else { "department_added" };
        let data = json!({
            "department": department.id,
            "name": department.name,
            "division": department.division,
            "from_year": department.from_year.year(),
            "to_year": department.to_year.map(FiscalYear::year),
            "successors": department.successors,
        });
        change.note(event(kind, None, data, at)).await?;
    }
    if !plan.changed.is_empty() {
        change.commit().await?;
    }
    Ok(())
}

fn plan_of(rows: &[DepartmentRow], organisation: &Organisation) -> Result<Plan, Vec<Finding>> {
    let before = departments(organisation);
    let mut after = before.clone();
    // First who there is and when, so that rows may name each other in any order.
    let places: Vec<usize> = rows.iter().map(|row| place(row, &mut after)).collect();
    let mut findings = Vec::new();
    for (row, place) in rows.iter().zip(&places) {
        findings.extend(overlap(row, *place, &after));
        let (division, successors) = (division(row, &after), successors(row, &after));
        let (Ok(division), Ok(successors)) = (&division, &successors) else {
            findings.extend([division.err(), successors.err()].into_iter().flatten());
            continue;
        };
        after[*place].division = *division;
        after[*place].successors.clone_from(successors);
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let changed: Vec<usize> =
        places.into_iter().filter(|place| before.get(*place) != after.get(*place)).collect();
    Ok(Plan { departments: after, unchanged: rows.len() - changed.len(), changed })
}

/// The record's departments, each other by place.
fn departments(organisation: &Organisation) -> Vec<Planned> {
    let all = &organisation.departments;
    let place = |id: &DepartmentId| all.iter().position(|department| department.id == *id);
    let planned = |department: &Department| Planned {
        id: Some(department.id),
        name: department.name.clone(),
        division: department.division.as_ref().and_then(place),
        from_year: department.from_year,
        to_year: department.to_year,
        successors: department.successors.iter().filter_map(place).collect(),
    };
    all.iter().map(planned).collect()
}

/// Where a row's department stands; it is put at the end where it is new.
fn place(row: &DepartmentRow, all: &mut Vec<Planned>) -> usize {
    let known = all.iter().position(|own| own.from_year == row.from_year && reads_same(&own.name, &row.name));
    match known.or_else(|| known_from_later_on(row, all)) {
        Some(place) => {
            (all[place].from_year, all[place].to_year) = (row.from_year, row.to_year);
            place
        }
        None => {
            let (name, from_year, to_year) = (row.name.clone(), row.from_year, row.to_year);
            let (division, successors) = (None, Vec::new());
            all.push(Planned { id: None, name, division, from_year, to_year, successors });
            all.len() - 1
        }
    }
}

/// A loaded report tells of its departments only that they were there in its year. A row that takes in all the years of
/// one, before which no other was, tells since when.
fn known_from_later_on(row: &DepartmentRow, all: &[Planned]) -> Option<usize> {
    let ends_within = |own: &Planned| match (own.to_year, row.to_year) {
        (_, None) => true,
        (Some(own), Some(row)) => own <= row,
        (None, Some(_)) => false,
    };
    let follows = |place: usize| all.iter().any(|other| other.successors.contains(&place));
    let mut same = all.iter().enumerate().filter(|(_, own)| reads_same(&own.name, &row.name));
    let (place, own) = same.next()?;
    let is_that =
        same.next().is_none() && row.from_year < own.from_year && ends_within(own) && !follows(place);
    is_that.then_some(place)
}

fn overlap(row: &DepartmentRow, place: usize, all: &[Planned]) -> Option<Finding> {
    let overlaps = |own: &Planned| {
        own.to_year.is_none_or(|to| row.from_year <= to) && row.to_year.is_none_or(|to| own.from_year <= to)
    };
    let other = all
        .iter()
        .enumerate()
        .find(|(other, own)| *other != place && reads_same(&own.name, &row.name) && overlaps(own));
    let (_, other) = other?;
    let message = format!(
        "同じ名前の部署が{}から登録されていて、年度が重なります。前の部署の終了年度を書いた行を加えるか、開始年度を合わせてください。",
        print(other.from_year)
    );
    Some(finding(row.line, "開始年度", "roster.duplicate", message))
}

fn division(row: &DepartmentRow, all: &[Planned]) -> Result<Option<usize>, Finding> {
    let Some(name) = &row.division else { return Ok(None) };
    named(name, row.from_year, all).map(Some).ok_or_else(|| {
        let message = format!(
            "上位部署「{name}」は{}の部署にありません。名前を直すか、その部署の行を加えてください。",
            print(row.from_year)
        );
        finding(row.line, "上位部署", "roster.unknown", message)
    })
}

fn successors(row: &DepartmentRow, all: &[Planned]) -> Result<Vec<usize>, Finding> {
    let Some(next) = row.to_year.map(FiscalYear::next) else { return Ok(Vec::new()) };
    let found = row.successors.iter().map(|name| {
        named(name, next, all).ok_or_else(|| {
            let message = format!(
                "後継部署「{name}」は{}の部署にありません。名前を直すか、その部署の行を加えてください。",
                print(next)
            );
            finding(row.line, "後継部署", "roster.unknown", message)
        })
    });
    found.collect()
}

fn named(name: &str, year: FiscalYear, all: &[Planned]) -> Option<usize> {
    let exists = |own: &Planned| own.from_year <= year && own.to_year.is_none_or(|to| year <= to);
    all.iter().position(|own| exists(own) && reads_same(&own.name, name))
}

fn print(year: FiscalYear) -> String {
    year.print(YearStyle::Era, Digits::Half)
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::roster::read_departments;

    use super::*;

    fn year(year: i32) -> FiscalYear {
        FiscalYear::new(year).unwrap()
    }

    fn organisation() -> Organisation {
        let department = |(id, name, division): (i64, &str, Option<i64>)| Department {
            id: DepartmentId::new(id),
            name: name.to_owned(),
            division: division.map(DepartmentId::new),
            from_year: year(2020),
            to_year: None,
            successors: Vec::new(),
        };
        let all = [(1, "総務部", None), (2, "情報課", Some(1)), (3, "統計課", Some(1))];
        Organisation { departments: all.map(department).to_vec() }
    }

    fn plan(body: &str) -> Result<Plan, Vec<Finding>> {
        let reading = read_departments(&format!("部署,上位部署,開始年度,終了年度,後継部署\n{body}"));
        assert_eq!(reading.findings, []);
        plan_of(&reading.rows, &organisation())
    }

    #[test]
    fn a_merger_names_its_successor_in_any_order_of_rows() {
        let plan = plan(
            "情報課,総務部,2020,2025,デジタル課\n統計課,総務部,2020,2025,デジタル課\n\
             デジタル課,総務部,2026,,\n総務部,,2020,,\n",
        )
        .unwrap();
        assert_eq!((plan.changed.as_slice(), plan.unchanged), ([1, 2, 3].as_slice(), 1));
        let new = &plan.departments[3];
        assert_eq!((new.id, new.division, new.from_year), (None, Some(0), year(2026)));
        assert_eq!(
            (plan.departments[1].successors.as_slice(), plan.departments[1].to_year),
            ([3].as_slice(), Some(year(2025)))
        );
    }

    #[test]
    fn what_the_record_has_already_changes_nothing() {
        let plan = plan("情 報課,総務部,令和2年度,,\n").unwrap();
        assert_eq!((plan.changed.len(), plan.unchanged), (0, 1));
    }

    #[test]
    fn a_department_that_a_report_told_of_was_there_before() {
        let found = plan("情報課,総務部,2015,,\n総務部,,2005,,\n").unwrap();
        assert_eq!((found.changed.as_slice(), found.departments.len()), ([1, 0].as_slice(), 3));
        assert_eq!(
            (found.departments[1].id, found.departments[1].from_year),
            (Some(DepartmentId::new(2)), year(2015))
        );
        assert_eq!(found.departments[0].from_year, year(2005));
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line() {
        for (body, place) in [
            ("情報課,企画部,2020,,\n", "2行目「上位部署」"),
            ("情報課,総務部,2020,2025,デジタル課\n", "2行目「後継部署」"),
            ("情報課,総務部,2026,,\n", "2行目「開始年度」"),
            ("情報課,総務部,2018,2020,統計課\n", "2行目「開始年度」"),
        ] {
            let findings = plan(body).unwrap_err();
            assert_eq!(findings[0].place, place, "{body} {findings:?}");
        }
    }

    #[test]
    fn a_department_that_is_taken_up_again_is_a_new_one() {
        let plan = plan("情報課,総務部,2020,2023,\n情報課,総務部,2026,,\n").unwrap();
        assert_eq!(plan.changed, [1, 3]);
    }
}
