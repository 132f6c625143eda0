//! One entry with all that its page shows: texts, comments, conflicts, history, and the same measure's other entries.

use kaikaku_domain::Moment;
use kaikaku_domain::entry::{Content, Frame};
use kaikaku_domain::id::{
    CommentId, ConflictId, DepartmentId, EntryId, PeriodId, RevisionId, SheetId, UserId, YearId,
};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::{Relations, Sight, State};

use crate::StoreError;
use crate::database::{Store, read};
use crate::line::Concerned;

/// An entry as one person may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Its sheet.
    pub sheet: SheetId,
    /// Its year.
    pub year: YearId,
    /// Its period.
    pub period: PeriodId,
    /// What is written in that period.
    pub kind: PeriodKind,
    /// The department that answers; the first lead where all answer together.
    pub department: DepartmentId,
    /// Its name, as the sheet writes it.
    pub department_name: String,
    /// Its version.
    pub version: i64,
    /// Where it is.
    pub state: State,
    /// The measure's permanent id.
    pub measure: Option<String>,
    /// What the plan says.
    pub frame: Frame,
    /// The lead departments.
    pub leads: Vec<DepartmentId>,
    /// The supporting departments.
    pub supporting: Vec<DepartmentId>,
    /// The working text, for those who may read it.
    pub draft: Option<Revision>,
    /// What was submitted, for those who may read it.
    pub record: Option<Revision>,
    /// What had been submitted when it was last sent back, for those who may read the record.
    pub returned: Option<Revision>,
    /// What the person is to it.
    pub relations: Relations,
    /// What that person may read.
    pub sight: Sight,
}

/// A text of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// Counted from 1.
    pub number: i64,
    /// The text.
    pub content: Content,
    /// Who wrote it; none when it was loaded.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
}

/// A revision on one line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionLine {
    /// Its id.
    pub id: RevisionId,
    /// Counted from 1.
    pub number: i64,
    /// Who wrote it.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
}

/// A comment at an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The field that it is about; none for the whole.
    pub field: Option<String>,
    /// What it says.
    pub body: String,
    /// Who wrote it.
    pub by: UserId,
    /// That person's name.
    pub name: String,
    /// When.
    pub at: Moment,
    /// Whether it came with a 差戻し.
    pub with_return: bool,
}

/// Two texts of one entry that wait for a decision, with what both were written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its id.
    pub id: ConflictId,
    /// The entry.
    pub entry: EntryId,
    /// What both were written from.
    pub base: Option<Revision>,
    /// What came too late.
    pub mine: Revision,
    /// When.
    pub at: Moment,
    /// Whether it was decided.
    pub is_resolved: bool,
}

/// Another entry of the same measure, with what was submitted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The entry.
    pub entry: EntryId,
    /// Its year.
    pub year: YearId,
    /// Its period.
    pub period: PeriodId,
    /// The period's name.
    pub period_name: String,
    /// What is written in it.
    pub kind: PeriodKind,
    /// The department that answers.
    pub department: DepartmentId,
    /// Its name, as the sheet writes it.
    pub department_name: String,
    /// What was submitted, for those who may read it.
    pub record: Option<Content>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    sheet_id: i64,
    year_id: i64,
    period_id: i64,
    kind: String,
    department_id: i64,
    written: String,
    version: i64,
    state_data: String,
    measure: Option<String>,
    frame: String,
    draft_id: Option<i64>,
    record_id: Option<i64>,
    returned_id: Option<i64>,
}

type RevisionRow = (i64, i64, String, Option<i64>, String);
type CommentRow = (i64, Option<String>, String, i64, String, String, String);
type NeighbourRow = (i64, i64, i64, String, String, i64, String, i64, String, Option<String>);

impl Store {
    /// The entry of this id as a person may see it; none when there is none, or when the person may not know of it.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn entry(&self, actor: &Actor, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let row: Option<EntryRow> = read!(self, db => sqlx::query_as(
            "select e.sheet_id, e.year_id, e.period_id, p.kind, e.department_id, e.written, e.version,
                    e.state_data, s.measure, s.frame, e.draft_id, e.record_id, e.returned_id
             from entry e join sheet s on s.id = e.sheet_id join period p on p.id = e.period_id
             where e.id = $1 and e.municipality_id = $2",
        )
        .bind(id.number())
        .bind(actor.municipality.number())
        .fetch_optional(db))?;
        let Some(row) = row else { return Ok(None) };
        let concerned = self.concerned_with(SheetId::new(row.sheet_id)).await?;
        let kind = kind(&row.kind);
        let own = (kind == PeriodKind::Report).then_some(DepartmentId::new(row.department_id));
        let relations = concerned.relations(actor, own);
        let state = crate::state(&row.state_data, id)?;
        let sight = relations.sight(&state);
        if sight == Sight::Nothing {
            return Ok(None);
        }
        let of = |id: Option<i64>, least: Sight| id.filter(|_| sight >= least).map(RevisionId::new);
        let draft = of(row.draft_id, Sight::Draft);
        let (record, returned) = (of(row.record_id, Sight::Record), of(row.returned_id, Sight::Record));
        let texts = self.revisions(id, &[draft, record, returned]).await?;
        let find = |id: Option<RevisionId>| texts.iter().find(|text| Some(text.id) == id).cloned();
        Ok(Some(Entry {
            id,
            sheet: SheetId::new(row.sheet_id),
            year: YearId::new(row.year_id),
            period: PeriodId::new(row.period_id),
            kind,
            department: DepartmentId::new(row.department_id),
            department_name: row.written,
            version: row.version,
            state,
            measure: row.measure,
            frame: serde_json::from_str(&row.frame)
                .map_err(|_| StoreError::Corrupt(format!("sheet {}", row.sheet_id)))?,
            leads: concerned.leads,
            supporting: concerned.supporting,
            draft: find(draft),
            record: find(record),
            returned: find(returned),
            relations,
            sight,
        }))
    }

    async fn concerned_with(&self, sheet: SheetId) -> Result<Concerned, StoreError> {
        let rows: Vec<(String, i64)> = read!(self, db => sqlx::query_as(
            "select relation, department_id from sheet_department where sheet_id = $1 order by position",
        )
        .bind(sheet.number())
        .fetch_all(db))?;
        let mut concerned = Concerned::default();
        for (relation, department) in rows {
            concerned.add(&relation, department);
        }
        Ok(concerned)
    }

    /// Texts of one entry.
    async fn revisions(
        &self,
        entry: EntryId,
        ids: &[Option<RevisionId>],
    ) -> Result<Vec<Revision>, StoreError> {
        let wanted: Vec<i64> = ids.iter().flatten().map(|id| id.number()).collect();
        let wanted = serde_json::to_string(&wanted).unwrap_or_default();
        let select = format!(
            "select id, number, content, account_id, at from revision where entry_id = $1 and id in {}",
            self.dialect().numbers("$2")
        );
        let rows: Vec<RevisionRow> = read!(self, db => sqlx::query_as(sqlx::AssertSqlSafe(select.as_str()))
            .bind(entry.number())
            .bind(&wanted)
            .fetch_all(db))?;
        rows.into_iter().map(revision).collect()
    }

    /// One text of an entry that was found for a person.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn revision(&self, entry: &Entry, id: RevisionId) -> Result<Option<Revision>, StoreError> {
        Ok(self.revisions(entry.id, &[Some(id)]).await?.into_iter().next())
    }

    /// The history of texts of an entry that was found for a person, oldest first: all for those who may read drafts,
    /// what was submitted for those who may read the record.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn history(&self, entry: &Entry) -> Result<Vec<RevisionLine>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>, String)> = read!(self, db => sqlx::query_as(
            "select id, number, account_id, at from revision where entry_id = $1 order by number",
        )
        .bind(entry.id.number())
        .fetch_all(db))?;
        rows.into_iter()
            .map(|(id, number, by, at)| {
                let (id, by) = (RevisionId::new(id), by.map(UserId::new));
                Ok(RevisionLine { id, number, by, at: crate::moment(&at)? })
            })
            .collect()
    }

    /// The comments at an entry that was found for a person, oldest first.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn comments(&self, entry: &Entry) -> Result<Vec<Comment>, StoreError> {
        let rows: Vec<CommentRow> = read!(self, db => sqlx::query_as(
            "select c.id, c.field, c.body, c.account_id, a.name, c.at, c.round
             from comment c join account a on a.id = c.account_id where c.entry_id = $1 order by c.id",
        )
        .bind(entry.id.number())
        .fetch_all(db))?;
        rows.into_iter()
            .map(|(id, field, body, by, name, at, round)| {
                let (id, by, at) = (CommentId::new(id), UserId::new(by), crate::moment(&at)?);
                Ok(Comment { id, field, body, by, name, at, with_return: round == "return" })
            })
            .collect()
    }

    /// The conflicts of a person that wait, with their entries.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn waiting_conflicts(&self, actor: &Actor) -> Result<Vec<(ConflictId, EntryId)>, StoreError> {
        let rows: Vec<(i64, i64)> = read!(self, db => sqlx::query_as(
            "select id, entry_id from conflict
             where account_id = $1 and municipality_id = $2 and resolved_at is null order by id",
        )
        .bind(actor.user.number())
        .bind(actor.municipality.number())
        .fetch_all(db))?;
        Ok(rows.into_iter().map(|(id, entry)| (ConflictId::new(id), EntryId::new(entry))).collect())
    }

    /// A conflict of this person at an entry that was found for the person; nobody else's is found.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn conflict(
        &self,
        actor: &Actor,
        entry: &Entry,
        id: ConflictId,
    ) -> Result<Option<Conflict>, StoreError> {
        let row: Option<(Option<i64>, i64, String, Option<String>)> = read!(self, db => sqlx::query_as(
            "select base_id, mine_id, at, resolved_at from conflict
             where id = $1 and entry_id = $2 and account_id = $3",
        )
        .bind(id.number())
        .bind(entry.id.number())
        .bind(actor.user.number())
        .fetch_optional(db))?;
        let Some((base, mine, at, resolved)) = row else { return Ok(None) };
        let (base, mine) = (base.map(RevisionId::new), RevisionId::new(mine));
        let texts = self.revisions(entry.id, &[base, Some(mine)]).await?;
        let find = |id: Option<RevisionId>| texts.iter().find(|text| Some(text.id) == id).cloned();
        Ok(Some(Conflict {
            id,
            entry: entry.id,
            base: find(base),
            mine: find(Some(mine))
                .ok_or_else(|| StoreError::Corrupt(format!("revision {mine} of conflict {id}")))?,
            at: crate::moment(&at)?,
            is_resolved: resolved.is_some(),
        }))
    }

    /// The other entries of a measure, in this year and all others, as a person may see them: by year and period. A
    /// measure without a permanent id has only those of its own sheet.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn neighbours(&self, actor: &Actor, entry: &Entry) -> Result<Vec<Neighbour>, StoreError> {
        let rows: Vec<NeighbourRow> = read!(self, db => sqlx::query_as(
            "select e.id, e.year_id, e.period_id, p.name, p.kind, e.department_id, e.written, e.sheet_id,
                    e.state_data, r.content
             from sheet s join plan_year y on y.id = s.year_id join entry e on e.sheet_id = s.id
             join period p on p.id = e.period_id left join revision r on r.id = e.record_id
             where s.municipality_id = $1 and (s.id = $2 or s.measure = $3)
             order by y.fiscal_year, p.position, e.position",
        )
        .bind(actor.municipality.number())
        .bind(entry.sheet.number())
        .bind(entry.measure.as_deref())
        .fetch_all(db))?;
        let mut neighbours = Vec::new();
        for row in rows {
            let (id, year, period, name, kind_word, department, written, _, state, record) = row;
            if id == entry.id.number() {
                continue;
            }
            let kind = kind(&kind_word);
            let own = (kind == PeriodKind::Report).then_some(DepartmentId::new(department));
            let concerned = Concerned { leads: entry.leads.clone(), supporting: entry.supporting.clone() };
            let sight = concerned.relations(actor, own).sight(&crate::state(&state, EntryId::new(id))?);
            // Whoever writes this year's reads what the measure said before, whichever department said it then.
            let may_read =
                sight >= Sight::Record || entry.sight == Sight::Draft && year != entry.year.number();
            let record = record.filter(|_| may_read);
            neighbours.push(Neighbour {
                entry: EntryId::new(id),
                year: YearId::new(year),
                period: PeriodId::new(period),
                period_name: name,
                kind,
                department: DepartmentId::new(department),
                department_name: written,
                record: record.map(|text| content(&text, id)).transpose()?,
            });
        }
        Ok(neighbours)
    }
}

fn kind(word: &str) -> PeriodKind {
    if word == "start" { PeriodKind::Start } else { PeriodKind::Report }
}

fn content(text: &str, id: i64) -> Result<Content, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(format!("text of entry {id}")))
}

fn revision((id, number, text, by, at): RevisionRow) -> Result<Revision, StoreError> {
    Ok(Revision {
        id: RevisionId::new(id),
        number,
        content: serde_json::from_str(&text).map_err(|_| StoreError::Corrupt(format!("revision {id}")))?,
        by: by.map(UserId::new),
        at: crate::moment(&at)?,
    })
}
