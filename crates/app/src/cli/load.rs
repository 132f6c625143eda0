//! `kaikaku load DOC`: a report into the record, every answer of it as a fixed entry.

use std::process::ExitCode;

use clap::Args;
use kaikaku_domain::Severity;

use super::choice::NewTown;
use super::place::{Place, wait};
use super::{CommandError, InputArguments};
use crate::clock::Clock;
use crate::input::{self, Loaded};

#[derive(Debug, Args)]
pub(super) struct LoadArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    town: NewTown,
}

pub(super) fn run(arguments: &LoadArguments) -> Result<ExitCode, CommandError> {
    let Loaded { report, form } = input::load(&arguments.input.input, &arguments.input.forms)?;
    let told = wait(async {
        let store = arguments.place.open_or_make().await?;
        let town = arguments.town.found_for(&store, report.municipality.as_ref()).await?;
        let loaded = store.load(town, &report, &form, (None, Clock::default().now())).await?;
        let towns = store.municipalities().await?;
        store.close().await;
        let name = towns.into_iter().find(|own| own.id == town).map(|town| town.name).unwrap_or_default();
        Ok(format!(
            "{name}の{}「{}」を読み込みました（調書{}枚、記入済み{}件）。\n記録: {}\n",
            form.print_year(report.fiscal_year),
            report.plan.title,
            loaded.sheets,
            loaded.entries,
            arguments.place.name(),
        ))
    })?;
    let worth = report.findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    if worth > 0 {
        eprintln!("読み取りで気付いた点が{worth}件あります（kaikaku check で一覧にできます）。");
    }
    super::print(&told)?;
    Ok(ExitCode::SUCCESS)
}
