//! Reading a report from a file: text or document, told by the extension. Whatever the file holds, the answer is a
//! report or a sentence.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use kaikaku_domain::report::DocumentError;
use kaikaku_domain::{Form, Report};
use kaikaku_import::Unreadable;
use thiserror::Error;

use crate::cli::CommandError;
use crate::forms;

/// More than any report's text: the real ones have a hundred kilobytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A report with the form that it follows.
pub(crate) struct Loaded {
    pub(crate) report: Report,
    pub(crate) form: Form,
}

/// Why a file is no report.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error("{path} を開けません: {reason}")]
    Open { path: PathBuf, reason: String },
    #[error(
        "{0} は読み取れる種類のファイルではありません。拡張子が .txt か .json のファイルを指定してください"
    )]
    Extension(PathBuf),
    #[error("{path} は大きすぎます（{size}バイト）。{LARGEST}バイトまで読み取れます")]
    Huge { path: PathBuf, size: u64 },
    #[error("{path} は空です。報告書の文字が入ったファイルを指定してください")]
    Empty { path: PathBuf },
    #[error("{path} は文字のファイルではありません{hint}")]
    Binary { path: PathBuf, hint: &'static str },
    #[error("{path} を読み取れません: {error}")]
    Text { path: PathBuf, error: Unreadable },
    #[error("{path} は報告書文書ではありません: {error}")]
    Document { path: PathBuf, error: DocumentError },
}

/// Reads the report in a file.
pub(crate) fn load(path: &Path, form_paths: &[PathBuf]) -> Result<Loaded, CommandError> {
    let is_document =
        match path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase).as_deref() {
            Some("json") => true,
            Some("txt" | "text") => false,
            _ => return Err(InputError::Extension(path.to_owned()).into()),
        };
    let all = forms::all(form_paths)?;
    let text = text(path)?;
    let report = if is_document {
        Report::from_json(&text).map_err(|error| InputError::Document { path: path.to_owned(), error })?
    } else {
        let imported = kaikaku_import::report_text(&text, &all);
        imported.map_err(|error| InputError::Text { path: path.to_owned(), error })?.report
    };
    let form = forms::named(all, &report.form)?;
    Ok(Loaded { report, form })
}

/// The file's text: UTF-8, or UTF-16 and CP932 as older systems write them.
pub(crate) fn text(path: &Path) -> Result<String, InputError> {
    let bytes = bytes(path)?;
    let path = path.to_owned();
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(InputError::Empty { path });
    }
    let hint = match &bytes[..] {
        [b'%', b'P', b'D', b'F', ..] => "（PDFです。文字を取り出した .txt を指定してください）",
        [b'P', b'K', 3, 4, ..] => "（ExcelやWordなどのファイルです）",
        _ => "",
    };
    let (text, _, had_errors) = match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, _)) => encoding.decode(&bytes),
        None => match encoding_rs::UTF_8.decode_without_bom_handling(&bytes) {
            (text, false) => (text, encoding_rs::UTF_8, false),
            // Not UTF-8: what remains is the encoding of Japanese Windows, if it decodes at all.
            _ => encoding_rs::SHIFT_JIS.decode(&bytes),
        },
    };
    if !hint.is_empty() || had_errors || text.contains('\0') {
        return Err(InputError::Binary { path, hint });
    }
    Ok(text.into_owned())
}

fn bytes(path: &Path) -> Result<Vec<u8>, InputError> {
    let open = |error: std::io::Error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "ファイルがありません。名前を確かめてください".to_owned(),
            std::io::ErrorKind::PermissionDenied => "読む権限がありません".to_owned(),
            _ if path.is_dir() => "フォルダーです。ファイルを指定してください".to_owned(),
            _ => error.to_string(),
        };
        InputError::Open { path: path.to_owned(), reason }
    };
    let mut file = File::open(path).map_err(open)?;
    let size = file.metadata().map_err(open)?.len();
    if size > LARGEST {
        return Err(InputError::Huge { path: path.to_owned(), size });
    }
    let mut bytes = Vec::new();
    // A pipe has no length to ask for: it is read up to the limit and a byte.
    file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(open)?;
    match u64::try_from(bytes.len()) {
        Ok(size) if size <= LARGEST => Ok(bytes),
        _ => Err(InputError::Huge { path: path.to_owned(), size: LARGEST + 1 }),
    }
}
