//! A window in which pages are looked at in every way in which they must do.

use std::collections::BTreeMap;

use serde_json::json;

use super::pages::Page;
use super::support::browser::{Browser, View, Window};

/// What is shut away opens: it is a part of the page.
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach(one => { one.open = true; });
document.querySelectorAll('[data-for-cause], .switch, .same').forEach(one => { one.hidden = false; });";

/// The printed page stands beside the fields.
const PREVIEW: &str = "document.querySelector('.entry[data-side]')?.setAttribute('data-side', 'preview')";

/// The warning before the session ends stands over everything.
const WARNING: &str = "document.querySelector('#expiry')?.showModal()";

/// The elements that make the page wider than its window.
const TOO_WIDE: &str = "const room = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= room) return [];
const within = one => one && (getComputedStyle(one).overflowX !== 'visible' || within(one.parentElement));
return [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > room + 1 && !within(one.parentElement))
  .slice(0, 3).map(one => one.tagName + '.' + one.className + '#' + one.id);";

/// A window and what was found wrong through it.
pub(crate) struct Eyes {
    window: Window,
    /// Every barrier once, with the first page that has it and how many more do.
    found: BTreeMap<String, (String, usize)>,
    has_seen_warning: bool,
}

impl Eyes {
    pub(crate) async fn open(browser: &Browser) -> Eyes {
        Eyes { window: browser.open(View::LAPTOP).await, found: BTreeMap::new(), has_seen_warning: false }
    }

    /// Looks at pages, each in every way.
    pub(crate) async fn look_at(&mut self, pages: impl Iterator<Item = &Page>) {
        for page in pages {
            self.arrive(page).await;
            self.look_through_all(page).await;
        }
    }

    /// What was found, a line each.
    pub(crate) fn barriers(self) -> Vec<String> {
        let line =
            |(what, (page, more)): (String, (String, usize))| format!("{what}\n    {page} and {more} more");
        self.found.into_iter().map(line).collect()
    }

    async fn arrive(&mut self, page: &Page) {
        self.window.look_through(View::LAPTOP).await;
        self.window.devtools("Network.clearBrowserCookies", json!({})).await;
        if let Some(session) = &page.session {
            let cookie = json!({ "name": "kaikaku_session", "value": session, "url": page.address });
            self.window.devtools("Network.setCookie", cookie).await;
        }
        if page.fields.is_empty() {
            self.window.goto(&format!("{}{}", page.address, page.path)).await.unwrap();
        } else {
            // A form can only be sent from a page of the same server; this one has the session's token.
            let from = if page.path == "/session/code" { "/session/code" } else { "/account" };
            self.window.goto(&format!("{}{from}", page.address)).await.unwrap();
            let post = "const form = document.createElement('form');
                [form.method, form.action] = ['post', arguments[0]];
                for (const [name, value] of arguments[1]) {
                  const field = document.createElement('textarea');
                  // A form of this session, unless the page is to be that of a foreign one.
                  const own = name === 'csrf' && !value && document.querySelector('[name=csrf]')?.value;
                  [field.name, field.value] = [name, own || value];
                  form.append(field);
                }
                document.body.append(form);
                window.isLeft = true;
                form.submit();";
            self.window.execute(post, vec![json!(page.path), json!(page.fields)]).await.unwrap();
            self.until("!window.isLeft && document.readyState === 'complete'").await;
        }
        self.until("document.readyState === 'complete'").await;
        self.window.execute(OPEN_ALL, vec![]).await.unwrap();
    }

    async fn look_through_all(&mut self, page: &Page) {
        for (name, view) in
            [("1366", View::LAPTOP), ("320", View::NARROW), ("forced colours", View::FORCED_COLOURS)]
        {
            self.window.look_through(view).await;
            self.look(page, name).await;
        }
        self.window.look_through(View::LAPTOP).await;
        self.window.execute(PREVIEW, vec![]).await.unwrap();
        self.text_size(32).await;
        self.look(page, "200 %").await;
        self.text_size(16).await;
        if page.has_form {
            self.look(page, "beside the printed page").await;
        }
        if page.has_form && !self.has_seen_warning {
            self.has_seen_warning = true; // it is the same everywhere
            self.window.execute(WARNING, vec![]).await.unwrap();
            self.look(page, "under the warning").await;
        }
    }

    async fn look(&mut self, page: &Page, how: &str) {
        let found = self.window.axe().await;
        for violation in found {
            self.note(violation.to_string(), page, how);
        }
        let wide = self.window.execute(TOO_WIDE, vec![]).await.unwrap();
        for element in wide.as_array().unwrap() {
            self.note(format!("wider than the window: {element}"), page, how);
        }
    }

    fn note(&mut self, what: String, page: &Page, how: &str) {
        let entry = self.found.entry(what).or_insert_with(|| (format!("{page} ({how})"), 0));
        entry.1 += 1;
    }

    /// The size of text that a person has set in the browser: 16 unless told.
    async fn text_size(&self, size: u32) {
        let sizes = json!({ "fontSizes": { "standard": size, "fixed": size * 13 / 16 } });
        self.window.devtools("Page.setFontSizes", sizes).await;
    }

    async fn until(&self, condition: &str) {
        let waiting = async {
            while self.window.execute(&format!("return {condition}"), vec![]).await.ok() != Some(true.into())
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.expect(condition);
    }
}
