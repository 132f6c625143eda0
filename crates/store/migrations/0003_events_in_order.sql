-- An event lies where its number says and names the one before it at the same entry; an entry names its last one, and a
-- town its last one that is about no entry: people, departments, years and settings are as they were since. So noting an
-- event writes no index, and the head of a town's chain is its last event.
alter table entry add column last_seq @int;
update entry set last_seq = (select max(seq) from event where entry_id = entry.id);

alter table municipality add column town_seq @int not null default 0;
update municipality set town_seq =
    (select coalesce(max(seq), 0) from event where municipality_id = municipality.id and entry_id is null);
alter table municipality drop column head_seq;
alter table municipality drop column head_hash;

create table event_in_order (
    municipality_id @int not null references municipality,
    seq             @int not null,          -- 1, 2, 3 … without a gap
    at              text not null,
    account_id      @int,
    kind            text not null,
    entry_id        @int,
    before_seq      @int,                   -- the event before it at the same entry
    data            text not null,          -- JSON
    hash            text not null,          -- of all before it and itself
    primary key (municipality_id, seq)
) @in_order;
insert into event_in_order (municipality_id, seq, at, account_id, kind, entry_id, before_seq, data, hash)
    select municipality_id, seq, at, account_id, kind, entry_id,
        (select max(before.seq) from event before where before.entry_id = event.entry_id and before.seq < event.seq),
        data, hash
    from event order by municipality_id, seq;
drop table event;
alter table event_in_order rename to event;

-- Texts are never taken away, so the next number is the last one and one more; SQLite need not write it down for each.
-- Only the word goes: what lies in the table stays as it is (https://www.sqlite.org/lang_altertable.html, 8).
@sqlite pragma writable_schema = on;
@sqlite update sqlite_schema set sql = replace(sql, 'autoincrement', '') where type = 'table' and name = 'revision';
@sqlite pragma writable_schema = reset;
