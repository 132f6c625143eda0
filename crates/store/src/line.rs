//! Lists of entries: what home, the list of sheets and the review queue show. Two queries, however many rows.

use std::collections::BTreeMap;

use kaikaku_domain::Moment;
use kaikaku_domain::id::{DepartmentId, EntryId, PeriodId, SheetId, UserId, YearId};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::{Relations, Sight, State};

use crate::StoreError;
use crate::database::Store;
use crate::row::binds;

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
    /// The node of the plan's first level over it: `1　市民に届くサービスへの転換`; empty where it is itself one.
    pub branch: String,
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

struct Row {
    id: i64,
    sheet_id: i64,
    period_id: i64,
    kind: String,
    department_id: i64,
    written: String,
    reference: String,
    title: String,
    branch: String,
    state_data: String,
    version: i64,
    rating: Option<String>,
    draft_id: Option<i64>,
    touched_at: Option<String>,
    touched_by: Option<i64>,
}

crate::row::row!(Row {
    id,
    sheet_id,
    period_id,
    kind,
    department_id,
    written,
    reference,
    title,
    branch,
    state_data,
    version,
    rating,
    draft_id,
    touched_at,
    touched_by
});

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

    /// Of many sheets, from their rows in order.
    pub(crate) fn by_sheet(rows: Vec<(i64, String, i64)>) -> BTreeMap<i64, Self> {
        let mut concerned: BTreeMap<i64, Self> = BTreeMap::new();
        for (sheet, relation, department) in rows {
            concerned.entry(sheet).or_default().add(&relation, department);
        }
        concerned
    }

    /// What a person is to an entry of this sheet: its leads answer for the goals together, and each for its own report.
    pub(crate) fn relations(&self, actor: &Actor, kind: PeriodKind, own: DepartmentId) -> Relations {
        match kind {
            PeriodKind::Start => Relations::of(actor, &self.leads, &self.leads, &self.supporting),
            PeriodKind::Report => Relations::of(actor, &[own], &self.leads, &self.supporting),
        }
    }
}

const LINES: &str = "
    select e.id, e.sheet_id, e.period_id, p.kind, e.department_id, e.written, s.reference, s.title,
           s.branch, e.state_data, e.version, e.rating, e.draft_id, e.touched_at, e.touched_by
    from entry e join sheet s on s.id = e.sheet_id join period p on p.id = e.period_id
    where e.year_id = $1 and e.municipality_id = $2
    order by s.position, p.position, e.position";

const CONCERNED: &str = "
    select sheet_id, relation, department_id from sheet_department where year_id = $1 order by sheet_id, position";

impl Store {
    /// The entries of a year that a person may know of, in the order of the sheets.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn lines(&self, actor: &Actor, year: YearId) -> Result<Vec<Line>, StoreError> {
        let rows: Vec<Row> = self.all(LINES, binds![year.number(), actor.municipality.number()]).await?;
        let concerned: Vec<(i64, String, i64)> = self.all(CONCERNED, binds![year.number()]).await?;
        let (concerned, none) = (Concerned::by_sheet(concerned), Concerned::default());
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.extend(line(&row, actor, concerned.get(&row.sheet_id).unwrap_or(&none))?);
        }
        Ok(lines)
    }
}

/// The line, if the person may know of it; what one may not read is not on it.
fn line(row: &Row, actor: &Actor, concerned: &Concerned) -> Result<Option<Line>, StoreError> {
    let (entry, department) = (EntryId::new(row.id), DepartmentId::new(row.department_id));
    let state = crate::state(&row.state_data, entry)?;
    let relations = concerned.relations(actor, crate::period_kind(&row.kind), department);
    let sight = relations.sight(&state);
    if sight == Sight::Nothing {
        return Ok(None);
    }
    Ok(Some(Line {
        entry,
        sheet: SheetId::new(row.sheet_id),
        period: PeriodId::new(row.period_id),
        department,
        department_name: row.written.clone(),
        reference: row.reference.clone(),
        title: row.title.clone(),
        branch: row.branch.clone(),
        state: crate::as_seen(state, sight),
        version: row.version,
        rating: row.rating.clone().filter(|_| sight >= Sight::Record),
        has_draft: row.draft_id.is_some() && sight == Sight::Draft,
        touched_at: row.touched_at.as_deref().map(crate::moment).transpose()?,
        touched_by: row.touched_by.map(UserId::new),
        relations,
        sight,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_found_by_indexes() {
        for sql in [LINES, CONCERNED] {
            crate::database::assert_searches(sql).await;
        }
    }
}
