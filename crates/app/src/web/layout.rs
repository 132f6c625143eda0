//! What every page has around it: the town, the person, the ways to the other pages.

use std::sync::Arc;

use kaikaku_store::Stage;

use super::App;
use super::visit::Visit;

/// The frame of a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// The title of the page, without 「エラー：」.
    pub(crate) title: String,
    /// Whether something on the page must be put right first.
    pub(crate) has_errors: bool,
    /// The town's name; empty where none is known yet.
    pub(crate) town: String,
    /// Which of the main pages it is: `home`, `sheets`, `review`, `account`.
    pub(crate) place: &'static str,
    /// Who is signed in.
    pub(crate) visit: Option<Arc<Visit>>,
    /// Seconds until the session ends when nothing is done; 0 when nobody is signed in.
    pub(crate) expires: i64,
    /// Whether it is a demo.
    pub(crate) is_demo: bool,
    /// What has just been done, in a sentence.
    pub(crate) done: Option<&'static str>,
}

impl Layout {
    /// The frame for a visitor.
    pub(crate) fn of(app: &App, visit: Option<Arc<Visit>>) -> Self {
        let is_demo = app.settings.demo.is_some();
        // Who has the second factor still to give sees no more than anybody.
        let Some(visit) = visit.filter(|visit| visit.session.stage == Stage::Full) else {
            return Self { is_demo, ..Self::default() };
        };
        Self {
            town: visit.town.name.clone(),
            // A minute less: that long a request may go by without the session being renewed.
            expires: app.settings.idle_seconds - super::visit::RENEWED_EVERY,
            is_demo,
            visit: Some(visit),
            ..Self::default()
        }
    }

    /// The same under a title, in one of the main pages.
    pub(crate) fn titled(mut self, title: impl Into<String>, place: &'static str) -> Self {
        self.title = title.into();
        self.place = place;
        self
    }

    /// The token that every form of the page carries; empty where nobody is signed in.
    pub(crate) fn csrf(&self) -> &str {
        self.visit.as_ref().map_or("", |visit| visit.csrf.as_str())
    }

    /// The version of the program.
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The address of an asset, with its version in the name.
    pub(crate) fn asset(&self, name: &str) -> String {
        super::assets::address(name)
    }
}
