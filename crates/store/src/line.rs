//! Lists of entries: what home, the list of sheets and the review queue show. Three queries, however many rows.

use std::collections::BTreeMap;

use kaikaku_domain::Moment;
use kaikaku_domain::id::{DepartmentId, EntryId, PeriodId, SheetId, UserId, YearId};
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::{Relations, Sight, State};

use crate::StoreError;
use crate::database::{Store, read};

/// An entry on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub entry: EntryId,
    /// Its sheet.
    pub sheet: SheetId,
    /// Its period.
    pub period: PeriodId,
    /// The department that answers.
    pub department: DepartmentId,
    /// That department's name, as the sheet writes it.
    pub department_name: String,
    /// `1-(1)-②-ア`
    pub reference: String,
    /// The measure's title.
    pub title: String,
    /// Where it is.
    pub state: State,
    /// Its version.
    pub version: i64,
    /// The rating that was submitted, for those who may read it.
    pub rating: Option<String>,
    /// Whether anything has been written, for those who may read drafts.
    pub has_draft: bool,
    /// When it was last changed.
    pub touched_at: Option<Moment>,
    /// By whom.
    pub touched_by: Option<UserId>,
    /// What the person who asks is to it.
    pub relations: Relations,
    /// What that person may read of it.
    pub sight: Sight,
}

type LineRow = (
    i64,
    i64,
    i64,
    i64,
    String,
    String,
    String,
    String,
    i64,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<i64>,
);

/// The lead and the supporting departments of a sheet.
#[derive(Debug, Default)]
pub(crate) struct Concerned {
    pub(crate) leads: Vec<DepartmentId>,
    pub(crate) supporting: Vec<DepartmentId>,
}

impl Concerned {
    pub(crate) fn add(&mut self, relation: &str, department: i64) {
        let list = if relation == "lead" { &mut self.leads } else { &mut self.supporting };
        list.push(DepartmentId::new(department));
    }

    /// What a person is to an entry of this sheet: all its leads answer together where no department answers alone.
    pub(crate) fn relations(&self, actor: &Actor, own: Option<DepartmentId>) -> Relations {
        match own {
            Some(own) => Relations::of(actor, &[own], &self.leads, &self.supporting),
            None => Relations::of(actor, &self.leads, &self.leads, &self.supporting),
        }
    }
}

impl Store {
    /// The entries of a year that a person may know of, in the order of the sheets.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn lines(&self, actor: &Actor, year: YearId) -> Result<Vec<Line>, StoreError> {
        let rows: Vec<LineRow> = read!(self, db => sqlx::query_as(
            "select e.id, e.sheet_id, e.period_id, e.department_id, e.written, s.reference, s.title, e.state_data,
                    e.version, e.rating, e.draft_id, e.touched_at, e.touched_by
             from entry e join sheet s on s.id = e.sheet_id join period p on p.id = e.period_id
             where e.year_id = $1 and e.municipality_id = $2
             order by s.position, p.position, e.position",
        )
        .bind(year.number())
        .bind(actor.municipality.number())
        .fetch_all(db))?;
        let concerned = self.concerned(year).await?;
        let joint = self.joint_periods(year).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.extend(line(row, actor, &concerned, &joint)?);
        }
        Ok(lines)
    }

    async fn concerned(&self, year: YearId) -> Result<BTreeMap<i64, Concerned>, StoreError> {
        let rows: Vec<(i64, String, i64)> = read!(self, db => sqlx::query_as(
            "select d.sheet_id, d.relation, d.department_id from sheet_department d
             join sheet s on s.id = d.sheet_id where s.year_id = $1 order by d.sheet_id, d.position",
        )
        .bind(year.number())
        .fetch_all(db))?;
        let mut concerned: BTreeMap<i64, Concerned> = BTreeMap::new();
        for (sheet, relation, department) in rows {
            concerned.entry(sheet).or_default().add(&relation, department);
        }
        Ok(concerned)
    }

    /// The periods in which the leads of a sheet answer together.
    async fn joint_periods(&self, year: YearId) -> Result<Vec<i64>, StoreError> {
        let rows: Vec<(i64,)> = read!(self, db => sqlx::query_as(
            "select id from period where year_id = $1 and kind = 'start'",
        )
        .bind(year.number())
        .fetch_all(db))?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

/// The line, if the person may know of it; what one may not read is not on it.
fn line(
    row: LineRow,
    actor: &Actor,
    concerned: &BTreeMap<i64, Concerned>,
    joint: &[i64],
) -> Result<Option<Line>, StoreError> {
    let (id, sheet, period, department, written, reference, title, state, version, rating, draft, at, by) =
        row;
    let state = crate::state(&state, EntryId::new(id))?;
    let own = (!joint.contains(&period)).then_some(DepartmentId::new(department));
    let none = Concerned::default();
    let relations = concerned.get(&sheet).unwrap_or(&none).relations(actor, own);
    let sight = relations.sight(&state);
    if sight == Sight::Nothing {
        return Ok(None);
    }
    Ok(Some(Line {
        entry: EntryId::new(id),
        sheet: SheetId::new(sheet),
        period: PeriodId::new(period),
        department: DepartmentId::new(department),
        department_name: written,
        reference,
        title,
        state,
        version,
        rating: rating.filter(|_| sight >= Sight::Record),
        has_draft: draft.is_some() && sight == Sight::Draft,
        touched_at: at.as_deref().map(crate::moment).transpose()?,
        touched_by: by.map(UserId::new),
        relations,
        sight,
    }))
}
