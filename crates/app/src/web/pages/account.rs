//! A person's own account: the roles that one has, the password, the second factor.
//!
//! Whoever changes one of the last two gives the password once more, and ends every other session.

use std::sync::PoisonError;

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::Date;
use kaikaku_domain::fiscal_year::{Digits, YearStyle};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::person::Assignment;
use kaikaku_domain::text::hex;
use kaikaku_store::{Account, Person};

use crate::auth::code::{Secret, picture, recovery_codes};
use crate::auth::factor::Factor;
use crate::auth::password::{Refusal, SHORTEST};
use crate::auth::token::unhex;
use crate::people;
use crate::web::layout::Layout;
use crate::web::sign_in::{self, Attempt};
use crate::web::{Answer, Ask, Stop, print, say};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    name: String,
    login: String,
    roles: Vec<String>,
    /// When this session began.
    since: String,
    /// Whether the password must be changed before anything else.
    is_first: bool,
    /// Since when there is a second factor, and how many recovery codes are left.
    factor: Option<(String, usize)>,
    shortest: usize,
    current_wrong: Option<String>,
    new_wrong: Vec<String>,
    again_wrong: Option<String>,
    removal_wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "account_factor.html")]
struct FactorPage {
    layout: Layout,
    login: String,
    secret: String,
    groups: String,
    /// The picture for the telephone, markup of our own.
    picture: String,
    code_wrong: Option<String>,
    current_wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "account_codes.html")]
struct CodesPage {
    layout: Layout,
    codes: Vec<String>,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    say::page(&AccountPage::new(&ask, &own(&ask).await?).await?)
}

pub(crate) async fn set_password(ask: Ask) -> Answer {
    let account = own(&ask).await?;
    let typed = |name| ask.form.value(name).unwrap_or_default();
    let (current, new, again) = (typed("current"), typed("new"), typed("again"));
    let mut page = AccountPage::new(&ask, &account).await?;
    page.current_wrong = current_wrong(&ask, &account, current).await?;
    if new != again {
        page.again_wrong =
            Some("新しいパスワードと違います。同じものをもう一度入力してください。".to_owned());
    }
    if new == current && page.current_wrong.is_none() {
        page.new_wrong.push("今のパスワードと同じです。別のパスワードにしてください。".to_owned());
    }
    let town = &ask.visitor()?.town.name;
    let hash = match ask.app.gate.hash(new, &account.login, town).await? {
        Ok(hash) => hash,
        Err(refusals) => {
            page.new_wrong.extend(refusals.iter().map(Refusal::message));
            String::new()
        }
    };
    if page.is_wrong() {
        return page.refused();
    }
    people::change_password(&ask.app.store, &account, &hash, &ask.visitor()?.digest, ask.now).await?;
    Ok(say::see(if account.must_change { "/?done=password" } else { "/account?done=password" }))
}

pub(crate) async fn show_factor(ask: Ask) -> Answer {
    let account = own(&ask).await?;
    if account.second_factor.is_some() {
        return Ok(say::see("/account"));
    }
    let secret = Secret::new(&mut ask.app.random.lock().unwrap_or_else(PoisonError::into_inner))?;
    say::page(&FactorPage::new(&ask, &account, &secret)?)
}

pub(crate) async fn set_factor(ask: Ask) -> Answer {
    let account = own(&ask).await?;
    if account.second_factor.is_some() {
        return Ok(say::see("/account"));
    }
    let typed = |name| ask.form.value(name).unwrap_or_default();
    // The page keeps the secret until it is proved: only then is it the account's.
    let secret = unhex::<20>(typed("secret")).and_then(|bytes| Secret::from_bytes(&bytes));
    let secret = secret.ok_or_else(|| {
        Stop::Unacceptable("画面が古くなっています。アカウントのページから開き直してください。".to_owned())
    })?;
    let mut page = FactorPage::new(&ask, &account, &secret)?;
    let step = secret.verify(typed("code"), ask.now.unix_ms(), None);
    page.current_wrong = current_wrong(&ask, &account, typed("current")).await?;
    let (Some(step), None) = (step, &page.current_wrong) else {
        let wrong = "確認コードが違います。認証アプリに今表示されている6桁の数字を入力してください。";
        page.code_wrong = step.is_none().then(|| wrong.to_owned());
        page.layout.has_errors = true;
        return say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let codes = recovery_codes(&mut ask.app.random.lock().unwrap_or_else(PoisonError::into_inner))?;
    let factor = Factor::new(secret, step, &codes, ask.now).kept();
    let session = &ask.visitor()?.digest;
    people::change_factor(&ask.app.store, &account, Some(&factor), session, ask.now).await?;
    let layout = ask.layout().titled("確認コードを有効にしました", "account");
    say::page(&CodesPage { layout, codes })
}

pub(crate) async fn remove_factor(ask: Ask) -> Answer {
    let account = own(&ask).await?;
    if account.second_factor.is_none() {
        return Ok(say::see("/account"));
    }
    let current = ask.form.value("current").unwrap_or_default();
    let mut page = AccountPage::new(&ask, &account).await?;
    page.removal_wrong = current_wrong(&ask, &account, current).await?;
    if page.is_wrong() {
        return page.refused();
    }
    people::change_factor(&ask.app.store, &account, None, &ask.visitor()?.digest, ask.now).await?;
    Ok(say::see("/account?done=factor"))
}

impl AccountPage {
    async fn new(ask: &Ask, account: &Account) -> Result<Self, Stop> {
        let visit = ask.visitor()?;
        let people = ask.app.store.people(visit.town.id).await?;
        let organisation = ask.app.store.organisation(visit.town.id).await?;
        let kept = account.second_factor.as_ref();
        let factor = kept.map(|kept| sign_in::factor(account, kept)).transpose()?;
        let day = |factor: &Factor| print::day(factor.since.day());
        Ok(Self {
            layout: ask.layout().titled("アカウント", "account"),
            name: account.name.clone(),
            login: account.login.clone(),
            roles: roles(account, &people, &organisation, ask.now.day()),
            since: print::moment(visit.session.created_at),
            is_first: account.must_change,
            factor: factor.map(|factor| (day(&factor), factor.recovery_left())),
            shortest: SHORTEST,
            current_wrong: None,
            new_wrong: Vec::new(),
            again_wrong: None,
            removal_wrong: None,
        })
    }

    fn is_wrong(&self) -> bool {
        let each = [&self.current_wrong, &self.again_wrong, &self.removal_wrong];
        each.iter().any(|wrong| wrong.is_some()) || !self.new_wrong.is_empty()
    }

    fn refused(mut self) -> Answer {
        self.layout.has_errors = true;
        say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

impl FactorPage {
    fn new(ask: &Ask, account: &Account, secret: &Secret) -> Result<Self, Stop> {
        let address = secret.address(&ask.visitor()?.town.name, &account.login);
        let picture = picture(&address).ok_or_else(|| Stop::Unexpected("no QR code".to_owned()))?;
        Ok(Self {
            layout: ask.layout().titled("確認コードの設定", "account"),
            login: account.login.clone(),
            secret: hex(secret.as_bytes()),
            groups: secret.groups(),
            picture,
            code_wrong: None,
            current_wrong: None,
        })
    }
}

/// The visitor's own account.
async fn own(ask: &Ask) -> Result<Account, Stop> {
    let visit = ask.visitor()?;
    ask.app.store.account_of(visit.town.id, visit.session.user).await?.ok_or(Stop::NotFound)
}

/// What is wrong with the password that was given once more; none when it is right.
async fn current_wrong(ask: &Ask, account: &Account, password: &str) -> Result<Option<String>, Stop> {
    Ok(match sign_in::try_own_password(ask, account, password).await? {
        Attempt::Right(()) => None,
        Attempt::Wrong => Some("今のパスワードが違います。確かめて、もう一度入力してください。".to_owned()),
        Attempt::Wait(message) => Some(message),
    })
}

/// The roles that a person has or will have: `税務課　担当者（令和7年4月1日から）`.
fn roles(account: &Account, people: &[Person], organisation: &Organisation, today: Date) -> Vec<String> {
    let own = people.iter().find(|person| person.user == account.user);
    let lasts = |role: &&Assignment| role.to.is_none_or(|to| today <= to);
    let print = |role: &Assignment| {
        let department = role.department.and_then(|id| organisation.department(id));
        let department = department.map(|own| format!("{}　", own.name)).unwrap_or_default();
        let deputised = people.iter().find(|person| Some(person.user) == role.deputy_of);
        let deputised = deputised.map(|person| format!("（{}の代理）", person.name)).unwrap_or_default();
        format!("{department}{}{deputised}{}", role.role.label(), span(role.from, role.to))
    };
    own.iter().flat_map(|person| &person.assignments).filter(lasts).map(print).collect()
}

fn span(from: Option<Date>, to: Option<Date>) -> String {
    let print = |day: Date| day.print(YearStyle::Era, Digits::Half);
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("（{}から）", print(from)),
        (None, Some(to)) => format!("（{}まで）", print(to)),
        (Some(from), Some(to)) => format!("（{}から{}まで）", print(from), print(to)),
    }
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::FiscalYear;
    use kaikaku_domain::id::{DepartmentId, MunicipalityId, UserId};
    use kaikaku_domain::organisation::Department;
    use kaikaku_domain::person::Role;

    use super::*;

    fn person(id: i64, login: &str, name: &str, assignments: Vec<Assignment>) -> Person {
        let (login, name) = (login.to_owned(), name.to_owned());
        Person { user: UserId::new(id), login, name, disabled_at: None, assignments }
    }

    #[test]
    fn a_person_sees_what_one_is_and_will_be_but_not_what_one_was() {
        let day = |text| Date::read(text);
        let held = |role, from, to, deputy_of: Option<i64>| Assignment {
            role,
            department: (role != Role::Viewer).then(|| DepartmentId::new(1)),
            from: day(from),
            to: day(to),
            deputy_of: deputy_of.map(UserId::new),
        };
        let people = [
            person(
                1,
                "aoki",
                "青木",
                vec![
                    held(Role::Author, "2025-04-01", "", None),
                    held(Role::Viewer, "2024-04-01", "2025-03-31", None),
                    held(Role::SectionHead, "2026-05-01", "2026-05-31", Some(2)),
                ],
            ),
            person(2, "nakamura", "中村", Vec::new()),
        ];
        let organisation = Organisation {
            departments: vec![Department {
                id: DepartmentId::new(1),
                name: "税務課".to_owned(),
                division: None,
                from_year: FiscalYear::new(2020).unwrap(),
                to_year: None,
                successors: Vec::new(),
            }],
        };
        let account = Account {
            user: UserId::new(1),
            municipality: MunicipalityId::new(1),
            login: "aoki".to_owned(),
            name: "青木".to_owned(),
            password: String::new(),
            must_change: false,
            second_factor: None,
            disabled_at: None,
        };
        assert_eq!(
            roles(&account, &people, &organisation, day("2026-04-06").unwrap()),
            [
                "税務課　担当者（令和7年4月1日から）",
                "税務課　課長（中村の代理）（令和8年5月1日から令和8年5月31日まで）"
            ]
        );
    }
}
