//! The way of an entry: 下書き → 提出 → 課長確認 → 部長確認 → 受付 → 確定, and back by 差戻し, 取下げ and 再開.
//!
//! A state is an enum with its data. A move takes the state and gives the next one, or a refusal in the words of whoever
//! tried it. Which move leads where is said once, in [`State::after`]; who may make it once, in [`Move::is_for`].

mod refusal;
mod relation;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::id::UserId;
use crate::moment::Moment;
use crate::period::Window;

pub use refusal::Refusal;
pub use relation::{Relation, Relations, Sight};

/// Where an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// 下書き: the department writes.
    Draft {
        /// When the secretariat opened it again after it had been fixed.
        #[serde(skip_serializing_if = "Option::is_none")]
        reopened: Option<Reason>,
    },
    /// 提出: waits for the first confirmation, or for the secretariat where there is none.
    Submitted {
        /// Who submitted it.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// 確認: a head has confirmed it.
    Confirmed {
        /// Who confirmed it.
        by: UserId,
        /// When.
        at: Moment,
        /// As what.
        step: Step,
    },
    /// 差戻し: the department must put it right.
    Returned {
        /// As what it was sent back.
        reviewer: Reviewer,
        /// Who, when and why.
        reason: Reason,
    },
    /// 受付: the secretariat has it.
    Received {
        /// Who received it.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// 確定: nobody changes it any more.
    Fixed {
        /// Who fixed it.
        by: UserId,
        /// When.
        at: Moment,
    },
}

/// Why an entry went back to its department, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Why, never blank.
    pub text: String,
}

/// The most characters that a reason may have.
pub const REASON_LIMIT: usize = 2000;

/// A confirmation within the department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 課長確認
    SectionHead,
    /// 部長確認
    DivisionHead,
}

impl Step {
    /// The town hall's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::SectionHead => "課長確認",
            Self::DivisionHead => "部長確認",
        }
    }
}

/// Who sends an entry back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// 課長
    SectionHead,
    /// 部長
    DivisionHead,
    /// 事務局
    Secretariat,
}

impl Reviewer {
    /// The town hall's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::SectionHead => "課長",
            Self::DivisionHead => "部長",
            Self::Secretariat => "事務局",
        }
    }
}

/// The confirmations that a town wants before the secretariat receives an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// None.
    Direct,
    /// 課長確認
    SectionHead,
    /// 課長確認, then 部長確認
    BothHeads,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 3] = [Self::Direct, Self::SectionHead, Self::BothHeads];

    /// The confirmations in order.
    pub fn steps(self) -> &'static [Step] {
        match self {
            Self::Direct => &[],
            Self::SectionHead => &[Step::SectionHead],
            Self::BothHeads => &[Step::SectionHead, Step::DivisionHead],
        }
    }

    /// The word in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::SectionHead => "section_head",
            Self::BothHeads => "both_heads",
        }
    }

    /// The route that a word in data names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.code() == code)
    }
}

/// What is done with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// 提出
    Submit,
    /// 確認
    Confirm,
    /// 取下げ
    Withdraw,
    /// 差戻し, with why
    SendBack(String),
    /// 受付
    Receive,
    /// 確定
    Fix,
    /// 再開, with why
    Reopen(String),
}

/// Who makes a move, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    /// The person.
    pub user: UserId,
    /// What the person is to the entry.
    pub relations: &'a Relations,
    /// The town's confirmations.
    pub route: Route,
    /// How the entry's period stands.
    pub window: Window,
    /// The moment.
    pub at: Moment,
}

/// For whom an entry waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Awaits {
    /// The department, to write and submit.
    Department,
    /// A head, to confirm.
    Confirmation(Step),
    /// The secretariat, to receive.
    Receipt,
    /// The secretariat, to fix.
    Fixing,
    /// Nobody.
    Nobody,
}

impl Move {
    /// The word for it, as a button has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Submit => "提出",
            Self::Confirm => "確認",
            Self::Withdraw => "取下げ",
            Self::SendBack(_) => "差戻し",
            Self::Receive => "受付",
            Self::Fix => "確定",
            Self::Reopen(_) => "再開",
        }
    }

    /// The word in data and in an event.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Submit => "submitted",
            Self::Confirm => "confirmed",
            Self::Withdraw => "withdrawn",
            Self::SendBack(_) => "sent_back",
            Self::Receive => "received",
            Self::Fix => "fixed",
            Self::Reopen(_) => "reopened",
        }
    }

    /// Whether a person of these relations ever makes this move, whatever the state: who may not, finds nothing there.
    pub fn is_for(&self, relations: &Relations) -> bool {
        use Relation::{Author, DivisionHead, Secretariat, SectionHead};
        match self {
            Self::Submit | Self::Withdraw => relations.has_any(&[Author, SectionHead]),
            Self::Confirm => relations.has_any(&[SectionHead, DivisionHead]),
            Self::SendBack(_) => relations.has_any(&[SectionHead, DivisionHead, Secretariat]),
            Self::Receive | Self::Fix | Self::Reopen(_) => relations.has(Secretariat),
        }
    }
}

impl State {
    /// A new entry's.
    pub const NEW: Self = Self::Draft { reopened: None };

    /// The one word for it: `下書き`, `提出`, `課長確認`, `部長確認`, `差戻し`, `受付`, `確定`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "下書き",
            Self::Submitted { .. } => "提出",
            Self::Confirmed { step, .. } => step.word(),
            Self::Returned { .. } => "差戻し",
            Self::Received { .. } => "受付",
            Self::Fixed { .. } => "確定",
        }
    }

    /// The word in data, by which entries are found.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::Submitted { .. } => "submitted",
            Self::Confirmed { step: Step::SectionHead, .. } => "section_confirmed",
            Self::Confirmed { step: Step::DivisionHead, .. } => "division_confirmed",
            Self::Returned { .. } => "returned",
            Self::Received { .. } => "received",
            Self::Fixed { .. } => "fixed",
        }
    }

    /// For whom it waits on a town's route.
    pub fn awaits(&self, route: Route) -> Awaits {
        let after = |done: Option<Step>| {
            let next = route.steps().iter().find(|step| done.is_none_or(|done| **step > done));
            next.map_or(Awaits::Receipt, |step| Awaits::Confirmation(*step))
        };
        match self {
            Self::Draft { .. } | Self::Returned { .. } => Awaits::Department,
            Self::Submitted { .. } => after(None),
            Self::Confirmed { step, .. } => after(Some(*step)),
            Self::Received { .. } => Awaits::Fixing,
            Self::Fixed { .. } => Awaits::Nobody,
        }
    }

    /// Why it was sent back or opened again; none while neither holds.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Returned { reason, .. } => Some(reason),
            Self::Draft { reopened } => reopened.as_ref(),
            _ => None,
        }
    }

    /// Whether the department may write now.
    ///
    /// # Errors
    /// With what is in the way. What the secretariat itself sent back or opened again may be put right after the lock.
    pub fn may_write(&self, relations: &Relations, window: Window) -> Result<(), Refusal> {
        if !relations.has_any(&[Relation::Author, Relation::SectionHead]) {
            return Err(Refusal::NotPermitted);
        }
        if self.reason().is_none() && !matches!(self, Self::Draft { .. }) {
            return Err(Refusal::NotWithDepartment { state: self.word() });
        }
        match window {
            Window::NotYet { opens } => Err(Refusal::NotYetOpen { opens }),
            Window::Locked { since } if !self.was_asked_for_by_secretariat() => {
                Err(Refusal::Locked { since })
            }
            _ => Ok(()),
        }
    }

    fn was_asked_for_by_secretariat(&self) -> bool {
        matches!(
            self,
            Self::Returned { reviewer: Reviewer::Secretariat, .. } | Self::Draft { reopened: Some(_) }
        )
    }

    /// The state after a move.
    ///
    /// # Errors
    /// With what is in the way, in the words of whoever tried; the state is as it was.
    pub fn after(&self, step: Move, hand: &Hand<'_>) -> Result<Self, Refusal> {
        if !step.is_for(hand.relations) {
            return Err(Refusal::NotPermitted);
        }
        let (by, at) = (hand.user, hand.at);
        let awaits = self.awaits(hand.route);
        match step {
            Move::Submit => self.may_write(hand.relations, hand.window).map(|()| Self::Submitted { by, at }),
            Move::Withdraw => match awaits {
                Awaits::Confirmation(_) | Awaits::Receipt => {
                    self.may_withdraw(hand.window).map(|()| Self::NEW)
                }
                _ => Err(self.refuse(&step)),
            },
            Move::Confirm => match awaits {
                Awaits::Confirmation(step) if hand.relations.has(step.into()) => {
                    Ok(Self::Confirmed { by, at, step })
                }
                Awaits::Confirmation(step) => Err(Refusal::OthersTurn { step }),
                _ => Err(self.refuse(&step)),
            },
            Move::Receive => match awaits {
                Awaits::Receipt => Ok(Self::Received { by, at }),
                Awaits::Confirmation(step) => Err(Refusal::Unconfirmed { step }),
                _ => Err(self.refuse(&step)),
            },
            Move::Fix => match awaits {
                Awaits::Fixing => Ok(Self::Fixed { by, at }),
                _ => Err(self.refuse(&step)),
            },
            Move::SendBack(ref text) => {
                let reviewer = self.reviewer(awaits, hand.relations).ok_or_else(|| self.refuse(&step))?;
                Ok(Self::Returned { reviewer, reason: Reason::new(by, at, text)? })
            }
            Move::Reopen(ref text) => match awaits {
                Awaits::Nobody => Ok(Self::Draft { reopened: Some(Reason::new(by, at, text)?) }),
                _ => Err(self.refuse(&step)),
            },
        }
    }

    /// As what a person of these relations may send it back now: a head what waits for the head's own confirmation, the
    /// secretariat whatever has left the department and is not fixed.
    fn reviewer(&self, awaits: Awaits, relations: &Relations) -> Option<Reviewer> {
        let is_secretariat = relations.has(Relation::Secretariat);
        match awaits {
            Awaits::Confirmation(step) if relations.has(step.into()) => Some(match step {
                Step::SectionHead => Reviewer::SectionHead,
                Step::DivisionHead => Reviewer::DivisionHead,
            }),
            Awaits::Confirmation(_) | Awaits::Receipt | Awaits::Fixing => {
                is_secretariat.then_some(Reviewer::Secretariat)
            }
            Awaits::Department | Awaits::Nobody => None,
        }
    }

    /// After the lock a submission stands: taken back, it could not be submitted again.
    fn may_withdraw(&self, window: Window) -> Result<(), Refusal> {
        match window {
            Window::Locked { since } => Err(Refusal::Locked { since }),
            _ => Ok(()),
        }
    }

    fn refuse(&self, step: &Move) -> Refusal {
        Refusal::WrongState { state: self.word(), step: step.word() }
    }

    /// The moves that a person may make now, for the page to offer; reasons are asked for afterwards.
    pub fn offers(&self, hand: &Hand<'_>) -> Vec<Move> {
        let reason = || "理由".to_owned();
        [
            Move::Submit,
            Move::Confirm,
            Move::Receive,
            Move::Fix,
            Move::Withdraw,
            Move::SendBack(reason()),
            Move::Reopen(reason()),
        ]
        .into_iter()
        .filter(|step| self.after(step.clone(), hand).is_ok())
        .collect()
    }
}

impl Reason {
    fn new(by: UserId, at: Moment, text: &str) -> Result<Self, Refusal> {
        if crate::text::is_blank(Some(text)) {
            return Err(Refusal::ReasonMissing);
        }
        if crate::text::count_characters(text) > REASON_LIMIT {
            return Err(Refusal::ReasonTooLong);
        }
        Ok(Self { by, at, text: text.to_owned() })
    }
}

impl From<Step> for Relation {
    fn from(step: Step) -> Self {
        match step {
            Step::SectionHead => Self::SectionHead,
            Step::DivisionHead => Self::DivisionHead,
        }
    }
}

/// The first day of a locked or not yet open period in a refusal's words.
fn print_day(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

#[cfg(test)]
mod tests;
