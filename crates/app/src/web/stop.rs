//! What keeps a request from being answered, in the visitor's words and with a way on.

use axum::http::StatusCode;
use axum::response::Response;
use kaikaku_domain::workflow::Refusal;
use kaikaku_store::StoreError;

use super::layout::Layout;
use super::say;

/// What became of a text that came when the entry could no longer be written.
pub(crate) const KEPT: &str =
    "送られた文章は消えていません。ホームの「競合」から開いて、今の文章と見比べられます。";

/// Why a request is not answered with its page.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is nothing, or nothing for this visitor: the same words for both.
    NotFound,
    /// One must sign in first, and comes back here.
    SignIn {
        /// Where one wanted to go.
        next: String,
    },
    /// The password is one that somebody else chose: it is changed before anything else.
    PasswordFirst,
    /// The posted form is not one that this session was shown.
    Foreign,
    /// A rule forbids it.
    Refused {
        /// Which.
        refusal: Refusal,
        /// Where the visitor came from.
        back: String,
    },
    /// A rule forbids it, and the text that came with it is kept beside.
    Kept {
        /// Which rule.
        refusal: Refusal,
        /// Where the text waits.
        conflict: String,
    },
    /// What was sent cannot be taken.
    Unacceptable(String),
    /// More than is taken.
    TooLarge,
    /// The record cannot be read or written just now, or at all.
    Store(StoreError),
    /// The unexpected.
    Unexpected(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The words of a page that says why there is no other.
struct Words {
    status: StatusCode,
    title: &'static str,
    lines: Vec<String>,
    way: (String, &'static str),
}

impl Stop {
    /// The answer: a page, or for a script the same words as JSON.
    pub(crate) fn answer(self, layout: Layout, wants_json: bool) -> Response {
        if let Self::SignIn { next } = &self {
            return say::sign_in(next, wants_json);
        }
        if matches!(self, Self::PasswordFirst) && !wants_json {
            return say::see("/account");
        }
        self.log();
        let Words { status, title, lines, way } = self.words();
        if wants_json {
            let message = lines.join("");
            return say::json(status, &serde_json::json!({ "message": message }));
        }
        say::message(status, layout, title, lines, way)
    }

    /// Said once, here, where it is handled.
    pub(crate) fn log(&self) {
        match self {
            Self::Store(error) if error.is_passing() => tracing::warn!(%error, "the record is out of reach"),
            Self::Store(error) => tracing::error!(?error, "the record failed"),
            Self::Unexpected(what) => tracing::error!(what, "unexpected"),
            _ => {}
        }
    }

    fn words(self) -> Words {
        let home = || ("/".to_owned(), "ホームに戻る");
        let (status, title, lines, way) = match self {
            Self::NotFound | Self::SignIn { .. } | Self::Refused { refusal: Refusal::NotPermitted, .. } => (
                StatusCode::NOT_FOUND,
                "ページが見つかりません",
                vec![
                    "アドレスが違うか、読むことのできない調書です。担当が変わったときは、引き継いだ方が開けます。".to_owned(),
                    "開けるはずの調書が開けないときは、事務局へ連絡してください。".to_owned(),
                ],
                home(),
            ),
            Self::PasswordFirst => (
                StatusCode::FORBIDDEN,
                "最初にパスワードを変えてください",
                vec!["「アカウント」のページでパスワードを変えると、続きの操作ができます。".to_owned()],
                ("/account".to_owned(), "アカウントを開く"),
            ),
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "操作を受け付けられません",
                vec!["画面が古くなっているか、別の画面から送られた操作です。何も変更していません。ホームから開き直して、もう一度操作してください。".to_owned()],
                home(),
            ),
            Self::Refused { refusal, back } => {
                (status_of(&refusal), "この操作はできません", vec![refusal.to_string()], (back, "調書に戻る"))
            }
            Self::Kept { refusal, conflict } => (
                status_of(&refusal),
                "今は保存できません",
                vec![refusal.to_string(), KEPT.to_owned()],
                (conflict, "送られた文章を開く"),
            ),
            Self::Unacceptable(line) => (StatusCode::UNPROCESSABLE_ENTITY, "受け付けられない内容です", vec![line], home()),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "送られた内容が大きすぎます",
                vec![format!(
                    "一度に送れるのは{}キロバイトまでです。保存していません。文章を分けるか短くして、もう一度保存してください。",
                    super::form::LARGEST / 1024
                )],
                home(),
            ),
            Self::Store(error) => {
                let status =
                    if error.is_passing() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
                let line = match error {
                    StoreError::Unexpected(_) => "記録の処理中に予期しない誤りが起きました。続くときはシステム管理者に知らせてください。".to_owned(),
                    other => other.to_string(),
                };
                (status, "ただ今処理できません", vec![line, "保存済みの内容はそのまま残っています。ブラウザーの「戻る」で前の画面に戻ると、入力した文章が残っています。".to_owned()], home())
            }
            Self::Unexpected(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "予期しない誤りが起きました",
                vec!["保存済みの内容はそのまま残っています。続くときはシステム管理者に知らせてください。".to_owned()],
                home(),
            ),
        };
        Words { status, title, lines, way }
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Locked { .. } | Refusal::NotYetOpen { .. } => StatusCode::LOCKED,
        Refusal::ReasonMissing | Refusal::ReasonTooLong => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}
