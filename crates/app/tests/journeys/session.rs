//! A session that ends while somebody writes.

use fantoccini::key::Key;

use super::demo::{CLERK, Demo, saved_by_itself};
use super::person::Person;
use super::support::browser::View;
use super::support::http::Visitor;

const TASK: &str = "続きを書く：電子申請の対象拡大（令和7年度 期末）";

#[tokio::test(flavor = "multi_thread")]
async fn two_minutes_before_a_session_ends_one_key_makes_it_go_on() {
    let demo = Demo::with(&["--session-minutes", "2"]);
    let clerk = demo.person(View::LAPTOP, CLERK).await;
    clerk.sees("まもなくサインインの期限が切れます").await;
    assert_eq!(clerk.asks("document.activeElement.textContent").await, "続ける");
    assert!(clerk.text("//dialog").await.contains("あと2分ほどで期限が切れます。"));
    clerk.window.press(&Key::Enter).await;
    clerk.until_asked("!document.querySelector('#expiry').open").await;
    let renewed =
        "performance.getEntriesByType('resource').find(one => one.name.endsWith('/session/renewal'))";
    clerk.until_asked(&format!("{renewed}?.responseStatus === 200")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_after_a_session_has_ended_is_saved_after_signing_in_in_another_tab() {
    let demo = Demo::start();
    let clerk = demo.person(View::LAPTOP, CLERK).await;
    clerk.clicks(TASK).await;
    clerk.finds("//textarea[@id='narrative']").await;
    end_session(&demo, &clerk).await;

    clerk.writes("取組状況", "期限が切れた後に書いた。").await;
    clerk.sees("サインインの期限が切れました。入力した文章はこの画面に残っています。").await;
    clerk.sees("保存できていません。").await;
    assert_eq!(clerk.reads("取組状況").await, "期限が切れた後に書いた。");

    let here = clerk.window.window().await.unwrap();
    clerk.clicks("サインインする（別のタブ）").await;
    clerk.until("there is another tab", async || clerk.window.windows().await.unwrap().len() == 2).await;
    let there = clerk.window.windows().await.unwrap().into_iter().find(|tab| *tab != here).unwrap();
    clerk.window.switch_to_window(there).await.unwrap();
    clerk.clicks(CLERK).await;
    clerk.sees("下書き保存").await; // it comes back to the sheet
    clerk.window.close_window().await.unwrap();
    clerk.window.switch_to_window(here).await.unwrap();
    clerk.window.devtools("Page.bringToFront", serde_json::json!({})).await;
    saved_by_itself(&clerk).await;
    clerk.sees_no("サインインの期限が切れました。").await;

    clerk.window.refresh().await.unwrap();
    assert_eq!(clerk.reads("取組状況").await, "期限が切れた後に書いた。");
    assert!(demo.verified().contains("異常なし"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_what_was_typed_goes_through_the_sign_in_page_into_the_draft() {
    let demo = Demo::start();
    let clerk = demo.person(View::WITHOUT_SCRIPTS, CLERK).await;
    clerk.clicks(TASK).await;
    clerk.finds("//textarea[@id='narrative']").await;
    end_session(&demo, &clerk).await;

    clerk.chooses("Bおおむね順調").await;
    clerk.writes("取組状況", "期限が切れた後に「<b>」と書いた。\n二行目").await;
    clerk.clicks("下書き保存").await;
    clerk.sees("入力した文章はこの画面が預かっています。").await;
    clerk.clicks(CLERK).await;
    clerk.sees("下書きを保存しました。").await;
    assert_eq!(clerk.reads("取組状況").await, "期限が切れた後に「<b>」と書いた。\n二行目");
    let chosen = clerk.finds("//input[@name='rating'][@checked]").await;
    assert_eq!(chosen.attr("value").await.unwrap().unwrap(), "B");
    assert!(demo.verified().contains("異常なし"));
}

/// Ends the session on the server, as signing out in another tab does; the browser keeps its cookie.
async fn end_session(demo: &Demo, person: &Person) {
    let mut visitor = Visitor::new(demo.server.address());
    let cookie = person.window.get_named_cookie("kaikaku_session").await.unwrap();
    visitor.set_cookie("kaikaku_session", cookie.value());
    let csrf = visitor.get("/").await.input("csrf").unwrap();
    assert_eq!(visitor.post("/session/end", &[("csrf", &csrf)]).await.status, 303);
}
