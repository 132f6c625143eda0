//! Pages, and which of them are built alike.

use std::collections::BTreeSet;
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

/// The addresses of pages, and the states in which entries are seen at them.
const ADDRESSES: [&str; 11] = [
    "/",
    "/session/new",
    "/session/code",
    "/sheets",
    "/review",
    "/account",
    "/account/second-factor",
    "/entries/{}",
    "/entries/{}/submission",
    "/entries/{}/history",
    "/entries/{}/conflicts/{}",
];
const STATES: [&str; 7] = ["none", "draft", "returned", "submitted", "confirmed", "received", "fixed"];

/// Every page that has been asked for, by what it is built of.
#[derive(Default)]
pub(crate) struct Pages {
    heads: BTreeSet<BTreeSet<String>>,
    bodies: BTreeSet<BTreeSet<String>>,
    asked: usize,
    new: usize,
    /// Address, person, status, state of the entry.
    cells: BTreeSet<(String, String, u16, String)>,
}

impl Pages {
    /// Whether a part of the page, what stands above its main part or that itself, is built like none before.
    pub(crate) fn is_new(&mut self, page: &Page, status: u16, html: &str) -> bool {
        self.asked += 1;
        let state = html.split("<h1>").nth(1).and_then(|rest| rest.split("data-state=\"").nth(1));
        let state = state.and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let state = if page.path.starts_with("/entries/") { state } else { "" };
        self.cells.insert((pattern(&page.path), page.who.clone(), status, state.to_owned()));
        let (head, body) = html.split_once("<main").unwrap();
        let is_new = [self.heads.insert(elements(head)), self.bodies.insert(elements(body))].contains(&true);
        self.new += usize::from(is_new);
        is_new
    }

    /// Panics when an address was not seen, or an entry not in every state.
    pub(crate) fn are_all(&self) {
        let seen = |path: &str| self.cells.iter().any(|cell| cell.0 == path && cell.2 == 200);
        let missing: Vec<_> = ADDRESSES.iter().filter(|path| !seen(path)).collect();
        assert!(missing.is_empty(), "no page at {missing:?}");
        let seen = |state: &str| self.cells.iter().any(|cell| cell.0 == "/entries/{}" && cell.3 == state);
        let missing: Vec<_> = STATES.iter().filter(|state| !seen(state)).collect();
        assert!(missing.is_empty(), "no entry is {missing:?}: {:?}", self.cells);
        for status in [404, 409, 422, 423] {
            assert!(self.cells.iter().any(|cell| cell.2 == status), "no page says {status}");
        }
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
        let (asked, cells, new) = (self.asked, self.cells.len(), self.new);
        write!(
            out,
            "{asked} pages asked for in {cells} cells of address × person × answer × state; {new} of them differ"
        )
    }
}

/// An address with a place for each number in it.
fn pattern(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let part = |part: &str| if part.parse::<u64>().is_ok() { "{}".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
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
