//! The whole way of a sheet, over a return, to the final text.

use super::demo::{CLERK, Demo, HEAD, SECRETARY, saved_by_itself};
use super::person::Person;
use super::support::browser::View;

/// The demo's half-written sheet.
const SHEET: &str = "電子申請の対象拡大（令和7年度 期末）";
const NARRATIVE: &str = "//section[@aria-labelledby='h-narrative']";

/// The next year's goals of the same measure, not begun.
const GOALS: &str = "電子申請の対象拡大（令和8年度 当初）";

#[tokio::test(flavor = "multi_thread")]
async fn three_people_bring_a_sheet_from_its_draft_over_a_return_to_the_final_text_by_clicking() {
    let demo = Demo::start();
    let [clerk, head, secretary] = three_people(&demo, View::LAPTOP).await;

    clerk.clicks(&format!("続きを書く：{SHEET}")).await;
    clerk.chooses("Bおおむね順調").await;
    clerk.writes("取組状況", "累計は271件で、目標の300件には届かなかった。").await;
    saved_by_itself(&clerk).await;
    clerk.clicks("提出内容を確認する").await;
    clerk.sees("提出内容の確認").await;
    clerk.sees("累計は271件で、目標の300件には届かなかった。").await;
    clerk.clicks("課長へ提出する").await;
    clerk.sees("提出しました。").await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{SHEET}")).await;
    head.clicks("確認する").await;
    head.sees("確認しました。").await;

    secretary.clicks("確認待ち").await;
    secretary.clicks("電子申請の対象拡大").await;
    secretary.clicks_in(NARRATIVE, "この欄に指摘を書く（差戻しのとき）").await;
    secretary
        .writes("取組状況（C又はDの場合は、原因及び今後の方針）への指摘", "割合の実績も書いてください。")
        .await;
    secretary.clicks("差し戻す").await;
    secretary.clicks("理由を付けて差し戻す").await;
    secretary.sees("まだ処理していません").await;
    assert!(secretary.window.title().await.unwrap().starts_with("エラー："));
    assert_eq!(secretary.asks("document.activeElement.className").await, "error-summary");
    assert_eq!(
        secretary.reads("取組状況（C又はDの場合は、原因及び今後の方針）への指摘").await,
        "割合の実績も書いてください。"
    );
    secretary.writes("差戻しの理由", "目標のうち割合に触れていません。").await;
    secretary.clicks("理由を付けて差し戻す").await;
    secretary.sees("差し戻しました。").await;

    clerk.clicks("ホーム").await;
    clerk.sees("目標のうち割合に触れていません。").await;
    clerk.clicks(&format!("直して再提出する：{SHEET}")).await;
    clerk.sees_in("//*[@id='narrative-said']", "割合の実績も書いてください。").await;
    clerk.writes("取組状況", "累計は271件で、目標の300件には届かなかった。割合は27％であった。").await;
    clerk.clicks("下書き保存").await;
    clerk.sees("提出した文章からの変更").await;
    clerk.sees_in("//details[@id='narrative-difference']//ins", "割合は27％であった。").await;
    submits(&clerk).await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{SHEET}")).await;
    head.sees("差し戻した後に変わったところ").await;
    head.clicks("確認する").await;
    head.sees("確認しました。").await;

    secretary.clicks("確認待ち").await;
    secretary.sees_in("//tr[contains(., '電子申請の対象拡大')]", "取組状況").await;
    secretary.clicks("電子申請の対象拡大").await;
    secretary.sees_in(&format!("{NARRATIVE}//ins"), "割合は27％であった。").await;
    secretary.clicks("受け付ける").await;
    secretary.sees("受け付けました。").await;
    secretary.clicks("確定する").await;
    secretary.sees("確定しました。").await;

    clerk.clicks("ホーム").await;
    clerk.sees_in("//h2[starts-with(., '済んだもの')]/following-sibling::ul", "電子申請の対象拡大").await;
    assert!(demo.verified().contains("異常なし"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_goals_with_a_month_chart_go_the_same_way() {
    let demo = Demo::start();
    let [clerk, head, secretary] = three_people(&demo, View::WITHOUT_SCRIPTS).await;

    clerk.clicks(&format!("書き始める：{GOALS}")).await;
    clerk.clicks("前年度の文章を写す：目標").await;
    clerk.sees("前年度の内容を写しました。").await;
    clerk.sees("前年度と同じ").await;
    assert!(clerk.reads("目標").await.starts_with("オンライン化手続数を300件とし、"));
    clerk.writes("目標", "オンライン化手続数を400件とする。").await;
    clerk.writes("課題", "図面の容量の上限を引き上げる。").await;
    clerk.writes("活動の名前", "申請フォームの公開").await;
    clerk.selects("activity.0.bar.0.from", "6月").await;
    clerk.selects("activity.0.bar.0.to", "11月").await;
    clerk.selects("activity.0.bar.0.from", "5月").await;
    clerk.clicks("前年度の年度計画を写す").await;
    clerk.sees("前年度の内容を写しました。").await;
    assert_eq!(clerk.text("//select[@name='roadmap.0.from']/option[@selected]").await, "令和5年度");
    clerk.clicks("提出内容を確認する").await;
    clerk.sees("提出内容の確認").await;
    clerk.sees("申請フォームの公開").await;
    clerk.clicks("入力に戻る").await;
    assert_eq!(clerk.text("//select[@name='activity.0.bar.0.from']/option[@selected]").await, "5月");
    assert_eq!(clerk.text("//select[@name='activity.0.bar.0.to']/option[@selected]").await, "11月");
    submits(&clerk).await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{GOALS}")).await;
    head.sees("（5月から11月まで）").await;
    head.clicks("差し戻す").await;
    head.clicks("理由を付けて差し戻す").await;
    head.sees("まだ処理していません").await;
    head.writes("差戻しの理由", "課題の期限を書いてください。").await;
    head.clicks("理由を付けて差し戻す").await;
    head.sees("差し戻しました。").await;

    clerk.clicks("ホーム").await;
    clerk.sees("課題の期限を書いてください。").await;
    clerk.clicks(&format!("直して再提出する：{GOALS}")).await;
    clerk.writes("課題", "図面の容量の上限を９月までに引き上げる。").await;
    clerk.clicks("下書き保存").await;
    clerk.sees_in("//details[@id='challenge-difference']//ins", "９月までに").await;
    submits(&clerk).await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{GOALS}")).await;
    head.sees("差し戻した後に変わったところ").await;
    head.clicks("確認する").await;
    head.sees("確認しました。").await;

    secretary.clicks("確認待ち").await;
    secretary.clicks("電子申請の対象拡大").await;
    secretary.clicks("受け付ける").await;
    secretary.sees("受け付けました。").await;
    secretary.clicks("確定する").await;
    secretary.sees("確定しました。").await;
    assert!(demo.verified().contains("異常なし"));
}

async fn three_people(demo: &Demo, view: View) -> [Person; 3] {
    let [clerk, head, secretary] = [CLERK, HEAD, SECRETARY].map(|button| demo.person(view, button));
    tokio::join!(clerk, head, secretary).into()
}

async fn submits(clerk: &Person) {
    clerk.clicks("提出内容を確認する").await;
    clerk.clicks("課長へ提出する").await;
    clerk.sees("提出しました。").await;
}
