//! A PostgreSQL database of one test's own, empty at the start and gone at the end.
//!
//! `scripts/test` starts a private server and names it in KAIKAKU_TEST_POSTGRES. Without it (`cargo test` by hand) the
//! tests of one process start one through `scripts/postgres`, which ends with the last of their databases.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tempfile::TempDir;

/// A database. Dropping it drops it on the server too, whoever is still connected.
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
    /// Makes an empty database.
    pub(crate) fn new() -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("kaikaku_{}_{number}", std::process::id());
        let server = Server::shared();
        server.ask(&format!("create database {name}")).unwrap();
        Database { name, server }
    }

    /// Its address as the program takes it: `postgres://…`.
    pub(crate) fn url(&self) -> String {
        let (server, options) = self.server.address.split_once('?').unwrap_or((&self.server.address, ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        format!("{server}/{}?{options}", self.name)
    }

    /// What one SQL statement answers, a line a row, columns separated by `|`.
    pub(crate) fn ask(&self, sql: &str) -> Result<String, String> {
        ask(&self.url(), sql)
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
    fn shared() -> Arc<Server> {
        static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap();
        running.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Server::of_this_run().unwrap_or_else(Server::own));
            *running = Arc::downgrade(&server);
            server
        })
    }

    fn of_this_run() -> Option<Server> {
        let address = env::var("KAIKAKU_TEST_POSTGRES").ok().filter(|address| !address.is_empty())?;
        Some(Server { address, own: None })
    }

    fn own() -> Server {
        // Straight to the terminal: what a passing test prints is not shown.
        let _ = writeln!(
            io::stderr(),
            "KAIKAKU_TEST_POSTGRES is not set: starting a PostgreSQL for these tests alone, which takes a second \
             (scripts/test starts one for all)"
        );
        let folder = tempfile::tempdir().unwrap();
        let address = script("start", folder.path()).unwrap_or_else(|error| panic!("{error}"));
        Server { address: address.trim().to_owned(), own: Some(folder) }
    }

    fn ask(&self, sql: &str) -> Result<String, String> {
        ask(&self.address, sql)
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

/// Asks through PostgreSQL's own client, so that the tests of the program need no driver.
fn ask(address: &str, sql: &str) -> Result<String, String> {
    output(Command::new("psql").args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, address]))
}

fn script(what: &str, folder: &Path) -> Result<String, String> {
    output(Command::new(super::root().join("scripts/postgres")).arg(what).arg(folder))
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.stdin(Stdio::null()).output().map_err(|error| {
        format!("{command:?} cannot be started ({error}): please run scripts/setup-tests")
    })?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}
