//! A plan's fiscal year with its periods.

use std::sync::{Arc, PoisonError};

use kaikaku_domain::id::{MunicipalityId, PeriodId, YearId};
use kaikaku_domain::period::{Dates, Period};
use kaikaku_domain::{FiscalYear, Report};

use crate::StoreError;
use crate::chain::NewEvent;
use crate::change::Change;
use crate::database::{Store, read, run};

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
        let rows: Vec<(i64, i64, String)> = read!(self, db => sqlx::query_as(
            "select id, fiscal_year, title from plan_year where municipality_id = $1
             order by fiscal_year desc, id",
        )
        .bind(municipality.number())
        .fetch_all(db))?;
        rows.into_iter()
            .map(|(id, year, title)| Ok((YearId::new(id), crate::fiscal_year(year)?, title)))
            .collect()
    }

    /// A year with its periods; none when this municipality has none of this id.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn year(&self, municipality: MunicipalityId, id: YearId) -> Result<Option<Year>, StoreError> {
        let row: Option<(i64, String, String)> = read!(self, db => sqlx::query_as(
            "select fiscal_year, form, frame from plan_year where id = $1 and municipality_id = $2",
        )
        .bind(id.number())
        .bind(municipality.number())
        .fetch_optional(db))?;
        let Some((fiscal_year, form, frame)) = row else { return Ok(None) };
        let periods: Vec<PeriodRow> = read!(self, db => sqlx::query_as(
            "select id, name, kind, opens, deadline, locks from period where year_id = $1 order by position",
        )
        .bind(id.number())
        .fetch_all(db))?;
        Ok(Some(Year {
            id,
            municipality,
            fiscal_year: crate::fiscal_year(fiscal_year)?,
            form,
            frame: self.frame(id, frame)?,
            periods: periods.into_iter().map(period).collect::<Result<_, _>>()?,
        }))
    }

    /// The frame that a text is. Reading one costs more than all queries of a save, and it hardly ever changes: the last
    /// one of each year is remembered, and is still right as long as its text is the same.
    fn frame(&self, year: YearId, text: String) -> Result<Arc<Report>, StoreError> {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = frames.get(&year).filter(|(own, _)| *own == text) {
            return Ok(Arc::clone(frame));
        }
        let frame =
            Report::from_json(&text).map_err(|error| StoreError::Corrupt(format!("year {year}: {error}")))?;
        let frame = Arc::new(frame);
        frames.insert(year, (text, Arc::clone(&frame)));
        Ok(frame)
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
        let touched = run!(self.transaction, db => sqlx::query(
            "update period set opens = $2, deadline = $3, locks = $4 where id = $1 and municipality_id = $5",
        )
        .bind(period.number())
        .bind(dates.opens.to_string())
        .bind(dates.deadline.to_string())
        .bind(dates.locks.map(|day| day.to_string()))
        .bind(self.municipality.number())
        .execute(db))?;
        crate::is_there(touched)?;
        self.note(event).await.map(|_| ())
    }
}
