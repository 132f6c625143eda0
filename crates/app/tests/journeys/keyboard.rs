//! A clerk without a mouse.

use fantoccini::key::Key;

use super::demo::{Demo, saved_by_itself};
use super::person::Person;
use super::support::browser::View;

/// Whether some of what has the focus is in sight: in the window, and under nothing else (WCAG 2.2, 2.4.11).
const IN_SIGHT: &str = "(() => {
  const focused = document.activeElement, { left, right, top, bottom } = focused.getBoundingClientRect();
  const across = [left + 2, (left + right) / 2, right - 2], down = [top + 2, (top + bottom) / 2, bottom - 2];
  return across.some(x => down.some(y => {
    const there = document.elementFromPoint(x, y);
    return there && (focused.contains(there) || there.contains(focused) && there.tagName === 'LABEL');
  }));
})()";

/// How often one presses Tab before giving up.
const FAR: usize = 150;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_rated_written_and_submitted_by_keyboard_alone() {
    let demo = Demo::start();
    let clerk = Person::at(&demo.browser, &demo.server, View::LAPTOP).await;
    clerk.tabs_to("button[value='aoki']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("次にすること").await;
    clerk.tabs_to_words("続きを書く：電子申請の対象拡大（令和7年度 期末）").await;
    clerk.window.press(&Key::Enter).await;
    clerk.finds("//textarea[@id='narrative']").await;

    clerk.tabs_to("[name='rating']").await;
    clerk.window.press(&Key::Down).await;
    clerk.window.press(&Key::Down).await;
    assert_eq!(clerk.asks("document.querySelector('[name=rating]:checked').value").await, "B");
    assert!(!clerk.page().await.contains("今後の方針\n取組結果がC又はDのときに書きます。"));
    clerk.window.press(&Key::Down).await;
    clerk.sees("取組結果がC又はDのときに書きます。").await;
    clerk.window.press(&Key::Up).await;
    clerk.tabs_to("#narrative").await;
    clerk.window.press(&(Key::Control + &Key::End)).await;
    clerk.window.write("割合は27％であった。").await;
    saved_by_itself(&clerk).await;
    clerk.tabs_to("[name='next'][value='submission']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("提出内容の確認").await;
    clerk.sees("見合わせたことによる。割合は27％であった。").await;
    clerk.tabs_to("form[action$='/submission'] .primary").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("提出しました。").await;
    assert!(demo.verified().contains("異常なし"));
}

#[tokio::test(flavor = "multi_thread")]
async fn goals_with_a_month_chart_are_drawn_by_keyboard_alone() {
    let demo = Demo::start();
    let clerk = Person::at(&demo.browser, &demo.server, View::LAPTOP).await;
    clerk.tabs_to("button[value='aoki']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("次にすること").await;
    clerk.tabs_to_words("書き始める：電子申請の対象拡大（令和8年度 当初）").await;
    clerk.window.press(&Key::Enter).await;
    clerk.finds("//textarea[@id='goal']").await;

    clerk.tabs_to("[name='copy'][value='goal']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("前年度と同じ").await;
    assert!(clerk.reads("目標").await.starts_with("オンライン化手続数を300件とし、"));
    clerk.tabs_to("#challenge").await;
    clerk.window.write("図面の容量の上限を引き上げる。").await;
    clerk.tabs_to("#activity\\\\.0\\\\.label").await;
    clerk.window.write("申請フォームの公開").await;
    clerk.tabs_to("[data-span='帯1の期間'] .months button").await;
    for key in [&Key::Right, &Key::Right, &Key::Enter, &Key::Right, &Key::Right, &Key::Right, &Key::Enter] {
        clerk.window.press(key).await;
    }
    assert_eq!(clerk.asks("document.querySelector('#spoken').textContent").await, "6月から9月まで");
    assert_eq!(clerk.asks(MONTHS).await, serde_json::json!(["6", "9"]));
    clerk.window.press(&(Key::Shift + &Key::Right)).await;
    assert_eq!(clerk.asks(MONTHS).await, serde_json::json!(["9", "10"]));
    clerk.window.press(&Key::Delete).await;
    assert_eq!(clerk.asks(MONTHS).await, serde_json::json!(["", ""]));
    clerk.window.press(&Key::Home).await;
    clerk.window.press(&(Key::Shift + &Key::End)).await;
    assert_eq!(clerk.asks(MONTHS).await, serde_json::json!(["4", "3"]));
    clerk.tabs_to("[name='next'][value='draft']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("下書きを保存しました。").await;
    assert_eq!(clerk.asks(MONTHS).await, serde_json::json!(["4", "3"]));
    clerk
        .until_asked(
            "document.querySelectorAll('.months')[0].querySelectorAll('[aria-pressed=true]').length === 12",
        )
        .await;

    clerk.tabs_to("[name='next'][value='submission']").await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("注意が1件あります。").await;
    clerk.tabs_to("#acknowledged").await;
    clerk.window.press(" ").await;
    clerk.window.press(&Key::Tab).await;
    clerk.window.press(&Key::Enter).await;
    clerk.sees("提出しました。").await;
}

const MONTHS: &str =
    "['from', 'to'].map(end => document.querySelector(`[name='activity.0.bar.0.${end}']`).value)";

impl Person {
    /// Presses Tab until what a CSS selector names has the focus.
    async fn tabs_to(&self, selector: &str) {
        self.tabs_until(&format!("document.activeElement.matches(\"{selector}\")")).await;
    }

    /// Presses Tab until the link or button that says this has the focus.
    async fn tabs_to_words(&self, words: &str) {
        self.tabs_until(&format!("document.activeElement.textContent === '{words}'")).await;
    }

    async fn tabs_until(&self, there: &str) {
        for _ in 0..FAR {
            self.window.press(&Key::Tab).await;
            let seen = self.asks(&format!("[{there}, {IN_SIGHT}, document.activeElement.outerHTML]")).await;
            assert_eq!(seen[1], true, "what has the focus is not in sight: {}", seen[2]);
            if seen[0] == true {
                return;
            }
        }
        panic!("{there} does not come about in {FAR} steps");
    }
}
