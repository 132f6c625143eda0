//! The April transfers: what a CSV file changes, shown first, then written in one change.
//!
//! A file names whoever gets a role, with every role that is held from that day on. What the person held until then ends
//! the day before; a role as somebody's deputy is only added. People who are not in the file keep what they have.

use std::collections::{BTreeMap, HashMap};

use kaikaku_domain::fiscal_year::{Digits, YearStyle};
use kaikaku_domain::id::{DepartmentId, MunicipalityId, UserId};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_domain::roster::AssignmentRow;
use kaikaku_domain::text::reads_same;
use kaikaku_domain::{Date, Finding, Moment};
use kaikaku_store::{Person, Store};
use serde_json::json;

use super::{Initial, PeopleError, event, finding, fiscal_year, new_password, open_bare, opened, roles_told};
use crate::auth::random::Random;

/// A role that is held; whose deputy one is stands there by sign-in name, for that account may have to be opened first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) role: Role,
    pub(crate) department: Option<DepartmentId>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) deputy_of: Option<String>,
}

/// What a file changes for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// The account; none when it is to be opened.
    pub(crate) user: Option<UserId>,
    pub(crate) login: String,
    pub(crate) name: String,
    /// The name that the record has, where it is another.
    pub(crate) name_before: Option<String>,
    before: Vec<Held>,
    after: Vec<Held>,
}

/// What a file changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Whoever something changes for, in the file's order.
    pub(crate) transfers: Vec<Transfer>,
    /// How many people in the file have what it says already.
    pub(crate) unchanged: usize,
}

impl Transfer {
    /// The roles that the person will have and has not now.
    pub(crate) fn added(&self) -> impl Iterator<Item = &Held> {
        self.after.iter().filter(|held| !self.before.contains(held) && !self.is_shortened(held))
    }

    /// The roles that will end earlier than they do now, as they will be; those that will never have begun, as they are.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &Held> {
        let shortened = self.after.iter().filter(|held| self.is_shortened(held));
        let dropped = self.before.iter().filter(|held| !self.after.iter().any(|own| own.is_same(held)));
        shortened.chain(dropped)
    }

    fn is_shortened(&self, held: &Held) -> bool {
        let ends_earlier = |before: &Held| match (held.to, before.to) {
            (Some(to), Some(before)) => to < before,
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.before.iter().any(|before| before.is_same(held) && ends_earlier(before))
    }
}

impl Held {
    /// Whether it is the same role from the same day on, whenever it ends.
    fn is_same(&self, other: &Self) -> bool {
        (self.role, self.department, self.from) == (other.role, other.department, other.from)
            && self.deputy_of == other.deputy_of
    }

    /// What is left of it when another begins on a day.
    fn until(&self, begins: Date) -> Option<Self> {
        if self.to.is_some_and(|to| to < begins) {
            return Some(self.clone());
        }
        let has_begun = self.from.is_none_or(|from| from < begins);
        has_begun.then(|| Self { to: Some(begins.plus_days(-1)), ..self.clone() })
    }
}

/// What the rows of a file would change in the record as it is now.
pub(crate) async fn plan(
    store: &Store,
    town: MunicipalityId,
    rows: &[AssignmentRow],
) -> Result<Plan, PeopleError> {
    let (people, organisation) = (store.people(town).await?, store.organisation(town).await?);
    plan_of(rows, &people, &organisation).map_err(PeopleError::Findings)
}

/// Writes what [`plan`] has shown, with one event for each person; the new people's passwords, to be handed over once.
pub(crate) async fn apply(
    store: &Store,
    town: MunicipalityId,
    rows: &[AssignmentRow],
    plan: &Plan,
    random: &mut Random,
    at: Moment,
) -> Result<Vec<Initial>, PeopleError> {
    let mut passwords = HashMap::new();
    for new in plan.transfers.iter().filter(|transfer| transfer.user.is_none()) {
        let password = new_password(new.login.clone(), new.name.clone(), random)?;
        passwords.insert(new.login.as_str(), password);
    }
    let mut change = store.change(town).await?;
    // Nobody else writes from here on: is it still what was shown?
    if self::plan(store, town, rows).await? != *plan {
        return Err(PeopleError::Changed);
    }
    let people = store.people(town).await?;
    let mut users: HashMap<&str, UserId> =
        people.iter().map(|person| (person.login.as_str(), person.user)).collect();
    for new in &plan.transfers {
        if let Some((initial, hash)) = passwords.get(new.login.as_str()) {
            users.insert(&new.login, open_bare(&mut change, initial, hash, at).await?);
        }
    }
    for transfer in &plan.transfers {
        let user = *users.get(transfer.login.as_str()).ok_or(PeopleError::Changed)?;
        let roles = transfer.after.iter().map(|held| held.with(&users)).collect::<Option<Vec<_>>>();
        let roles = roles.ok_or(PeopleError::Changed)?;
        change.set_assignments(user, &roles).await?;
        if transfer.name_before.is_some() {
            change.rename(user, &transfer.name).await?;
        }
        let (kind, data) = match passwords.get(transfer.login.as_str()) {
            Some((initial, _)) => ("account_opened", opened(user, initial, &roles)),
            None => {
                let told = json!({ "account": user, "name": transfer.name, "roles": roles_told(&roles) });
                ("assigned", told)
            }
        };
        change.note(event(kind, None, data, at)).await?;
    }
    if !plan.transfers.is_empty() {
        change.commit().await?;
    }
    let opened = plan.transfers.iter().filter_map(|transfer| passwords.remove(transfer.login.as_str()));
    Ok(opened.map(|(initial, _)| initial).collect())
}

impl Held {
    /// As the record keeps it; `None` when the deputised person has no account.
    fn with(&self, users: &HashMap<&str, UserId>) -> Option<Assignment> {
        let deputy_of = match &self.deputy_of {
            Some(login) => Some(*users.get(login.as_str())?),
            None => None,
        };
        let Self { role, department, from, to, .. } = *self;
        Some(Assignment { role, department, from, to, deputy_of })
    }
}

fn plan_of(
    rows: &[AssignmentRow],
    people: &[Person],
    organisation: &Organisation,
) -> Result<Plan, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut order: Vec<&AssignmentRow> = Vec::new();
    let mut held: BTreeMap<&str, Vec<Held>> = BTreeMap::new();
    for row in rows {
        match check(row, rows, people, organisation) {
            Err(found) => findings.extend(found),
            Ok(own) => {
                let all = held.entry(&row.login).or_default();
                if all.is_empty() {
                    order.push(row);
                }
                all.push(own);
            }
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut plan = Plan::default();
    for first in order {
        let rows = held.remove(first.login.as_str()).unwrap_or_default();
        match transfer(first, &rows, people) {
            Some(transfer) => plan.transfers.push(transfer),
            None => plan.unchanged += 1,
        }
    }
    Ok(plan)
}

/// A row's role, where everything that it names is in the record or in the file.
fn check(
    row: &AssignmentRow,
    rows: &[AssignmentRow],
    people: &[Person],
    organisation: &Organisation,
) -> Result<Held, Vec<Finding>> {
    let mut findings = Vec::new();
    let person = |login: &str| people.iter().find(|person| person.login == login);
    let department = row.department.as_deref().and_then(|name| {
        let year = fiscal_year(row.from)?;
        let department = organisation.named(name, year);
        if department.is_none() {
            let printed = year.print(YearStyle::Era, Digits::Half);
            let message = format!(
                "部署「{name}」は{printed}の部署にありません。名前か開始日を直すか、先に kaikaku department import で部署を登録してください。"
            );
            findings.push(finding(row.line, "部署", "roster.unknown", message));
        }
        department.map(|department| department.id)
    });
    if person(&row.login).is_some_and(|person| person.disabled_at.is_some()) {
        let message = format!(
            "「{0}」は利用を止めてあります。再び使うときは、先に kaikaku user enable {0} を実行してください。",
            row.login
        );
        findings.push(finding(row.line, "ログイン名", "roster.disabled", message));
    }
    if let Some(deputised) = &row.deputy_of
        && person(deputised).is_none()
        && !rows.iter().any(|row| row.login == *deputised)
    {
        let message = format!(
            "代理される「{deputised}」は、登録にもこのファイルにもありません。ログイン名を直すか、その人の行を加えてください。"
        );
        findings.push(finding(row.line, "代理", "roster.unknown", message));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let (role, from, to) = (row.role, Some(row.from), row.to);
    Ok(Held { role, department, from, to, deputy_of: row.deputy_of.clone() })
}

/// What changes for a person whom the file names in these rows; none when nothing does.
fn transfer(first: &AssignmentRow, rows: &[Held], people: &[Person]) -> Option<Transfer> {
    let person = people.iter().find(|person| person.login == first.login);
    let before = person.map(|person| held(person, people)).unwrap_or_default();
    let name_before = person.map(|person| person.name.clone()).filter(|name| !reads_same(name, &first.name));
    let after = after(&before, rows);
    let is_unchanged = person.is_some() && name_before.is_none() && after == before;
    (!is_unchanged).then(|| Transfer {
        user: person.map(|person| person.user),
        login: first.login.clone(),
        name: first.name.clone(),
        name_before,
        before,
        after,
    })
}

/// What a person holds when these rows have come to what was held before.
fn after(before: &[Held], rows: &[Held]) -> Vec<Held> {
    let begun = |row: &&Held| !before.iter().any(|held| held.is_same(row));
    // A role that was held before and only ends on another day moves nobody.
    let begins =
        rows.iter().filter(begun).filter(|row| row.deputy_of.is_none()).filter_map(|row| row.from).min();
    let left = before.iter().filter_map(|held| match (rows.iter().find(|row| row.is_same(held)), begins) {
        (Some(row), _) => Some(row.clone()),
        (None, Some(begins)) => held.until(begins),
        (None, None) => Some(held.clone()),
    });
    left.chain(rows.iter().filter(begun).cloned()).collect()
}

fn held(person: &Person, people: &[Person]) -> Vec<Held> {
    let login = |user: UserId| people.iter().find(|person| person.user == user);
    let held = |own: &Assignment| Held {
        role: own.role,
        department: own.department,
        from: own.from,
        to: own.to,
        deputy_of: own.deputy_of.and_then(login).map(|person| person.login.clone()),
    };
    person.assignments.iter().map(held).collect()
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::FiscalYear;
    use kaikaku_domain::organisation::Department;
    use kaikaku_domain::roster::read_people;

    use super::*;

    const TAX: i64 = 2;
    const REVENUE: i64 = 3;

    fn day(text: &str) -> Date {
        Date::read(text).unwrap()
    }

    fn organisation() -> Organisation {
        let department = |(id, name): (i64, &str)| Department {
            id: DepartmentId::new(id),
            name: name.to_owned(),
            division: None,
            from_year: FiscalYear::new(2020).unwrap(),
            to_year: None,
            successors: Vec::new(),
        };
        Organisation { departments: [(TAX, "税務課"), (REVENUE, "収納課")].map(department).to_vec() }
    }

    fn assignment(role: Role, department: Option<i64>, from: Option<&str>) -> Assignment {
        let department = department.map(DepartmentId::new);
        Assignment { role, department, from: from.map(day), to: None, deputy_of: None }
    }

    fn person(id: i64, login: &str, assignments: Vec<Assignment>) -> Person {
        let (user, name) = (UserId::new(id), format!("{login}さん"));
        Person { user, login: login.to_owned(), name, disabled_at: None, assignments }
    }

    fn people() -> Vec<Person> {
        vec![
            person(1, "sato", vec![assignment(Role::SectionHead, Some(REVENUE), Some("2024-04-01"))]),
            person(
                2,
                "tanaka",
                vec![
                    assignment(Role::Author, Some(TAX), Some("2024-04-01")),
                    assignment(Role::Viewer, None, None),
                ],
            ),
        ]
    }

    fn plan(body: &str) -> Result<Plan, Vec<Finding>> {
        let reading = read_people(&format!("ログイン名,氏名,部署,役割,開始日,終了日,代理\n{body}"));
        assert_eq!(reading.findings, []);
        plan_of(&reading.rows, &people(), &organisation())
    }

    /// Everything that the person holds afterwards, as `role department from..to`.
    fn holds(transfer: &Transfer) -> Vec<String> {
        let show = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let one = |held: &Held| {
            let department = held.department.map_or(0, DepartmentId::number);
            format!("{} {department} {}..{}", held.role.label(), show(held.from), show(held.to))
        };
        transfer.after.iter().map(one).collect()
    }

    #[test]
    fn a_transfer_ends_what_was_held_the_day_before_the_new_begins() {
        let plan = plan("tanaka,tanakaさん,収納課,課長,2026-04-01,,\n").unwrap();
        let [transfer] = &plan.transfers[..] else { panic!("{plan:?}") };
        assert_eq!(
            holds(transfer),
            ["担当者 2 2024-04-01..2026-03-31", "閲覧 0 ..2026-03-31", "課長 3 2026-04-01.."]
        );
        assert_eq!((transfer.added().count(), transfer.ended().count()), (1, 2));
    }

    #[test]
    fn the_same_file_a_second_time_changes_nothing() {
        let file = "tanaka,tanakaさん,収納課,課長,2026-04-01,,\n";
        let transfer = plan(file).unwrap().transfers.remove(0);
        assert_eq!(after(&transfer.after, &transfer.after[2..]), transfer.after);
        let unchanged = plan("sato,sato さん,収納課,課長,2024-04-01,,\n").unwrap();
        assert_eq!((unchanged.transfers.len(), unchanged.unchanged), (0, 1));
    }

    #[test]
    fn what_is_held_on_goes_on_where_the_file_says_so() {
        let plan = plan(
            "tanaka,tanakaさん,税務課,担当者,2024-04-01,,\ntanaka,tanakaさん,収納課,担当者,2026-04-01,,\n",
        );
        assert_eq!(
            holds(&plan.unwrap().transfers[0]),
            ["担当者 2 2024-04-01..", "閲覧 0 ..2026-03-31", "担当者 3 2026-04-01.."]
        );
    }

    #[test]
    fn a_role_is_ended_by_its_last_day_and_nothing_else_is_touched() {
        let plan = plan("tanaka,tanakaさん,税務課,担当者,2024-04-01,2026-03-31,\n").unwrap();
        let transfer = &plan.transfers[0];
        assert_eq!(holds(transfer), ["担当者 2 2024-04-01..2026-03-31", "閲覧 0 .."]);
        assert_eq!((transfer.added().count(), transfer.ended().count()), (0, 1));
    }

    #[test]
    fn a_deputy_keeps_the_own_role() {
        let plan = plan("tanaka,tanakaさん,収納課,課長,2026-07-01,2026-07-31,sato\n").unwrap();
        assert_eq!(
            holds(&plan.transfers[0]),
            ["担当者 2 2024-04-01..", "閲覧 0 ..", "課長 3 2026-07-01..2026-07-31"]
        );
    }

    #[test]
    fn a_transfer_that_was_planned_and_put_off_has_never_begun() {
        let planned = Held {
            role: Role::SectionHead,
            department: Some(DepartmentId::new(REVENUE)),
            from: Some(day("2026-05-01")),
            to: None,
            deputy_of: None,
        };
        let sooner = Held { from: Some(day("2026-04-01")), ..planned.clone() };
        assert_eq!(after(std::slice::from_ref(&planned), std::slice::from_ref(&sooner)), [sooner]);
    }

    #[test]
    fn whoever_is_new_gets_an_account_and_whoever_has_another_name_is_renamed() {
        let plan = plan(
            "suzuki,鈴木 一郎,税務課,担当者,2026-04-01,,sato\nsato,佐藤（旧姓 高橋）,収納課,課長,2024-04-01,,\n",
        )
        .unwrap();
        assert_eq!(plan.transfers[0].user, None);
        assert_eq!(plan.transfers[1].name_before.as_deref(), Some("satoさん"));
        assert_eq!(plan.transfers[1].before, plan.transfers[1].after);
    }

    #[test]
    fn what_the_record_does_not_know_is_told_with_its_line_and_nothing_is_planned() {
        let wrong = plan(
            "tanaka,tanakaさん,財政課,担当者,2026-04-01,,\n\
             sato,satoさん,税務課,課長,2026-04-01,,\n\
             suzuki,鈴木 一郎,税務課,担当者,2019-04-01,,nobody\n",
        );
        let places: Vec<String> = wrong.unwrap_err().into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["2行目「部署」", "4行目「部署」", "4行目「代理」"]);
    }

    #[tokio::test]
    async fn a_file_is_written_with_one_event_for_each_person_and_a_second_time_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        store.migrate().await.unwrap();
        let (at, mut random) = (Moment::EPOCH, Random::seeded(1));
        let town = store.found("992011", "汐見市", kaikaku_domain::workflow::Route::Direct).await.unwrap();
        let of = super::super::open_account;
        of(&store, town, ("tanaka", "田中"), &[assignment(Role::Viewer, None, None)], &mut random, at)
            .await
            .ok()
            .unwrap();
        let before = store.head(town).await.unwrap();
        let rows = read_people(
            "ログイン名,氏名,部署,役割,開始日,終了日,代理\ntanaka,田中,,事務局,2026-04-01,,\n\
             sato,佐藤,,事務局,2026-04-01,2026-04-30,tanaka\nsato,佐藤,,本部員,2026-04-01,,\n",
        )
        .rows;
        let plan = super::plan(&store, town, &rows).await.unwrap();
        let new = apply(&store, town, &rows, &plan, &mut random, at).await.ok().unwrap();
        assert_eq!(new.iter().map(|new| new.login.as_str()).collect::<Vec<_>>(), ["sato"]);
        assert_eq!(store.head(town).await.unwrap(), before + 2);
        let stale = apply(&store, town, &rows, &plan, &mut random, at).await.err();
        assert!(matches!(stale, Some(PeopleError::Changed)), "{stale:?}");
        let plan = super::plan(&store, town, &rows).await.unwrap();
        assert_eq!((plan.transfers.len(), plan.unchanged), (0, 2));
        let people = store.people(town).await.unwrap();
        let tanaka = people.iter().find(|person| person.login == "tanaka").unwrap();
        assert_eq!(tanaka.assignments[0].to, Some(day("2026-03-31")));
        let sato = people.iter().find(|person| person.login == "sato").unwrap();
        assert_eq!(sato.assignments[0].deputy_of, Some(tanaka.user));
        assert!(store.verify(town).await.unwrap().is_ok());
    }

    #[test]
    fn a_closed_account_is_not_opened_by_a_file() {
        let mut people = people();
        people[0].disabled_at = Some(Moment::EPOCH);
        let row = read_people(
            "ログイン名,氏名,部署,役割,開始日,終了日,代理\nsato,satoさん,税務課,課長,2026-04-01,,\n",
        );
        let findings = plan_of(&row.rows, &people, &organisation()).unwrap_err();
        assert!(findings[0].message.contains("kaikaku user enable sato"), "{findings:?}");
    }
}
