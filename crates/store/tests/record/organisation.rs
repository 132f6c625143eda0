//! Departments through reorganisations, people through transfers.

use kaikaku_domain::id::MunicipalityId;
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_domain::workflow::Route;
use kaikaku_domain::{FiscalYear, Report};
use kaikaku_store::{Change, NewAccount, NewEvent, Store, StoreError};

use crate::support::{Place, Town, at, day, form, on_both, report};

on_both!(
    a_split_department_s_people_read_what_it_wrote,
    people_are_transferred_and_have_deputies,
    years_may_be_loaded_in_any_order,
    years_that_are_loaded_at_once_share_their_departments,
    a_sign_in_name_is_taken_however_it_is_typed,
);

async fn a_split_department_s_people_read_what_it_wrote(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let last = FiscalYear::new(2024).unwrap();
    let organisation = store.organisation(town.id).await.unwrap();
    let named = |name: &str, year| organisation.named(name, year).unwrap();
    let mut ended = named("子育て支援課", last).clone();
    ended.to_year = Some(last);
    let new = ["こども家庭課", "保育幼稚園課"].map(|name| named(name, last.next()).id);
    ended.successors = new.to_vec();
    let mut change = store.change(town.id).await.unwrap();
    change.set_department(&ended).await.unwrap();
    change.set_department(&ended).await.unwrap();
    let assignment =
        Assignment { role: Role::Author, department: Some(new[0]), from: None, to: None, deputy_of: None };
    change.assign(town.user("stranger"), &assignment).await.unwrap();
    note(change, "reorganised").await;

    let organisation = store.organisation(town.id).await.unwrap();
    assert_eq!(organisation.department(ended.id), Some(&ended));
    assert_eq!(organisation.named("子育て支援課", last.next()), None);
    let writer = town.actor(&store, "stranger").await;
    let lines = store.lines(&writer, town.before).await.unwrap();
    assert!(lines.iter().any(|line| line.department_name == "子育て支援課" && line.has_draft));
    let division =
        organisation.departments.iter().find(|department| department.name == "健康福祉部").unwrap();
    assert_eq!(organisation.division(division.id).len(), 2);
}

async fn people_are_transferred_and_have_deputies(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let (author, head) = (town.user("author"), town.user("section head"));
    let moved_to = town.line(&store, "m-0001", "期末", "市民課").await.department;
    let mut change = store.change(town.id).await.unwrap();
    let own = town.line(&store, "m-0018", "期末", "保険年金課").await.department;
    let role = |role, department, from: Option<&str>, to: Option<&str>, deputy_of| Assignment {
        role,
        department: Some(department),
        from: from.map(day),
        to: to.map(day),
        deputy_of,
    };
    let before = role(Role::Author, own, None, Some("2026-03-31"), None);
    let moved = role(Role::Author, moved_to, Some("2026-04-01"), None, None);
    let deputy = role(Role::SectionHead, own, Some("2026-04-01"), Some("2026-04-10"), Some(head));
    change.set_assignments(author, &[before.clone(), moved.clone(), deputy.clone()]).await.unwrap();
    note(change, "transferred").await;

    let held = store.assignments(town.id, author).await.unwrap();
    assert_eq!(held, [before, moved, deputy], "in place of what there was");
    for (on, writes_for, heads) in [
        ("2026-03-31", vec![own], vec![]),
        ("2026-04-01", vec![moved_to], vec![own]),
        ("2026-04-10", vec![moved_to], vec![own]),
        ("2026-04-11", vec![moved_to], vec![]),
    ] {
        let actor = town.actor_on(&store, "author", day(on)).await;
        assert_eq!((actor.author_of, actor.section_head_of), (writes_for, heads), "{on}");
    }
    let people = store.people(town.id).await.unwrap();
    assert_eq!(people.len(), 11);
    assert_eq!(people.iter().find(|person| person.user == author).unwrap().assignments, held);
}

/// 2024 after 2025, and a department that 2025 alone knows to be another one's successor.
async fn years_may_be_loaded_in_any_order(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let load = async |document: &Report| store.load(town, document, &form(), (None, at(0))).await.unwrap();
    load(&report("examples/shiomi/2025.json")).await;
    let year = FiscalYear::new(2025).unwrap();
    let organisation = store.organisation(town).await.unwrap();
    let mut predecessor = organisation.named("環境課", year).unwrap().clone();
    predecessor.successors = vec![organisation.named("税務課", year).unwrap().id];
    let mut change = store.change(town).await.unwrap();
    change.set_department(&predecessor).await.unwrap();
    note(change, "reorganised").await;
    load(&report("examples/shiomi/2023.json")).await;
    load(&report("examples/shiomi/2024.json")).await;

    names_are_unique(&store, town).await;
    let organisation = store.organisation(town).await.unwrap();
    let of = |name: &str| -> Vec<(i32, Option<i32>)> {
        let named = organisation.departments.iter().filter(|department| department.name == name);
        named.map(|one| (one.from_year.year(), one.to_year.map(FiscalYear::year))).collect()
    };
    assert_eq!(of("市民課"), [(2023, None)], "known to be older than the first document told");
    assert_eq!(of("税務課"), [(2025, None), (2023, Some(2024))], "not the same as the one before");
}

async fn years_that_are_loaded_at_once_share_their_departments(place: Place) {
    let (store, other) = (place.record().await, place.open().await);
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let documents = ["2023", "2024", "2025"].map(|year| report(&format!("examples/shiomi/{year}.json")));
    let load = async |store: &Store, document: &Report| {
        store.load(town, document, &form(), (None, at(0))).await.unwrap();
    };
    tokio::join!(load(&store, &documents[0]), load(&other, &documents[1]), load(&store, &documents[2]));
    names_are_unique(&store, town).await;
    assert_eq!(store.verify(town).await.unwrap().unwrap().events, 3);
}

async fn names_are_unique(store: &Store, town: MunicipalityId) {
    let organisation = store.organisation(town).await.unwrap();
    for year in [2023, 2024, 2025].map(|year| FiscalYear::new(year).unwrap()) {
        let there = organisation.departments.iter().filter(|department| department.exists_in(year));
        let mut names: Vec<&str> = there.map(|department| department.name.as_str()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "two departments of one name in {year:?}");
    }
}

async fn a_sign_in_name_is_taken_however_it_is_typed(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let mut change = store.change(town).await.unwrap();
    let new = |login| NewAccount { login, name: "担当", password: "$", must_change: true, at: at(0) };
    let user = change.open_account(new("Suido01")).await.unwrap();
    let factor = serde_json::json!({ "secret": "x" });
    change.set_second_factor(user, Some(&factor)).await.unwrap();
    note(change, "account_opened").await;
    let mut change = store.change(town).await.unwrap();
    let again = change.open_account(new("ｓｕｉｄｏ０１ ")).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    drop(change);
    let account = store.account(town, "ＳＵＩＤＯ０１").await.unwrap().unwrap();
    assert_eq!((account.user, account.must_change, account.second_factor), (user, true, Some(factor)));

    let mut change = store.change(town).await.unwrap();
    change.set_password(user, "$2", false).await.unwrap();
    change.set_second_factor(user, None).await.unwrap();
    change.rename(user, "係長").await.unwrap();
    note(change, "account_changed").await;
    let account = store.account_of(town, user).await.unwrap().unwrap();
    assert_eq!(
        (account.password.as_str(), account.must_change, account.name.as_str()),
        ("$2", false, "係長")
    );
    assert_eq!((account.second_factor, account.disabled_at), (None, None));
    assert!(opened_elsewhere(&store).await, "another town has names of its own");
}

async fn opened_elsewhere(store: &Store) -> bool {
    let other = store.found("992029", "汐見市の隣の市", Route::Direct).await.unwrap();
    let mut change = store.change(other).await.unwrap();
    let new = NewAccount { login: "suido01", name: "担当", password: "$", must_change: true, at: at(0) };
    change.open_account(new).await.is_ok()
}

async fn note(mut change: Change, kind: &str) {
    let data = serde_json::Value::Null;
    change.note(NewEvent { at: at(0), user: None, kind, entry: None, data }).await.unwrap();
    change.commit().await.unwrap();
}
