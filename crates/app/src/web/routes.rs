//! Every address with who may use it. The router is made from this list and from nothing else, and a route cannot be
//! written without its policy; the authorisation matrix is generated from it.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, RawPathParams, Request};
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::{MethodFilter, on};

use super::layout::Layout;
use super::pages::{account, conflict, entry, history, home, moves, preview, review, session, sheets};
use super::{Answer, App, Ask, Stop, assets};

/// Who may use an address. What a person may do with one entry follows from state and relation
/// (`domain::workflow`); the finders give nobody more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Everybody, signed in or not.
    Public,
    /// Everybody, but only in a demo.
    Demo,
    /// Who has given the password and has the second factor still to give, or is signed in.
    HalfSignedIn,
    /// Who is signed in.
    SignedIn,
    /// Who is signed in; asking is no use of the session and does not make it go on.
    Watch,
    /// Who reads sheets at all.
    Reader,
    /// Heads and the secretariat.
    Reviewer,
    /// Who may read something of the entry.
    Read,
    /// Who writes the entry, while it is with the department.
    Write,
    /// Who wrote the two texts that conflict.
    Conflict,
    /// Who may comment on the entry.
    Comment,
    /// Who makes this move, in a state that allows it.
    Move(&'static str),
}

type Handler = Arc<dyn Fn(Ask) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// An address.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) policy: Policy,
    handler: Handler,
}

fn route<F, A>(method: Method, path: &'static str, policy: Policy, page: F) -> Route
where
    F: Fn(Ask) -> A + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    Route { method, path, policy, handler: Arc::new(move |ask| Box::pin(page(ask))) }
}

/// Every address of the server.
pub(crate) fn routes() -> Vec<Route> {
    use Policy::{
        Comment, Conflict, Demo, HalfSignedIn, Public, Read, Reader, Reviewer, SignedIn, Watch, Write,
    };
    let get = Method::GET;
    let post = Method::POST;
    vec![
        route(get.clone(), "/", Public, home::show),
        route(get.clone(), "/assets/{name}", Public, assets::show),
        route(get.clone(), "/session/new", Public, session::show),
        route(post.clone(), "/session", Public, session::begin),
        route(get.clone(), "/session/code", HalfSignedIn, session::ask_code),
        route(post.clone(), "/session/code", HalfSignedIn, session::take_code),
        route(get.clone(), "/session", Watch, session::left),
        route(post.clone(), "/session/renewal", SignedIn, session::renew),
        route(post.clone(), "/session/end", HalfSignedIn, session::end),
        route(post.clone(), "/demo/session", Demo, session::begin_demo),
        route(get.clone(), "/sheets", Reader, sheets::show),
        route(get.clone(), "/entries/{id}", Read, entry::show),
        route(post.clone(), "/entries/{id}/draft", Write, entry::save),
        route(post.clone(), "/entries/{id}/preview", Write, preview::live),
        route(get.clone(), "/entries/{id}/preview/{page}", Read, preview::saved),
        route(get.clone(), "/entries/{id}/submission", Write, moves::check),
        route(post.clone(), "/entries/{id}/submission", Policy::Move("submitted"), moves::submit),
        route(post.clone(), "/entries/{id}/confirmation", Policy::Move("confirmed"), moves::confirm),
        route(post.clone(), "/entries/{id}/withdrawal", Policy::Move("withdrawn"), moves::withdraw),
        route(post.clone(), "/entries/{id}/return", Policy::Move("sent_back"), moves::send_back),
        route(post.clone(), "/entries/{id}/receipt", Policy::Move("received"), moves::receive),
        route(post.clone(), "/entries/{id}/fixing", Policy::Move("fixed"), moves::fix),
        route(post.clone(), "/entries/{id}/reopening", Policy::Move("reopened"), moves::reopen),
        route(post.clone(), "/entries/{id}/comments", Comment, moves::comment),
        route(get.clone(), "/entries/{id}/history", Read, history::show),
        route(get.clone(), "/entries/{id}/conflicts/{conflict}", Conflict, conflict::show),
        route(post.clone(), "/entries/{id}/conflicts/{conflict}", Conflict, conflict::resolve),
        route(get.clone(), "/review", Reviewer, review::show),
        route(post.clone(), "/review/confirmation", Reviewer, review::confirm),
        route(post.clone(), "/review/receipt", Reviewer, review::receive),
        route(post.clone(), "/review/fixing", Reviewer, review::fix),
        route(post.clone(), "/review/return", Reviewer, review::send_back),
        route(get.clone(), "/account", SignedIn, account::show),
        route(post.clone(), "/account/password", SignedIn, account::set_password),
        route(get, "/account/second-factor", SignedIn, account::show_factor),
        route(post.clone(), "/account/second-factor", SignedIn, account::set_factor),
        route(post, "/account/second-factor/removal", SignedIn, account::remove_factor),
    ]
}

/// Whether a page can be asked for at this path, so that one may be sent there.
pub(crate) fn is_page(path: &str) -> bool {
    let is_part = |(own, asked): (&str, &str)| own == asked || (own.starts_with('{') && !asked.is_empty());
    let is_same = |pattern: &str| {
        let (own, asked) = (pattern.split('/'), path.split('/'));
        own.clone().count() == asked.clone().count() && own.zip(asked).all(is_part)
    };
    let no_page = |path: &str| path.starts_with("/session") || path.starts_with("/assets");
    routes().iter().any(|route| route.method == Method::GET && !no_page(route.path) && is_same(route.path))
}

/// The router over [`routes`].
pub(crate) fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let filter = if route.method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        let (app, path) = (app.clone(), route.path);
        let service = on(filter, move |parts: RawPathParams, request: Request| {
            let (app, route) = (app.clone(), route.clone());
            async move { serve(app, route, parts, request).await }
        });
        router = router.route(path, service);
    }
    let app = app.clone();
    router.fallback(move |request: Request| {
        let app = app.clone();
        async move { headed(Stop::NotFound.answer(Layout::of(&app, None), wants_json(&request))) }
    })
}

fn wants_json(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    accept.and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("application/json"))
}

/// One request at one address, from its arrival to its answer.
async fn serve(app: App, route: Route, parts: RawPathParams, request: Request) -> Response {
    let wants_json = wants_json(&request);
    let source = source(&app, &request);
    let layout = Layout::of(&app, None);
    match Ask::read(app, parts, source, request, route.policy != Policy::Watch).await {
        Err(stop) => headed(stop.answer(layout, wants_json)),
        Ok(ask) => {
            let layout = ask.layout();
            let answer = match admit(&route, &ask) {
                Ok(()) => (route.handler)(ask).await,
                Err(stop) => Err(stop),
            };
            headed(answer.unwrap_or_else(|stop| stop.answer(layout, wants_json)))
        }
    }
}

/// Where a request comes from. Behind a relay the connection is always the relay's; the last address in its header is the
/// one that it saw itself, and the only one that a visitor cannot make up.
fn source(app: &App, request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or_else(String::new, |peer| peer.0.ip().to_string());
    if !app.settings.is_behind_https {
        return peer;
    }
    let seen = request.headers().get_all("x-forwarded-for").iter().next_back();
    let seen = seen.and_then(|header| header.to_str().ok()).and_then(|header| header.rsplit(',').next());
    seen.and_then(|address| address.trim().parse::<std::net::IpAddr>().ok())
        .map_or(peer, |address| address.to_string())
}

/// What holds for an address as a whole, before its page is asked.
fn admit(route: &Route, ask: &Ask) -> Result<(), Stop> {
    use kaikaku_store::Stage;
    let sign_in = || Stop::SignIn { next: ask.address.clone() };
    let is_full = ask.visit.as_ref().is_some_and(|visit| visit.session.stage == Stage::Full);
    let is_own = || if route.method == Method::POST && !ask.is_own() { Err(Stop::Foreign) } else { Ok(()) };
    match route.policy {
        Policy::Public => Ok(()),
        Policy::Demo if ask.app.settings.demo.is_some() && ask.is_from_here() => Ok(()),
        Policy::Demo => Err(Stop::NotFound),
        Policy::HalfSignedIn if ask.visit.is_some() => is_own(),
        Policy::HalfSignedIn => Err(sign_in()),
        // A form that was posted after its session had ended is kept, not thrown away: its page knows how.
        Policy::Write if ask.visit.is_none() && ask.ended.is_some() && route.method == Method::POST => {
            is_own()
        }
        _ if !is_full => Err(sign_in()),
        policy => {
            let visit = ask.visitor()?;
            is_own()?;
            let must_change_first = visit.session.must_change
                && !route.path.starts_with("/account")
                && !route.path.starts_with("/session");
            let may = match policy {
                Policy::Reviewer => visit.is_reviewer(),
                Policy::SignedIn | Policy::Watch => true,
                _ => visit.reads_sheets(),
            };
            match (may, must_change_first) {
                (false, _) => Err(Stop::NotFound),
                (true, true) => Err(Stop::PasswordFirst),
                (true, false) => Ok(()),
            }
        }
    }
}

/// The headers that every answer has. <https://owasp.org/www-project-secure-headers/>
fn headed(mut answer: Response) -> Response {
    const ALWAYS: [(header::HeaderName, &str); 6] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
             connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}
