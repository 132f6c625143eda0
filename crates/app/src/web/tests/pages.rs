//! Entries as their people see them, over HTTP without a socket.

use kaikaku_domain::entry::Content;

use super::town::Town;

#[tokio::test]
async fn a_department_writes_and_submits_and_the_secretariat_receives() {
    let town = Town::new(2).await;
    let entry = town.entries().await[0];
    let page = town.get("author", &format!("/entries/{entry}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("下書き保存") && page.text.contains("まだ保存していません"));
    let fields =
        [("seen", "0"), ("rating", "B"), ("narrative", "窓口を二つ増やした。"), ("next", "submission")];
    let saved = town.post("author", &format!("/entries/{entry}/draft"), &fields).await;
    assert_eq!(
        (saved.status, saved.location),
        (303, format!("/entries/{entry}/submission")),
        "{}",
        saved.text
    );
    let check = town.get("author", &format!("/entries/{entry}/submission")).await;
    assert!(check.text.contains("窓口を二つ増やした。"), "{}", check.text);
    let seen = |text: &str| {
        let (_, rest) = text.split_once("name=\"seen\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let submitted =
        town.post("author", &format!("/entries/{entry}/submission"), &[("seen", &seen(&check.text))]).await;
    assert_eq!(submitted.status, 303, "{}", submitted.text);
    for (name, address) in [
        ("section_head", "confirmation"),
        ("division_head", "confirmation"),
        ("secretariat", "receipt"),
        ("secretariat", "fixing"),
    ] {
        let page = town.get(name, &format!("/entries/{entry}")).await;
        assert!(page.text.contains("窓口を二つ増やした。"), "{name}");
        let moved =
            town.post(name, &format!("/entries/{entry}/{address}"), &[("seen", &seen(&page.text))]).await;
        assert_eq!(moved.status, 303, "{name} {}", moved.text);
    }
    assert_eq!(town.state(entry).await.code(), "fixed");
    assert!(town.app.store.verify(town.id).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_stale_save_keeps_both_texts() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.write(entry, "先に保存した文章。").await;
    let path = format!("/entries/{entry}/draft");
    let saved = town
        .post("section_head", &path, &[("seen", "0"), ("rating", "A"), ("narrative", "後から保存した文章。")])
        .await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert!(saved.location.starts_with(&format!("/entries/{entry}/conflicts/")), "{}", saved.location);
    let page = town.get("author", &format!("/entries/{entry}")).await;
    assert!(page.text.contains("先に保存した文章。"));
    let page = town.get("section_head", &saved.location).await;
    assert!(
        page.text.contains("先に保存した文章。") && page.text.contains("後から保存した文章。"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_told_at_its_field_and_what_was_typed_is_shown() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    let path = format!("/entries/{entry}/draft");
    let long = "長".repeat(200_000);
    for (narrative, words) in [("前\u{0}後", "制御文字"), (long.as_str(), "長すぎます")] {
        let saved =
            town.post("author", &path, &[("seen", "0"), ("rating", "B"), ("narrative", narrative)]).await;
        assert_eq!(saved.status, 422);
        assert!(saved.text.contains("<title>エラー：") && saved.text.contains(words));
        assert!(saved.text.contains("value=\"B\" checked"));
    }
    let flood = format!("csrf={}&{}", town.csrf("author"), "a=1&".repeat(10_000));
    let saved = town.ask("author", axum::http::Method::POST, &path, flood, false).await;
    assert_eq!(saved.status, 422);
    let huge = format!("csrf={}&narrative={}", town.csrf("author"), "a".repeat(10_000_000));
    let saved = town.ask("author", axum::http::Method::POST, &path, huge, false).await;
    assert_eq!(saved.status, 413);
    let surrogate = format!("csrf={}&seen=0&narrative=%ED%A0%80", town.csrf("author"));
    let saved = town.ask("author", axum::http::Method::POST, &path, surrogate, true).await;
    assert_eq!(saved.status, 422);
    assert!(saved.text.contains("\"field\":\"narrative\""), "{}", saved.text);
    assert_eq!(town.found("author", entry).await.entry.version, 0);
}

#[tokio::test]
async fn a_second_click_on_submit_changes_nothing_and_is_content() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.write(entry, "窓口を改善した。").await;
    let path = format!("/entries/{entry}/submission");
    let first = town.post("author", &path, &[("seen", "1")]).await;
    let head = town.app.store.head(town.id).await.unwrap();
    let second = town.post("author", &path, &[("seen", "1")]).await;
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(town.app.store.head(town.id).await.unwrap(), head);
}

#[tokio::test]
async fn the_preview_is_the_printed_page_and_names_what_cannot_be_printed() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    let fields = [("seen", "0"), ("rating", "B"), ("narrative", "絵文字😀を使った。")];
    let live = town.post("author", &format!("/entries/{entry}/preview"), &fields).await;
    assert_eq!(live.status, 200, "{}", live.text);
    let value: serde_json::Value = serde_json::from_str(&live.text).unwrap();
    assert!(value["pages"][0].as_str().unwrap().starts_with("<svg"));
    assert!(value["warnings"][0]["message"].as_str().unwrap().contains('😀'), "{}", value["warnings"]);
    assert_eq!(town.found("author", entry).await.entry.version, 0);
    let page = town.get("author", &format!("/entries/{entry}/preview/1")).await;
    assert!(page.status == 200 && page.text.starts_with("<svg"));
}

#[tokio::test]
async fn the_preview_of_every_sheet_is_its_page_in_the_whole_report() {
    let town = Town::new(2).await;
    let entries = town.entries().await;
    let form = &town.app.forms[0];
    for entry in &entries {
        town.bring(*entry, "submitted").await;
    }
    let year = town.found("author", entries[0]).await.entry.year;
    let report = town.app.store.dump(town.id, year, form).await.unwrap().unwrap();
    for (place, entry) in entries.iter().enumerate() {
        let shown = town.get("author", &format!("/entries/{entry}/preview/1")).await;
        let whole = kaikaku_publish::preview::preview(
            &report,
            form,
            place,
            kaikaku_publish::preview::Writing::Everything,
        )
        .unwrap();
        assert!(shown.text == whole.pages[0], "sheet {place}");
    }
}

#[tokio::test]
async fn a_deadline_that_passes_while_typing_loses_nothing() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    let page = town.get("author", &format!("/entries/{entry}")).await;
    assert!(page.text.contains("下書き保存"));
    town.lock(entry).await;
    let fields = [("seen", "0"), ("rating", "B"), ("narrative", "締切りの直前に書いた文章。")];
    let saved = town.post("author", &format!("/entries/{entry}/draft"), &fields).await;
    assert_eq!(saved.status, 423);
    assert!(
        saved.text.contains("事務局に再開を依頼") && saved.text.contains("消えていません"),
        "{}",
        saved.text
    );
    let home = town.get("author", "/").await;
    let (_, rest) = home.text.split_once("/conflicts/").unwrap();
    let conflict: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let kept = town.get("author", &format!("/entries/{entry}/conflicts/{conflict}")).await;
    assert!(kept.status == 200 && kept.text.contains("締切りの直前に書いた文章。"), "{}", kept.text);
}

#[tokio::test]
async fn last_years_chart_stands_beside_and_is_carried_over_once() {
    let town = Town::new(1).await;
    let entry = town.begins_next_year().await;
    let path = format!("/entries/{entry}");
    let page = town.get("author", &path).await;
    assert!(page.text.contains("前年度の具体的な活動を写す"), "{}", page.text);
    assert!(page.text.contains("前年度の年度計画を写す"));
    let own = [("seen", "0"), ("goal", "新しい目標"), ("activity.0.label", "新しい活動")];
    let with = |code: &'static str| own.into_iter().chain([("copy", code)]).collect::<Vec<_>>();
    let copied = town.post("author", &format!("{path}/draft"), &with("activities")).await;
    assert_eq!((copied.status, copied.location), (303, format!("{path}?done=copied#activity.0.label")));
    let found = town.found("author", entry).await;
    let Content::Start(start) = found.draft() else { panic!("goals are written") };
    let before = &super::town::report(1).sheets[0].activities;
    assert_eq!(start.goal.as_deref(), Some("新しい目標"));
    assert_eq!(start.activities[0].label, "新しい活動");
    assert_eq!(&start.activities[1..], before, "what was written stays before it");
    let page = town.get("author", &path).await;
    assert!(page.text.contains("id=\"activities-same\" hidden"), "one activity is this year's own");
    assert!(page.text.contains(&format!("value=\"{}\"", before[0].label)), "{}", page.text);
}
