//! Home, the list, the queue, the history and conflicts, over HTTP without a socket.

use kaikaku_domain::workflow::Move;

use super::town::Town;

#[tokio::test]
async fn what_has_just_been_done_is_told_once() {
    let town = Town::new(1).await;
    let told = town.get("author", "/?done=saved").await;
    assert!(told.text.contains("下書きを保存しました。"));
    assert!(!town.get("author", "/").await.text.contains("下書きを保存しました。"));
}

#[tokio::test]
async fn home_tells_everyone_their_next_step() {
    let town = Town::new(4).await;
    let entries = town.entries().await;
    town.bring(entries[0], "returned").await;
    town.bring(entries[1], "submitted").await;
    town.bring(entries[2], "section_confirmed").await;
    town.bring(entries[3], "division_confirmed").await;
    for (name, words) in [
        ("author", "差し戻された調書を直して"),
        ("section_head", "あなたの確認を待っている調書が1件"),
        ("division_head", "あなたの確認を待っている調書が1件"),
        ("secretariat", "受付を待っている調書が1件"),
        ("viewer", "今することはありません。"),
        ("administrator", "kaikaku user"),
    ] {
        let home = town.get(name, "/").await;
        assert!(home.text.contains(words), "{name}: {}", home.text);
    }
    assert!(town.get("author", "/").await.text.contains("数値の根拠を示してください。"));
    let nobody = town.get("nobody", "/").await;
    assert_eq!((nobody.status, nobody.location.as_str()), (303, "/session/new"));
}

#[tokio::test]
async fn a_draft_shows_in_no_history_but_its_departments() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.write(entry, "まだ見せない最初の下書き。").await;
    town.write(entry, "提出する文章。").await;
    town.make("author", entry, Move::Submit).await;
    town.make("section_head", entry, Move::SendBack("根拠を示してください。".to_owned())).await;
    town.write(entry, "まだ見せない後の下書き。").await;
    let path = format!("/entries/{entry}/history");
    let own = town.get("author", &path).await;
    assert!(
        own.text.contains("まだ見せない後の下書き。") || own.text.contains("まだ見せない後の"),
        "{}",
        own.text
    );
    assert!(own.text.contains("下書き保存"));
    for name in ["secretariat", "supporter", "co_lead", "viewer"] {
        let page = town.get(name, &path).await;
        assert_eq!(page.status, 200, "{name}");
        for hidden in ["まだ見せない", "下書き保存", "版1", "版3"] {
            assert!(!page.text.contains(hidden), "{name} sees {hidden}: {}", page.text);
        }
        for asked in ["from=1", "to=3", "from=1&to=3", "from=99"] {
            let reply = town.get(name, &format!("{path}?{asked}")).await;
            assert_eq!(reply.status, 404, "{name} {asked}");
        }
    }
    assert!(town.get("secretariat", &path).await.text.contains("根拠を示してください。"));
}

#[tokio::test]
async fn versions_are_compared_character_by_character() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.bring(entry, "returned").await;
    let unchanged = town.get("author", &format!("/entries/{entry}/history")).await;
    assert!(unchanged.text.contains("比べることのできる版が二つになると"), "{}", unchanged.text);
    town.write(entry, "窓口の改善を二つ行った。").await;
    let page = town.get("author", &format!("/entries/{entry}/history")).await;
    assert!(page.text.contains("窓口の改善を<ins>二つ</ins>行った。"), "{}", page.text);
    assert!(page.text.contains("変わっていない欄：取組結果"));
    let reverse = town.get("author", &format!("/entries/{entry}/history?from=2&to=1")).await;
    assert!(reverse.text.contains("窓口の改善を<del>二つ</del>行った。"), "{}", reverse.text);
}

#[tokio::test]
async fn many_are_received_at_once_and_each_is_told_what_became_of_it() {
    let town = Town::new(3).await;
    let entries = town.entries().await;
    for entry in &entries {
        town.bring(*entry, "division_confirmed").await;
    }
    // Taken back while the page was open.
    town.make("author", entries[1], Move::Withdraw).await;
    let numbers: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let seen: Vec<String> = numbers.iter().map(|number| format!("seen.{number}")).collect();
    let mut fields = vec![("entry", "999999")];
    for (number, seen) in numbers.iter().zip(&seen) {
        fields.extend([("entry", number.as_str()), (seen.as_str(), "4")]);
    }
    let before = town.app.store.head(town.id).await.unwrap();
    let page = town.post("secretariat", "/review/receipt", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("2件を受け付けました。2件は処理していません"), "{}", page.text);
    assert!(page.text.contains("見つかりません") && page.text.contains("「下書き」の段階"), "{}", page.text);
    assert_eq!(town.app.store.head(town.id).await.unwrap(), before + 2);
    for (entry, state) in entries.iter().zip(["received", "draft", "received"]) {
        assert_eq!(town.state(*entry).await.code(), state);
    }
    // A second click finds its work done.
    let again = town.post("secretariat", "/review/receipt", &fields).await;
    assert!(again.text.contains("2件を受け付けました。2件は処理していません"), "{}", again.text);
    assert_eq!(town.app.store.head(town.id).await.unwrap(), before + 2);
}

#[tokio::test]
async fn many_are_fixed_at_once_and_what_is_not_received_stays() {
    let town = Town::new(3).await;
    let entries = town.entries().await;
    for (entry, state) in entries.iter().zip(["received", "received", "division_confirmed"]) {
        town.bring(*entry, state).await;
    }
    let queue = town.get("secretariat", "/review?queue=fixing").await;
    assert!(queue.text.contains("選んだ調書を確定する") && queue.text.contains("1件ずつ開いて再開"));
    let numbers: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let seen: Vec<String> = numbers.iter().map(|number| format!("seen.{number}")).collect();
    let versions = ["5", "5", "4"];
    let fields: Vec<_> = (numbers.iter().zip(&seen).zip(versions))
        .flat_map(|((number, seen), version)| [("entry", number.as_str()), (seen.as_str(), version)])
        .collect();
    let done = town.post("secretariat", "/review/fixing", &fields).await;
    assert!(done.text.contains("2件を確定しました。1件は処理していません"), "{}", done.text);
    for (entry, state) in entries.iter().zip(["fixed", "fixed", "division_confirmed"]) {
        assert_eq!(town.state(*entry).await.code(), state);
    }
}

#[tokio::test]
async fn many_are_sent_back_for_one_reason_and_none_without() {
    let town = Town::new(2).await;
    let entries = town.entries().await;
    for entry in &entries {
        town.bring(*entry, "division_confirmed").await;
    }
    let (one, other) = (entries[0].to_string(), entries[1].to_string());
    let (seen_one, seen_other) = (format!("seen.{one}"), format!("seen.{other}"));
    let chosen = [("entry", one.as_str()), ("entry", other.as_str()), (&seen_one, "4"), (&seen_other, "4")];
    let missing = town.post("secretariat", "/review/return", &chosen).await;
    assert_eq!(missing.status, 422);
    assert_eq!(missing.text.matches(" checked").count(), 2, "{}", missing.text);
    assert!(missing.text.contains("理由を入力してください。") && missing.text.contains("エラー："));
    let nothing = town.post("secretariat", "/review/return", &[("reason", "数値が違います。")]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.text.contains("調書を選んでください。") && nothing.text.contains("数値が違います。"));
    let fields: Vec<_> = chosen.into_iter().chain([("reason", "数値が違います。")]).collect();
    let done = town.post("secretariat", "/review/return", &fields).await;
    assert!(done.text.contains("2件を差し戻しました"), "{}", done.text);
    for entry in entries {
        assert_eq!(town.state(entry).await.reason().unwrap().text, "数値が違います。");
    }
}

#[tokio::test]
async fn the_queue_tells_what_changed_since_it_was_sent_back() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.bring(entry, "returned").await;
    town.write(entry, "窓口の改善を二つ行った。").await;
    for (name, step) in
        [("author", Move::Submit), ("section_head", Move::Confirm), ("division_head", Move::Confirm)]
    {
        town.make(name, entry, step).await;
    }
    let page = town.get("secretariat", "/review").await;
    assert!(page.text.contains("取組状況 ＋2字"), "{}", page.text);
}

#[tokio::test]
async fn a_conflict_is_decided_field_by_field_and_nothing_is_lost() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.write(entry, "先に保存した文章。").await;
    let stale = [("seen", "0"), ("rating", "B"), ("narrative", "後から保存した文章。")];
    let path = town.post("section_head", &format!("/entries/{entry}/draft"), &stale).await.location;
    let page = town.get("section_head", &path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("後から保存した文章。") && page.text.contains("先に保存した文章。"),
        "{}",
        page.text
    );
    assert!(town.get("section_head", "/").await.text.contains(&path));
    for stranger in ["author", "secretariat", "division_head"] {
        assert_eq!(town.get(stranger, &path).await.status, 404, "{stranger}");
    }
    let unchosen = town.post("section_head", &path, &[("seen", "1"), ("choice.rating", "mine")]).await;
    assert_eq!(unchosen.status, 422);
    assert!(unchosen.text.contains("「取組状況」に使う文章を選んでください。"), "{}", unchosen.text);
    let merged = "先に保存した文章。後から保存した文章。";
    let chosen = [
        ("seen", "1"),
        ("choice.rating", "mine"),
        ("choice.narrative", "merged"),
        ("merged.narrative", merged),
    ];
    let done = town.post("section_head", &path, &chosen).await;
    assert_eq!(
        (done.status, done.location),
        (303, format!("/entries/{entry}?done=resolved")),
        "{}",
        done.text
    );
    let found = town.found("author", entry).await;
    let draft = found.draft();
    assert_eq!(draft.rating(), Some("B"));
    assert_eq!(draft.texts(), [("narrative", merged)]);
    assert_eq!(town.app.store.history(&found.entry).await.unwrap().len(), 3);
    assert!(town.get("section_head", &path).await.text.contains("選び終わっています"));
    assert!(!town.get("section_head", "/").await.text.contains(&path));
}

#[tokio::test]
async fn a_conflict_of_an_entry_that_was_submitted_meanwhile_still_shows_both_texts() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.write(entry, "先に保存した文章。").await;
    let stale = [("seen", "0"), ("rating", "B"), ("narrative", "後から保存した文章。")];
    let path = town.post("section_head", &format!("/entries/{entry}/draft"), &stale).await.location;
    town.make("author", entry, Move::Submit).await;
    let page = town.get("section_head", &path).await;
    assert!(
        page.text.contains("後から保存した文章。") && page.text.contains("先に保存した文章。"),
        "{}",
        page.text
    );
    assert!(page.text.contains("今は保存できません。") && !page.text.contains("<fieldset"), "{}", page.text);
    let head = town.app.store.head(town.id).await.unwrap();
    let chosen = [("seen", "2"), ("choice.rating", "mine"), ("choice.narrative", "mine")];
    let refused = town.post("section_head", &path, &chosen).await;
    assert_eq!(refused.status, 423);
    assert_eq!(town.app.store.head(town.id).await.unwrap(), head);
}
