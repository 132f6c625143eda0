//! Pages, and which of them are built alike.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A page as one person sees it, and how one comes to it.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) address: String,
    pub(crate) who: String,
    /// The session's cookie.
    pub(crate) session: Option<String>,
    pub(crate) path: String,
    /// What is posted; nothing when the page is simply asked for.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) has_form: bool,
}

/// Every page that has been asked for, by what it is built of.
#[derive(Default)]
pub(crate) struct Pages {
    built: BTreeMap<BTreeSet<String>, String>,
    asked: usize,
    statuses: BTreeMap<u16, usize>,
}

impl Pages {
    /// Whether no page before was built like this one.
    pub(crate) fn is_new(&mut self, page: &Page, status: u16, html: &str) -> bool {
        self.asked += 1;
        *self.statuses.entry(status).or_default() += 1;
        self.built.insert(elements(html), page.to_string()).is_none()
    }
}

impl fmt::Display for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = if self.fields.is_empty() { "GET" } else { "POST" };
        write!(out, "{} {method} {}", self.who, self.path)
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} pages asked for, {} built differently; by status: {:?}",
            self.asked,
            self.built.len(),
            self.statuses
        )
    }
}

/// Every element of a page with all it stands in, as far as it can matter to axe-core: without texts, addresses and values.
fn elements(html: &str) -> BTreeSet<String> {
    const VOID: [&str; 9] = ["meta", "link", "input", "br", "img", "hr", "path", "rect", "!DOCTYPE"];
    let mut within: Vec<String> = Vec::new();
    let mut elements = BTreeSet::new();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        if tag.starts_with('/') {
            within.pop();
            continue;
        }
        let element = element(tag);
        elements.insert(format!("{} {element}", within.join(" ")));
        let name = tag.split_whitespace().next().unwrap_or_default();
        if !VOID.contains(&name) && !tag.ends_with('/') {
            within.push(element);
        }
    }
    elements
}

/// A tag with the names of its attributes, and the values of those that decide how it looks or what it is.
fn element(tag: &str) -> String {
    const TELLING: [&str; 7] =
        ["class", "role", "type", "data-state", "tabindex", "aria-pressed", "aria-current"];
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut element = name.to_owned();
    while let Some(start) = rest.find(|letter: char| !letter.is_whitespace()) {
        rest = &rest[start..];
        let end = rest.find(|letter: char| letter == '=' || letter.is_whitespace()).unwrap_or(rest.len());
        let attribute = &rest[..end];
        rest = &rest[end..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').unwrap_or(quoted.len());
            value = &quoted[..end];
            rest = quoted.get(end + 1..).unwrap_or("");
        }
        let value = if TELLING.contains(&attribute) { value } else { "" };
        element.push_str(&format!("[{attribute}={value}]"));
    }
    element
}
