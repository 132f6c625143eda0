//! A plan's fiscal year with its periods.

use std::sync::Arc;

use kaikaku_domain::id::{MunicipalityId, PeriodId, YearId};
use kaikaku_domain::period::{Dates, Period};
use kaikaku_domain::person::Actor;
use kaikaku_domain::{FiscalYear, Report};

use crate::chain::NewEvent;
use crate::change::Change;
use crate::database::Store;
use crate::row::binds;
use crate::{Entry, StoreError};

/// One plan's one fiscal year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// Its id.
    pub id: YearId,
    /// Whose it is.
    pub municipality: MunicipalityId,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// The code of its form.
    pub form: String,
    /// The report document without its sheets: plan, scale, periods.
    pub frame: Arc<Report>,
    /// Its periods in order, 当初 first.
    pub periods: Vec<Period>,
}

impl Year {
    /// The period of this id.
    pub fn period(&self, id: PeriodId) -> Option<&Period> {
        self.periods.iter().find(|period| period.id == id)
    }

    /// The period of this name.
    pub fn period_named(&self, name: &str) -> Option<&Period> {
        self.periods.iter().find(|period| period.name == name)
    }

    /// Whether a period is the one that gives the year's result.
    pub fn is_result(&self, period: &Period) -> bool {
        self.frame.result_period() == Some(period.name.as_str())
    }
}

/// The last event about a year's town and none of the entries.
const TOWN_SEQ: &str = "
    select m.town_seq from plan_year y join municipality m on m.id = y.municipality_id
    where y.id = $1 and m.id = $2";

/// A year with that event.
const YEAR: &str = "
    select y.fiscal_year, y.form, y.frame, m.town_seq
    from plan_year y join municipality m on m.id = y.municipality_id where y.id = $1 and m.id = $2";

type YearRow = (i64, String, String, i64);
type PeriodRow = (i64, String, String, String, String, Option<String>);

impl Store {
    /// The years of a municipality, latest first; within one, in the order in which they were loaded.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn years(
        &self,
        municipality: MunicipalityId,
    ) -> Result<Vec<(YearId, FiscalYear, String)>, StoreError> {
        let rows: Vec<(i64, i64, String)> = self
            .all(
                "select id, fiscal_year, title from plan_year where municipality_id = $1
                 order by fiscal_year desc, id",
                binds![municipality.number()],
            )
            .await?;
        rows.into_iter()
            .map(|(id, year, title)| Ok((YearId::new(id), crate::fiscal_year(year)?, title)))
            .collect()
    }

    /// A year with its periods; none when this municipality has none of this id. As long as nothing of the town but its
    /// entries changes, it is the one that was read before.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn year(
        &self,
        municipality: MunicipalityId,
        id: YearId,
    ) -> Result<Option<Arc<Year>>, StoreError> {
        let whose = binds![id.number(), municipality.number()];
        let town_seq: Option<(i64,)> = self.first(TOWN_SEQ, whose.clone()).await?;
        if let Some(year) = town_seq.and_then(|(town_seq,)| self.known.years.as_of(town_seq, &id)) {
            return Ok(Some(year));
        }
        let row: Option<YearRow> = self.first(YEAR, whose).await?;
        let Some((fiscal_year, form, frame, town_seq)) = row else { return Ok(None) };
        let periods: Vec<PeriodRow> = self
            .all(
                "select id, name, kind, opens, deadline, locks
                 from period where year_id = $1 order by position",
                binds![id.number()],
            )
            .await?;
        let frame =
            Report::from_json(&frame).map_err(|error| StoreError::Corrupt(format!("year {id}: {error}")))?;
        let year = Year {
            id,
            municipality,
            fiscal_year: crate::fiscal_year(fiscal_year)?,
            form,
            frame: Arc::new(frame),
            periods: periods.into_iter().map(period).collect::<Result<_, _>>()?,
        };
        Ok(Some(self.known.years.keep(town_seq, id, year)))
    }

    /// The year of an entry that was found for a person.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn year_of(&self, actor: &Actor, entry: &Entry) -> Result<Option<Arc<Year>>, StoreError> {
        match self.known.years.as_of(entry.town_seq, &entry.year) {
            Some(year) => Ok(Some(year)),
            None => self.year(actor.municipality, entry.year).await,
        }
    }
}

fn period((id, name, kind, opens, deadline, locks): PeriodRow) -> Result<Period, StoreError> {
    Ok(Period {
        id: PeriodId::new(id),
        name,
        kind: crate::period_kind(&kind),
        dates: Dates {
            opens: crate::day(&opens)?,
            deadline: crate::day(&deadline)?,
            locks: locks.as_deref().map(crate::day).transpose()?,
        },
    })
}

impl Change {
    /// Sets the days of a period.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn set_dates(
        &mut self,
        period: PeriodId,
        dates: Dates,
        event: NewEvent<'_>,
    ) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update period set opens = $2, deadline = $3, locks = $4
                 where id = $1 and municipality_id = $5",
                binds![
                    period.number(),
                    dates.opens.to_string(),
                    dates.deadline.to_string(),
                    dates.locks.map(|day| day.to_string()),
                    self.municipality.number()
                ],
            )
            .await?;
        crate::is_there(touched)?;
        self.note(event).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_year_and_the_last_event_about_its_town_are_found_by_indexes() {
        crate::database::assert_searches(YEAR).await;
    }
}
