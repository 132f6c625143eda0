//! One entry on a person's home page: its state, what to do with it, until when, and what others said about it.

use kaikaku_domain::period::Window;
use kaikaku_domain::workflow::{Awaits, Route, State, Step};
use kaikaku_domain::{Date, Moment};

use super::{Next, Place};
use crate::web::print::{self, Chip};
use crate::web::work::{Item, Work};

/// An entry on a line of home.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) place: Place,
    pub(super) chip: Chip,
    /// Where its page is.
    pub(super) address: String,
    /// `1-(2)-②　基幹業務システムの標準化`
    pub(super) name: String,
    pub(super) title: String,
    /// `令和7年度 期末`, with the department where it is not one's own.
    pub(super) period: String,
    /// The class and the words of how it stands.
    pub(super) when: (&'static str, String),
    /// What to do, and where.
    pub(super) step: Option<(String, &'static str)>,
    /// What has been done with it last, beside.
    pub(super) aside: Option<String>,
    /// What a reviewer said, with who and when.
    pub(super) said: Option<(String, String)>,
    /// What asks for care.
    pub(super) care: Option<String>,
    /// Something to know.
    pub(super) hint: Option<String>,
}

impl Task {
    pub(super) fn of(
        item: &Item,
        (place, has_several): (Place, bool),
        work: &Work,
        (route, today): (Route, Date),
    ) -> Self {
        let address = format!("/entries/{}", item.line.entry);
        Self {
            place,
            chip: item.chip(),
            name: item.name(),
            title: item.line.title.clone(),
            period: period(item, has_several || place == Place::Supported),
            when: when(item, place, route),
            step: step(item, place, &address),
            aside: done_when(&item.line.state).filter(|_| place >= Place::Supported),
            said: said(item, work).filter(|_| place <= Place::Closed),
            care: (place == Place::Conflict).then(|| {
                "ほかの人が先に保存したため、あなたの文章を別に残してあります。どちらを使うか選んでください。".to_owned()
            }),
            hint: hint(item, place, work, today),
            address,
        }
    }

    /// It as the next step of all.
    pub(super) fn next(&self) -> Next {
        let text = match self.place {
            Place::Returned if self.chip.code == "returned" => {
                "差し戻された調書を直して、もう一度提出してください。"
            }
            Place::Returned => "再開された調書を直して、もう一度提出してください。",
            Place::Conflict => "同時に書かれた二つの文章を見比べて、どちらを使うか選んでください。",
            Place::NotBegun => "まだ書いていない調書を書き始めてください。",
            _ => "書きかけの調書を仕上げて、提出してください。",
        };
        let way = self.step.clone().map(|(address, words)| match self.place {
            Place::Returned => (address, "理由を読んで直す"),
            _ => (address, words),
        });
        Next { text: text.to_owned(), about: Some(self.about()), way }
    }

    /// Its name and period.
    pub(super) fn about(&self) -> (String, String) {
        (self.name.clone(), self.period.clone())
    }
}

/// When an entry came into its state; none for one that is being written.
pub(crate) fn since(state: &State) -> Option<Moment> {
    match state {
        State::Submitted { at, .. }
        | State::Confirmed { at, .. }
        | State::Received { at, .. }
        | State::Fixed { at, .. } => Some(*at),
        State::Draft { reopened: Some(reason) } | State::Returned { reason, .. } => Some(reason.at),
        State::Draft { reopened: None } => None,
    }
}

fn period(item: &Item, names_department: bool) -> String {
    match names_department {
        true => format!("{}　{}", item.period_name(), item.department()),
        false => item.period_name(),
    }
}

/// How it stands, in bold: late is late for whoever must write, and where it waits is told to the others.
fn when(item: &Item, place: Place, route: Route) -> (&'static str, String) {
    if place >= Place::Supported || place == Place::ToConfirm {
        let words = match item.line.state.awaits(route) {
            Awaits::Confirmation(_) if place == Place::ToConfirm => "あなたの確認待ち",
            Awaits::Confirmation(Step::SectionHead) => "課長の確認待ち",
            Awaits::Confirmation(Step::DivisionHead) => "部長の確認待ち",
            Awaits::Receipt => "事務局の受付待ち",
            Awaits::Fixing => "事務局が受付",
            Awaits::Nobody => "提出は不要です",
            Awaits::Department => "担当課が入力中",
        };
        return ("soon", words.to_owned());
    }
    let class = if matches!(item.window, Window::Late { .. }) { "late" } else { "soon" };
    (class, print::window(&item.window))
}

fn step(item: &Item, place: Place, address: &str) -> Option<(String, &'static str)> {
    let words = match place {
        Place::Returned => "直して再提出する",
        Place::Draft => "続きを書く",
        Place::NotBegun => "書き始める",
        Place::ToConfirm => "内容を見て確認する",
        Place::Conflict => {
            let conflict = item.conflict?;
            return Some((format!("{address}/conflicts/{conflict}"), "見比べて選ぶ"));
        }
        Place::Watched | Place::Closed | Place::Supported | Place::Done | Place::Nowhere => return None,
    };
    Some((address.to_owned(), words))
}

/// `4月2日 提出`
fn done_when(state: &State) -> Option<String> {
    let day = print::day(since(state)?.day());
    let word = match state {
        State::Submitted { .. } => "提出",
        State::Confirmed { step, .. } => step.word(),
        State::Received { .. } => "受付",
        State::Fixed { .. } => "確定",
        State::Draft { .. } | State::Returned { .. } => return None,
    };
    Some(format!("{day} {word}"))
}

/// `事務局（小林）　4月3日 16:20　差戻しの理由`, and the reason.
fn said(item: &Item, work: &Work) -> Option<(String, String)> {
    let (reviewer, reason, what) = match &item.line.state {
        State::Returned { reviewer, reason } => (reviewer.word(), reason, "差戻しの理由"),
        State::Draft { reopened: Some(reason) } => ("事務局", reason, "再開の理由"),
        _ => return None,
    };
    let (name, at) = (work.name(reason.by), print::moment(reason.at));
    Some((format!("{reviewer}（{name}）　{at}　{what}"), reason.text.clone()))
}

fn hint(item: &Item, place: Place, work: &Work, today: Date) -> Option<String> {
    let dates = item.period.dates;
    match place {
        Place::Closed => Some(
            "入力は締め切られました。書いた文章は下書きに残っています。提出が必要なときは、事務局に再開を依頼してください。"
                .to_owned(),
        ),
        Place::NotBegun if dates.deadline < today => {
            let deadline = print::day(dates.deadline);
            Some(match dates.locks {
                Some(locks) => format!(
                    "期限（{deadline}）を過ぎていますが、{}までは提出できます。",
                    print::day(locks.plus_days(-1))
                ),
                None => format!("期限（{deadline}）を過ぎていますが、提出できます。"),
            })
        }
        Place::Draft | Place::Watched => {
            let (at, by) = item.line.touched_at.zip(item.line.touched_by)?;
            Some(format!("{} {}さんが保存", print::moment(at), work.name(by)))
        }
        _ => None,
    }
}
