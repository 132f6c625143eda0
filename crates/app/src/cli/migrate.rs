//! `kaikaku migrate`: an older record brought to this program's version, when its keeper wants it.

use std::process::ExitCode;

use clap::Args;
use kaikaku_store::StoreError;

use super::CommandError;
use super::place::{Place, wait};

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &MigrateArguments) -> Result<ExitCode, CommandError> {
    let told = wait(async {
        let store = arguments.place.open_for_migration().await?;
        let told = match (store.is_new().await?, store.is_current().await) {
            (true, _) => "新しい記録を作りました。",
            (false, Ok(())) => "記録は既にこの版のものです。何も変えていません。",
            (false, Err(StoreError::Older)) => "記録をこの版に移しました。",
            (false, Err(error)) => return Err(error.into()),
        };
        store.migrate().await?;
        store.close().await;
        Ok(told)
    })?;
    super::print(&format!("{told}\n記録: {}\n", arguments.place.name()))?;
    Ok(ExitCode::SUCCESS)
}
