//! A real browser: Debian's Chromium through its driver, on a port of the loopback, with profiles of its own.

use std::fmt;
use std::fs;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use axum::http::Method;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::Visitor;
use super::process::Process;

/// How long the browser may take to open a window.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the browser is started with: no window, no questions, and no conversation with anybody else.
const ARGUMENTS: [&str; 14] = [
    "--headless",
    "--no-sandbox", // as root it does not start with one
    "--disable-gpu",
    "--disable-dev-shm-usage", // containers have little
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=ja",        // its own words
    "--accept-lang=ja", // what it tells pages
];

/// A browser's driver. Dropping it ends it and all windows.
pub(crate) struct Browser {
    process: Process,
    driver: String,
    chromium: PathBuf,
    profiles: TempDir,
}

/// What somebody looks at a page with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// In CSS pixels.
    pub(crate) width: u32,
    /// In CSS pixels.
    pub(crate) height: u32,
    /// Whether the page's scripts run.
    pub(crate) scripts: bool,
    /// Whether the person's own colours replace the page's.
    pub(crate) forced_colours: bool,
}

/// One window with a session of its own: cookies are not shared with other windows. It is fantoccini's client and more.
pub(crate) struct Window {
    client: Client,
    driver: Visitor,
    session: String,
    view: View,
}

/// One element that breaks one of axe-core's rules.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// The rule's name, like `color-contrast`.
    pub(crate) rule: String,
    /// The element, as a CSS selector.
    pub(crate) target: String,
    /// What the rule asks for.
    pub(crate) help: String,
}

impl View {
    /// A town hall's laptop.
    pub(crate) const LAPTOP: View = View { width: 1366, height: 768, scripts: true, forced_colours: false };
    /// The narrowest window that pages must fit (WCAG 2.2, 1.4.10), also a laptop's at a zoom of 400 %.
    pub(crate) const NARROW: View = View { width: 320, height: 640, ..View::LAPTOP };
    /// A laptop that runs no scripts.
    pub(crate) const WITHOUT_SCRIPTS: View = View { scripts: false, ..View::LAPTOP };
    /// A laptop with the contrast theme of the person's own system.
    pub(crate) const FORCED_COLOURS: View = View { forced_colours: true, ..View::LAPTOP };
}

impl Browser {
    /// Starts the driver on a free port.
    pub(crate) fn start() -> Browser {
        let chromium = on_path("chromium");
        let profiles = tempfile::tempdir().unwrap();
        let mut command = Command::new(on_path("chromedriver"));
        command.arg("--port=0").env("TMPDIR", profiles.path()); // where a killed browser leaves things behind
        let (process, port) = Process::start(&mut command, |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim().trim_end_matches('.').to_owned())
        });
        Browser { process, driver: format!("http://127.0.0.1:{port}"), chromium, profiles }
    }

    /// Opens a window with a profile of its own.
    pub(crate) async fn open(&self, view: View) -> Window {
        let profile = TempDir::new_in(self.profiles.path()).unwrap().keep();
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let options = json!({ "binary": self.chromium, "args": arguments });
        let Value::Object(capabilities) = json!({ "goog:chromeOptions": options }) else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(&self.driver);
        let client =
            tokio::time::timeout(PATIENCE, connecting).await.expect("Chromium did not start").unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let mut window = Window { client, driver: Visitor::new(&self.driver), session, view };
        window.look_through(view).await;
        window
    }

    /// The process group of the driver and all its windows.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Window {
    /// Looks on with something else; the page in it stays as it is. A window of the system cannot be narrower than 500
    /// pixels and has the system's colours: all of it is emulation, for the window's first tab.
    pub(crate) async fn look_through(&mut self, view: View) {
        self.view = view;
        let size =
            json!({ "width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let colours = if view.forced_colours { "active" } else { "none" };
        let media = json!({ "features": [{ "name": "forced-colors", "value": colours }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
        self.allow_scripts(view.scripts).await;
    }

    /// Sends a command of the DevTools protocol, for what WebDriver has no word for.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let path = format!("/session/{}/goog/cdp/execute", self.session);
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let headers = [("content-type", "application/json")];
        let answer = self.driver.clone().send(Method::POST, &path, &headers, body).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["value"].clone()
    }

    /// Presses keys together and lets go of them: `press(&Key::Tab)`, `press(&(Key::Control + "s"))`.
    pub(crate) async fn press(&self, chord: &str) {
        let down = chord.chars().map(|value| KeyAction::Down { value });
        let up = chord.chars().rev().map(|value| KeyAction::Up { value });
        self.act(down.chain(up)).await;
    }

    /// Writes a text, key by key, to where the focus is.
    pub(crate) async fn write(&self, text: &str) {
        let keys = |value| [KeyAction::Down { value }, KeyAction::Up { value }];
        self.act(text.chars().flat_map(keys)).await;
    }

    /// Keeps what is seen now as a PNG: in the folder KAIKAKU_SCREENSHOTS or, without it, beside the built tests.
    pub(crate) async fn keep_screenshot(&self, name: &str) -> PathBuf {
        let folder = std::env::var_os("KAIKAKU_SCREENSHOTS")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots"), PathBuf::from);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name).with_extension("png");
        fs::write(&path, self.client.screenshot().await.unwrap()).unwrap();
        path
    }

    /// What axe-core finds wrong with the page as it stands: WCAG 2.0 to 2.2, A and AA, and its best practices.
    pub(crate) async fn axe(&self) -> Vec<Violation> {
        let file = super::root().join(".cache/axe/axe.min.js");
        let axe = fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{} ({error}): please run scripts/setup-tests", file.display()));
        self.allow_scripts(true).await; // axe-core's own; the page has been loaded and runs none afterwards
        let is_there = self.client.execute("return !!window.axe", vec![]).await.unwrap() == true;
        if !is_there {
            self.client.execute(&axe, vec![]).await.unwrap();
        }
        let found = self.client.execute_async(RUN_AXE, vec![]).await.unwrap();
        self.allow_scripts(self.view.scripts).await;
        assert!(found["error"].is_null(), "axe-core: {}", found["error"]);
        let violations = found["violations"].as_array().unwrap();
        violations
            .iter()
            .map(|violation| serde_json::from_value(violation.clone()).unwrap())
            .map(named)
            .collect()
    }

    async fn allow_scripts(&self, allowed: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed })).await;
    }

    async fn act(&self, keys: impl Iterator<Item = KeyAction>) {
        let keyboard = KeyActions::new("keyboard".to_owned());
        self.client.perform_actions(keys.fold(keyboard, KeyActions::then)).await.unwrap();
    }
}

impl Deref for Window {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at {}: {}", self.rule, self.target, self.help)
    }
}

/// Gives a row of rule, target and help for each element at fault.
const RUN_AXE: &str = r#"
const answer = arguments[arguments.length - 1];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, { resultTypes: ["violations"], runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } } }).then(
  (found) => answer({
    violations: found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.target.join(" "), rule.help])),
  }),
  (error) => answer({ error: String(error) }),
);
"#;

fn named([rule, target, help]: [String; 3]) -> Violation {
    Violation { rule, target, help }
}

/// Where a program is; panics with what to do when it is nowhere.
fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{program} is missing: please run scripts/setup-tests"))
}
