//! `kaikaku serve`: the server over a record, until somebody asks it to end.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use axum::serve::ListenerExt;
use clap::{Args, value_parser};
use kaikaku_store::{PATIENCE, Store};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

use super::CommandError;
use super::choice::{ChoiceError, NewTown};
use super::place::{Place, wait};
use crate::auth::random::Random;
use crate::clock::Clock;
use crate::forms;
use crate::people;
use crate::web::{App, Settings};

/// How long requests that are under way may go on once the server has been asked to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Sessions that began so many seconds ago are forgotten when the server starts; until then a form that is posted after
/// its session had ended is still known as ours.
const FORGOTTEN_AFTER: i64 = 30 * 24 * 3600;

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    place: Place,
    /// 待ち受けるアドレスとポート（ポート0は空いているポート）
    #[arg(long, value_name = "アドレス:ポート", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 利用者がHTTPSの中継を通して使うとき（Cookieを暗号化された通信だけに限ります）
    #[arg(long)]
    https: bool,
    /// ほかの処理の書込みを待つ秒数。過ぎると、利用者に少し待つよう知らせます
    #[arg(long, value_name = "秒", default_value_t = PATIENCE.as_secs(), value_parser = value_parser!(u64).range(1..=600))]
    patience: u64,
    #[command(flatten)]
    sessions: Sessions,
    #[command(flatten)]
    town: NewTown,
    /// 様式定義（.toml）。付属の様式のほかに使うものを指定します（複数可）
    #[arg(long = "form", value_name = "ファイル")]
    forms: Vec<PathBuf>,
}

/// How long one stays signed in.
#[derive(Debug, Args)]
pub(super) struct Sessions {
    /// 操作がないときにサインアウトするまでの分数（2から720まで。2分前に画面で知らせます）
    #[arg(long = "session-minutes", value_name = "分", default_value_t = 30, value_parser = value_parser!(i64).range(2..=720))]
    minutes: i64,
}

impl Sessions {
    /// The settings with it.
    pub(super) fn settings(&self) -> Settings {
        Settings { idle_seconds: self.minutes * 60, ..Settings::default() }
    }
}

/// Why there is no server.
#[derive(Debug, Error)]
pub(crate) enum ServeError {
    #[error(
        "{address} で待ち受けられません: {error}。同じポートを使うプログラムを終えるか、--listen で別のポートを指定してください"
    )]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("サーバーが動き続けられません: {0}")]
    Run(std::io::Error),
}

pub(super) fn run(arguments: &ServeArguments) -> Result<ExitCode, CommandError> {
    log_to_standard_error();
    let forms = forms::all(&arguments.forms)?;
    wait(async {
        let clock = Clock::default();
        let store = arguments.place.open_or_make_within(Duration::from_secs(arguments.patience)).await?;
        prepare(&store, &arguments.town, clock).await?;
        let settings = Settings { is_behind_https: arguments.https, ..arguments.sessions.settings() };
        let app = App::new(store.clone(), forms, clock, settings)?;
        answer(&app, arguments.listen, |address| {
            if !arguments.listen.ip().is_loopback() && !arguments.https {
                eprintln!(
                    "注意: 通信が暗号化されません。庁内で使うときは、HTTPSの中継を前に置いて --https を付けてください。"
                );
            }
            super::print(&format!(
                "{address} を開いてください。終えるときは Ctrl+C を押してください。\n"
            ))
        })
        .await?;
        close(&store).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// What a record needs before it can be worked with: a municipality, and somebody in it who may sign in.
async fn prepare(store: &Store, town: &NewTown, clock: Clock) -> Result<(), CommandError> {
    town.found(store).await?;
    let towns = store.municipalities().await?;
    if towns.is_empty() {
        return Err(ChoiceError::NoTown.into());
    }
    for town in &towns {
        let first = people::found_administrator(store, town.id, &mut Random::system(), clock.now()).await?;
        if let Some((login, password)) = first {
            super::print(&format!(
                "{}の最初の利用者を登録しました。\n　利用者名　　{login}\n　パスワード　{password}\n\
                 パスワードが表示されるのは今だけです。サインインすると、はじめに変えることになります。\n",
                town.name
            ))?;
        }
    }
    store.forget_sessions(clock.now().plus_seconds(-FORGOTTEN_AFTER)).await?;
    Ok(())
}

/// Answers requests until the process is asked to end; `say` is told the address once requests are answered there.
pub(super) async fn answer(
    app: &App,
    listen: SocketAddr,
    say: impl FnOnce(String) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let failed = |error| ServeError::Listen { address: listen, error };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = printed(listener.local_addr().map_err(failed)?);
    let listener = listener.tap_io(|stream: &mut TcpStream| {
        // Small answers go out at once. Where the system refuses, they merely come a little later.
        let _ = stream.set_nodelay(true);
    });
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    let (tell, told) = oneshot::channel::<()>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async {
        let _ = told.await;
    });
    let serving = tokio::spawn(async { serving.await });
    // Before anybody knows that it answers: who ends it at once is heard too.
    let asked_to_end = asked_to_end()?;
    say(address)?;
    asked_to_end.await?;
    let _ = tell.send(());
    // Whoever still waits for an answer gets it; a connection that nobody uses does not hold up the end.
    let _ = tokio::time::timeout(FAREWELL, serving).await;
    Ok(())
}

/// Lets go of the record. Whatever was acknowledged is kept without this too.
pub(super) async fn close(store: &Store) {
    let _ = tokio::time::timeout(FAREWELL, store.close()).await;
}

/// The address as a browser on this machine opens it.
fn printed(address: SocketAddr) -> String {
    let address = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        _ => address,
    };
    format!("http://{address}/")
}

/// Listens for Ctrl+C and for a service manager's signal from now on, and then waits for one.
fn asked_to_end() -> Result<impl Future<Output = Result<(), ServeError>>, ServeError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Run)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Run)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => Ok(()),
                _ = terminate.recv() => Ok(()),
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async { tokio::signal::ctrl_c().await.map_err(ServeError::Run) })
}

/// What the server has to say goes to standard error; RUST_LOG says how much of it.
pub(super) fn log_to_standard_error() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    // A second call would change nothing: the first one stands.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_address_is_one_that_a_browser_here_opens() {
        for (listen, expect) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("0.0.0.0:80", "http://127.0.0.1:80/"),
            ("[::1]:8080", "http://[::1]:8080/"),
        ] {
            assert_eq!(printed(listen.parse().unwrap()), expect);
        }
    }
}
