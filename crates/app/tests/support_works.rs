//! The tests' own tools at work: were one of them blind, the tests that stand on it would show nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::net::TcpStream;
use std::process::Command;

use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use fantoccini::Locator;
use fantoccini::key::Key;

use support::browser::{Browser, View, Window};
use support::http::{FORM, Visitor, urlencoded};
use support::postgres::Database;
use support::server::Server;

/// The policy of the program's own pages.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const PAGE: &str = r#"<!doctype html><html lang="ja"><head><title>記入</title><link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script></head><body><main><h1>記入</h1><p id="script">スクリプトなし</p>
<noscript><p id="noscript">スクリプトを使わずに記入できます。</p></noscript>
<form action="/echo"><label>目標 <input name="goal"></label> <button>保存する</button></form></main></body></html>"#;

/// No language, no label, too little contrast, a target of 10 pixels.
const BAD_PAGE: &str = r#"<!doctype html><html><head><title>悪い例</title><link rel="stylesheet" href="/page.css"></head>
<body><main><h1>悪い例</h1><p class="pale">薄い</p><input name="goal"><button class="tiny">一</button><button
class="tiny">二</button></main></body></html>"#;

const STYLE: &str =
    ".pale { color: #ccc; background: #fff } .tiny { width: 10px; height: 10px; padding: 0; border: 0 }";

const SCRIPT: &str = "document.getElementById('script').textContent = 'スクリプトあり';";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_seen_as_its_readers_see_it() {
    let address = serve().await;
    let browser = Browser::start();

    let mut laptop = open(&browser, View::LAPTOP, &address).await;
    assert_eq!(text(&laptop, "#script").await, "スクリプトあり");
    assert_eq!(seen(&laptop, "[innerWidth, innerHeight, navigator.language]").await, "[1366,768,\"ja\"]");
    assert_eq!(seen(&laptop, "matchMedia('(forced-colors: active)').matches").await, "false");
    let picture = fs::read(laptop.keep_screenshot("support_works").await).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 1000);

    laptop.look_through(View::NARROW).await;
    assert_eq!(seen(&laptop, "innerWidth").await, "320");
    laptop.look_through(View::FORCED_COLOURS).await;
    assert_eq!(seen(&laptop, "innerWidth").await, "1366");
    assert_eq!(seen(&laptop, "matchMedia('(forced-colors: active)').matches").await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_sent_by_keyboard_alone_with_and_without_scripts() {
    let address = serve().await;
    let browser = Browser::start();
    for view in [View::LAPTOP, View::WITHOUT_SCRIPTS] {
        let window = open(&browser, view, &address).await;
        let expected = if view.scripts { "スクリプトあり" } else { "スクリプトなし" };
        assert_eq!(text(&window, "#script").await, expected);
        assert_eq!(window.find(Locator::Css("#noscript")).await.is_ok(), !view.scripts);
        window.press(&Key::Tab).await;
        window.write("窓口ab").await;
        window.press(&(Key::Shift + &Key::Left)).await;
        window.press(&Key::Delete).await;
        window.press(&Key::Enter).await;
        window.wait().for_element(Locator::Css("#echo")).await.unwrap();
        assert_eq!(text(&window, "#echo").await, urlencoded(&[("goal", "窓口a")]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_what_is_wrong_and_nothing_else_under_the_policy_of_our_pages() {
    let address = serve().await;
    let browser = Browser::start();
    let mut window = browser.open(View::LAPTOP).await;
    for view in [View::LAPTOP, View::NARROW, View::FORCED_COLOURS, View::WITHOUT_SCRIPTS] {
        window.look_through(view).await;
        window.goto(&address).await.unwrap();
        let violations = window.axe().await;
        assert!(violations.is_empty(), "{view:?}: {}", violations[0]);
        let expected = if view.scripts { "スクリプトあり" } else { "スクリプトなし" };
        assert_eq!(text(&window, "#script").await, expected, "axe-core's scripts run, the page's do not");
    }
    window.look_through(View::LAPTOP).await;
    window.goto(&format!("{address}/bad")).await.unwrap();
    let violations = window.axe().await;
    let rules: Vec<_> = violations.iter().map(|violation| violation.rule.as_str()).collect();
    for rule in ["html-has-lang", "label", "color-contrast", "target-size"] {
        assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
    }
    let pale = violations.iter().find(|violation| violation.rule == "color-contrast").unwrap();
    assert_eq!(pale.target, "p");
    assert!(pale.to_string().contains("contrast"), "{pale}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_ends_with_the_test() {
    let address = serve().await;
    let browser = Browser::start();
    let window = open(&browser, View::LAPTOP, &address).await;
    let group = browser.id();
    assert!(running(group) > 2, "the driver, the browser and its processes are {}", running(group));
    drop(browser);
    // Those that were told to end take a moment to do so.
    let ended = async {
        while running(group) > 0 {
            tokio::task::yield_now().await;
        }
    };
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), ended).await;
    assert!(ended.is_ok(), "{} of its processes go on", running(group));
    drop(window);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_keeps_cookies_posts_forms_and_follows_by_hand() {
    let mut visitor = Visitor::new(&serve().await);
    let answer = visitor.post("/session", &[("name", "窓口 <&>"), ("csrf", "")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/form?signed=in")));
    assert_eq!(visitor.cookie("session"), Some("name=%E7%AA%93%E5%8F%A3%20%3C%26%3E&csrf="));

    let page = visitor.follow(&answer).await;
    assert_eq!((page.status, page.header("x-query")), (200, Some("signed=in")));
    assert_eq!(page.input("csrf").as_deref(), Some("a\"<'>&b"));
    assert_eq!(page.input("empty").as_deref(), Some(""));
    assert_eq!(page.input("none"), None);
    assert_eq!(
        page.header("x-cookie"),
        visitor.cookie("session").map(|value| format!("session={value}")).as_deref()
    );

    let headers = [("content-type", FORM), ("accept", "application/json")];
    let raw = visitor.send(Method::POST, "/raw", &headers, vec![0xff, 0, b'%']).await.unwrap();
    assert_eq!(raw.json(), serde_json::json!({ "type": FORM, "bytes": [255, 0, 37] }));

    visitor.get("/leave").await;
    assert_eq!(visitor.cookie("session"), None);
    visitor.set_cookie("session", "stolen");
    assert_eq!(visitor.get("/form").await.header("x-cookie"), Some("session=stolen"));

    let mut nobody = Visitor::new("http://127.0.0.1:1");
    assert!(nobody.send(Method::GET, "/", &[], "").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_answers_until_it_is_killed_and_leaves_nothing_behind() {
    let server = Server::run(&mut this_test_as_a_server());
    let (address, socket) = (server.address().to_owned(), server.socket().to_owned());
    assert_eq!(Visitor::new(&address).get("/page.js").await.text(), SCRIPT);
    assert!(server.said().contains(&address), "{}", server.said());
    server.kill();
    assert!(TcpStream::connect(&socket).is_err());

    let server = Server::run(&mut this_test_as_a_server());
    let socket = server.socket().to_owned();
    assert!(!server.stop().success());
    assert!(TcpStream::connect(&socket).is_err());

    let socket = Server::run(&mut this_test_as_a_server()).socket().to_owned();
    assert!(TcpStream::connect(&socket).is_err());
}

#[test]
#[should_panic(expected = "kaikaku/report@1")]
fn a_program_that_ends_without_listening_fails_the_test_with_what_it_said() {
    Server::start(["schema"]);
}

#[test]
fn a_database_is_empty_ones_own_and_gone_at_the_end() {
    let (one, other) = (Database::new(), Database::new());
    one.ask("create table sheet (goal text); insert into sheet values ('窓口の改革')").unwrap();
    assert_eq!(one.ask("select goal, length(goal) from sheet").unwrap(), "窓口の改革|5");
    assert!(other.ask("select goal from sheet").unwrap_err().contains("sheet"));
    let databases = |from: &Database| from.ask("select datname from pg_database order by 1").unwrap();
    let before = databases(&other);
    drop(one);
    assert_eq!(before.lines().count() - 1, databases(&other).lines().count());
    assert_eq!(other.ask("show server_encoding").unwrap(), "UTF8");
}

/// Not a test: what the test of servers starts. `cargo test -- --ignored` would wait for it for ever.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a server that another test starts and ends"]
async fn a_page_is_served_until_somebody_ends_it() {
    if std::env::var_os("KAIKAKU_TEST_SERVE").is_some() {
        println!("{}/ を開いてください。", serve().await);
        std::future::pending::<()>().await;
    }
}

fn this_test_as_a_server() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_page_is_served_until_somebody_ends_it", "--ignored", "--nocapture"]);
    command.env("KAIKAKU_TEST_SERVE", "1");
    command
}

/// Serves the pages on a free port and gives the address.
async fn serve() -> String {
    let page = |text: &'static str| get(async move || under_policy(Html(text)));
    let router = Router::new()
        .route("/", page(PAGE))
        .route("/bad", page(BAD_PAGE))
        .route("/page.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)))
        .route("/page.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
        .route("/echo", get(echo))
        .route("/session", post(sign_in))
        .route("/form", get(form))
        .route("/raw", post(raw))
        .route("/leave", get(async || [(header::SET_COOKIE, "session=; Path=/; Max-Age=0")]));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn under_policy(page: impl IntoResponse) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}

async fn echo(RawQuery(query): RawQuery) -> Response {
    under_policy(Html(format!("<!doctype html><p id=echo>{}</p>", query.unwrap_or_default())))
}

async fn sign_in(body: String) -> Response {
    let cookie = format!("session={body}; Path=/; HttpOnly; SameSite=Lax");
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/form?signed=in".to_owned()), (header::SET_COOKIE, cookie)])
        .into_response()
}

async fn form(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let cookie = headers.get(header::COOKIE).map_or("", |value| value.to_str().unwrap()).to_owned();
    let inputs = r#"<input type="text" name="goal"><input name="empty"><input type="hidden" name="csrf" value="a&#34;&#60;&#39;&#62;&#38;b">"#;
    ([("x-cookie", cookie), ("x-query", query.unwrap_or_default())], Html(inputs)).into_response()
}

async fn raw(headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    serde_json::json!({ "type": kind, "bytes": body.to_vec() }).to_string().into_response()
}

async fn open(browser: &Browser, view: View, address: &str) -> Window {
    let window = browser.open(view).await;
    window.goto(address).await.unwrap();
    window
}

async fn text(window: &Window, selector: &str) -> String {
    window.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
}

async fn seen(window: &Window, expression: &str) -> String {
    window.execute(&format!("return {expression}"), vec![]).await.unwrap().to_string()
}

/// How many processes of a group are running; those that have ended and wait to be fetched do not count.
fn running(group: u32) -> usize {
    let stat = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("stat")).ok();
    let is_of_group = |stat: &String| {
        let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect(); // state, parent, group, …
        fields[2] == group.to_string() && fields[0] != "Z"
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| stat(entry.unwrap())).filter(is_of_group).count()
}
