//! `kaikaku dump`: a year out of the record, as the document that was loaded with what has been submitted since.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use kaikaku_store::StoreError;

use super::CommandError;
use super::choice::{ChosenYear, Town};
use super::place::{Place, wait};
use crate::{forms, output};

#[derive(Debug, Args)]
pub(super) struct DumpArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    town: Town,
    #[command(flatten)]
    year: ChosenYear,
    /// 書き出すファイル（.json）。指定しないときは標準出力
    #[arg(long, short, value_name = "ファイル")]
    output: Option<PathBuf>,
    /// 様式定義（.toml）。付属の様式のほかに使うものを指定します（複数可）
    #[arg(long = "form", value_name = "ファイル")]
    forms: Vec<PathBuf>,
}

pub(super) fn run(arguments: &DumpArguments) -> Result<ExitCode, CommandError> {
    let forms = forms::all(&arguments.forms)?;
    let report = wait(async {
        let store = arguments.place.open().await?;
        let town = arguments.town.find(&store).await?;
        let year = arguments.year.find(&store, &town).await?;
        let form = forms::named(forms, &year.form)?;
        let report = store.dump(town.id, year.id, &form).await?;
        store.close().await;
        Ok(report.ok_or_else(|| StoreError::Corrupt(format!("year {}", year.id)))?)
    })?;
    match &arguments.output {
        Some(path) => output::write(path, report.to_json().as_bytes())?,
        None => super::print(&report.to_json())?,
    }
    Ok(ExitCode::SUCCESS)
}
