//! What can go wrong with the record, in the words of whoever must be told.

use thiserror::Error;

use crate::dialect::{self, Trouble};

/// Why the record could not be read or written. Whatever was written before is intact.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Others are writing, or no connection is free.
    #[error("ほかの処理が終わるのを待っています。少し待ってから、もう一度実行してください。")]
    Busy,
    /// No room on the disk, or no right to write.
    #[error("記録の保存場所に書き込めません。空き容量と書込みの権限を確かめてください。")]
    Full,
    /// The server does not answer.
    #[error(
        "データベースにつながりません（{0}）。データベースが動いているか、接続先が正しいかを確かめてください。"
    )]
    Unreachable(String),
    /// Another program's, or a later version's.
    #[error(
        "この記録は新しい版の kaikaku で作られています（移行番号 {0}）。新しい版のプログラムで開いてください。"
    )]
    Newer(i64),
    /// A migration is missing.
    #[error("この記録は古い版の kaikaku で作られています。先に kaikaku migrate を実行してください。")]
    Older,
    /// The address is not understood.
    #[error(
        "データベースの指定 `{0}` を読めません。postgres://利用者@ホスト/データベース の形で指定してください。"
    )]
    Address(String),
    /// Something in the record is not what this program writes.
    #[error("記録の中に読めないものがあります（{0}）。kaikaku verify で確かめ、控えから戻してください。")]
    Corrupt(String),
    /// What is asked for stands there already.
    #[error("同じものが既に登録されています。")]
    Duplicate,
    /// What is to be changed is not there, or another municipality's.
    #[error("対象が見つかりません。ほかの人が先に変えた可能性があります。画面を開き直して確かめてください。")]
    Missing,
    /// A change without an event, or one that was noted before it was made: a fault of the program, and nothing of it
    /// has happened.
    #[error("変更に事象の記録が付いていないため、取り消しました。プログラムの誤りです。")]
    Unnoted,
    /// The unexpected.
    #[error("記録の処理中に予期しない誤りが起きました: {0}")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::Unreachable(_))
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Busy => Self::Busy,
            Trouble::Full => Self::Full,
            Trouble::Duplicate => Self::Duplicate,
            Trouble::Missing => Self::Missing,
            Trouble::Unreachable(why) => Self::Unreachable(why),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let trouble =
            error.sqlite_error().map(|error| error.extended_code).and_then(dialect::trouble_of_sqlite);
        trouble.map_or_else(|| Self::Unexpected(error.into()), Self::from)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(told) => match dialect::trouble_of_postgres(told.as_ref()) {
                Some(trouble) => trouble.into(),
                None => Self::Unexpected(error.into()),
            },
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(io) => Self::Unreachable(io.to_string()),
            _ => Self::Unexpected(error.into()),
        }
    }
}
