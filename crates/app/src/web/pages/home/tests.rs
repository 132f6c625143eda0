use kaikaku_domain::id::{ConflictId, MunicipalityId, UserId};
use kaikaku_domain::workflow::Relation::{Author, DivisionHead, Secretariat, SectionHead, Supporter};

use super::*;
use crate::web::work::fixture::{item, state, today, work};

const OPEN: (&str, Option<&str>) = ("2026-04-10", Some("2026-05-01"));
const LATE: (&str, Option<&str>) = ("2026-04-03", Some("2026-04-18"));
const LOCKED: (&str, Option<&str>) = ("2026-03-31", Some("2026-04-01"));

fn lists(items: Vec<Item>) -> Lists {
    Lists::of(&work(items), Route::SectionHead, today())
}

fn addresses(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.address.trim_start_matches("/entries/")).collect()
}

fn nobody() -> Actor {
    Actor {
        municipality: MunicipalityId::new(1),
        user: UserId::new(9),
        name: String::new(),
        author_of: Vec::new(),
        section_head_of: Vec::new(),
        division_head_of: Vec::new(),
        town_roles: Vec::new(),
    }
}

#[test]
fn what_was_sent_back_comes_first_then_conflicts_then_drafts_then_what_is_not_begun() {
    let mut conflict = item(2, &[Author], state("draft"), OPEN);
    conflict.conflict = Some(ConflictId::new(9));
    let mut begun = item(3, &[Author], state("draft"), OPEN);
    begun.line.touched_at = Some(crate::web::work::fixture::at("2026-04-05"));
    let lists = lists(vec![
        item(5, &[Author], state("draft"), OPEN),
        item(4, &[Author], state("draft"), LATE),
        begun,
        conflict,
        item(1, &[Author], state("returned"), OPEN),
    ]);
    assert_eq!(addresses(&lists.to_do), ["1", "2", "3", "4", "5"]);
    assert_eq!(lists.to_do[1].step.as_ref().unwrap().0, "/entries/2/conflicts/9");
    assert_eq!(lists.to_do[3].when, ("late", "3日超過".to_owned()));
    let said = lists.to_do[0].said.as_ref().unwrap();
    assert_eq!(said.0, "事務局（小林）　4月2日 10:00　差戻しの理由");
    assert_eq!(said.1, "根拠を示してください。");
}

#[test]
fn the_next_step_is_what_was_sent_back_then_what_others_wait_for_then_what_is_to_be_written() {
    let next = |items| next(&lists(items), None, (&nobody(), true));
    let draft = || item(1, &[Author], state("draft"), OPEN);
    let to_confirm = || item(2, &[SectionHead], state("submitted"), OPEN);
    let returned = || item(3, &[Author], state("returned"), OPEN);
    let way = |next: Next| next.way.map(|(address, _)| address);
    assert_eq!(way(next(vec![draft(), to_confirm(), returned()])).as_deref(), Some("/entries/3"));
    assert_eq!(way(next(vec![draft(), to_confirm()])).as_deref(), Some("/review"));
    assert_eq!(way(next(vec![draft()])).as_deref(), Some("/entries/1"));
    assert_eq!(next(Vec::new()).text, "今することはありません。");
}

#[test]
fn an_entry_that_was_closed_unfinished_is_not_a_task_unless_the_secretariat_sent_it_back() {
    let lists = lists(vec![
        item(1, &[Author], state("draft"), LOCKED),
        item(2, &[Author], state("returned"), LOCKED),
        item(3, &[Author], state("reopened"), LOCKED),
    ]);
    assert_eq!(addresses(&lists.to_do), ["2", "3"]);
    assert_eq!(addresses(&lists.closed), ["1"]);
    assert!(lists.closed[0].hint.as_ref().unwrap().contains("事務局に再開を依頼"));
    assert!(lists.closed[0].step.is_none());
}

#[test]
fn nobody_is_asked_for_what_has_not_begun() {
    let mut early = item(1, &[Author], state("draft"), OPEN);
    early.window = Window::NotYet { opens: early.period.dates.opens };
    assert!(lists(vec![early]).to_do.is_empty());
}

#[test]
fn a_head_confirms_what_waits_for_the_own_step_and_watches_the_rest() {
    let lists = lists(vec![
        item(1, &[SectionHead], state("submitted"), OPEN),
        item(2, &[DivisionHead], state("submitted"), OPEN),
        item(3, &[SectionHead], state("draft"), OPEN),
        item(4, &[SectionHead], state("returned"), OPEN),
        item(5, &[SectionHead], state("confirmed"), OPEN),
    ]);
    assert_eq!(addresses(&lists.to_confirm), ["1"]);
    assert_eq!(addresses(&lists.watched), ["4", "3"]);
    assert_eq!(addresses(&lists.done), ["2", "5"]);
    assert_eq!(lists.done[1].when.1, "事務局の受付待ち");
    assert!(lists.to_do.is_empty());
}

#[test]
fn a_supporter_finds_what_was_submitted_and_nothing_of_drafts() {
    let lists = lists(vec![
        item(1, &[Supporter], state("draft"), OPEN),
        item(2, &[Supporter], state("submitted"), OPEN),
        item(3, &[Supporter], state("fixed"), OPEN),
    ]);
    assert_eq!(addresses(&lists.supported), ["2"]);
    assert!(lists.to_do.is_empty() && lists.watched.is_empty());
}

#[test]
fn the_secretariat_sees_what_waits_and_which_departments_are_late() {
    let items = vec![
        item(1, &[Secretariat], state("confirmed"), OPEN),
        item(2, &[Secretariat], state("received"), OPEN),
        item(3, &[Secretariat], state("draft"), LATE),
        item(4, &[Secretariat], state("returned"), LATE),
        item(5, &[Secretariat], state("submitted"), OPEN),
    ];
    let board = Board::of(&work(items), Route::SectionHead);
    assert_eq!((board.to_receive, board.to_fix), (1, 1));
    assert_eq!(board.periods[0].counts, [1, 0, 1, 1, 1, 1, 0]);
    let late = &board.late[0];
    assert_eq!((late.not_begun, late.returned, late.days), (1, 1, 3));
    assert!(board.next().unwrap().text.contains("1件"));
}
