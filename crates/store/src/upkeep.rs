//! Emptying SQLite's write-ahead log beside those who write.
//!
//! Left to itself, SQLite copies the log into the file during the commit that makes it long: one save in a hundred waits for
//! all the others'. Here a connection of its own does it, and no writer waits for it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

/// After so many commits the log is copied: about eight pages each, some 15 MB.
const EVERY: u64 = 500;

/// At so many pages (64 MB) a writer copies it all the same, so that it never grows without end.
pub(crate) const AT_MOST: u32 = 16_000;

/// Who copies the log.
#[derive(Debug)]
pub(crate) struct Upkeep {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
    commits: AtomicU64,
    is_at_work: AtomicBool,
}

impl Upkeep {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            connection: Mutex::default(),
            commits: AtomicU64::new(0),
            is_at_work: AtomicBool::new(false),
        }
    }

    /// A change was committed.
    pub(crate) fn committed(self: Arc<Self>) {
        let commits = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
        if commits.is_multiple_of(EVERY) && !self.is_at_work.swap(true, Ordering::Acquire) {
            tokio::task::spawn_blocking(move || {
                // What cannot be copied now stands safely in the log, and is copied the next time.
                let _ = self.copy();
                self.is_at_work.store(false, Ordering::Release);
            });
        }
    }

    fn copy(&self) -> rusqlite::Result<()> {
        let mut place = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match place.take() {
            Some(connection) => connection,
            None => Connection::open(&self.path)?,
        };
        place.insert(connection).execute_batch("pragma synchronous = full; pragma wal_checkpoint(passive)")
    }

    pub(crate) fn close(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::{Date, Moment};

    use crate::{Remembered, Store};

    #[tokio::test]
    async fn the_log_is_copied_while_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        store.migrate().await.unwrap();
        let at = Moment::at(Date::read("2026-04-06").unwrap(), 10, 0);
        let size = |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
        let (least, mut commits) = (super::EVERY * 3000, 0);
        while size("kaikaku.db") < least && commits < 10 * super::EVERY {
            let keys = [format!("key {commits}")];
            let count = |_: &[Option<String>]| (vec![Remembered { state: "x".repeat(3000), until: at }], ());
            store.recount(&keys, at, count).await.unwrap();
            commits += 1;
        }
        assert!(size("kaikaku.db") >= least, "nothing was copied in {commits} commits");
        assert!(commits >= super::EVERY, "copied by those who write");
    }
}
