//! Two who write the same entry, and one who writes while the period is closed.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::person::Person;
use crate::plan::Written;
use crate::support::server::Server;
use crate::town::{Member, Place, Town};

/// One of the four things that two editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Reads(usize),
    Saves(usize),
}

use Deed::{Reads, Saves};

/// Every order in which each of two reads before saving.
const ORDERS: [[Deed; 4]; 6] = [
    [Reads(0), Saves(0), Reads(1), Saves(1)],
    [Reads(0), Reads(1), Saves(0), Saves(1)],
    [Reads(0), Reads(1), Saves(1), Saves(0)],
    [Reads(1), Reads(0), Saves(0), Saves(1)],
    [Reads(1), Reads(0), Saves(1), Saves(0)],
    [Reads(1), Saves(1), Reads(0), Saves(0)],
];

/// Two of one department at a server, and an entry that both may write.
async fn two(town: &Town, server: &Server) -> ([Person; 2], String) {
    let changes = Arc::new(AtomicU64::new(0));
    let mut two =
        ["tanto", "kacho"].map(|login| Person::new(&[server.address().to_owned()], login, &changes));
    for person in &mut two {
        person.sign_in(&town.passwords[&person.login]).await;
    }
    let entry = two[0].tasks().await.remove(0).0;
    (two, entry)
}

fn town() -> Town {
    let members = [("tanto", "担当者"), ("kacho", "課長")];
    Town::found(
        Place::folder(),
        &members.map(|(login, role)| Member::new(login, &[(role, "市民課")])),
        "none",
    )
}

fn written(narrative: &str) -> Written {
    Written { rating: "B", narrative: narrative.to_owned(), cause: String::new(), policy: String::new() }
}

/// The fields of a form that a browser posts without the script.
fn form<'a>(seen: &'a str, written: &'a Written) -> Vec<(&'a str, &'a str)> {
    std::iter::once(("seen", seen)).chain(written.fields()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_editors_never_overwrite_each_other_in_silence() {
    let town = town();
    let server = town.serve();
    let (mut two, entry) = two(&town, &server).await;
    let mut changes = town.events();
    for order in ORDERS {
        let mut pages = [String::new(), String::new()];
        let mut saved: Vec<usize> = Vec::new();
        let text = |editor: usize| written(&format!("{order:?}のとき、{editor}番の文章。"));
        for deed in order {
            match deed {
                Reads(editor) => pages[editor] = two[editor].open(&entry).await.0,
                Saves(editor) => {
                    let answer = two[editor].save(&entry, &pages[editor], &text(editor)).await;
                    let read = order.iter().position(|deed| *deed == Reads(editor));
                    let has_seen =
                        saved.iter().all(|other| read > order.iter().position(|deed| *deed == Saves(*other)));
                    assert_eq!(
                        answer.status,
                        if has_seen { 200 } else { 409 },
                        "{order:?} {}",
                        answer.text()
                    );
                    if answer.status == 409 {
                        // Both texts are there: the one that came first stands, the other waits beside it.
                        let conflict = answer.json()["conflict"].as_str().unwrap().to_owned();
                        let page = two[editor].get(&conflict).await.text();
                        assert!(page.contains(&format!("{editor}番の文章。")), "{page}");
                        let (_, stands) = two[editor].open(&entry).await;
                        assert!(
                            stands.contains(&format!("{}</textarea>", shown(&text(saved[0])))),
                            "{stands}"
                        );
                    }
                    saved.push(editor);
                }
            }
        }
        assert_eq!(town.events(), changes + 2, "{order:?}");
        changes += 2;
    }
}

/// A page whose differences read as the new text does.
fn without_marks(page: &str) -> String {
    let mut parts = page.split("<del>");
    let first = parts.next().unwrap().to_owned();
    let kept = parts.map(|part| part.split_once("</del>").unwrap().1);
    kept.fold(first, |page, part| page + part).replace("<ins>", "").replace("</ins>", "")
}

/// A text as a page shows it.
fn shown(written: &Written) -> String {
    written.narrative.replace('"', "&#34;")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_was_refused_is_still_the_old_page() {
    let town = town();
    let server = town.serve();
    let ([mut one, mut other], entry) = two(&town, &server).await;
    let (seen, _) = one.open(&entry).await;
    assert_eq!(other.save(&entry, &seen, &written("先に保存した文章。")).await.status, 200);
    // Something that cannot be kept, put right on the page that comes back.
    let refused = one.post(&format!("{entry}/draft"), &form(&seen, &written("直す\u{7}前の文章。"))).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let again = refused.input("seen").unwrap();
    let answer = one.post(&format!("{entry}/draft"), &form(&again, &written("直した文章。"))).await;
    let conflict = answer.header("location").unwrap_or_default().to_owned();
    assert!(conflict.contains("/conflicts/"), "{conflict}: it was written over what was never seen");
    let page = one.get(&conflict).await.text();
    assert!(page.contains("直した文章。") && page.contains("先に保存した文章。"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_while_the_period_is_closed_is_kept_and_can_be_used_later() {
    let town = town();
    let server = town.serve();
    let ([mut one, mut other], entry) = two(&town, &server).await;
    let (seen, _) = one.open(&entry).await;
    let answer = one.save(&entry, &seen, &written("八月に窓口を開いた。")).await;
    let seen = answer.json()["version"].to_string();
    let (other_seen, _) = other.open(&entry).await;
    let days = ["--opens", "2026-03-16", "--deadline", "2026-04-10", "--locks", "2026-05-01"];
    town.does(&[&["period", "--name", "期末"][..], &days].concat());

    // The page's script is told, with what can be done.
    let late = one.save(&entry, &seen, &written("十月に閉じた。")).await;
    let message = late.json()["message"].as_str().unwrap().to_owned();
    assert_eq!(late.status, 423, "{message}");
    for part in ["5月1日に締め切られました", "事務局に再開を依頼", "消えていません"]
    {
        assert!(message.contains(part), "{message}");
    }
    let (_, home) = (one.get("/").await.status, one.get("/").await.text());
    assert!(home.contains("/conflicts/"), "home leads to it: {home}");
    // So is a form without it.
    let late = other.post(&format!("{entry}/draft"), &form(&other_seen, &written("来春まで待つ！"))).await;
    let page = late.text();
    assert_eq!(late.status, 423, "{page}");
    for part in ["5月1日に締め切られました", "事務局に再開を依頼", "消えていません", "送られた文章を開く"]
    {
        assert!(page.contains(part), "`{part}` is not in {page}");
    }
    let (_, rest) = page.split_once(&format!("{entry}/conflicts/")).unwrap();
    let conflict = format!("{entry}/conflicts/{}", rest.split('"').next().unwrap());
    let page = other.get(&conflict).await.text();
    for part in ["今は保存できません", "来春まで待つ！", "八月に窓口を開いた。"] {
        assert!(without_marks(&page).contains(part), "`{part}` is not in {page}");
    }
    // What was put together on a page that had been opened before is kept as well.
    let joined = "二つを合わせた文章。";
    let choice = [
        ("seen", seen.as_str()),
        ("choice.narrative", "merged"),
        ("merged.narrative", joined),
        ("choice.rating", "mine"),
    ];
    let late = other.post(&conflict, &choice).await;
    assert_eq!(late.status, 423, "{}", late.text());
    assert!(without_marks(&late.text()).contains(joined), "{}", late.text());

    // The town gives more time: both are still there to choose from.
    town.does(&["period", "--name", "期末", "--no-lock", "--deadline", "2099-12-31"]);
    let (now, page) = other.open(&conflict).await;
    assert!(now == seen && page.contains(joined) && page.contains("八月に窓口を開いた。"), "{page}");
    let choice = [("seen", now.as_str()), ("choice.narrative", "mine"), ("choice.rating", "mine")];
    let answer = other.post(&conflict, &choice).await;
    assert_eq!(
        answer.header("location"),
        Some(format!("{entry}?done=resolved").as_str()),
        "{}",
        answer.text()
    );
    assert!(one.open(&entry).await.1.contains(joined));
    town.events();
}
