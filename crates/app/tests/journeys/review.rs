//! The secretariat deals with many sheets at once.

use super::demo::{Demo, SECRETARY};
use super::support::browser::View;

#[tokio::test(flavor = "multi_thread")]
async fn all_that_waits_but_one_is_received_at_once_and_that_one_is_sent_back() {
    let demo = Demo::start();
    let secretary = demo.person(View::LAPTOP, SECRETARY).await;
    secretary.clicks("確認待ち").await;
    secretary.sees("事務局の受付を待っている調書　7件").await;
    secretary.clicks("この一覧の7件を全て選ぶ").await;
    secretary.clicks_box("使用料・手数料の見直し").await;
    secretary.clicks("選んだ調書を受け付ける").await;
    secretary.sees("6件を受け付けました").await;

    secretary.clicks("確認待ちに戻る").await;
    secretary.sees("事務局の受付を待っている調書　1件").await;
    secretary.clicks_box("使用料・手数料の見直し").await;
    secretary.clicks("選んだ調書を、同じ理由で差し戻す").await;
    secretary.clicks("選んだ調書を差し戻す").await;
    secretary.sees("まだ処理していません").await;
    assert_eq!(secretary.asks("document.querySelectorAll('[name=entry]:checked').length").await, 1);
    secretary.writes("差戻しの理由", "見直しの時期を書いてください。").await;
    secretary.clicks("選んだ調書を差し戻す").await;
    secretary.sees("1件を差し戻しました").await;
    secretary.clicks("4-(1)-③　使用料・手数料の見直し（期末　財政課）").await;
    secretary.sees("見直しの時期を書いてください。").await;
    assert!(demo.verified().contains("異常なし"));
}
