//! `kaikaku period`: when a period opens, when it is due, when it is closed; without days, what they are now.

use std::process::ExitCode;

use clap::Args;
use kaikaku_domain::Date;
use kaikaku_domain::period::{Dates, Period};
use kaikaku_store::{NewEvent, Year};
use serde_json::json;

use super::choice::{ChosenYear, Town};
use super::place::{Place, wait};
use super::{CommandError, parse_date};
use crate::clock::Clock;

#[derive(Debug, Args)]
pub(super) struct PeriodArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    town: Town,
    #[command(flatten)]
    year: ChosenYear,
    /// 時期の名前（例 期末）
    #[arg(long, value_name = "時期")]
    name: Option<String>,
    /// 入力を始める日（例 2026-03-16）
    #[arg(long, value_name = "日付", value_parser = parse_date, requires = "name")]
    opens: Option<Date>,
    /// 提出期限の日
    #[arg(long, value_name = "日付", value_parser = parse_date, requires = "name")]
    deadline: Option<Date>,
    /// 締切りの日（この日から入力も提出もできません）
    #[arg(long, value_name = "日付", value_parser = parse_date, requires = "name")]
    locks: Option<Date>,
    /// 締切りの日をなくします
    #[arg(long, conflicts_with = "locks", requires = "name")]
    no_lock: bool,
}

/// Why the days are not set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeriodError {
    #[error("この年度に時期「{name}」はありません（{known}）")]
    Unknown { name: String, known: String },
    #[error("{0}日付を直してください。今までの日付はそのままです")]
    Contradiction(String),
}

pub(super) fn run(arguments: &PeriodArguments) -> Result<ExitCode, CommandError> {
    let told = wait(async {
        let store = arguments.place.open().await?;
        let town = arguments.town.find(&store).await?;
        let mut year = arguments.year.find(&store, &town).await?;
        if let Some((period, dates)) = arguments.wanted(&year)? {
            let mut change = store.change(town.id).await?;
            let data =
                json!({ "period": period.id, "name": period.name, "before": period.dates, "dates": dates });
            let at = Clock::default().now();
            let event = NewEvent { at, user: None, kind: "period_set", entry: None, data };
            change.set_dates(period.id, dates, event).await?;
            change.commit().await?;
            year = arguments.year.find(&store, &town).await?;
        }
        store.close().await;
        Ok(list(&year))
    })?;
    super::print(&told)?;
    Ok(ExitCode::SUCCESS)
}

impl PeriodArguments {
    /// The period on the line with the days that it is to have; none where the line sets none.
    fn wanted<'y>(&self, year: &'y Year) -> Result<Option<(&'y Period, Dates)>, PeriodError> {
        let Some(name) = &self.name else { return Ok(None) };
        let same = |period: &&Period| kaikaku_domain::text::reads_same(&period.name, name);
        let period = year.periods.iter().find(same).ok_or_else(|| {
            let known: Vec<&str> = year.periods.iter().map(|period| period.name.as_str()).collect();
            PeriodError::Unknown { name: name.clone(), known: known.join("・") }
        })?;
        let before = period.dates;
        let dates = Dates {
            opens: self.opens.unwrap_or(before.opens),
            deadline: self.deadline.unwrap_or(before.deadline),
            locks: if self.no_lock { None } else { self.locks.or(before.locks) },
        };
        match dates.contradiction() {
            Some(message) => Err(PeriodError::Contradiction(message)),
            None => Ok((dates != before).then_some((period, dates))),
        }
    }
}

/// One line a period.
fn list(year: &Year) -> String {
    let mut text = format!("{}年度　{}\n", year.fiscal_year.year(), year.frame.plan.title);
    for Period { name, dates, .. } in &year.periods {
        let locks = dates.locks.map_or_else(|| "なし".to_owned(), |day| day.to_string());
        text.push_str(&format!(
            "{name}　開始 {}　提出期限 {}　締切り {locks}\n",
            dates.opens, dates.deadline
        ));
    }
    text
}
