//! What a page costs: as many queries for ten times the sheets, and nothing for the other towns on the same server.

use kaikaku_domain::Report;
use kaikaku_domain::person::{Actor, Role};
use kaikaku_domain::workflow::Route;
use kaikaku_store::Store;

use crate::support::{Place, at, form, on_both, report};

on_both!(ten_times_the_sheets_cost_as_many_queries, other_towns_cost_nothing);

async fn ten_times_the_sheets_cost_as_many_queries(place: Place) {
    let store = place.record().await;
    let mut costs = Vec::new();
    for (code, sheets) in [("992011", 35), ("992029", 350)] {
        let (actor, year) = town_of(&store, code, sheets).await;
        let mut cost = Vec::new();
        let mut asked = store.queries();
        let mut count = |store: &Store| {
            cost.push(store.queries() - asked);
            asked = store.queries();
        };
        let lines = store.lines(&actor, year).await.unwrap();
        count(&store);
        assert!(lines.len() > 3 * sheets, "three periods a sheet and more");
        let entry = store.entry(&actor, lines[7].entry).await.unwrap().unwrap();
        count(&store);
        assert!(!store.neighbours(&actor, &entry).await.unwrap().is_empty());
        count(&store);
        assert!(!store.history(&entry).await.unwrap().is_empty());
        store.comments(&entry).await.unwrap();
        store.events_of(&actor, &entry).await.unwrap();
        store.waiting_conflicts(&actor).await.unwrap();
        store.resubmitted(&actor, &lines.iter().collect::<Vec<_>>()).await.unwrap();
        count(&store);
        store.dump(actor.municipality, year, &form()).await.unwrap();
        store.organisation(actor.municipality).await.unwrap();
        store.people(actor.municipality).await.unwrap();
        store.assignments(actor.municipality, actor.user).await.unwrap();
        count(&store);
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[0], [2, 3, 2, 4 + 1, 5 + 2 + 2 + 1]);
}

/// 200 other towns with ten years each and as many entries: none of their rows is read.
async fn other_towns_cost_nothing(place: Place) {
    let store = place.record().await;
    let (actor, year) = town_of(&store, "992011", 35).await;
    place.run(OTHER_TOWNS).await;
    store.close().await;
    let before = gone_through(&place).await;
    let store = place.open().await;
    let lines = store.lines(&actor, year).await.unwrap();
    assert!(!lines.is_empty());
    let entry = store.entry(&actor, lines[7].entry).await.unwrap().unwrap();
    assert!(!store.neighbours(&actor, &entry).await.unwrap().is_empty());
    store.history(&entry).await.unwrap();
    store.events_of(&actor, &entry).await.unwrap();
    store.waiting_conflicts(&actor).await.unwrap();
    store.dump(actor.municipality, year, &form()).await.unwrap();
    let mut change = store.change(actor.municipality).await.unwrap();
    assert!(change.standing(lines[7].entry).await.unwrap().is_some());
    drop(change);
    store.close().await;
    assert_eq!(gone_through(&place).await, before);
}

/// How many rows of the tables that grow with the towns were read without an index. A file does not count them: its
/// plans are looked at in `src/line.rs` and `src/neighbour.rs`.
async fn gone_through(place: &Place) -> Vec<String> {
    let Place::Server(_) = place else { return Vec::new() };
    place
        .ask(
            "select relname || ' ' || seq_tup_read from pg_stat_user_tables
             where relname in ('entry', 'sheet', 'sheet_department', 'revision', 'event', 'plan_year', 'period')
             order by relname",
        )
        .await
}

const OTHER_TOWNS: &str = "
    insert into municipality (code, name, route)
        with recursive n (n) as (select 1 union all select n + 1 from n where n < 200)
        select 'x' || n, 'x' || n, 'direct' from n;
    insert into plan_year (municipality_id, title, fiscal_year, form, frame)
        with recursive n (n) as (select 2016 union all select n + 1 from n where n < 2025)
        select id, '別の計画', n, case when n = 2025 then 'x' else 'y' end, '{}' from municipality cross join n
        where code like 'x%';
    insert into department (municipality_id, position, name, from_year)
        select id, 1, '課', 2025 from municipality where code like 'x%';
    insert into period (municipality_id, year_id, position, name, kind, opens, deadline)
        select municipality_id, id, 1, '期末', 'report', '2026-03-01', '2026-04-10' from plan_year
        where title = '別の計画';
    insert into sheet (municipality_id, year_id, position, measure, reference, title, branch, frame)
        with recursive n (n) as (select 1 union all select n + 1 from n where n < 105)
        select y.municipality_id, y.id, n, 'm-' || n, '1', '取組', '', '{}' from plan_year y cross join n where y.form = 'x';
    insert into sheet_department (year_id, sheet_id, relation, position, department_id)
        select s.year_id, s.id, 'lead', 0, d.id from sheet s join department d on d.municipality_id = s.municipality_id
        where s.title = '取組';
    insert into entry (municipality_id, year_id, sheet_id, period_id, department_id, position, written, state, state_data)
        select s.municipality_id, s.year_id, s.id, p.id, d.id, 0, '課', 'draft', '{\"state\":\"draft\"}'
        from sheet s join period p on p.year_id = s.year_id join department d on d.municipality_id = s.municipality_id
        where s.title = '取組';
    insert into revision (municipality_id, entry_id, number, content, sha256, at)
        select municipality_id, id, 1, '{}', '', '2026-03-25T00:00:00.000Z' from entry where written = '課';
    insert into event (municipality_id, seq, at, kind, entry_id, data, hash)
        select municipality_id, row_number() over (partition by municipality_id order by id),
               '2026-03-25T00:00:00.000Z', 'saved', id, '{}', '' from entry where written = '課';
    analyze;";

/// A town with so many sheets, and its secretariat.
async fn town_of(store: &Store, code: &str, sheets: usize) -> (Actor, kaikaku_domain::id::YearId) {
    let town = store.found(code, code, Route::Direct).await.unwrap();
    let document = repeated(report("examples/shiomi/2025.json"), sheets);
    let year = store.load(town, &document, &form(), (None, at(0))).await.unwrap().year;
    let actor = Actor {
        municipality: town,
        user: kaikaku_domain::id::UserId::new(1),
        name: "事務局".to_owned(),
        author_of: Vec::new(),
        section_head_of: Vec::new(),
        division_head_of: Vec::new(),
        town_roles: vec![Role::Secretariat],
    };
    (actor, year)
}

/// A document of so many sheets, each with an id of its own.
fn repeated(mut document: Report, sheets: usize) -> Report {
    let own = std::mem::take(&mut document.sheets);
    document.sheets = own.into_iter().cycle().take(sheets).collect();
    for (number, sheet) in document.sheets.iter_mut().enumerate() {
        sheet.id = Some(format!("m-{number}"));
    }
    document
}
