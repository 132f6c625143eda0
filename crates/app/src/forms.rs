//! The form definitions: those inside the binary and those named on the command line.

use std::path::{Path, PathBuf};

use kaikaku_domain::{Form, form};
use rust_embed::RustEmbed;
use thiserror::Error;

#[derive(RustEmbed)]
#[folder = "../../forms"]
struct Shipped;

/// Why there is no form to work with.
#[derive(Debug, Error)]
pub(crate) enum FormError {
    /// The file cannot be read.
    #[error("様式定義 {path} を開けません: {error}")]
    Open { path: PathBuf, error: std::io::Error },
    /// The file is no form definition.
    #[error("{path}: {error}")]
    Content { path: PathBuf, error: form::FormError },
    /// A document names a form that is not here.
    #[error(
        "文書の様式 `{code}` の定義がありません。--form で様式定義（.toml）を指定してください（付属: {known}）"
    )]
    Unknown { code: String, known: String },
}

/// The forms named on the command line, then the shipped ones.
pub(crate) fn all(paths: &[PathBuf]) -> Result<Vec<Form>, FormError> {
    let mut forms = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(path).map_err(|error| FormError::Open { path: path.clone(), error })?;
        forms.push(read(path, &text)?);
    }
    let mut names: Vec<_> = Shipped::iter().collect();
    names.sort();
    for name in names {
        let file = Shipped::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
        forms.push(read(Path::new(name.as_ref()), &String::from_utf8_lossy(&file))?);
    }
    Ok(forms)
}

fn read(path: &Path, text: &str) -> Result<Form, FormError> {
    Form::from_toml(text).map_err(|error| FormError::Content { path: path.to_owned(), error })
}

/// The form that a document names.
pub(crate) fn named(forms: Vec<Form>, code: &str) -> Result<Form, FormError> {
    let known: Vec<String> = forms.iter().map(|form| form.code.clone()).collect();
    forms
        .into_iter()
        .find(|form| form.code == code)
        .ok_or_else(|| FormError::Unknown { code: code.to_owned(), known: known.join("・") })
}
