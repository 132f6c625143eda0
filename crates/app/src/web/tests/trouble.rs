//! While the record can only be read, it is read.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kaikaku_store::{Stage, Store};
use tower::ServiceExt;

use super::town::Town;
use crate::auth::random::Random;
use crate::auth::token::Token;
use crate::web::visit::hex;

#[tokio::test]
async fn a_page_is_read_while_the_use_of_its_session_cannot_be_noted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kaikaku.db");
    let store = Store::open_file_within(&path, Duration::from_millis(50)).await.unwrap();
    let town = Town::over(store.clone(), folder, 1).await;
    let token = Token::new(&mut Random::seeded(77)).unwrap();
    let user = town.actor("author").await.user;
    let long_ago = town.now.plus_seconds(-900);
    store.begin_session(&hex(&token), (town.id, user), Stage::Full, long_ago).await.unwrap();

    let others = Store::open_file(&path).await.unwrap();
    let writing = others.change(town.id).await.unwrap();
    assert_eq!(read(&town, &token).await, 200);
    assert_eq!(seen(&store, &token).await, long_ago);
    drop(writing);
    assert_eq!(read(&town, &token).await, 200);
    assert!(seen(&store, &token).await > long_ago, "it is noted with the next request");
}

#[tokio::test]
async fn a_reason_is_not_typed_twice_because_others_are_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kaikaku.db");
    let store = Store::open_file_within(&path, Duration::from_millis(50)).await.unwrap();
    let town = Town::over(store, folder, 1).await;
    let entry = town.entries().await[0];
    town.bring(entry, "division_confirmed").await;
    let others = Store::open_file(&path).await.unwrap();
    let writing = others.change(town.id).await.unwrap();
    let reason = "数値の根拠を示してください。";
    let one = [("seen", "4"), ("reason", reason), ("comment.narrative", "何件ですか。")];
    let page = town.post("secretariat", &format!("/entries/{entry}/return"), &one).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains(reason) && page.text.contains("何件ですか。"), "{}", page.text);
    assert!(page.text.contains("エラー：") && page.text.contains("待っています"), "{}", page.text);
    let (number, seen) = (entry.to_string(), format!("seen.{entry}"));
    let many = [("entry", number.as_str()), (&seen, "4"), ("reason", reason)];
    let page = town.post("secretariat", "/review/return", &many).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains(reason) && page.text.contains(" checked"), "{}", page.text);
    drop(writing);
    let page = town.post("secretariat", "/review/return", &many).await;
    assert!(page.text.contains("1件を差し戻しました"), "{}", page.text);
}

async fn read(town: &Town, token: &Token) -> u16 {
    let cookie = format!("kaikaku_session={}", token.text());
    let request = Request::get("/").header("cookie", cookie).body(Body::empty()).unwrap();
    town.app.router().oneshot(request).await.unwrap().status().as_u16()
}

async fn seen(store: &Store, token: &Token) -> kaikaku_domain::Moment {
    store.session(&hex(token)).await.unwrap().unwrap().seen_at
}
