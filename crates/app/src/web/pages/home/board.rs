//! What the secretariat sees on top: what waits for it, and which departments are late.

use kaikaku_domain::id::DepartmentId;
use kaikaku_domain::period::Window;
use kaikaku_domain::workflow::{Awaits, Relation, Route, State};

use super::Next;
use crate::web::work::{Item, Work};

/// What waits for the secretariat, and who is late.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Board {
    /// To be received.
    pub(super) to_receive: usize,
    /// To be fixed.
    pub(super) to_fix: usize,
    /// Sent back and not yet submitted again.
    pub(super) returned: usize,
    /// With the departments while their period is open.
    pub(super) unfinished: usize,
    /// The departments that are late, longest first.
    pub(super) late: Vec<Late>,
}

/// One department that is late with one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) department: DepartmentId,
    pub(super) name: String,
    /// `令和7年度 期末`
    pub(super) period: String,
    pub(super) not_begun: usize,
    pub(super) draft: usize,
    pub(super) returned: usize,
    /// Days since the deadline.
    pub(super) days: i64,
}

impl Board {
    pub(super) fn of(work: &Work, route: Route) -> Self {
        let mut board = Self::default();
        let seen = work.items.iter().filter(|item| item.line.relations.has(Relation::Secretariat));
        for item in seen {
            match item.line.state.awaits(route) {
                Awaits::Receipt => board.to_receive += 1,
                Awaits::Fixing => board.to_fix += 1,
                Awaits::Department => board.count_unfinished(item),
                Awaits::Confirmation(_) | Awaits::Nobody => {}
            }
        }
        board.late.sort_by(|one, other| other.days.cmp(&one.days));
        board
    }

    fn count_unfinished(&mut self, item: &Item) {
        let is_returned = item.line.state.reason().is_some();
        self.returned += usize::from(is_returned);
        match item.window {
            Window::NotYet { .. } | Window::Locked { .. } => {}
            Window::Open { .. } => self.unfinished += 1,
            Window::Late { days } => {
                self.unfinished += 1;
                let late = self.late_of(item, days);
                match &item.line.state {
                    State::Returned { .. } => late.returned += 1,
                    _ if item.is_begun() => late.draft += 1,
                    _ => late.not_begun += 1,
                }
            }
        }
    }

    fn late_of(&mut self, item: &Item, days: i64) -> &mut Late {
        let (department, period) = (item.line.department, item.period_name());
        let is_it = |late: &Late| late.department == department && late.period == period;
        let place = self.late.iter().position(is_it).unwrap_or_else(|| {
            let name = item.department().to_owned();
            self.late.push(Late { department, name, period, not_begun: 0, draft: 0, returned: 0, days });
            self.late.len() - 1
        });
        &mut self.late[place]
    }

    /// The secretariat's next step, if it has one.
    pub(super) fn next(&self) -> Option<Next> {
        let review =
            |text: String, words| Some(Next { text, about: None, way: Some(("/review".to_owned(), words)) });
        match self {
            Self { to_receive, .. } if *to_receive > 0 => review(
                format!(
                    "受付を待っている調書が{to_receive}件あります。内容を見て、受け付けるか差し戻してください。"
                ),
                "確認待ちを開く",
            ),
            Self { to_fix, .. } if *to_fix > 0 => review(
                format!("受付が済んだ調書が{to_fix}件あります。内容が固まったら確定してください。"),
                "確認待ちを開く",
            ),
            Self { late, .. } if !late.is_empty() => Some(Next {
                text: format!(
                    "期限を過ぎて提出していない部署があります（{}件）。下の表で確かめて、連絡してください。",
                    late.len()
                ),
                about: None,
                way: Some(("/sheets".to_owned(), "調書一覧で進み具合を見る")),
            }),
            _ => None,
        }
    }
}
