//! A request taken apart once: who asks, for what, with which fields.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, Method, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kaikaku_domain::Moment;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::person::Actor;

use super::form::{Fields, LARGEST};
use super::layout::Layout;
use super::visit::{self, Arrival, Visit};
use super::{App, Stop};
use crate::auth::token::Token;

/// A request.
pub(crate) struct Ask {
    pub(crate) app: App,
    /// The moment at which it came.
    pub(crate) now: Moment,
    /// Who is signed in; at least half.
    pub(crate) visit: Option<Arc<Visit>>,
    /// The token of a session that is over.
    pub(crate) ended: Option<Token>,
    /// The path and the query as they came.
    pub(crate) address: String,
    /// The fields of the query.
    pub(crate) query: Fields,
    /// The fields of a posted form.
    pub(crate) form: Fields,
    /// Whether a script asks, and wants JSON.
    pub(crate) wants_json: bool,
    /// Whether the browser takes packed answers.
    pub(crate) takes_gzip: bool,
    /// Where it comes from, as the server sees it: for slowing down who guesses passwords.
    pub(crate) source: String,
    parts: Vec<(String, String)>,
    cookies: String,
    site: Option<String>,
}

impl Ask {
    /// Takes a request apart; `is_use` when it makes the session go on.
    pub(crate) async fn read(
        app: App,
        parts: RawPathParams,
        source: String,
        request: Request,
        is_use: bool,
    ) -> Result<Self, Stop> {
        let now = app.clock.now();
        let (head, body) = request.into_parts();
        let address = head.uri.path_and_query().map_or("/", |address| address.as_str()).to_owned();
        let query = head.uri.query().unwrap_or_default();
        let (visit, ended) = match visit::arrive(&app, &head.headers, now, is_use).await? {
            Arrival::Nobody => (None, None),
            Arrival::Ended(token) => (None, Some(token)),
            Arrival::Here(visit) => (Some(visit), None),
        };
        let form =
            if head.method == Method::POST { posted(&head.headers, body).await? } else { Fields::default() };
        Ok(Self {
            now,
            visit,
            ended,
            query: Fields::read(query.as_bytes()).map_err(|error| Stop::Unacceptable(error.message()))?,
            form,
            takes_gzip: text(&head.headers, header::ACCEPT_ENCODING.as_str()).contains("gzip"),
            wants_json: text(&head.headers, header::ACCEPT.as_str()).contains("application/json"),
            source,
            parts: parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cookies: text(&head.headers, header::COOKIE.as_str()),
            site: head.headers.get("sec-fetch-site").and_then(|site| site.to_str().ok()).map(str::to_owned),
            address,
            app,
        })
    }

    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A part of the path that is an id; what is none is not found.
    pub(crate) fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Stop> {
        self.part(name).and_then(|part| part.parse().ok()).ok_or(Stop::NotFound)
    }

    /// The entry that the path names.
    pub(crate) fn entry(&self) -> Result<EntryId, Stop> {
        self.id("id")
    }

    /// The visitor, who is signed in.
    pub(crate) fn visitor(&self) -> Result<&Arc<Visit>, Stop> {
        self.visit.as_ref().ok_or_else(|| Stop::SignIn { next: self.address.clone() })
    }

    /// The person who asks.
    pub(crate) fn actor(&self) -> Result<&Actor, Stop> {
        Ok(&self.visitor()?.actor)
    }

    /// The frame of a page for this visitor.
    pub(crate) fn layout(&self) -> Layout {
        let mut layout = Layout::of(&self.app, self.visit.clone());
        layout.done = self.query.value("done").and_then(done);
        layout
    }

    /// Whether the posted form is one that this session was shown, in this browser.
    pub(crate) fn is_own(&self) -> bool {
        let token = self.cookie_token();
        let posted = self.form.value("csrf").unwrap_or_default();
        self.is_from_here() && token.is_some_and(|token| token.is_csrf(posted))
    }

    /// Whether a browser that tells it says that the request comes from a page of ours.
    pub(crate) fn is_from_here(&self) -> bool {
        self.site.as_deref().is_none_or(|site| matches!(site, "same-origin" | "none"))
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    }

    fn cookie_token(&self) -> Option<Token> {
        ["__Host-kaikaku_session", "kaikaku_session"]
            .iter()
            .find_map(|name| self.cookie(name))
            .and_then(Token::read)
    }
}

/// What has just been done, by the word in the address that one was sent to: the words are ours, never the visitor's.
fn done(code: &str) -> Option<&'static str> {
    Some(match code {
        "saved" => "下書きを保存しました。",
        "copied" => "前年度の内容を写しました。今年度の内容に直してください。",
        "submitted" => "提出しました。",
        "confirmed" => "確認しました。",
        "withdrawn" => "取り下げました。下書きに戻りました。",
        "sent_back" => "差し戻しました。担当課のホームに理由が表示されます。",
        "received" => "受け付けました。",
        "fixed" => "確定しました。",
        "reopened" => "再開しました。担当課が入力できます。",
        "commented" => "コメントを付けました。",
        "resolved" => "選んだ内容で下書きを保存しました。",
        "again" => {
            "選んでいる間に、また保存されました。選んだ文章を「あなたの文章」として、もう一度見比べてください。"
        }
        "password" => "パスワードを変えました。ほかの端末のサインインは終わりました。",
        "factor" => "確認コードを使わないことにしました。",
        "signed_out" => "サインアウトしました。",
        _ => return None,
    })
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join("; ")
}

/// The fields of a posted form, up to a size.
async fn posted(headers: &HeaderMap, body: axum::body::Body) -> Result<Fields, Stop> {
    let kind = text(headers, header::CONTENT_TYPE.as_str());
    let length = text(headers, header::CONTENT_LENGTH.as_str()).parse::<usize>().unwrap_or(0);
    if length > LARGEST {
        return Err(Stop::TooLarge);
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Stop::Unacceptable(
            "この形式の送信は受け付けていません。画面の入力欄から送ってください。".to_owned(),
        ));
    }
    let body = Limited::new(body, LARGEST).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            Stop::TooLarge
        } else {
            Stop::Unacceptable("送信が途中で切れました。もう一度送ってください。".to_owned())
        }
    })?;
    Fields::read(&body.to_bytes()).map_err(|error| Stop::Unacceptable(error.message()))
}
