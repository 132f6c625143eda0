//! `kaikaku route`: who confirms an entry before the secretariat receives it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kaikaku_domain::workflow::Route;

use super::CommandError;
use super::choice::Town;
use super::place::{Place, wait};
use crate::clock::Clock;

#[derive(Debug, Args)]
pub(super) struct RouteArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    town: Town,
    /// 提出から受付までの確認。指定しないときは今の設定を表示します
    #[arg(long, value_name = "確認")]
    to: Option<To>,
}

/// A route as it is said on the line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// 確認なし（提出したものを事務局が受け付けます）
    None,
    /// 課長確認
    SectionHead,
    /// 課長確認と部長確認
    Both,
}

pub(super) fn run(arguments: &RouteArguments) -> Result<ExitCode, CommandError> {
    let told = wait(async {
        let store = arguments.place.open().await?;
        let town = arguments.town.find(&store).await?;
        let route = arguments.to.map_or(town.route, To::route);
        if route != town.route {
            let mut change = store.change(town.id).await?;
            change.set_route(route, None, Clock::default().now()).await?;
            change.commit().await?;
        }
        store.close().await;
        let steps: Vec<&str> = route.steps().iter().map(|step| step.word()).collect();
        let steps = if steps.is_empty() { "確認なし".to_owned() } else { steps.join(" → ") };
        Ok(format!("{}の調書の確認: {steps}\n", town.name))
    })?;
    super::print(&told)?;
    Ok(ExitCode::SUCCESS)
}

impl To {
    fn route(self) -> Route {
        match self {
            Self::None => Route::Direct,
            Self::SectionHead => Route::SectionHead,
            Self::Both => Route::BothHeads,
        }
    }
}
