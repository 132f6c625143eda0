//! How an answer is said: pages, redirects, JSON, pictures.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::Stop;
use super::layout::Layout;

/// What must not stand as it is in the value of an address.
const VALUE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>');

/// A page.
pub(crate) fn page<T: Template>(page: &T) -> Result<Response, Stop> {
    page_with(StatusCode::OK, page)
}

/// A page with another status: one whose form was refused.
pub(crate) fn page_with<T: Template>(status: StatusCode, page: &T) -> Result<Response, Stop> {
    let html = page.render().map_err(|error| Stop::Unexpected(error.to_string()))?;
    Ok(html_answer(status, html))
}

/// A page that was made before.
pub(crate) fn html(html: impl Into<Body>) -> Response {
    html_answer(StatusCode::OK, html)
}

fn html_answer(status: StatusCode, html: impl Into<Body>) -> Response {
    with_type(status, "text/html; charset=utf-8", html)
}

/// Something of a type.
pub(crate) fn with_type(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// JSON for the script of a page.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    with_type(status, "application/json", value.to_string())
}

/// Go and see there: the answer to a form that did its work.
pub(crate) fn see(address: &str) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    // An address of ours is ASCII; anything else sends home.
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    answer.headers_mut().insert(header::LOCATION, address);
    answer
}

/// Sign in, then come back.
pub(crate) fn sign_in(next: &str, wants_json: bool) -> Response {
    let address = match next {
        "/" | "" => "/session/new".to_owned(),
        next => format!("/session/new?next={}", utf8_percent_encode(next, VALUE)),
    };
    if wants_json {
        return json(StatusCode::UNAUTHORIZED, &serde_json::json!({ "sign_in": address }));
    }
    see(&address)
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    layout: Layout,
    title: &'static str,
    lines: Vec<String>,
    way: (String, &'static str),
}

/// A page that says one thing and offers a way on.
pub(crate) fn message(
    status: StatusCode,
    mut layout: Layout,
    title: &'static str,
    lines: Vec<String>,
    way: (String, &'static str),
) -> Response {
    title.clone_into(&mut layout.title);
    let message = Message { layout, title, lines, way };
    match message.render() {
        Ok(html) => html_answer(status, html),
        Err(_) => with_type(status, "text/plain; charset=utf-8", title),
    }
}
