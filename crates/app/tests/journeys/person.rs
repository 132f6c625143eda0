//! One person at a browser, who finds things by what is written on them.
//!
//! Every step waits until it can be done, so that a journey is as quick as the machine and never a matter of luck.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::json;

use super::support::browser::{Browser, View, Window};
use super::support::server::Server;

/// How long a step may take; far more than any needs, so that a test ends by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(25);

/// Somebody with a browser of their own.
pub(crate) struct Person {
    /// The browser's window.
    pub(crate) window: Window,
    address: String,
}

impl Person {
    /// Opens the server's first page.
    pub(crate) async fn at(browser: &Browser, server: &Server, view: View) -> Person {
        let window = browser.open(view).await;
        let person = Person { window, address: server.address().to_owned() };
        person.goes_to("/").await;
        person
    }

    /// Opens the server's first page and signs in there by the button of the demo.
    pub(crate) async fn signed_in(browser: &Browser, server: &Server, view: View, button: &str) -> Person {
        let person = Person::at(browser, server, view).await;
        person.clicks(button).await;
        person.sees("次にすること").await;
        person
    }

    /// Types an address.
    pub(crate) async fn goes_to(&self, path: &str) {
        self.window.goto(&format!("{}{path}", self.address)).await.unwrap();
    }

    /// Clicks the link, button or summary that says this, whether or not what it is about follows after `：`.
    pub(crate) async fn clicks(&self, words: &str) {
        self.clicks_at(&saying("//*[self::a or self::button or self::summary]", words)).await;
    }

    /// The same within the part of the page that an XPath names.
    pub(crate) async fn clicks_in(&self, part: &str, words: &str) {
        self.clicks_at(&saying(&format!("{part}//*[self::a or self::button or self::summary]"), words)).await;
    }

    /// Chooses a radio button or a checkbox by the beginning of its label.
    pub(crate) async fn chooses(&self, label: &str) {
        self.chooses_in("", label).await;
    }

    /// The same within the part of the page that an XPath names.
    pub(crate) async fn chooses_in(&self, part: &str, label: &str) {
        self.clicks_at(&format!("{part}//label[starts-with(normalize-space(.), '{label}')]")).await;
    }

    /// Writes into the field with this label, in the place of what it says.
    pub(crate) async fn writes(&self, label: &str, text: &str) {
        self.clicks_at(&field(label)).await;
        self.window.press(&(Key::Control + "a")).await;
        self.types(text).await;
    }

    /// Writes to where the focus is, in one piece: what an input method gives once it is done.
    pub(crate) async fn types(&self, text: &str) {
        self.window.devtools("Input.insertText", json!({ "text": text })).await;
    }

    /// Chooses an option of the select of this name.
    pub(crate) async fn selects(&self, name: &str, option: &str) {
        let select = self.finds(&format!("//select[@name='{name}']")).await;
        select.select_by_label(option).await.unwrap();
    }

    /// The input or textarea with this label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        self.finds(&field(label)).await
    }

    /// What stands in the field with this label.
    pub(crate) async fn reads(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits until the page says this, and not in a part that is hidden.
    pub(crate) async fn sees(&self, words: &str) {
        self.until(&format!("the page says 「{words}」"), async || self.page().await.contains(words)).await;
    }

    /// Waits until the page no longer says this.
    pub(crate) async fn sees_no(&self, words: &str) {
        self.until(&format!("the page no longer says 「{words}」"), async || {
            let page = self.page().await;
            !page.is_empty() && !page.contains(words)
        })
        .await;
    }

    /// Waits until the text of the part that an XPath names contains this.
    pub(crate) async fn sees_in(&self, part: &str, words: &str) {
        self.until(&format!("{part} says 「{words}」"), async || self.text(part).await.contains(words)).await;
    }

    /// The text of the page as it is seen; empty while it changes.
    pub(crate) async fn page(&self) -> String {
        self.text("//body").await
    }

    /// The text of the part that an XPath names; empty where there is none.
    pub(crate) async fn text(&self, part: &str) -> String {
        match self.window.find(Locator::XPath(part)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits for the first element of an XPath that is seen.
    pub(crate) async fn finds(&self, path: &str) -> Element {
        let mut found = None;
        self.until(&format!("{path} is seen"), async || {
            found = self.seen(path).await;
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// What an expression gives in the page.
    pub(crate) async fn asks(&self, expression: &str) -> serde_json::Value {
        self.window.execute(&format!("return {expression}"), vec![]).await.unwrap()
    }

    /// Waits until an expression holds in the page.
    pub(crate) async fn until_asked(&self, expression: &str) {
        self.until(expression, async || {
            let answer = self.window.execute(&format!("return !!({expression})"), vec![]).await;
            answer.is_ok_and(|answer| answer == true)
        })
        .await;
    }

    /// Waits until a condition holds; panics with what the page says when it never does.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let waiting = async {
            while !holds().await {
                tokio::time::sleep(PAUSE).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            let address = self.window.current_url().await.map(|url| url.to_string()).unwrap_or_default();
            panic!("it never came about that {what}. The page {address} says:\n{}", self.page().await);
        }
    }

    async fn clicks_at(&self, path: &str) {
        self.until(&format!("{path} can be clicked"), async || match self.seen(path).await {
            Some(element) => element.click().await.is_ok() || self.scrolls_on().await,
            None => false,
        })
        .await;
    }

    /// Turns the wheel: what stands under the bar at the bottom comes up from there.
    async fn scrolls_on(&self) -> bool {
        let wheel = json!({ "type": "mouseWheel", "x": 300, "y": 300, "deltaX": 0, "deltaY": 200 });
        self.window.devtools("Input.dispatchMouseEvent", wheel).await;
        false
    }

    async fn seen(&self, path: &str) -> Option<Element> {
        for element in self.window.find_all(Locator::XPath(path)).await.ok()? {
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }
}

fn field(label: &str) -> String {
    format!("//*[@id = //label[starts-with(normalize-space(.), '{label}')]/@for]")
}

fn saying(path: &str, words: &str) -> String {
    format!(
        "{path}[normalize-space(.) = '{words}' or b = '{words}' or starts-with(normalize-space(.), '{words}：')]"
    )
}
