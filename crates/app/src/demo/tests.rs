//! The demo as its visitors find it.

use std::collections::BTreeMap;

use kaikaku_domain::id::UserId;
use kaikaku_domain::period::Window;
use kaikaku_domain::person::Actor;
use kaikaku_store::Line;
use tempfile::TempDir;

use super::*;

/// A filled record with the town in it.
async fn filled() -> (TempDir, Store, kaikaku_store::Municipality) {
    let folder = TempDir::new().unwrap();
    let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
    store.migrate().await.unwrap();
    fill(&store, &forms::all(&[]).unwrap()).await.unwrap();
    let town = store.municipalities().await.unwrap().remove(0);
    (folder, store, town)
}

async fn actor(store: &Store, town: &kaikaku_store::Municipality, login: &str) -> Actor {
    let user: UserId = store.account(town.id, login).await.unwrap().unwrap().user;
    let assignments = store.assignments(town.id, user).await.unwrap();
    let organisation = store.organisation(town.id).await.unwrap();
    Actor::new(town.id, user, login.to_owned(), &assignments, &organisation, beginning().day())
}

/// The lines of a fiscal year's period, as the person sees them.
async fn lines(store: &Store, actor: &Actor, year: i32, period: &str) -> Vec<(Line, Window)> {
    let years = store.years(actor.municipality).await.unwrap();
    let id = years.iter().find(|(_, own, _)| own.year() == year).unwrap().0;
    let found = store.year(actor.municipality, id).await.unwrap().unwrap();
    let lines = store.lines(actor, id).await.unwrap().into_iter().filter_map(|line| {
        let own = found.period(line.period).unwrap();
        (own.name == period).then(|| (line, own.dates.window(beginning().day())))
    });
    lines.collect()
}

#[tokio::test]
async fn the_year_end_is_in_full_swing() {
    let (_folder, store, town) = filled().await;
    let secretary = actor(&store, &town, "kobayashi").await;
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let year_end = lines(&store, &secretary, 2025, "期末").await;
    for (line, window) in &year_end {
        *states.entry(line.state.word()).or_default() += 1;
        assert_eq!(*window, Window::Open { days_left: 4 });
    }
    assert_eq!(year_end.len(), 27);
    let expect = [("下書き", 9), ("受付", 6), ("差戻し", 1), ("提出", 3), ("確定", 4), ("課長確認", 4)];
    assert_eq!(states, BTreeMap::from(expect));
}

#[tokio::test]
async fn some_departments_are_late_with_their_goals() {
    let (_folder, store, town) = filled().await;
    let secretary = actor(&store, &town, "kobayashi").await;
    let starts = lines(&store, &secretary, 2026, "当初").await;
    let mut late: Vec<&str> = Vec::new();
    for (line, window) in &starts {
        assert_eq!(*window, Window::Late { days: 3 });
        if line.state.word() == "下書き" && !late.contains(&line.department_name.as_str()) {
            late.push(&line.department_name);
        }
    }
    assert_eq!(late, ["デジタル推進課", "商工観光課", "土木管理課", "上下水道課"]);
}

#[tokio::test]
async fn the_clerk_finds_a_returned_sheet_a_conflict_a_draft_and_two_that_are_late() {
    let (_folder, store, town) = filled().await;
    let clerk = actor(&store, &town, "aoki").await;
    let mut found = Vec::new();
    for (year, period) in [(2025, "期末"), (2026, "当初")] {
        for (line, _) in lines(&store, &clerk, year, period).await {
            if line.relations.has(kaikaku_domain::workflow::Relation::Author) {
                found.push((line.title.clone(), line.state.word()));
            }
        }
    }
    let found: Vec<(&str, &str)> = found.iter().map(|(title, state)| (title.as_str(), *state)).collect();
    let expect = [
        ("電子申請の対象拡大", "下書き"),
        ("RPA・AI-OCRの活用", "下書き"),
        ("基幹業務システムの標準化", "差戻し"),
        ("電子申請の対象拡大", "下書き"),
        ("RPA・AI-OCRの活用", "提出"),
        ("基幹業務システムの標準化", "下書き"),
    ];
    assert_eq!(found, expect);
    let conflicts = store.waiting_conflicts(&clerk).await.unwrap();
    assert_eq!(conflicts.len(), 1);
    let entry = store.entry(&clerk, conflicts[0].1).await.unwrap().unwrap();
    let conflict = store.conflict(&clerk, &entry, conflicts[0].0).await.unwrap().unwrap();
    assert!(conflict.base.is_some_and(|base| base.content != conflict.mine.content));
    assert_ne!(entry.draft.unwrap().content, conflict.mine.content);
}

#[tokio::test]
async fn the_returned_sheet_has_a_reason_and_comments_at_two_fields() {
    let (_folder, store, town) = filled().await;
    let clerk = actor(&store, &town, "aoki").await;
    let lines = lines(&store, &clerk, 2025, "期末").await;
    let returned = lines.iter().find(|(line, _)| line.state.word() == "差戻し").unwrap().0.entry;
    let entry = store.entry(&clerk, returned).await.unwrap().unwrap();
    assert!(entry.state.reason().unwrap().text.contains("市の側の対応"));
    let comments = store.comments(&entry).await.unwrap();
    let fields: Vec<Option<&str>> = comments.iter().map(|comment| comment.field.as_deref()).collect();
    assert_eq!(fields, [None, Some("cause"), Some("policy")]);
}

#[tokio::test]
async fn the_record_of_the_demo_holds() {
    let (_folder, store, town) = filled().await;
    let verified = store.verify(town.id).await.unwrap().unwrap();
    assert!(verified.events > 150, "{verified:?}");
}
