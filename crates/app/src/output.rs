//! Writing a file whole or not at all: beside its place first, then renamed into it.

use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file could not be written. What stood there before is untouched.
#[derive(Debug, Error)]
pub(crate) enum OutputError {
    #[error("{0} には書き出せません。拡張子を .json か .pdf にしてください")]
    Extension(PathBuf),
    #[error("入力と出力が同じファイルです（{0}）。出力には別の名前を指定してください")]
    SameFile(PathBuf),
    #[error("{path} に書けません: {error}。元のファイルはそのままです")]
    Write { path: PathBuf, error: std::io::Error },
}

/// Makes sure that the source is not about to be written over.
pub(crate) fn refuse_same_file(input: &Path, output: &Path) -> Result<(), OutputError> {
    let same = match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) => input == output,
        _ => input == output,
    };
    if same { Err(OutputError::SameFile(output.to_owned())) } else { Ok(()) }
}

/// Writes the bytes beside the path and renames them into place.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let failed = |error: std::io::Error| OutputError::Write { path: path.to_owned(), error };
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = builder().tempfile_in(folder).map_err(failed)?;
    beside.write_all(bytes).and_then(|()| beside.as_file().sync_all()).map_err(failed)?;
    beside.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// As readable as any new file of this user: a temporary file would be private.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kaikaku-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}
