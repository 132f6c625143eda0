//! The same measure's other entries: what is shown beside the one that is being written.

use std::collections::BTreeMap;

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{DepartmentId, EntryId, PeriodId, YearId};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::Sight;

use crate::database::Store;
use crate::line::Concerned;
use crate::row::binds;
use crate::{Entry, StoreError};

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

struct Row {
    id: i64,
    year_id: i64,
    period_id: i64,
    name: String,
    kind: String,
    department_id: i64,
    written: String,
    sheet_id: i64,
    state_data: String,
    content: Option<String>,
}

crate::row::row!(Row {
    id,
    year_id,
    period_id,
    name,
    kind,
    department_id,
    written,
    sheet_id,
    state_data,
    content
});

const NEIGHBOURS: &str = "
    select e.id, e.year_id, e.period_id, p.name, p.kind, e.department_id, e.written, e.sheet_id, e.state_data,
           r.content
    from sheet s join plan_year y on y.id = s.year_id join entry e on e.sheet_id = s.id
    join period p on p.id = e.period_id left join revision r on r.id = e.record_id
    where s.municipality_id = $1
      and (s.id = $2 or s.measure = $3 and y.title = (select title from plan_year where id = $4))
    order by y.fiscal_year, p.position, e.position";

const CONCERNED: &str = "
    select d.sheet_id, d.relation, d.department_id
    from sheet s join sheet_department d on d.year_id = s.year_id and d.sheet_id = s.id
    where s.municipality_id = $1 and (s.id = $2 or s.measure = $3) order by d.sheet_id, d.position";

impl Store {
    /// The other entries of a measure, in this year and all others of its plan, as a person may see them: by year and
    /// period. A measure without a permanent id has only those of its own sheet.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn neighbours(&self, actor: &Actor, entry: &Entry) -> Result<Vec<Neighbour>, StoreError> {
        let rows: Vec<Row> = self
            .all(
                NEIGHBOURS,
                binds![
                    actor.municipality.number(),
                    entry.sheet.number(),
                    entry.measure.as_deref(),
                    entry.year.number()
                ],
            )
            .await?;
        let concerned = self.concerned_with_measure(actor, entry).await?;
        let none = Concerned::default();
        let mut neighbours = Vec::new();
        for row in rows.into_iter().filter(|row| row.id != entry.id.number()) {
            let concerned = concerned.get(&row.sheet_id).unwrap_or(&none);
            neighbours.extend(neighbour(row, actor, entry, concerned)?);
        }
        Ok(neighbours)
    }

    /// The departments of every sheet of the measure: they change from year to year.
    async fn concerned_with_measure(
        &self,
        actor: &Actor,
        entry: &Entry,
    ) -> Result<BTreeMap<i64, Concerned>, StoreError> {
        let rows: Vec<(i64, String, i64)> = self
            .all(
                CONCERNED,
                binds![actor.municipality.number(), entry.sheet.number(), entry.measure.as_deref()],
            )
            .await?;
        Ok(Concerned::by_sheet(rows))
    }
}

/// The neighbour, if the person may know of it; what one may not read is not in it.
fn neighbour(
    row: Row,
    actor: &Actor,
    entry: &Entry,
    concerned: &Concerned,
) -> Result<Option<Neighbour>, StoreError> {
    let (id, kind) = (EntryId::new(row.id), crate::period_kind(&row.kind));
    let sight = concerned
        .relations(actor, kind, DepartmentId::new(row.department_id))
        .sight(&crate::state(&row.state_data, id)?);
    // Whoever writes this year's reads what the measure said before, whichever department said it then.
    let is_writers = entry.sight == Sight::Draft && row.year_id != entry.year.number();
    if sight == Sight::Nothing && !is_writers {
        return Ok(None);
    }
    let record = row.content.filter(|_| sight >= Sight::Record || is_writers);
    Ok(Some(Neighbour {
        entry: id,
        year: YearId::new(row.year_id),
        period: PeriodId::new(row.period_id),
        period_name: row.name,
        kind,
        department: DepartmentId::new(row.department_id),
        department_name: row.written,
        record: record.map(|text| crate::content(&text, id)).transpose()?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn neighbours_are_found_by_indexes() {
        for sql in [NEIGHBOURS, CONCERNED] {
            crate::database::assert_searches(sql).await;
        }
    }
}
