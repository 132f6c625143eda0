//! axe-core on what everyone sees: every page × role × state, as a town hall's laptop shows it, 320 pixels wide, in forced
//! colours and with text of twice the size. Nothing may be wrong anywhere.
//!
//! Every page is asked for everyone. Those that are built alike, element by element, are looked at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "accessibility/eyes.rs"]
mod eyes;
#[path = "accessibility/pages.rs"]
mod pages;
#[expect(dead_code, reason = "pages need no PostgreSQL")]
mod support;
#[path = "accessibility/town.rs"]
mod town;

use eyes::Eyes;
use pages::Pages;
use support::browser::Browser;
use town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_barrier_for_anybody_in_any_state() {
    let (town, browser) = (Town::start().await, Browser::start());
    let mut pages = Pages::default();
    let (left, right) = tokio::join!(Eyes::open(&browser), Eyes::open(&browser));
    let mut eyes = [left, right];
    for act in 0..town::ACTS {
        let seen = town.act(act, &mut pages).await;
        println!("act {act}: {} pages", seen.len());
        let half = seen.len() / 2;
        let [left, right] = &mut eyes;
        tokio::join!(left.look_at(&seen[..half]), right.look_at(&seen[half..]));
    }
    println!("{}", eyes.iter().map(|e| e.times.clone()).collect::<String>());
    let barriers: Vec<String> = eyes.into_iter().flat_map(Eyes::barriers).collect();
    println!("{pages}");
    assert!(barriers.is_empty(), "{} barriers:\n{}", barriers.len(), barriers.join("\n"));
}
