//! Typing: input methods, saving by itself, counting, and the printed page beside the fields.

use fantoccini::key::Key;
use serde_json::json;

use super::demo::{CLERK, Demo, saved_by_itself};
use super::support::browser::View;

const REPORT: &str = "続きを書く：電子申請の対象拡大（令和7年度 期末）";
const GOALS: &str = "書き始める：電子申請の対象拡大（令和8年度 当初）";

/// Notes when something was last typed, when composing ended and when the status line changed.
const WATCH: &str = "window.noted = {};
const note = what => () => { window.noted[what] = performance.now(); };
document.addEventListener('input', note('typed'));
document.addEventListener('compositionend', note('composed'));
new MutationObserver(note('saved')).observe(document.querySelector('[data-saved]'), { childList: true });";

/// When drafts were sent.
const SENT: &str = "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/draft')).map(one => one.startTime)";

#[tokio::test(flavor = "multi_thread")]
async fn while_a_word_is_composed_enter_sends_nothing_and_afterwards_it_is_saved_within_two_seconds() {
    let demo = Demo::start();
    let clerk = demo.person(View::LAPTOP, CLERK).await;
    clerk.clicks(GOALS).await;
    clerk.clicks_field("活動の名前").await;
    clerk.window.execute(WATCH, vec![]).await.unwrap();

    let composition = json!({ "text": "かいぎ", "selectionStart": 3, "selectionEnd": 3 });
    clerk.window.devtools("Input.imeSetComposition", composition).await;
    clerk.window.press(&Key::Enter).await;
    // Longer than it takes until it is saved.
    clerk.until_asked("performance.now() > window.noted.typed + 1600").await;
    assert_eq!(clerk.reads("活動の名前").await, "かいぎ");
    assert_eq!(clerk.asks(SENT).await, json!([]));

    clerk.types("会議").await;
    clerk.until_asked("window.noted.saved").await;
    saved_by_itself(&clerk).await;
    assert_eq!(clerk.reads("活動の名前").await, "会議");
    let noted = clerk.asks(&format!("[noted.saved - noted.typed, {SENT}[0] - noted.composed]")).await;
    let took = noted[0].as_f64().unwrap();
    assert!(took <= 2000.0, "it took {took} ms");
    assert!(noted[1].as_f64().unwrap() >= 0.0, "it was sent before the word was done");

    // Enter on its own saves and stays on the page.
    clerk.types("の準備").await;
    clerk.window.press(&Key::Enter).await;
    clerk.until_asked(&format!("{SENT}.length === 2")).await;
    clerk.window.refresh().await.unwrap();
    assert_eq!(clerk.reads("活動の名前").await, "会議の準備");
}

#[tokio::test(flavor = "multi_thread")]
async fn characters_are_counted_alike_in_the_browser_and_on_the_server() {
    let demo = Demo::start();
    let clerk = demo.person(View::LAPTOP, CLERK).await;
    clerk.clicks(REPORT).await;
    for (text, count) in [("葛󠄀", "1／1500字"), ("👨‍👩‍👧", "1／1500字"), ("か\u{3099}ば", "2／1500字")]
    {
        clerk.writes("取組状況", text).await;
        clerk.sees_in("//*[@id='narrative-count']", count).await;
        clerk.clicks("下書き保存").await;
        clerk.sees("下書きを保存しました。").await;
        let counted = "[...document.body.innerHTML.matchAll(/id=\"narrative-count\"[^>]*>([^<]*)/g)][0][1]";
        assert_eq!(clerk.asks(counted).await, count);
        assert_eq!(clerk.reads("取組状況").await, text);
        clerk.clicks("ホーム").await;
        clerk.clicks(REPORT).await;
    }
    clerk.writes("取組状況", &"長".repeat(1503)).await;
    clerk.sees("1503／1500字（3字超過）").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_page_follows_what_is_typed_and_says_what_does_not_fit_and_what_cannot_be_printed() {
    let demo = Demo::start();
    let clerk = demo.person(View::LAPTOP, CLERK).await;
    clerk.clicks(REPORT).await;
    clerk.clicks("印刷ページ").await;
    clerk.until_asked(&format!("{PICTURE}.startsWith('blob:')")).await;
    let first = clerk.asks(PICTURE).await;

    clerk.writes("取組状況", "短い文章です。").await;
    clerk.until_asked(&format!("{PICTURE} !== {first} && {PICTURE}.startsWith('blob:')")).await;
    let second = clerk.asks(PICTURE).await;
    clerk.until_asked("document.querySelector('.pages img').naturalWidth > 0").await;

    clerk.writes("取組状況", &"とても長い文章です。".repeat(220)).await;
    clerk.sees_in("//*[@id='narrative-warning']", "行あふれます。").await;
    assert!(clerk.text("//*[@id='narrative-warning']").await.starts_with("この欄は"));
    assert_ne!(clerk.asks(PICTURE).await, second);

    clerk.writes("取組状況", "𠮟る𓀀").await;
    clerk.sees_in("//*[@id='narrative-warning']", "「𓀀」").await;
    assert!(!clerk.text("//*[@id='narrative-warning']").await.contains("あふれます"));
    clerk.writes("取組状況", "直した。").await;
    clerk.until_asked("document.querySelector('#narrative-warning').textContent === ''").await;

    clerk.chooses("C順調でない").await;
    clerk.writes("原因", "𓀀").await;
    clerk.sees_in("//*[@id='cause-warning']", "「𓀀」").await;
    clerk.sees_in("//*[@id='cause-count']", "1字").await;
}

const PICTURE: &str = "document.querySelector('.pages img').src";
