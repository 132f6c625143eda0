//! Why a move was not made, in the words of whoever tried it.

use thiserror::Error;

use super::{REASON_LIMIT, Step, print_day};
use crate::date::Date;

/// Why a move was not made; the entry is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The person has nothing to do with it: to be shown as if it did not exist.
    #[error("ページが見つかりません。")]
    NotPermitted,
    /// The period has not begun.
    #[error("この時期の入力は{}から始まります。それまでお待ちください。", print_day(*opens))]
    NotYetOpen {
        /// Its first day.
        opens: Date,
    },
    /// The period is closed.
    #[error(
        "この時期の入力は{}に締め切られました。書いた文章は残っています。提出が必要なときは、事務局に再開を依頼してください。",
        print_day(*since)
    )]
    Locked {
        /// Since when.
        since: Date,
    },
    /// It has left the department.
    #[error(
        "この調書は「{state}」の段階にあり、書き直せません。直すときは取下げをするか、事務局に差戻しを依頼してください。"
    )]
    NotWithDepartment {
        /// The word for its state.
        state: &'static str,
    },
    /// The move does not lead on from this state.
    #[error(
        "この調書は「{state}」の段階にあり、{step}はできません。ほかの人が先に処理した可能性があります。画面を開き直して確かめてください。"
    )]
    WrongState {
        /// The word for its state.
        state: &'static str,
        /// The word for the move.
        step: &'static str,
    },
    /// It was changed since the page was made.
    #[error(
        "画面を開いた後に、ほかの人がこの調書を変更しました。調書を開き直して、内容を確かめてからもう一度操作してください。"
    )]
    Changed,
    /// Another head must confirm it first.
    #[error("この調書は{}を待っています。その確認が済むまでお待ちください。", step.word())]
    OthersTurn {
        /// Whose turn it is.
        step: Step,
    },
    /// The secretariat cannot receive what the department has not confirmed.
    #[error("この調書はまだ{}が済んでいないため、受付できません。担当課の確認を待つか、差し戻してください。", step.word())]
    Unconfirmed {
        /// The confirmation that is missing.
        step: Step,
    },
    /// No reason was given.
    #[error("理由を入力してください。担当課が何を直せばよいか分かるように書いてください。")]
    ReasonMissing,
    /// The reason is too long.
    #[error(
        "理由は{REASON_LIMIT}文字以内で入力してください。欄ごとの指摘は、それぞれの欄のコメントに書けます。"
    )]
    ReasonTooLong,
}
