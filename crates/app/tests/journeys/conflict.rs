//! Two people who write the same sheet at the same time.

use fantoccini::key::Key;

use super::demo::{CLERK, Demo, HEAD, saved_by_itself};
use super::support::browser::View;

/// The sheet in the list of what the clerks write.
const TASK: &str = "//li[contains(., '電子申請の対象拡大') and contains(., '期末')]";

#[tokio::test(flavor = "multi_thread")]
async fn who_saves_second_chooses_between_two_texts_and_neither_is_lost() {
    let demo = Demo::start();
    let (clerk, head) = tokio::join!(demo.person(View::LAPTOP, CLERK), demo.person(View::LAPTOP, HEAD));
    clerk.clicks("続きを書く：電子申請の対象拡大（令和7年度 期末）").await;
    head.clicks_in(TASK, "1-(1)-②-ア　電子申請の対象拡大").await;
    head.finds("//textarea[@id='narrative']").await;

    head.writes("取組状況", "課長は累計を271件と書いた。").await;
    saved_by_itself(&head).await;
    clerk.writes("取組状況", "担当者は割合を27％と書いた。").await;
    clerk.sees("ほかの人が先に保存しました。あなたの文章も残してあります。").await;
    clerk.sees("あなたの文章を別に保存しました").await;
    assert_eq!(clerk.reads("取組状況").await, "担当者は割合を27％と書いた。");
    assert_eq!(clerk.asks("document.querySelector('#narrative').readOnly").await, true);

    clerk.clicks("二つの文章を見比べて選ぶ").await;
    clerk.sees("同じ調書を中村さんと同時に書いていました。").await;
    clerk.sees("二人とも変えています。").await;
    clerk.clicks("選んだ文章を下書きとして保存する").await;
    clerk.sees("まだ保存していません").await;
    assert_eq!(clerk.asks(&side(1)).await, "担当者は割合を27％と書いた。");
    assert_eq!(clerk.asks(&side(2)).await, "課長は累計を271件と書いた。");
    clerk.sees_in("//fieldset[@id='c-narrative']", "二人が書き始める前の文章").await;
    clerk.chooses_in("//fieldset[@id='c-narrative']", "まとめた文章を使う").await;
    let merged = clerk.finds("//textarea[@name='merged.narrative']").await;
    assert_eq!(merged.prop("value").await.unwrap().unwrap(), "担当者は割合を27％と書いた。");
    merged.click().await.unwrap();
    clerk.window.press(&(Key::Control + &Key::End)).await;
    clerk.types("課長は累計を271件と書いた。").await;
    clerk.clicks("選んだ文章を下書きとして保存する").await;
    clerk.sees("選んだ内容で下書きを保存しました。").await;
    assert_eq!(clerk.reads("取組状況").await, "担当者は割合を27％と書いた。課長は累計を271件と書いた。");

    clerk.clicks("履歴").await;
    clerk.sees("別に残した文章").await;
    head.clicks("ホーム").await;
    head.clicks_in(TASK, "1-(1)-②-ア　電子申請の対象拡大").await;
    assert_eq!(head.reads("取組状況").await, "担当者は割合を27％と書いた。課長は累計を271件と書いた。");
    assert!(demo.verified().contains("異常なし"));
}

/// The text of one side of the narrative's choice: what was there before and what was added, without what was deleted.
fn side(place: usize) -> String {
    let text = format!("document.querySelector('#c-narrative .versions > :nth-child({place}) > .text')");
    format!(
        "[...{text}.childNodes].filter(one => one.nodeName !== 'DEL').map(one => one.textContent).join('')"
    )
}
