//! The example town's departments and people, from the files that a town would import.

use std::collections::BTreeMap;

use kaikaku_domain::Moment;
use kaikaku_domain::finding::Finding;
use kaikaku_domain::id::{MunicipalityId, UserId};
use kaikaku_domain::person::Assignment;
use kaikaku_domain::roster::{self, AssignmentRow, Reading};
use kaikaku_store::{NewAccount, NewEvent, Store};
use serde_json::json;

use super::{DemoError, documents};
use crate::people::departments;

/// What no password's hash looks like: in a demo one signs in by a click, and no password opens an account.
const NO_PASSWORD: &str = "!";

/// Brings in departments and people.
pub(super) async fn organise(store: &Store, town: MunicipalityId, at: Moment) -> Result<(), DemoError> {
    import_departments(store, town, at).await?;
    open_accounts(store, town, at).await
}

async fn import_departments(store: &Store, town: MunicipalityId, at: Moment) -> Result<(), DemoError> {
    let rows = whole(roster::read_departments(&documents::text("departments.csv")?))?;
    let plan = departments::plan(store, town, &rows).await?;
    Ok(departments::apply(store, town, &rows, &plan, at).await?)
}

/// Everyone in one change. Unlike an import it gives nobody a password: hashing fifty would take seconds.
async fn open_accounts(store: &Store, town: MunicipalityId, at: Moment) -> Result<(), DemoError> {
    let rows = whole(roster::read_people(&documents::text("people.csv")?))?;
    let organisation = store.organisation(town).await?;
    let mut change = store.change(town).await?;
    let mut users: BTreeMap<&str, UserId> = BTreeMap::new();
    for row in &rows {
        if !users.contains_key(row.login.as_str()) {
            let account = NewAccount {
                login: &row.login,
                name: &row.name,
                password: NO_PASSWORD,
                must_change: false,
                at,
            };
            users.insert(&row.login, change.open_account(account).await?);
        }
    }
    let unknown = |row: &AssignmentRow| DemoError::Data(format!("people.csv:{}", row.line));
    for row in &rows {
        let department = row.department.as_deref();
        let find = |name| organisation.departments.iter().find(|own| own.name == name).map(|own| own.id);
        let deputised = row.deputy_of.as_deref();
        let assignment = Assignment {
            role: row.role,
            department: department.map(|name| find(name).ok_or_else(|| unknown(row))).transpose()?,
            from: Some(row.from),
            to: row.to,
            deputy_of: deputised
                .map(|login| users.get(login).copied().ok_or_else(|| unknown(row)))
                .transpose()?,
        };
        let user = users.get(row.login.as_str()).copied().ok_or_else(|| unknown(row))?;
        change.assign(user, &assignment).await?;
    }
    let data = json!({ "people": users.len() });
    change.note(NewEvent { at, user: None, kind: "people_imported", entry: None, data }).await?;
    Ok(change.commit().await?)
}

/// The rows of a shipped file, which has no faults.
fn whole<Row>(reading: Reading<Row>) -> Result<Vec<Row>, DemoError> {
    let told = |finding: &Finding| format!("{}: {}", finding.place, finding.message);
    match reading.findings.first() {
        Some(finding) => Err(DemoError::Data(told(finding))),
        None => Ok(reading.rows),
    }
}
