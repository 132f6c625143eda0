//! `kaikaku verify`: whether every municipality's record is as it was written.

use std::process::ExitCode;

use clap::Args;

use super::place::{Place, wait};
use super::{CommandError, FINDINGS};

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &VerifyArguments) -> Result<ExitCode, CommandError> {
    let (told, holds) = wait(async {
        let store = arguments.place.open().await?;
        let (mut told, mut holds) = (String::new(), true);
        for town in store.municipalities().await? {
            let line = match store.verify(town.id).await? {
                Ok(verified) => {
                    format!("異常なし　事象 {}件　最後の事象の要約値 {}", verified.events, verified.head)
                }
                Err(broken) => {
                    holds = false;
                    format!("異常あり　{broken}。控えと見比べてください")
                }
            };
            told.push_str(&format!("{} {}　{line}\n", town.code, town.name));
        }
        store.close().await;
        Ok((told, holds))
    })?;
    super::print(if told.is_empty() { "記録にまだ市町村がありません。\n" } else { &told })?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
}
