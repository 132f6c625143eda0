//! Where the record is, said the same way to every command: a folder with one SQLite file, or a PostgreSQL server.

use std::future::Future;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use kaikaku_store::{PATIENCE, Store};
use thiserror::Error;

use super::CommandError;

/// The file in the folder.
const FILE: &str = "kaikaku.db";

/// How every SQLite file begins. <https://www.sqlite.org/fileformat.html>
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The place that a command line names.
#[derive(Debug, Args)]
#[group(id = "place", required = true, multiple = false)]
pub(crate) struct Place {
    /// 記録を置くフォルダー。記録はその中の kaikaku.db に保存されます
    #[arg(long, value_name = "フォルダー")]
    data: Option<PathBuf>,
    /// 記録を置く PostgreSQL のデータベース（例 postgres://kaikaku@127.0.0.1/kaikaku）
    #[arg(long, value_name = "接続先")]
    database: Option<String>,
}

/// Why there is no record at the place.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    #[error(
        "{0} に記録がありません。場所を確かめてください。新しく始めるときは kaikaku serve か kaikaku load を使います"
    )]
    Missing(String),
    #[error("フォルダー {path} を作れません: {error}。場所と書き込みの権限を確かめてください")]
    Folder { path: PathBuf, error: std::io::Error },
    #[error("{path} を開けません: {error}。読み書きの権限を確かめてください")]
    Open { path: PathBuf, error: std::io::Error },
    #[error(
        "{0} は kaikaku の記録ではありません。元のファイルはそのままです。--data に別のフォルダーを指定してください"
    )]
    Foreign(PathBuf),
    #[error("{0} には既に記録があります。デモには空のフォルダーを指定してください")]
    Present(String),
    #[error("一時フォルダーを作れません: {0}。空き容量を確かめるか、--data でフォルダーを指定してください")]
    Temporary(std::io::Error),
    #[error("プログラムの実行環境を用意できません: {0}")]
    Runtime(std::io::Error),
}

impl Place {
    /// A folder.
    pub(crate) fn folder(path: PathBuf) -> Self {
        Self { data: Some(path), database: None }
    }

    /// Opens the record that is there.
    ///
    /// # Errors
    /// When there is none, or it is of an older or a newer version than this program: nothing is changed by itself.
    pub(crate) async fn open(&self) -> Result<Store, CommandError> {
        let store = self.reach(false, PATIENCE).await?;
        if store.is_new().await? {
            return Err(PlaceError::Missing(self.name()).into());
        }
        store.is_current().await?;
        Ok(store)
    }

    /// Opens the record that is there, or makes a new one.
    ///
    /// # Errors
    /// When it is of an older or a newer version than this program, or cannot be made.
    pub(crate) async fn open_or_make(&self) -> Result<Store, CommandError> {
        self.open_or_make_within(PATIENCE).await
    }

    /// The same, with a patience of one's own for others who write.
    ///
    /// # Errors
    /// When it is of an older or a newer version than this program, or cannot be made.
    pub(crate) async fn open_or_make_within(&self, patience: Duration) -> Result<Store, CommandError> {
        let store = self.reach(true, patience).await?;
        if store.is_new().await? {
            store.migrate().await?;
        }
        store.is_current().await?;
        Ok(store)
    }

    /// Makes a new record where there is none.
    ///
    /// # Errors
    /// When there is one, or it cannot be made.
    pub(crate) async fn make(&self) -> Result<Store, CommandError> {
        let store = self.reach(true, PATIENCE).await?;
        if !store.is_new().await? {
            return Err(PlaceError::Present(self.name()).into());
        }
        store.migrate().await?;
        Ok(store)
    }

    /// Opens whatever is there, of any version; nothing is made but the file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) async fn open_for_migration(&self) -> Result<Store, CommandError> {
        self.reach(true, PATIENCE).await
    }

    /// The place in a message; never with a password.
    pub(crate) fn name(&self) -> String {
        match (&self.data, &self.database) {
            (Some(folder), _) => folder.join(FILE).display().to_string(),
            (None, Some(_)) => "指定されたデータベース".to_owned(),
            (None, None) => String::new(),
        }
    }

    async fn reach(&self, make: bool, patience: Duration) -> Result<Store, CommandError> {
        match (&self.data, &self.database) {
            (_, Some(url)) => Ok(Store::open_server_within(url, patience).await?),
            (folder, None) => {
                let folder = folder.as_deref().unwrap_or(Path::new("."));
                let file = folder.join(FILE);
                match is_record(&file)? {
                    true => {}
                    false if make => make_private(folder)?,
                    false => return Err(PlaceError::Missing(self.name()).into()),
                }
                Ok(Store::open_file_within(&file, patience).await?)
            }
        }
    }
}

/// Whether a record stands in the file; an empty file is one that nothing was written into yet.
fn is_record(file: &Path) -> Result<bool, PlaceError> {
    let failed = |error| PlaceError::Open { path: file.to_owned(), error };
    let mut start = Vec::new();
    match std::fs::File::open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
        Ok(open) => open.take(16).read_to_end(&mut start).map_err(failed)?,
    };
    match start.as_slice() {
        [] => Ok(false),
        MAGIC => Ok(true),
        _ => Err(PlaceError::Foreign(file.to_owned())),
    }
}

/// Makes the folder where it is not there yet, for this user alone: it holds everyone's drafts and password hashes.
fn make_private(folder: &Path) -> Result<(), PlaceError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| PlaceError::Folder { path: folder.to_owned(), error })
}

/// Runs a command's work with the record to its end.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    // One thread may wait for the disk (a SQLite file is asked in place) while another answers.
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().max(2));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(PlaceError::Runtime)?
        .block_on(work)
}
