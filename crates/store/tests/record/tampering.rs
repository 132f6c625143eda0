//! Whoever changes the past with a database client is found, and the first bad place is named.

use kaikaku_domain::workflow::Move;
use kaikaku_store::{Broken, Store};

use crate::support::{Place, Town, act, at, on_both, write};

on_both!(every_tampering_is_found_and_named);

/// What a person does with a database client, and what is said of it. `{e}` is the story's entry, `{r}` its working
/// text, `{b}` the text before that, `{n}` the newest entry. Events 4 to 7 are its own: saved, saved, submitted, sent back.
const TAMPERINGS: [(&str, &str); 32] = [
    // Events.
    ("update event set data = '{}' where seq = 5", "changed 5"),
    ("update event set data = data || ' ' where seq = 5", "changed 5"),
    ("update event set kind = 'fixed' where seq = 6", "changed 6"),
    ("update event set account_id = 1 + account_id where seq = 4", "changed 4"),
    ("update event set account_id = null where seq = 4", "changed 4"),
    ("update event set entry_id = 1 + entry_id where seq = 4", "changed 4"),
    ("update event set at = '2026-03-25T09:00:05.000+09:00' where seq = 4", "changed 4"),
    ("update event set hash = 'x' where seq = 4", "changed 4"),
    ("delete from event where seq = 1", "gap 1 2"),
    ("delete from event where seq = 5", "gap 5 6"),
    ("delete from event where seq = 7", "cut 7 6"),
    ("delete from event", "cut 7 0"),
    (
        "update event set seq = 99 where seq = 4; update event set seq = 4 where seq = 5; \
         update event set seq = 5 where seq = 99",
        "changed 4",
    ),
    (
        "insert into event \
         select municipality_id, 8, at, account_id, kind, entry_id, before_seq, data, hash from event where seq = 7",
        "changed 8",
    ),
    ("update event set before_seq = 4 where seq = 6", "changed 6"),
    ("update event set before_seq = null where seq = 5", "changed 5"),
    // Who names the last events, and an end that was cut off together with its name.
    ("update municipality set town_seq = 2", "town 3"),
    ("update municipality set town_seq = 8", "cut 8 7"),
    ("update entry set last_seq = 6 where id = {e}", "state {e} 7"),
    ("update entry set last_seq = 8 where id = {e}", "cut 8 7"),
    ("delete from event where seq = 7; update entry set last_seq = 6 where id = {e}", "state {e} 6"),
    // Texts.
    ("update revision set content = replace(content, '二', '三') where id = {r}", "revision 5 {r}"),
    ("update revision set sha256 = 'x' where id = {b}", "revision 4 {b}"),
    ("update revision set entry_id = {e} + 1, number = 90 where id = {b}", "revision 4 {b}"),
    (
        "insert into revision (municipality_id, entry_id, number, content, sha256, at) \
         select municipality_id, entry_id, 99, content, sha256, at from revision where id = {r}",
        "unaccounted {e}",
    ),
    // Entries.
    ("update entry set state_data = replace(state_data, '直して', 'よい') where id = {e}", "state {e} 7"),
    ("update entry set state = 'fixed' where id = {e}", "state {e} 7"),
    ("update entry set record_id = {b} where id = {e}", "state {e} 7"),
    ("update entry set draft_id = null where id = {e}", "state {e} 7"),
    ("update entry set returned_id = {b} where id = {e}", "state {e} 7"),
    ("update entry set rating = 'A' where id = {e}", "state {e} 7"),
    (
        "insert into entry (municipality_id, year_id, sheet_id, period_id, department_id, position, written, version, \
                            state, state_data) \
         select municipality_id, year_id, sheet_id, period_id, 1, 99, written, 0, state, state_data from entry \
         where id = {e}",
        "state {n} 0",
    ),
];

async fn every_tampering_is_found_and_named(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let id = town.entry(&store).await;
    let author = town.actor(&store, "author").await;
    let mut texts = Vec::new();
    for words in ["一", "二"] {
        texts.push(write(&store, &author, id, words).await);
    }
    act(&store, &author, id, Move::Submit, None, at(6)).await.unwrap();
    let secretariat = town.actor(&store, "secretariat").await;
    act(&store, &secretariat, id, Move::SendBack("直してください。".to_owned()), None, at(7)).await.unwrap();
    store.verify(town.id).await.unwrap().unwrap();

    let fill = |text: &str| {
        text.replace("{e}", &id.to_string())
            .replace("{b}", &texts[0].to_string())
            .replace("{r}", &texts[1].to_string())
    };
    place.run(COPY).await;
    for (sql, found) in TAMPERINGS {
        place.run(&fill(sql)).await;
        let last = place.ask("select cast(max(id) as text) from entry").await.remove(0);
        assert_eq!(verdict(&store, &town).await, fill(found).replace("{n}", &last), "{sql}");
        place.run(&restore()).await;
        assert_eq!(verdict(&store, &town).await, "holds", "after {sql}");
    }
    // An entry without a text, gone for good: nothing but the event that made it tells of it.
    let open = town.line(&store, "m-0001", "期末", "市民課").await.entry;
    place.run(&format!("delete from entry where id = {open}")).await;
    assert_eq!(verdict(&store, &town).await, format!("state {open} 2"));
}

/// Copies of what is tampered with, to begin each time from the same record.
const COPY: &str = "create table copied_event as select * from event; \
                    create table copied_town as select * from municipality; \
                    create table copied_revision as select * from revision; \
                    create table copied_entry as select * from entry; \
                    create index copied_revision_id on copied_revision (id); \
                    create index copied_entry_id on copied_entry (id)";

fn restore() -> String {
    let mut sql = "delete from event; insert into event select * from copied_event; \
                   update municipality set town_seq = (select town_seq from copied_town); \
                   delete from revision where number = 99; delete from entry where position = 99;"
        .to_owned();
    for (table, columns) in [
        ("revision", &["content", "sha256", "entry_id", "number"][..]),
        ("entry", &["state", "state_data", "draft_id", "record_id", "returned_id", "rating", "last_seq"]),
    ] {
        for column in columns {
            sql += &format!(
                "update {table} set {column} = (select {column} from copied_{table} c where c.id = {table}.id);"
            );
        }
    }
    sql
}

async fn verdict(store: &Store, town: &Town) -> String {
    match store.verify(town.id).await.unwrap() {
        Ok(_) => "holds".to_owned(),
        Err(Broken::Gap { expected, found }) => format!("gap {expected} {found}"),
        Err(Broken::Changed(seq)) => format!("changed {seq}"),
        Err(Broken::Cut { head, found }) => format!("cut {head} {found}"),
        Err(Broken::Town(seq)) => format!("town {seq}"),
        Err(Broken::Revision { seq, revision }) => format!("revision {seq} {revision}"),
        Err(Broken::State { entry, seq }) => format!("state {entry} {seq}"),
        Err(Broken::Unaccounted { entry, .. }) => format!("unaccounted {entry}"),
    }
}
