-- The record. `@id`, `@int` and `@strict` are the dialect's (src/dialect.rs); all else is the same for both databases.
-- Moments are RFC 3339 in UTC with milliseconds, days are ISO dates, JSON is text, so that hashes can be made again.

create table municipality (
    id          @id,
    code        text not null unique,
    name        text not null,
    route       text not null,             -- the confirmations that the town wants
    head_seq    @int not null default 0,   -- the last event of its chain
    head_hash   text not null default ''
) @strict;

create table department (
    id              @id,
    municipality_id @int not null references municipality,
    position        @int not null,
    name            text not null,
    division_id     @int references department,
    from_year       @int not null,
    to_year         @int
) @strict;
create index department_of_municipality on department (municipality_id, position);

create table department_successor (
    department_id @int not null references department,
    successor_id  @int not null references department,
    primary key (department_id, successor_id)
) @strict;

create table account (
    id              @id,
    municipality_id @int not null references municipality,
    login           text not null,          -- folded: what is typed may be wide or capital
    name            text not null,
    password        text not null,          -- argon2id, PHC string
    must_change     @int not null default 0, -- 1 while the password is one that somebody else chose
    second_factor   text,                   -- JSON: secret, last step, recovery digests
    disabled_at     text,
    created_at      text not null,
    unique (municipality_id, login)
) @strict;

create table assignment (
    id              @id,
    municipality_id @int not null references municipality,
    account_id      @int not null references account,
    role            text not null,
    department_id   @int references department,
    from_day        text,
    to_day          text,
    deputy_of       @int references account
) @strict;
create index assignment_of_account on assignment (municipality_id, account_id);

create table session (
    digest          text primary key,       -- of the token, which only the browser has
    municipality_id @int not null references municipality,
    account_id      @int not null references account,
    stage           text not null,          -- full, or code: the second factor is still to come
    created_at      text not null,
    seen_at         text not null,
    ended_at        text
) @strict;
create index session_of_account on session (account_id);
create index session_created on session (created_at);

create table throttle (
    key   text primary key,
    state text not null,                    -- JSON: failures and when
    at    text not null
) @strict;
create index throttle_at on throttle (at);

create table plan_year (
    id              @id,
    municipality_id @int not null references municipality,
    title           text not null,
    fiscal_year     @int not null,
    form            text not null,
    frame           text not null,          -- the report document without its sheets
    unique (municipality_id, title, fiscal_year)
) @strict;

create table period (
    id              @id,
    municipality_id @int not null references municipality,
    year_id         @int not null references plan_year,
    position        @int not null,
    name            text not null,
    kind            text not null,
    opens           text not null,
    deadline        text not null,
    locks           text,
    unique (year_id, name)
) @strict;

create table sheet (
    id              @id,
    municipality_id @int not null references municipality,
    year_id         @int not null references plan_year,
    position        @int not null,
    measure         text,                   -- the permanent id, the same in every year
    reference       text not null,
    title           text not null,
    branch          text not null,          -- number and title of the plan's first level, over which lists group
    frame           text not null,          -- the sheet without what departments write
    unique (year_id, position)
) @strict;
create index sheet_of_measure on sheet (municipality_id, measure);

create table sheet_department (
    year_id         @int not null references plan_year,
    sheet_id        @int not null references sheet,
    relation        text not null,          -- lead, supporting
    position        @int not null,
    department_id   @int not null references department,
    primary key (year_id, sheet_id, relation, position) -- those of a year lie together, whatever other towns have
) @strict;

create table entry (
    id              @id,
    municipality_id @int not null references municipality,
    year_id         @int not null references plan_year,
    sheet_id        @int not null references sheet,
    period_id       @int not null references period,
    department_id   @int not null references department,
    position        @int not null,
    written         text not null,          -- the department's name as the document writes it
    version         @int not null default 0, -- grows with every change
    state           text not null,          -- the word in data
    state_data      text not null,          -- the state with its data, JSON
    draft_id        @int,                   -- the working text
    record_id       @int,                   -- what was submitted
    returned_id     @int,                   -- what had been submitted when it was last sent back
    rating          text,                   -- of the record, for lists
    touched_at      text,
    touched_by      @int references account,
    unique (sheet_id, period_id, department_id)
) @strict;
create index entry_of_year on entry (year_id, period_id, sheet_id);

create table revision (
    id              @id,
    municipality_id @int not null references municipality,
    entry_id        @int not null references entry,
    number          @int not null,          -- counted from 1 within the entry
    base_id         @int references revision,
    content         text not null,          -- JSON
    sha256          text not null,
    submitted       @int not null default 0, -- 1 once it was submitted: read by all who follow the sheet
    account_id      @int references account,
    at              text not null,
    unique (entry_id, number)
) @strict;

create table conflict (
    id              @id,
    municipality_id @int not null references municipality,
    entry_id        @int not null references entry,
    base_id         @int references revision,
    mine_id         @int not null references revision,
    theirs_id       @int references revision,
    account_id      @int not null references account,
    at              text not null,
    resolved_at     text
) @strict;
create index conflict_of_entry on conflict (entry_id);
create index conflict_of_account on conflict (account_id, resolved_at);

create table comment (
    id              @id,
    municipality_id @int not null references municipality,
    entry_id        @int not null references entry,
    field           text,
    body            text not null,
    account_id      @int not null references account,
    at              text not null,
    round           text not null,          -- remark, or return: written with a 差戻し
    resolved_at     text,
    resolved_by     @int references account
) @strict;
create index comment_of_entry on comment (entry_id);

create table event (
    municipality_id @int not null references municipality,
    seq             @int not null,          -- 1, 2, 3 … without a gap
    at              text not null,
    account_id      @int,
    kind            text not null,
    entry_id        @int,
    data            text not null,          -- JSON
    hash            text not null,          -- of all before it and itself
    primary key (municipality_id, seq)
) @strict;
create index event_of_entry on event (entry_id, seq);

create table outbox (
    id              @id,
    municipality_id @int not null references municipality,
    seq             @int not null,          -- the event that it tells of
    account_id      @int not null references account,
    kind            text not null,
    entry_id        @int references entry,
    data            text not null,
    at              text not null,
    sent_at         text
) @strict;
create index outbox_unsent on outbox (sent_at, id);
