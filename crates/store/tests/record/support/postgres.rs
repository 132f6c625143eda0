//! A PostgreSQL database of one test's own, empty at the start and gone at the end.
//!
//! `scripts/test` starts a private server and names it in KAIKAKU_TEST_POSTGRES. Without it (`cargo test` by hand) these
//! tests start one through `scripts/postgres`, which ends with the last of their databases.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

pub(crate) struct Database {
    name: String,
    server: Arc<Server>,
}

/// The server that the databases are on.
struct Server {
    address: String,
    own: Option<TempDir>, // the folder of one that was started here
}

impl Database {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("kaikaku_store_{}_{number}", std::process::id());
        let server = Server::shared();
        server.ask(&format!("create database {name}")).unwrap_or_else(|error| panic!("{error}"));
        Self { name, server }
    }

    /// Its address as the program takes it.
    pub(crate) fn url(&self) -> String {
        let (server, options) = self.server.address.split_once('?').unwrap_or((&self.server.address, ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        format!("{server}/{}?{options}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = self.server.ask(&format!("drop database {} with (force)", self.name)) {
            let _ = writeln!(io::stderr(), "the database {} is left behind: {error}", self.name);
        }
    }
}

impl Server {
    fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let named = env::var("KAIKAKU_TEST_POSTGRES").ok().filter(|address| !address.is_empty());
            let server = Arc::new(named.map_or_else(Self::own, |address| Self { address, own: None }));
            *running = Arc::downgrade(&server);
            server
        })
    }

    fn own() -> Self {
        // Straight to the terminal: what a passing test prints is not shown.
        let _ = writeln!(
            io::stderr(),
            "KAIKAKU_TEST_POSTGRES is not set: starting a PostgreSQL for these tests alone, which takes a second \
             (scripts/test starts one for all)"
        );
        let folder = tempfile::tempdir().unwrap();
        let address = script("start", folder.path()).unwrap_or_else(|error| {
            panic!(
                "the tests need PostgreSQL: please run scripts/setup-tests, or name a server of your own in \
                 KAIKAKU_TEST_POSTGRES\n{error}"
            )
        });
        Self { address: address.trim().to_owned(), own: Some(folder) }
    }

    fn ask(&self, sql: &str) -> Result<(), String> {
        let options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql];
        output(Command::new("psql").args(options).arg(&self.address)).map(|_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(folder) = &self.own
            && let Err(error) = script("stop", folder.path())
        {
            let _ =
                writeln!(io::stderr(), "the server in {} is left behind: {error}", folder.path().display());
        }
    }
}

fn script(what: &str, folder: &Path) -> Result<String, String> {
    output(Command::new(super::root().join("scripts/postgres")).arg(what).arg(folder))
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.stdin(Stdio::null()).output().map_err(|error| {
        format!("{command:?} cannot be started ({error}): please run scripts/setup-tests")
    })?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}
