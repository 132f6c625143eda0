//! Accounts and departments as the town's own affair: opened, closed, transferred, each with its event in one change.
//!
//! Whoever is given a password by somebody else must choose another at the first sign-in.

pub(crate) mod departments;
pub(crate) mod roster;

use kaikaku_domain::id::{DepartmentId, MunicipalityId, UserId};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_domain::roster::login_name;
use kaikaku_domain::{Date, Finding, FiscalYear, Moment, Severity};
use kaikaku_store::{Account, Change, NewAccount, NewEvent, Store, StoreError};
use serde_json::{Value, json};

use crate::auth::password::{self, NotHashed};
use crate::auth::random::{NoRandomness, Random};
use crate::auth::token::initial_password;

/// The first account's sign-in name.
const ADMINISTRATOR: &str = "admin";

/// A password that somebody is told once.
pub(crate) struct Initial {
    /// The sign-in name.
    pub(crate) login: String,
    /// The person's name.
    pub(crate) name: String,
    /// The password; it must be changed at the first sign-in.
    pub(crate) password: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeopleError {
    #[error("「{0}」は利用者名に使えません。英字・数字と「.」「_」「-」「@」だけで64字までにしてください。")]
    Login(String),
    #[error("利用者名「{0}」は既に使われています。別の名前にするか、kaikaku user list で確かめてください。")]
    Taken(String),
    #[error("利用者名「{0}」の人はいません。kaikaku user list で確かめてください。")]
    Unknown(String),
    #[error("部署「{name}」は{day}の部署にありません。kaikaku department list で確かめてください。")]
    Department { name: String, day: String },
    #[error("氏名が空です。氏名を書いてください。")]
    Nameless,
    #[error("{}件の誤りがあります。何も書き込んでいません。", .0.len())]
    Findings(Vec<Finding>),
    #[error("確かめている間にほかの人が変更しました。何も書き込んでいません。もう一度実行してください。")]
    Changed,
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens an account for a person with these roles.
pub(crate) async fn open_account(
    store: &Store,
    town: MunicipalityId,
    (login, name): (&str, &str),
    roles: &[Assignment],
    random: &mut Random,
    at: Moment,
) -> Result<Initial, PeopleError> {
    let login = login_name(login).ok_or_else(|| PeopleError::Login(login.to_owned()))?;
    if name.trim().is_empty() {
        return Err(PeopleError::Nameless);
    }
    let (initial, hash) = new_password(login, name.trim().to_owned(), random)?;
    let mut change = store.change(town).await?;
    open(&mut change, &initial, &hash, roles, at).await?;
    change.commit().await?;
    Ok(initial)
}

/// Makes the first account of a town: システム管理者, so that there is one, and 事務局, so that the others can be shown
/// their work before anybody else has an account. None when the town has accounts already.
pub(crate) async fn found_administrator(
    store: &Store,
    town: MunicipalityId,
    random: &mut Random,
    at: Moment,
) -> Result<Option<(String, String)>, PeopleError> {
    if !store.people(town).await?.is_empty() {
        return Ok(None);
    }
    let name = Role::Administrator.label().to_owned();
    let (initial, hash) = new_password(ADMINISTRATOR.to_owned(), name, random)?;
    let role = |role| Assignment { role, department: None, from: None, to: None, deputy_of: None };
    let mut change = store.change(town).await?;
    // Another server may have been quicker: nobody else writes from here on.
    if !store.people(town).await?.is_empty() {
        return Ok(None);
    }
    open(&mut change, &initial, &hash, &[role(Role::Administrator), role(Role::Secretariat)], at).await?;
    change.commit().await?;
    Ok(Some((initial.login, initial.password)))
}

/// Gives a person a new initial password and ends every session of theirs; `without_code` takes the second factor away
/// too, for somebody who has lost the telephone.
pub(crate) async fn reset_password(
    store: &Store,
    town: MunicipalityId,
    login: &str,
    without_code: bool,
    random: &mut Random,
    at: Moment,
) -> Result<Initial, PeopleError> {
    let account = account(store, town, login).await?;
    let user = account.user;
    let (initial, hash) = new_password(account.login, account.name, random)?;
    let mut change = store.change(town).await?;
    change.set_password(user, &hash, true).await?;
    if without_code {
        change.set_second_factor(user, None).await?;
    }
    change.end_sessions(user, None, at).await?;
    let data = json!({ "account": user, "without_code": without_code });
    change.note(event("password_reset", None, data, at)).await?;
    change.commit().await?;
    Ok(initial)
}

/// Closes an account and ends its sessions, or opens it again. Tells whether anything changed.
pub(crate) async fn set_disabled(
    store: &Store,
    town: MunicipalityId,
    login: &str,
    is_disabled: bool,
    at: Moment,
) -> Result<bool, PeopleError> {
    let account = account(store, town, login).await?;
    if account.disabled_at.is_some() == is_disabled {
        return Ok(false);
    }
    let user = account.user;
    let mut change = store.change(town).await?;
    change.set_disabled(user, is_disabled.then_some(at)).await?;
    change.end_sessions(user, None, at).await?;
    let kind = if is_disabled { "account_disabled" } else { "account_enabled" };
    change.note(event(kind, None, json!({ "account": user }), at)).await?;
    change.commit().await?;
    Ok(true)
}

/// Keeps the password that a person has chosen, and ends their other sessions.
pub(crate) async fn change_password(
    store: &Store,
    account: &Account,
    hash: &str,
    session: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let user = account.user;
    let mut change = store.change(account.municipality).await?;
    change.set_password(user, hash, false).await?;
    change.end_sessions(user, Some(session), at).await?;
    change.note(event("password_changed", Some(user), json!({ "account": user }), at)).await?;
    change.commit().await
}

/// Keeps the second factor that a person has set up, or takes it away, and ends their other sessions.
pub(crate) async fn change_factor(
    store: &Store,
    account: &Account,
    factor: Option<&Value>,
    session: &str,
    at: Moment,
) -> Result<(), StoreError> {
    let user = account.user;
    let mut change = store.change(account.municipality).await?;
    change.set_second_factor(user, factor).await?;
    change.end_sessions(user, Some(session), at).await?;
    let kind = if factor.is_some() { "second_factor_set" } else { "second_factor_removed" };
    change.note(event(kind, Some(user), json!({ "account": user }), at)).await?;
    change.commit().await
}

/// The department that has this name on a day.
pub(crate) fn department_named(organisation: &Organisation, name: &str, day: Date) -> Option<DepartmentId> {
    organisation.named(name, fiscal_year(day)?).map(|department| department.id)
}

async fn account(store: &Store, town: MunicipalityId, login: &str) -> Result<Account, PeopleError> {
    let unknown = || PeopleError::Unknown(login.to_owned());
    let name = login_name(login).ok_or_else(unknown)?;
    store.account(town, &name).await?.ok_or_else(unknown)
}

/// An initial password with its hash. This takes its time: never while others wait for a change.
fn new_password(login: String, name: String, random: &mut Random) -> Result<(Initial, String), PeopleError> {
    let password = initial_password(random)?;
    let hash = password::hash(&password, random)?;
    Ok((Initial { login, name, password }, hash))
}

async fn open(
    change: &mut Change,
    initial: &Initial,
    hash: &str,
    roles: &[Assignment],
    at: Moment,
) -> Result<UserId, PeopleError> {
    let user = open_bare(change, initial, hash, at).await?;
    for role in roles {
        change.assign(user, role).await?;
    }
    change.note(event("account_opened", None, opened(user, initial, roles), at)).await?;
    Ok(user)
}

/// The account alone; its roles and its event are the caller's.
async fn open_bare(
    change: &mut Change,
    initial: &Initial,
    hash: &str,
    at: Moment,
) -> Result<UserId, PeopleError> {
    let (login, name) = (initial.login.as_str(), initial.name.as_str());
    let new = NewAccount { login, name, password: hash, must_change: true, at };
    change.open_account(new).await.map_err(|error| match error {
        StoreError::Duplicate => PeopleError::Taken(login.to_owned()),
        other => other.into(),
    })
}

fn opened(user: UserId, initial: &Initial, roles: &[Assignment]) -> Value {
    json!({ "account": user, "login": initial.login, "name": initial.name, "roles": roles_told(roles) })
}

/// Roles as an event tells them.
fn roles_told(roles: &[Assignment]) -> Value {
    let told = |role: &Assignment| {
        json!({
            "role": role.role,
            "department": role.department,
            "from": role.from.map(|day| day.to_string()),
            "to": role.to.map(|day| day.to_string()),
            "deputy_of": role.deputy_of,
        })
    };
    roles.iter().map(told).collect()
}

fn event(kind: &str, user: Option<UserId>, data: Value, at: Moment) -> NewEvent<'_> {
    NewEvent { at, user, kind, entry: None, data }
}

/// The fiscal year of a day; none where no fiscal year is counted.
fn fiscal_year(day: Date) -> Option<FiscalYear> {
    let year = if day.month() < 4 { day.year() - 1 } else { day.year() };
    FiscalYear::new(year).ok()
}

/// What is wrong with a row of a file: the place names line and column, as `kaikaku_domain::roster` has it.
fn finding(line: usize, column: &str, rule: &str, message: String) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        page: None,
        place: format!("{line}行目「{column}」"),
        message,
        evidence: String::new(),
    }
}
