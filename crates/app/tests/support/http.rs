//! A small HTTP client for scripted journeys: one person with their cookies, who follows nothing by themselves.
//!
//! On hyper-util's client, which the browser's driver brings along: connections are kept, headers and bodies are sent
//! as they are given, and broken ones can be given too.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// How long an answer may take, so that a test ends by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// The type of a posted form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// One person at one server, with the cookies that it has given them.
#[derive(Clone)]
pub(crate) struct Visitor {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
    cookies: BTreeMap<String, String>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status, as a number.
    pub(crate) status: u16,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The body as it came.
    pub(crate) body: Bytes,
}

impl Visitor {
    /// Somebody who has never been here. The address is `http://`, host and port.
    pub(crate) fn new(address: &str) -> Visitor {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Visitor { client, address: address.trim_end_matches('/').to_owned(), cookies: BTreeMap::new() }
    }

    /// Asks for a page; panics when there is no answer.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await.unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Posts a form; panics when there is no answer.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [("content-type", FORM)];
        let answer = self.send(Method::POST, path, &headers, urlencoded(fields)).await;
        answer.unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// Goes where a 303 sends; panics for every other answer.
    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let location = answer.header("location").unwrap_or_else(|| panic!("a 303 that names no address"));
        let path = location.strip_prefix(&self.address).unwrap_or(location).to_owned();
        self.get(&path).await
    }

    /// Sends anything. The error says what went wrong on the way, as when the server was killed meanwhile.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Full::new(body.into())).map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request))
            .await
            .map_err(|_| format!("no answer in {} seconds", PATIENCE.as_secs()))??;
        self.keep_cookies(&answer.headers);
        Ok(answer)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answer = self.client.request(request).await.map_err(|error| format!("{error:?}"))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The value of a cookie that the server has given.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie in by hand, as somebody would who has stolen or made it up.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = String::from_utf8_lossy(line.as_bytes());
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; panics when it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value of the page's first `<input>` of this name, like a form's `csrf`.
    pub(crate) fn input(&self, name: &str) -> Option<String> {
        let page = self.text();
        let tags = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        let tag = tags.into_iter().find(|tag| attribute(tag, "name").as_deref() == Some(name))?;
        Some(attribute(tag, "value").unwrap_or_default())
    }
}

/// A form as a browser posts it.
pub(crate) fn urlencoded(fields: &[(&str, &str)]) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// An attribute of a tag, quoted as our templates quote: `name="value"`.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

/// Text without the five escapes that the templates make.
fn unescaped(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}
