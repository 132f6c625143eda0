//! What the tests share: the repository's own examples, read as a user's would be.

use std::path::PathBuf;

use kaikaku_domain::{Form, Report};

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A form definition of the repository.
pub(crate) fn form(path: &str) -> Form {
    Form::from_toml(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// A report document of the repository.
pub(crate) fn report(path: &str) -> Report {
    Report::from_json(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}
