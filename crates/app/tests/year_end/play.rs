//! The period itself: everybody at once, each with their own session; whose turn it is next is told by telephone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::person::Person;
use crate::plan::{Reviewer, Work, Written};
use crate::town::{DEPARTMENTS, Member, Town, title};

/// How long anybody waits for a call, so that a test ends by itself.
const PATIENCE: Duration = Duration::from_secs(60);

const SECRETARIES: usize = 3;

/// What a call is about: a work, its entry, and which of its submissions.
#[derive(Debug, Clone)]
struct Call {
    work: usize,
    entry: String,
    round: usize,
}

/// What everybody knows.
struct Office {
    works: Vec<Work>,
    lines: BTreeMap<String, UnboundedSender<Call>>,
}

/// Everybody: two authors and a head a department, two heads of divisions, three of the secretariat, one of headquarters.
pub(crate) fn members() -> Vec<Member> {
    let mut members = Vec::new();
    for (place, department) in DEPARTMENTS.into_iter().enumerate() {
        members.push(Member::new(author(place, 0), &[("担当者", department)]));
        members.push(Member::new(author(place, 1), &[("担当者", department)]));
        members.push(Member::new(head(place), &[("課長", department)]));
    }
    members.push(Member::new("bucho-0", &[("部長", "総合政策部"), ("部長", "市民部")]));
    members.push(Member::new("bucho-1", &[("部長", "総務部")]));
    members.extend((0..SECRETARIES).map(|place| Member::new(secretary(place), &[("事務局", "")])));
    members.push(Member::new("honbuin", &[("本部員", "")]));
    members
}

/// Plays the whole period over these servers; how many changes were acknowledged.
pub(crate) async fn play(town: &Town, addresses: &[String], works: &[Work]) -> u64 {
    let changes = Arc::new(AtomicU64::new(0));
    let mut lines = BTreeMap::new();
    let mut ears = BTreeMap::new();
    for login in town.passwords.keys() {
        let (line, ear) = unbounded_channel();
        lines.insert(login.clone(), line);
        ears.insert(login.clone(), ear);
    }
    let office = Arc::new(Office { works: works.to_vec(), lines });
    let mut people = JoinSet::new();
    for (login, initial) in &town.passwords {
        let person = Person::new(addresses, login, &changes);
        let (office, initial) = (Arc::clone(&office), initial.clone());
        let ear = ears.remove(login).unwrap();
        people.spawn(async move { office.day_of(person, &initial, ear).await });
    }
    while let Some(done) = people.join_next().await {
        done.unwrap(); // the first who cannot go on ends it for all
    }
    changes.load(Ordering::Relaxed)
}

impl Office {
    async fn day_of(&self, mut person: Person, initial: &str, mut ear: UnboundedReceiver<Call>) {
        person.sign_in(initial).await;
        let login = person.login.clone();
        let (role, place) = login.split_once('-').unwrap_or((&login, "0"));
        let place: usize = place.split('-').next().and_then(|place| place.parse().ok()).unwrap();
        match role {
            "tanto" => self.write_all(&mut person, &mut ear).await,
            "kacho" => {
                let of = |work: &Work| if work.department == place { work.rounds() } else { 0 };
                self.answer(&mut person, &mut ear, of, Act::ConfirmAsHead).await;
            }
            "bucho" => {
                let of = |work: &Work| if division_head(work) == login { work.passed() } else { 0 };
                self.answer(&mut person, &mut ear, of, Act::ConfirmAsDivisionHead).await;
            }
            "jimukyoku" => {
                let of = |work: &Work| if secretary_of(work) == login { work.passed() } else { 0 };
                self.answer(&mut person, &mut ear, of, Act::Receive).await;
            }
            _ => {} // headquarters read in the end
        }
    }

    /// An author: drafts and submits one's own, then puts right what comes back.
    async fn write_all(&self, person: &mut Person, ear: &mut UnboundedReceiver<Call>) {
        let own: Vec<usize> =
            (0..self.works.len()).filter(|work| author_of(&self.works[*work]) == person.login).collect();
        let entries = self.entries(person, &own).await;
        for (work, entry) in own.iter().zip(entries) {
            self.draft(person, *work, &entry).await;
        }
        let coming: usize = own.iter().map(|work| self.works[*work].corrections.len()).sum();
        for _ in 0..coming {
            let call = heard(ear).await;
            let (_, corrected) = &self.works[call.work].corrections[call.round];
            let (seen, page) = person.open(&call.entry).await;
            assert!(page.contains("差戻し") && page.contains(&reason(&call)), "{page}");
            let seen = save(person, &call.entry, &seen, corrected).await;
            self.submit(person, &Call { round: call.round + 1, ..call }, &seen).await;
        }
    }

    /// Where the entries of these works are: the author's home leads to them.
    async fn entries(&self, person: &mut Person, works: &[usize]) -> Vec<String> {
        let tasks = person.tasks().await;
        let of = |work: &usize| {
            let heading = format!("　{}</h1>", title(self.works[*work].sheet));
            let task = tasks.iter().find(|(_, page)| page.contains(&heading));
            task.unwrap_or_else(|| panic!("{} does not find {heading}", person.login)).0.clone()
        };
        works.iter().map(of).collect()
    }

    async fn draft(&self, person: &mut Person, work: usize, entry: &str) {
        let Work { drafts, is_withdrawn, is_stale, .. } = &self.works[work];
        let (first_seen, _) = person.open(entry).await;
        let mut seen = first_seen.clone();
        for (place, written) in drafts.iter().enumerate() {
            if place == 1 && *is_stale {
                second_window(person, entry, &first_seen, written).await;
                (seen, _) = person.open(entry).await;
            }
            seen = save(person, entry, &seen, written).await;
        }
        // A key too many: the same text again is no change.
        let again = person.save(entry, &seen, drafts.last().unwrap()).await;
        assert_eq!((again.status, again.json()["version"].to_string()), (200, seen.clone()));
        let call = Call { work, entry: entry.to_owned(), round: 0 };
        if *is_withdrawn {
            person.make(entry, "submission", &seen, &[("acknowledged", "1")]).await;
            person.count();
            let (submitted, _) = person.open(entry).await;
            person.make(entry, "withdrawal", &submitted, &[]).await;
            person.count();
            (seen, _) = person.open(entry).await;
        }
        self.submit(person, &call, &seen).await;
    }

    async fn submit(&self, person: &mut Person, call: &Call, seen: &str) {
        let check = person.get(&format!("{}/submission", call.entry)).await;
        assert_eq!(check.input("seen").as_deref(), Some(seen));
        person.make(&call.entry, "submission", seen, &[("acknowledged", "1")]).await;
        person.count();
        // A click too many.
        person.make(&call.entry, "submission", seen, &[("acknowledged", "1")]).await;
        self.ring(&head(self.works[call.work].department), call);
    }

    /// Somebody who waits for so many calls of each work, and deals with each.
    async fn answer(
        &self,
        person: &mut Person,
        ear: &mut UnboundedReceiver<Call>,
        calls: impl Fn(&Work) -> usize,
        act: Act,
    ) {
        for _ in 0..self.works.iter().map(calls).sum() {
            let call = heard(ear).await;
            let work = &self.works[call.work];
            match act {
                Act::ConfirmAsHead if work.is_sent_back(call.round, Reviewer::Head) => {
                    self.send_back(person, &call).await;
                }
                Act::ConfirmAsHead => {
                    step(person, &call.entry, "confirmation").await;
                    self.ring(division_head(work), &call);
                }
                Act::ConfirmAsDivisionHead => {
                    step(person, &call.entry, "confirmation").await;
                    self.ring(&secretary_of(work), &call);
                }
                Act::Receive if work.is_sent_back(call.round, Reviewer::Secretariat) => {
                    self.send_back(person, &call).await;
                }
                Act::Receive => {
                    receive(person, &call.entry).await;
                    step(person, &call.entry, "fixing").await;
                }
            }
        }
    }

    async fn send_back(&self, person: &mut Person, call: &Call) {
        let (seen, _) = person.open(&call.entry).await;
        let fields =
            [("reason", reason(call)), ("comment.narrative", "数値の出典を書いてください。".to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        person.make(&call.entry, "return", &seen, &fields).await;
        person.count();
        self.ring(&author_of(&self.works[call.work]), call);
    }

    fn ring(&self, login: &str, call: &Call) {
        self.lines[login].send(call.clone()).unwrap();
    }
}

/// What somebody does with what comes in.
#[derive(Debug, Clone, Copy)]
enum Act {
    ConfirmAsHead,
    ConfirmAsDivisionHead,
    Receive,
}

async fn heard(ear: &mut UnboundedReceiver<Call>) -> Call {
    tokio::time::timeout(PATIENCE, ear.recv()).await.expect("nobody has called").unwrap()
}

/// Saves a text that is new; the entry's version with it.
async fn save(person: &mut Person, entry: &str, seen: &str, written: &Written) -> String {
    let answer = person.save(entry, seen, written).await;
    assert_eq!(answer.status, 200, "{} {entry}: {}", person.login, answer.text());
    person.count();
    answer.json()["version"].to_string()
}

/// An old page of the author's own, saved in another window: both texts wait, and the author joins them.
async fn second_window(person: &mut Person, entry: &str, seen: &str, written: &Written) {
    let stale = Written {
        narrative: format!("{}別の画面で書いた文。", written.narrative),
        ..written.clone()
    };
    let answer = person.save(entry, seen, &stale).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    person.count();
    let conflict = answer.json()["conflict"].as_str().unwrap().to_owned();
    let (seen, page) = person.open(&conflict).await;
    assert!(page.contains("別の画面で書いた文。"), "{page}");
    let joined = format!("{}二つの画面から。", written.narrative);
    let choices: Vec<(String, &str)> = choices(&page)
        .into_iter()
        .map(|code| if code == "choice.narrative" { (code, "merged") } else { (code, "mine") })
        .collect();
    let mut fields: Vec<(&str, &str)> = choices.iter().map(|(code, side)| (code.as_str(), *side)).collect();
    fields.extend([("seen", seen.as_str()), ("merged.narrative", &joined)]);
    let answer = person.post(&conflict, &fields).await;
    assert_eq!(
        answer.header("location"),
        Some(format!("{entry}?done=resolved").as_str()),
        "{}",
        answer.text()
    );
    person.count();
}

/// Opens an entry and makes the move that its page offers.
async fn step(person: &mut Person, entry: &str, step: &str) {
    let (seen, _) = person.open(entry).await;
    person.make(entry, step, &seen, &[]).await;
    person.count();
}

/// The secretariat's receipt: one of the three works through the queue, the others open each entry.
async fn receive(person: &mut Person, entry: &str) {
    if person.login != secretary(0) {
        return step(person, entry, "receipt").await;
    }
    let number = entry.trim_start_matches("/entries/");
    let queue = person.get("/review?queue=receipt").await;
    let name = format!("seen.{number}");
    let seen = queue.input(&name).unwrap_or_else(|| panic!("{entry} does not wait: {}", queue.text()));
    let answer = person.post("/review/receipt", &[("entry", number), (&name, &seen)]).await;
    assert!(answer.status == 200 && answer.text().contains("1件を受け付けました"), "{}", answer.text());
    person.count();
}

fn reason(call: &Call) -> String {
    format!("{}回目の提出について、根拠が足りません。", call.round + 1)
}

fn author(department: usize, place: usize) -> String {
    format!("tanto-{department}-{place}")
}

fn author_of(work: &Work) -> String {
    author(work.department, work.author)
}

fn head(department: usize) -> String {
    format!("kacho-{department}")
}

fn division_head(work: &Work) -> &'static str {
    if (3..6).contains(&work.department) { "bucho-1" } else { "bucho-0" }
}

fn secretary(place: usize) -> String {
    format!("jimukyoku-{place}")
}

fn secretary_of(work: &Work) -> String {
    secretary(work.sheet % SECRETARIES)
}

/// The names of the choices that a conflict's page asks for, each once.
fn choices(page: &str) -> Vec<String> {
    let mut names: Vec<String> = page
        .split("name=\"choice.")
        .skip(1)
        .filter_map(|rest| Some(format!("choice.{}", rest.split('"').next()?)))
        .collect();
    names.dedup();
    names
}
