//! The same measure's other entries: what a writer reads beside the page, and what others do not learn from it.

use std::collections::BTreeSet;

use kaikaku_domain::entry::Content;
use kaikaku_domain::person::{Actor, Role};
use kaikaku_domain::workflow::Route;
use kaikaku_store::{Neighbour, Store};

use crate::support::{Place, Town, at, form, on_both, report};

on_both!(
    a_writer_reads_what_the_measure_said_before,
    a_measure_without_an_id_has_its_own_sheet_only,
    another_plan_s_measure_of_the_same_id_is_another_measure,
);

async fn a_writer_reads_what_the_measure_said_before(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let of = async |name: &str| -> Vec<String> {
        let actor = town.actor(&store, name).await;
        let Some(entry) = store.entry(&actor, town.entry(&store).await).await.unwrap() else {
            return Vec::new();
        };
        store
            .neighbours(&actor, &entry)
            .await
            .unwrap()
            .iter()
            .map(|neighbour| words(&town, neighbour))
            .collect()
    };
    let before = ["前年 当初 保険年金課: 有", "前年 中間 保険年金課: 有", "前年 中間 建築住宅課: 有"];
    let before = [&before[..], &["前年 期末 保険年金課: 有", "前年 期末 建築住宅課: 有"]].concat();
    let this = [
        "当年 当初 保険年金課: 有",
        "当年 中間 保険年金課: 有",
        "当年 中間 建築住宅課: 有",
        "当年 期末 建築住宅課: 無",
    ];
    for name in ["author", "supporter", "secretariat", "headquarters"] {
        assert_eq!(of(name).await, [&before[..], &this[..]].concat(), "{name}");
    }
    // This year's department reads what another one wrote last year.
    let writer = town.line(&store, "m-0004", "期末", "保育幼稚園課").await;
    let actor = Actor { author_of: vec![writer.department], ..town.actor(&store, "administrator").await };
    let entry = store.entry(&actor, writer.entry).await.unwrap().unwrap();
    let read = store.neighbours(&actor, &entry).await.unwrap();
    let read: Vec<String> = read.iter().map(|neighbour| words(&town, neighbour)).collect();
    assert!(read.contains(&"前年 期末 子育て支援課: 有".to_owned()), "{read:?}");
    // Whoever reads only what is fixed does not learn what is open.
    let committee = town.actor(&store, "committee").await;
    let goals = town.line(&store, "m-0018", "当初", "保険年金課").await;
    let entry = store.entry(&committee, goals.entry).await.unwrap().unwrap();
    let read = store.neighbours(&committee, &entry).await.unwrap();
    let read: Vec<String> = read.iter().map(|neighbour| words(&town, neighbour)).collect();
    assert_eq!(read, [&before[..], &this[1..3]].concat());
}

fn words(town: &Town, neighbour: &Neighbour) -> String {
    let year = if neighbour.year == town.year { "当年" } else { "前年" };
    let record = neighbour.record.as_ref().map_or("無", |content| match content {
        Content::Start(start) if start.goal.is_some() => "有",
        Content::Report(report) if report.rating.is_some() => "有",
        _ => "空",
    });
    format!("{year} {} {}: {record}", neighbour.period_name, neighbour.department_name)
}

async fn a_measure_without_an_id_has_its_own_sheet_only(place: Place) {
    let store = place.record().await;
    let (actor, _) = two_years(&store, |report, _| {
        for sheet in &mut report.sheets {
            sheet.id = None;
        }
    })
    .await;
    let years = store.years(actor.municipality).await.unwrap();
    for (year, ..) in years {
        let line = store.lines(&actor, year).await.unwrap().remove(0);
        let entry = store.entry(&actor, line.entry).await.unwrap().unwrap();
        let neighbours = store.neighbours(&actor, &entry).await.unwrap();
        assert_eq!(neighbours.len(), 2);
        assert!(neighbours.iter().all(|neighbour| neighbour.year == year));
    }
}

async fn another_plan_s_measure_of_the_same_id_is_another_measure(place: Place) {
    let store = place.record().await;
    let (actor, latest) =
        two_years(&store, |report, place| report.plan.title = format!("第{place}次計画")).await;
    let line = store.lines(&actor, latest).await.unwrap().remove(0);
    let entry = store.entry(&actor, line.entry).await.unwrap().unwrap();
    let years: BTreeSet<_> =
        store.neighbours(&actor, &entry).await.unwrap().iter().map(|neighbour| neighbour.year).collect();
    assert_eq!(years, BTreeSet::from([latest]));
}

/// A town with two years, each changed before it is loaded; its secretariat and the later year.
async fn two_years(
    store: &Store,
    change: impl Fn(&mut kaikaku_domain::Report, usize),
) -> (Actor, kaikaku_domain::id::YearId) {
    let municipality = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let mut latest = None;
    for (place, path) in ["examples/shiomi/2024.json", "examples/shiomi/2025.json"].iter().enumerate() {
        let mut report = report(path);
        change(&mut report, place);
        latest = Some(store.load(municipality, &report, &form(), (None, at(0))).await.unwrap().year);
    }
    let actor = Actor {
        municipality,
        user: kaikaku_domain::id::UserId::new(1),
        name: "事務局".to_owned(),
        author_of: Vec::new(),
        section_head_of: Vec::new(),
        division_head_of: Vec::new(),
        town_roles: vec![Role::Secretariat],
    };
    (actor, latest.unwrap())
}
