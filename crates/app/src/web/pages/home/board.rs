//! What the secretariat sees on top: what waits for it, and which departments are late.

use kaikaku_domain::id::DepartmentId;
use kaikaku_domain::period::Window;
use kaikaku_domain::workflow::{Awaits, Relation, Route, State};

use super::Next;
use crate::web::print::Chip;
use crate::web::work::{Item, Work};

/// What waits for the secretariat, how far each period is, and who is late.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Board {
    /// To be received.
    pub(super) to_receive: usize,
    /// To be fixed.
    pub(super) to_fix: usize,
    /// The periods that are not done with, the latest first.
    pub(super) periods: Vec<Progress>,
    /// The departments that are late, longest first.
    pub(super) late: Vec<Late>,
}

/// How far a period is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    /// `令和7年度 期末`
    pub(super) name: String,
    /// The list of its entries.
    pub(super) address: String,
    /// How many entries are in each of [`CHIPS`].
    pub(super) counts: [usize; CHIPS.len()],
}

/// The states that are counted, in the order of an entry's way.
pub(super) const CHIPS: [Chip; 7] = [
    Chip::NONE,
    Chip { code: "draft", word: "下書き" },
    Chip { code: "returned", word: "差戻し" },
    Chip { code: "submitted", word: "提出済み" },
    Chip { code: "confirmed", word: "確認済み" },
    Chip { code: "received", word: "受付済み" },
    Chip { code: "fixed", word: "確定" },
];

/// One department that is late with one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Late {
    department: DepartmentId,
    pub(super) name: String,
    /// `令和7年度 期末`
    pub(super) period: String,
    /// The list of its entries.
    pub(super) address: String,
    pub(super) not_begun: usize,
    pub(super) draft: usize,
    pub(super) returned: usize,
    /// Days since the deadline.
    pub(super) days: i64,
}

impl Board {
    pub(super) fn of(work: &Work, route: Route) -> Self {
        let mut board = Self::default();
        for item in work.items.iter().filter(|item| item.line.relations.has(Relation::Secretariat)) {
            board.count(item, work);
            match item.line.state.awaits(route) {
                Awaits::Receipt => board.to_receive += 1,
                Awaits::Fixing => board.to_fix += 1,
                Awaits::Department => board.count_late(item, work),
                Awaits::Confirmation(_) | Awaits::Nobody => {}
            }
        }
        let is_done =
            |progress: &Progress| progress.counts[..CHIPS.len() - 1].iter().all(|count| *count == 0);
        board.periods.retain(|progress| !is_done(progress));
        board.late.sort_by_key(|late| -late.days);
        board
    }

    /// Counts an entry of a period that has begun.
    fn count(&mut self, item: &Item, work: &Work) {
        if matches!(item.window, Window::NotYet { .. }) {
            return;
        }
        let name = item.period_name();
        let place = self.periods.iter().position(|progress| progress.name == name).unwrap_or_else(|| {
            let address = work.list(item, "");
            self.periods.push(Progress { name, address, counts: [0; CHIPS.len()] });
            self.periods.len() - 1
        });
        let code = Chip::of(&item.line.state, item.is_begun()).code;
        if let Some(column) = CHIPS.iter().position(|chip| chip.code == code) {
            self.periods[place].counts[column] += 1;
        }
    }

    fn count_late(&mut self, item: &Item, work: &Work) {
        let Window::Late { days } = item.window else { return };
        let late = self.late_of(item, work, days);
        match &item.line.state {
            State::Returned { .. } => late.returned += 1,
            _ if item.is_begun() => late.draft += 1,
            _ => late.not_begun += 1,
        }
    }

    fn late_of(&mut self, item: &Item, work: &Work, days: i64) -> &mut Late {
        let (department, period) = (item.line.department, item.period_name());
        let is_it = |late: &Late| late.department == department && late.period == period;
        let place = self.late.iter().position(is_it).unwrap_or_else(|| {
            self.late.push(Late {
                department,
                name: item.department().to_owned(),
                period,
                address: work.list(item, &format!("&department={department}")),
                not_begun: 0,
                draft: 0,
                returned: 0,
                days,
            });
            self.late.len() - 1
        });
        &mut self.late[place]
    }

    /// The states that are counted.
    pub(super) fn chips(&self) -> &'static [Chip] {
        &CHIPS
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
                way: Some(("#late".to_owned(), "遅れている部署を見る")),
            }),
            _ => None,
        }
    }
}
