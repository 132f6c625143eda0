//! A demo of one test's own, and what stands on its pages.

use std::process::Command;

use tempfile::TempDir;

use super::person::Person;
use super::support::browser::{Browser, View};
use super::support::server::Server;

/// The buttons of the first page.
pub(crate) const CLERK: &str = "担当者として見る";
pub(crate) const HEAD: &str = "課長として見る";
pub(crate) const SECRETARY: &str = "事務局として見る";

/// A demo whose record can be looked at beside it, and a browser.
pub(crate) struct Demo {
    pub(crate) server: Server,
    pub(crate) browser: Browser,
    folder: TempDir,
}

impl Demo {
    pub(crate) fn start() -> Demo {
        Demo::with(&[])
    }

    /// Starts it with more arguments.
    pub(crate) fn with(arguments: &[&str]) -> Demo {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let always = ["demo", "--listen", "127.0.0.1:0", "--data", data];
        let server = Server::start(always.iter().chain(arguments));
        Demo { server, browser: Browser::start(), folder }
    }

    /// Somebody at a browser of their own, signed in by a button of the first page.
    pub(crate) async fn person(&self, view: View, button: &str) -> Person {
        Person::signed_in(&self.browser, &self.server, view, button).await
    }

    /// What `kaikaku verify` says of the record, while the server goes on.
    pub(crate) fn verified(&self) -> String {
        let done = Command::new(env!("CARGO_BIN_EXE_kaikaku"))
            .args(["verify", "--data"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }
}

/// Waits until the page has been saved without a click since it was opened.
pub(crate) async fn saved_by_itself(person: &Person) {
    person
        .until("the status line tells of a save of this minute", async || {
            let line = person.text("//*[@data-saved]").await;
            line.ends_with("下書き保存") && line.find(':') == Some(2)
        })
        .await;
}
