//! One entry with its texts and their history.

use std::sync::Arc;

use kaikaku_domain::Moment;
use kaikaku_domain::entry::{Content, Frame};
use kaikaku_domain::id::{DepartmentId, EntryId, PeriodId, RevisionId, SheetId, UserId, YearId};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::{Relations, Sight, State};

use crate::StoreError;
use crate::database::Store;
use crate::line::Concerned;
use crate::row::{Columns, Row, binds};

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
    pub frame: Arc<Frame>,
    /// The lead departments.
    pub leads: Vec<DepartmentId>,
    /// The supporting departments.
    pub supporting: Vec<DepartmentId>,
    /// The working text, for those who may read it.
    pub draft: Option<Revision>,
    /// What was submitted, for those who may read it.
    pub record: Option<Revision>,
    /// What had been submitted when it was last sent back, for those who follow its way and not only read the outcome.
    pub returned: Option<Revision>,
    /// What the person is to it.
    pub relations: Relations,
    /// What that person may read.
    pub sight: Sight,
    /// The last event about the town and none of its entries, when this was read.
    pub(crate) town_seq: i64,
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
    /// Whether it was submitted once.
    pub was_submitted: bool,
}

/// What all entries of a sheet share: it changes only with the plan.
#[derive(Debug)]
pub(crate) struct Planned {
    measure: Option<String>,
    frame: Arc<Frame>,
    concerned: Concerned,
}

struct EntryRow {
    sheet_id: i64,
    year_id: i64,
    period_id: i64,
    kind: String,
    department_id: i64,
    written: String,
    version: i64,
    state_data: String,
    town_seq: i64,
}

crate::row::row!(EntryRow {
    sheet_id,
    year_id,
    period_id,
    kind,
    department_id,
    written,
    version,
    state_data,
    town_seq
});

type RevisionRow = (i64, i64, String, Option<i64>, String);

/// An entry with its working text, what was submitted, and what had been submitted when it was sent back. One query for all:
/// a query of its own for a text costs more than the text.
const ENTRY: &str = "
    select e.sheet_id, e.year_id, e.period_id, p.kind, e.department_id, e.written, e.version, e.state_data,
           m.town_seq,
           d.id, d.number, d.content, d.account_id, d.at,
           r.id, r.number, r.content, r.account_id, r.at,
           b.id, b.number, b.content, b.account_id, b.at
    from entry e join period p on p.id = e.period_id join municipality m on m.id = e.municipality_id
    left join revision d on d.id = e.draft_id
    left join revision r on r.id = e.record_id
    left join revision b on b.id = e.returned_id
    where e.id = $1 and e.municipality_id = $2";

struct WithTexts(EntryRow, [Option<RevisionRow>; 3]);

impl Row for WithTexts {
    fn read(columns: &mut Columns) -> Result<Self, StoreError> {
        Ok(Self(EntryRow::read(columns)?, [text(columns)?, text(columns)?, text(columns)?]))
    }
}

/// The columns of a text that need not be there.
fn text(columns: &mut Columns) -> Result<Option<RevisionRow>, StoreError> {
    let (id, number): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let (content, by, at): (Option<String>, _, Option<String>) =
        (columns.next()?, columns.next()?, columns.next()?);
    let is_there = id.zip(number).zip(content.zip(at));
    Ok(is_there.map(|((id, number), (content, at))| (id, number, content, by, at)))
}

impl Store {
    /// The entry of this id as a person may see it; none when there is none, or when the person may not know of it.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn entry(&self, actor: &Actor, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let whose = binds![id.number(), actor.municipality.number()];
        let row: Option<WithTexts> = self.first(ENTRY, whose).await?;
        let Some(WithTexts(row, [draft, record, returned])) = row else { return Ok(None) };
        let planned = match self.known.sheets.as_of(row.town_seq, &row.sheet_id) {
            Some(planned) => planned,
            None => {
                let planned = self.planned(row.sheet_id).await?;
                self.known.sheets.keep(row.town_seq, row.sheet_id, planned)
            }
        };
        let concerned = &planned.concerned;
        let kind = crate::period_kind(&row.kind);
        let relations = concerned.relations(actor, kind, DepartmentId::new(row.department_id));
        let state = crate::state(&row.state_data, id)?;
        let sight = relations.sight(&state);
        if sight == Sight::Nothing {
            return Ok(None);
        }
        let seen = |text: Option<RevisionRow>, may: bool| text.filter(|_| may).map(revision).transpose();
        let (draft, record) = (seen(draft, sight >= Sight::Draft)?, seen(record, sight >= Sight::Record)?);
        let returned = seen(returned, sight >= Sight::Record && follows(&relations))?;
        Ok(Some(Entry {
            id,
            sheet: SheetId::new(row.sheet_id),
            year: YearId::new(row.year_id),
            period: PeriodId::new(row.period_id),
            kind,
            department: DepartmentId::new(row.department_id),
            department_name: row.written,
            version: row.version,
            state: crate::as_seen(state, sight),
            measure: planned.measure.clone(),
            frame: Arc::clone(&planned.frame),
            leads: concerned.leads.clone(),
            supporting: concerned.supporting.clone(),
            draft,
            record,
            returned,
            relations,
            sight,
            town_seq: row.town_seq,
        }))
    }

    /// The plan's words of the sheet that is printed before an entry's: it decides which nodes of the path are new there.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn frame_before(&self, entry: &Entry) -> Result<Option<Frame>, StoreError> {
        let row: Option<(String,)> = self
            .first(
                "select before.frame
                 from sheet own join sheet before on before.year_id = own.year_id
                     and before.position < own.position
                 where own.id = $1 order by before.position desc limit 1",
                binds![entry.sheet.number()],
            )
            .await?;
        let frame = row.map(|(frame,)| serde_json::from_str(&frame));
        frame.transpose().map_err(|_| StoreError::Corrupt(format!("the sheet before {}", entry.sheet)))
    }

    async fn planned(&self, id: i64) -> Result<Planned, StoreError> {
        let (year, measure, frame): (i64, Option<String>, String) =
            self.one("select year_id, measure, frame from sheet where id = $1", binds![id]).await?;
        let rows: Vec<(String, i64)> = self
            .all(
                "select relation, department_id from sheet_department where year_id = $1 and sheet_id = $2
                 order by position",
                binds![year, id],
            )
            .await?;
        let mut concerned = Concerned::default();
        for (relation, department) in rows {
            concerned.add(&relation, department);
        }
        let frame = serde_json::from_str(&frame).map_err(|_| StoreError::Corrupt(format!("sheet {id}")))?;
        Ok(Planned { measure, frame: Arc::new(frame), concerned })
    }

    /// Texts of one entry.
    pub(crate) async fn revisions(
        &self,
        entry: EntryId,
        ids: &[Option<RevisionId>],
    ) -> Result<Vec<Revision>, StoreError> {
        let mut wanted: Vec<RevisionId> = ids.iter().flatten().copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut texts = Vec::with_capacity(wanted.len());
        for id in wanted {
            let row: Option<RevisionRow> = self
                .first(
                    // By id: a `+` keeps SQLite from going through all texts that the entry ever had.
                    "select id, number, content, account_id, at from revision
                     where id = $2 and +entry_id = $1",
                    binds![entry.number(), id.number()],
                )
                .await?;
            texts.extend(row.map(revision).transpose()?);
        }
        Ok(texts)
    }

    /// One text of an entry that was found for a person, if it is in the history that the person may read.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn revision(&self, entry: &Entry, id: RevisionId) -> Result<Option<Revision>, StoreError> {
        if self.history(entry).await?.iter().all(|line| line.id != id) {
            return Ok(None);
        }
        Ok(self.revisions(entry.id, &[Some(id)]).await?.into_iter().next())
    }

    /// The history of texts of an entry that was found for a person, oldest first: all for those who may read drafts,
    /// whatever was submitted for those who follow its way, and the record alone for those who read the outcome.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn history(&self, entry: &Entry) -> Result<Vec<RevisionLine>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>, String, i64)> = self
            .all(
                "select id, number, account_id, at, submitted
                 from revision where entry_id = $1 order by number",
                binds![entry.id.number()],
            )
            .await?;
        let lines = rows.into_iter().map(|(id, number, by, at, submitted)| {
            let (id, by, was_submitted) = (RevisionId::new(id), by.map(UserId::new), submitted != 0);
            Ok(RevisionLine { id, number, by, at: crate::moment(&at)?, was_submitted })
        });
        let mut lines = lines.collect::<Result<Vec<_>, StoreError>>()?;
        lines.retain(|line| entry.may_read(line));
        Ok(lines)
    }
}

impl Entry {
    fn may_read(&self, line: &RevisionLine) -> bool {
        match self.sight {
            Sight::Draft => true,
            Sight::Record if follows(&self.relations) => line.was_submitted,
            Sight::Record => self.record.as_ref().is_some_and(|record| record.id == line.id),
            Sight::Outline | Sight::Nothing => false,
        }
    }
}

/// Whether one follows an entry's way, reading what was submitted as soon as it was and what was sent back: whoever may
/// also speak about it.
pub(crate) fn follows(relations: &Relations) -> bool {
    relations.may_comment()
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
