//! `kill -9` at any moment of saving: what was acknowledged is there, and what was not is there as a whole or not at all.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use fastrand::Rng;
use kaikaku_domain::person::Actor;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::look::{actor, found, texts};
use crate::person::Person;
use crate::plan::Written;
use crate::support::server::Server;
use crate::town::{Member, Place, Town};

/// How many kills a town suffers: its chain is made anew after each, so a long life would be a slow one.
const A_LIFE: usize = 100;

/// How long the first acknowledgement after a start may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one writer has been told about an entry by one server, until that was killed.
#[derive(Default)]
struct Told {
    entry: String,
    /// What was answered with 200, or kept beside with 409.
    acknowledged: Vec<String>,
    /// What was on its way.
    open: Option<String>,
    /// Moves that were acknowledged, and whether one was on its way.
    moves: (i64, bool),
}

/// What has been counted in all.
#[derive(Default)]
struct Sum {
    kills: usize,
    acknowledged: usize,
    /// Of what was on its way: there as a whole, not there.
    open: (usize, usize),
}

/// What stood in the record after the last restart.
#[derive(Default)]
struct Seen {
    /// Of each entry in their order.
    texts: BTreeMap<String, Vec<String>>,
    versions: BTreeMap<String, i64>,
    events: i64,
}

/// A town whose server is killed again and again.
struct Victim {
    town: Town,
    writers: [Person; 2],
    entries: Vec<String>,
    actor: Actor,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_at_any_moment_keeps_every_acknowledged_save() {
    let kills = env::var("KAIKAKU_KILLS").ok().map_or(A_LIFE, |kills| kills.parse().unwrap());
    let mut sum = Sum::default();
    for seed in 0.. {
        let left = kills - sum.kills;
        if left == 0 {
            break;
        }
        live(Place::folder(), seed, left.min(A_LIFE), &mut sum).await;
        println!("{sum}");
    }
    assert!(sum.acknowledged > kills && sum.open.1 > 0, "{sum}: it was never killed while it saved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_postgres_that_is_killed_keeps_every_acknowledged_save() {
    let mut sum = Sum::default();
    live(Place::database(), 7, 10, &mut sum).await;
    assert!(sum.acknowledged > 10, "{sum}");
}

/// A town from its founding to its last kill.
async fn live(place: Place, seed: u64, kills: usize, sum: &mut Sum) {
    let mut random = Rng::with_seed(seed);
    let victim = Victim::found(place).await;
    let mut server = victim.town.serve();
    let mut seen = victim.look(&Seen::default()).await;
    for _ in 0..kills {
        let told = victim.work_until_killed(server, &mut random).await;
        sum.kills += 1;
        server = victim.town.serve(); // what is looked at is what it finds
        seen = victim.compare(&seen, &told, sum).await;
    }
    assert_eq!(victim.look(&Seen::default()).await.texts, seen.texts, "what was there is there as it was");
    let told = victim.town.does(&["verify"]);
    assert!(told.contains(&format!("異常なし　事象 {}件", seen.events)), "{told}");
}

impl Victim {
    async fn found(place: Place) -> Victim {
        let members = ["tanto-0", "tanto-1"].map(|login| Member::new(login, &[("担当者", "市民課")]));
        let town = Town::found(place, &members, "none");
        let server = town.serve();
        let (addresses, changes) = ([server.address().to_owned()], Arc::new(AtomicU64::new(0)));
        let mut writers = ["tanto-0", "tanto-1"].map(|login| Person::new(&addresses, login, &changes));
        for writer in &mut writers {
            writer.sign_in(&town.passwords[&writer.login]).await;
        }
        let entries: Vec<String> = writers[0].tasks().await.into_iter().map(|(entry, _)| entry).collect();
        let (seen, _) = writers[1].open(&entries[4]).await;
        let saved = writers[1].save(&entries[4], &seen, &written("これを提出し、取り下げる。")).await;
        assert_eq!(saved.status, 200, "{}", saved.text());
        server.kill();
        let store = town.place.store().await;
        let actor = actor(&store, "tanto-0").await;
        store.close().await;
        Victim { town, writers, entries, actor }
    }

    /// Lets everybody work at a server, and kills it: soon after the first acknowledgement, or at once.
    async fn work_until_killed(&self, server: Server, random: &mut Rng) -> Vec<Told> {
        let (tell, mut told) = unbounded_channel();
        let run = random.u32(..);
        let at = |writer: usize| self.writers[writer].at(server.address());
        let name = |writer: usize| format!("{run}番の始動、書き手{writer}");
        let mut work: Vec<_> = (0..3)
            .map(|place| tokio::spawn(write(at(0), self.entries[place].clone(), name(place), tell.clone())))
            .collect();
        // These two write the same entry, and often come too late.
        for writer in 0..2 {
            let entry = self.entries[3].clone();
            work.push(tokio::spawn(write(at(writer), entry, name(3 + writer), tell.clone())));
        }
        work.push(tokio::spawn(submit_and_withdraw(at(1), self.entries[4].clone(), tell)));
        if random.u8(0..10) > 0 {
            tokio::time::timeout(PATIENCE, told.recv()).await.expect("nothing is acknowledged");
        }
        tokio::time::sleep(Duration::from_micros(random.u64(0..60_000))).await;
        server.kill();
        let mut all = Vec::new();
        for work in work {
            all.push(work.await.unwrap());
        }
        all
    }

    /// Holds the record against what the killed server had told.
    async fn compare(&self, before: &Seen, told: &[Told], sum: &mut Sum) -> Seen {
        let now = self.look(before).await;
        let mut new: BTreeMap<&str, usize> = BTreeMap::new();
        for (entry, texts) in &now.texts {
            for text in &texts[before.texts[entry].len()..] {
                *new.entry(text).or_default() += 1;
            }
        }
        let (mut kept, mut moved) = (0, 0);
        for told in told {
            for text in &told.acknowledged {
                assert_eq!(new.remove(text.as_str()), Some(1), "{text} was acknowledged");
                kept += 1;
            }
            if let Some(text) = &told.open {
                match new.remove(text.as_str()) {
                    Some(count) => (assert_eq!(count, 1, "{text}"), sum.open.0 += 1, kept += 1).0,
                    None => sum.open.1 += 1,
                }
            }
            if told.moves != (0, false) {
                moved = now.versions[&told.entry] - before.versions[&told.entry];
                let (acknowledged, is_open) = told.moves;
                assert!(moved == acknowledged || (is_open && moved == acknowledged + 1), "{moved} moves");
            }
            sum.acknowledged += told.acknowledged.len();
        }
        assert_eq!(new, BTreeMap::new(), "nobody wrote this");
        assert_eq!(now.events - before.events, kept + moved, "one event a change");
        now
    }

    /// Every text of every entry, the entries' versions, and the number of events, which must hold: so what was seen
    /// before is as it was, and need not be read again.
    async fn look(&self, before: &Seen) -> Seen {
        let store = self.town.place.store().await;
        let verified = store.verify(self.actor.municipality).await.unwrap();
        let events = verified.unwrap_or_else(|broken| panic!("{broken}")).events;
        let mut seen = Seen { texts: BTreeMap::new(), versions: BTreeMap::new(), events };
        for entry in &self.entries {
            seen.versions.insert(entry.clone(), found(&store, &self.actor, entry).await.version);
            let mut all = before.texts.get(entry).cloned().unwrap_or_default();
            all.extend(texts(&store, &self.actor, entry, all.len()).await);
            seen.texts.insert(entry.clone(), all);
        }
        store.close().await;
        seen
    }
}

/// Saves one text after the other, until the server is gone.
async fn write(mut person: Person, entry: String, name: String, tell: UnboundedSender<()>) -> Told {
    let mut told = Told { entry: entry.clone(), ..Told::default() };
    let Some(mut seen) = version(&mut person, &entry).await else { return told };
    for number in 1.. {
        let text = format!("{name}の{number}番。");
        let Ok(answer) = person.try_to_save(&entry, &seen, &written(&text)).await else {
            told.open = Some(text);
            return told;
        };
        told.acknowledged.push(text);
        let _ = tell.send(());
        match answer.status {
            200 => seen = answer.json()["version"].to_string(),
            409 => match version(&mut person, &entry).await {
                Some(version) => seen = version,
                None => return told,
            },
            _ => panic!("{entry}: {} {}", answer.status, answer.text()),
        }
    }
    unreachable!("numbers do not end")
}

/// Submits an entry and takes it back, until the server is gone.
async fn submit_and_withdraw(mut person: Person, entry: String, tell: UnboundedSender<()>) -> Told {
    let mut told = Told { entry: entry.clone(), ..Told::default() };
    let Some(mut seen) = version(&mut person, &entry).await else { return told };
    loop {
        let Some(page) = person.try_to_get(&entry).await else { return told };
        let is_draft = page.text().contains(&format!("action=\"{entry}/draft\""));
        let step = if is_draft { "submission" } else { "withdrawal" };
        told.moves.1 = true;
        let fields = [("seen", seen.as_str()), ("acknowledged", "1")];
        let Ok(answer) = person.try_to_post(&format!("{entry}/{step}"), &fields).await else { return told };
        assert_eq!(answer.status, 303, "{}", answer.text());
        told.moves = (told.moves.0 + 1, false);
        let _ = tell.send(());
        match version(&mut person, &entry).await {
            Some(version) => seen = version,
            None => return told,
        }
    }
}

/// The version of an entry that is open; none when the server is gone.
async fn version(person: &mut Person, entry: &str) -> Option<String> {
    person.try_to_get(entry).await?.input("seen")
}

fn written(text: &str) -> Written {
    Written { rating: "A", narrative: text.to_owned(), cause: String::new(), policy: String::new() }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { kills, acknowledged, open: (whole, absent) } = self;
        write!(
            out,
            "強制終了 {kills}回　応答した保存 {acknowledged}件（失われたもの 0件）　応答前だった保存 {}件（全部ある {whole}件、全くない {absent}件）",
            whole + absent
        )
    }
}
