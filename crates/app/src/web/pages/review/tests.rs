use kaikaku_domain::workflow::Relation::{Author, DivisionHead, Secretariat, SectionHead};
use kaikaku_domain::workflow::State;

use super::*;
use crate::web::work::fixture::{at, item, state, today, work};

const OPEN: (&str, Option<&str>) = ("2026-04-10", None);

#[test]
fn everyone_finds_in_the_queue_what_waits_for_them_alone() {
    let queue = |relations: &[Relation], code: &str| {
        Queue::of(&item(1, relations, state(code), OPEN), Route::BothHeads)
    };
    assert_eq!(queue(&[SectionHead], "submitted"), Some(Queue::Confirmation));
    assert_eq!(queue(&[SectionHead], "confirmed"), None);
    assert_eq!(queue(&[DivisionHead], "confirmed"), Some(Queue::Confirmation));
    assert_eq!(queue(&[Secretariat], "confirmed"), None);
    assert_eq!(queue(&[Secretariat], "received"), Some(Queue::Fixing));
    assert_eq!(queue(&[Author], "submitted"), None);
    let received = Queue::of(&item(1, &[Secretariat], state("confirmed"), OPEN), Route::SectionHead);
    assert_eq!(received, Some(Queue::Receipt));
}

#[test]
fn what_waits_longest_comes_first_unless_the_plan_is_asked_for() {
    let submitted = |number, day| {
        let state = State::Submitted { by: kaikaku_domain::id::UserId::new(1), at: at(day) };
        item(number, &[SectionHead], state, OPEN)
    };
    let work = work(vec![submitted(1, "2026-04-05"), submitted(2, "2026-04-01"), submitted(3, "2026-04-03")]);
    let order = |query: &str| {
        let filter = Filter::read(&Fields::read(query.as_bytes()).unwrap());
        let shown = filter.shown(work.items.iter().collect());
        shown.iter().map(|item| item.line.entry.number()).collect::<Vec<_>>()
    };
    assert_eq!(order(""), [2, 3, 1]);
    assert_eq!(order("order=plan"), [1, 2, 3]);
    assert_eq!(order("department=7"), Vec::<i64>::new());
    assert_eq!(waited(at("2026-04-01"), today()), "4月1日 10:00（5日）");
    assert_eq!(waited(at("2026-04-06"), today()), "4月6日 10:00（今日）");
}

#[test]
fn the_first_queue_in_which_anything_waits_is_opened() {
    let work = work(vec![
        item(1, &[Secretariat], state("received"), OPEN),
        item(2, &[Secretariat, SectionHead], state("fixed"), OPEN),
    ]);
    let queues = queues(&work, Route::SectionHead);
    assert_eq!(queues, [(Queue::Fixing, 1)]);
    assert_eq!(Filter::default().queue(&queues), Queue::Fixing);
    let asked = Filter { queue: "receipt".to_owned(), ..Filter::default() };
    assert_eq!(asked.queue(&queues), Queue::Receipt);
}

#[test]
fn the_same_list_can_be_asked_for_with_every_row_chosen() {
    let read = |query: &str| Filter::read(&Fields::read(query.as_bytes()).unwrap());
    let filter = read("queue=receipt&department=3&order=plan");
    assert_eq!(filter.address(true), "/review?queue=receipt&department=3&order=plan&all=1");
    assert!(read("queue=receipt&all=1").is_all);
    assert_eq!(read("period=%26all%3D1").address(false), "/review?period=%26all%3D1");
}
