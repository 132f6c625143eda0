//! What a page costs: as many queries for 350 sheets as for 35.

use super::town::Town;

/// The queries of each page, for a person who sees every sheet and for one who writes them.
async fn queries(sheets: usize) -> Vec<(String, u64)> {
    let town = Town::new(sheets).await;
    let entries = town.entries().await;
    town.bring(entries[0], "received").await;
    town.write(entries[1], "書きかけの文章。").await;
    let mut costs = Vec::new();
    for (person, path) in [
        ("author", "/".to_owned()),
        ("author", "/sheets".to_owned()),
        ("author", format!("/entries/{}", entries[1])),
        ("author", format!("/entries/{}/submission", entries[1])),
        ("author", format!("/entries/{}/preview/1", entries[1])),
        ("author", format!("/entries/{}/history", entries[1])),
        ("section_head", "/review".to_owned()),
        ("secretariat", "/".to_owned()),
        ("secretariat", "/sheets".to_owned()),
        ("secretariat", "/review".to_owned()),
        ("secretariat", format!("/entries/{}", entries[0])),
        ("secretariat", format!("/entries/{}/history", entries[0])),
        ("viewer", "/sheets".to_owned()),
        ("administrator", "/".to_owned()),
        ("administrator", "/account".to_owned()),
    ] {
        let before = town.app.store.queries();
        let reply = town.get(person, &path).await;
        assert_eq!(reply.status, 200, "{person} {path}");
        costs.push((format!("{person} {path}"), town.app.store.queries() - before));
    }
    costs
}

#[tokio::test]
async fn no_page_asks_a_query_for_each_row() {
    let (few, many) = (queries(35).await, queries(350).await);
    for ((page, few), (_, many)) in few.iter().zip(&many) {
        assert_eq!(few, many, "{page}");
        assert!(*few > 0 && *few <= 24, "{page}: {few} queries");
    }
}

#[tokio::test]
async fn a_list_that_nothing_has_changed_is_answered_with_one_query() {
    let town = Town::new(40).await;
    for path in ["/", "/sheets"] {
        let first = town.get("secretariat", path).await;
        let before = town.app.store.queries();
        let second = town.get("secretariat", path).await;
        assert_eq!(town.app.store.queries() - before, 1, "{path}");
        assert_eq!(first.text, second.text);
        let entry = town.entries().await[if path == "/" { 0 } else { 1 }];
        town.bring(entry, "division_confirmed").await;
        let third = town.get("secretariat", path).await;
        assert_ne!(second.text, third.text, "{path}");
    }
}
