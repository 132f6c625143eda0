//! The page on which an entry is read: by heads and the secretariat who decide on it, by everyone else concerned.

use askama::Template;
use kaikaku_domain::difference::Kind;
use kaikaku_domain::entry::Content;
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::submission::label;
use kaikaku_domain::text::is_blank;
use kaikaku_domain::workflow::{Awaits, Refusal, Sight, State, Step};

use super::chart::Chart;
use super::setting::{Head, Setting};
use super::write;
use crate::web::layout::Layout;
use crate::web::print::content::{Changed, Printed, changes, fields};
use crate::web::{Ask, Stop, print};

/// The page.
#[derive(Template)]
#[template(path = "entry_read.html")]
pub(crate) struct ReadPage {
    layout: Layout,
    head: Head,
    seen: i64,
    errors: Vec<(String, String)>,
    heading: String,
    notice: Option<Notice>,
    goals: Vec<(String, String)>,
    answers: Vec<AnswerView>,
    /// What stands in place of the text where there is none to read.
    nothing: Option<&'static str>,
    charts: Vec<Chart>,
    next: Next,
    moves: Moves,
    remarks: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    may_comment: bool,
    has_text: bool,
    reason: String,
}

/// What is worth knowing first.
struct Notice {
    title: String,
    text: String,
    changed: Vec<(String, String, String)>,
}

/// One field as it was written.
struct AnswerView {
    code: String,
    label: String,
    text: String,
    changed: Option<Changed>,
    said: Vec<(String, String)>,
    remark: String,
}

/// Where it is, and what comes next, in words.
struct Next {
    title: String,
    text: String,
}

/// The moves that the visitor may make now.
#[derive(Default)]
struct Moves {
    confirm: bool,
    receive: bool,
    fix: bool,
    withdraw: bool,
    send_back: bool,
    reopen: bool,
}

/// What was posted with a 差戻し or 再開 that could not be done: shown again.
#[derive(Default)]
pub(crate) struct Posted {
    /// The reason.
    pub(crate) reason: String,
    /// Field code and remark.
    pub(crate) remarks: Vec<(String, String)>,
    /// What was wrong.
    pub(crate) problem: Option<String>,
}

impl ReadPage {
    /// The page for a visitor.
    pub(crate) fn new(setting: &Setting, ask: &Ask, posted: Posted) -> Result<Self, Stop> {
        let entry = &setting.found.entry;
        let head = setting.head();
        let title = format!("{}（{}）", head.heading.title, setting.period.name);
        let mut layout = ask.layout().titled(title, "sheets");
        layout.has_errors = posted.problem.is_some();
        let content = shown(setting);
        let answers = content.map(|content| answers(setting, content, &posted)).unwrap_or_default();
        let offers = entry.state.offers(&setting.hand(ask)?);
        let may = |code: &str| offers.iter().any(|offer| offer.code() == code);
        let moves = Moves {
            confirm: may("confirmed"),
            receive: may("received"),
            fix: may("fixed"),
            withdraw: may("withdrawn"),
            send_back: may("sent_back"),
            reopen: may("reopened"),
        };
        Ok(Self {
            seen: entry.version,
            errors: posted.problem.iter().map(|problem| ("reason".to_owned(), problem.clone())).collect(),
            heading: setting.year(),
            notice: notice(setting, &answers),
            goals: if setting.period.kind == PeriodKind::Report { goals(setting) } else { Vec::new() },
            nothing: nothing(setting, content.is_some()),
            charts: match content {
                Some(Content::Start(start)) => write::charts_of(setting, start),
                _ => write::charts(setting),
            },
            next: next(setting, ask, &moves)?,
            moves,
            remarks: remarks(setting),
            fields: answers.iter().map(|answer| (answer.code.clone(), answer.label.clone())).collect(),
            may_comment: entry.relations.may_comment() && entry.sight >= Sight::Record,
            has_text: content.is_some(),
            reason: posted.reason,
            answers,
            head,
            layout,
        })
    }
}

/// The text that the visitor reads: the working text where that may be read, otherwise what was submitted.
pub(crate) fn shown(setting: &Setting) -> Option<&Content> {
    let entry = &setting.found.entry;
    entry.draft.as_ref().or(entry.record.as_ref()).map(|revision| &revision.content)
}

fn nothing(setting: &Setting, has_text: bool) -> Option<&'static str> {
    if has_text {
        return None;
    }
    Some(match setting.found.entry.sight {
        Sight::Outline => "事務局が受け付けるまで、内容は表示されません。",
        Sight::Draft => "まだ何も書かれていません。",
        _ => "まだ提出されていません。提出されると、ここに表示されます。",
    })
}

fn goals(setting: &Setting) -> Vec<(String, String)> {
    let Some(start) = setting.start() else { return Vec::new() };
    let texts = [("goal", &start.goal), ("challenge", &start.challenge)];
    let texts = texts.into_iter().filter(|(_, text)| !is_blank(text.as_deref()));
    texts
        .map(|(code, text)| (label(&setting.form, code).to_owned(), text.clone().unwrap_or_default()))
        .collect()
}

/// Every field that something is written in, in printed order. Charts are drawn further down; only what has changed in
/// them stands here.
fn answers(setting: &Setting, content: &Content, posted: &Posted) -> Vec<AnswerView> {
    let printed = |content| fields(content, &setting.form, &setting.found.frame().scale);
    let now = printed(content);
    let (mut changed, _) = before(setting).map(|before| changes(&printed(before), &now)).unwrap_or_default();
    let answers = now.into_iter().map(|field| {
        let place = changed.iter().position(|change| change.code == field.code);
        let changed = place.map(|place| changed.swap_remove(place));
        answer(setting, field, changed, posted)
    });
    let answers = answers.filter(|answer| {
        let kind = setting.form.field(&answer.code).map(|field| field.kind);
        let is_chart = matches!(kind, Some(FieldKind::Activities | FieldKind::Roadmap));
        answer.changed.is_some() || !is_chart && !answer.text.is_empty()
    });
    answers.collect()
}

fn answer(setting: &Setting, field: Printed, changed: Option<Changed>, posted: &Posted) -> AnswerView {
    let code = field.code;
    let said = setting.comments.iter().filter(|comment| comment.field.as_deref() == Some(code.as_str()));
    let said = said.map(|comment| {
        let what = if comment.with_return { "の指摘" } else { "" };
        (format!("{}　{}{what}", comment.name, print::moment(comment.at)), comment.body.clone())
    });
    let remark = posted.remarks.iter().find(|(own, _)| *own == code);
    AnswerView {
        label: setting.heading(&code),
        text: field.text,
        said: said.collect(),
        changed,
        remark: remark.map_or(String::new(), |(_, body)| body.clone()),
        code,
    }
}

/// What had been submitted when it was last sent back, once something else has been submitted.
fn before(setting: &Setting) -> Option<&Content> {
    let entry = &setting.found.entry;
    let is_back = !matches!(entry.state, State::Returned { .. } | State::Draft { .. });
    entry.returned.as_ref().filter(|_| is_back).map(|revision| &revision.content)
}

fn notice(setting: &Setting, answers: &[AnswerView]) -> Option<Notice> {
    let entry = &setting.found.entry;
    if let Some(reason) = entry.state.reason() {
        let title = match &entry.state {
            State::Returned { reviewer, .. } => format!("{}が差し戻しました", reviewer.word()),
            _ => "事務局が再開しました".to_owned(),
        };
        let title = format!("{title}（{} {}）", setting.name(reason.by), print::moment(reason.at));
        return Some(Notice { title, text: reason.text.clone(), changed: Vec::new() });
    }
    before(setting)?;
    let changed = answers.iter().filter_map(|answer| {
        let extent = answer.changed.as_ref()?.extent();
        Some((answer.code.clone(), answer.label.clone(), extent))
    });
    let changed: Vec<_> = changed.collect();
    let text = if changed.is_empty() {
        "文章は変わっていません。"
    } else {
        "ほかの欄は変わっていません。"
    };
    Some(Notice {
        title: "差し戻した後に変わったところ".to_owned(), text: text.to_owned(), changed
    })
}

/// Where the entry is and what the visitor can do, in a heading and a sentence.
fn next(setting: &Setting, ask: &Ask, moves: &Moves) -> Result<Next, Stop> {
    let state = &setting.found.entry.state;
    let awaits = state.awaits(ask.visitor()?.town.route);
    let (title, text) = match awaits {
        Awaits::Department => {
            let refusal = setting.may_write().err().filter(|refusal| *refusal != Refusal::NotPermitted);
            let text = refusal.map_or("担当課が入力しています。提出されると、確認に進みます。".to_owned(), |it| it.to_string());
            ("担当課が入力中です".to_owned(), text)
        }
        Awaits::Confirmation(step) if moves.confirm => {
            let after = if step == Step::SectionHead { "次の確認、又は事務局に届きます" } else { "事務局に届きます" };
            (step.word().to_owned(), format!("内容を確かめて確認するか、理由を付けて差し戻します。確認すると{after}。"))
        }
        Awaits::Confirmation(step) => (
            format!("{}を待っています", step.word()),
            if moves.withdraw { "直したいところがあれば、取り下げると下書きに戻ります。" } else { "確認が済むと事務局に届きます。" }.to_owned(),
        ),
        Awaits::Receipt if moves.receive => (
            "受付の確認".to_owned(),
            "内容を確かめて受け付けるか、理由を付けて差し戻します。受け付けた後も、確定するまでは差し戻せます。".to_owned(),
        ),
        Awaits::Receipt => ("事務局の受付を待っています".to_owned(), if moves.withdraw { "直したいところがあれば、取り下げると下書きに戻ります。" } else { "" }.to_owned()),
        Awaits::Fixing => (
            "受け付けています".to_owned(),
            if moves.fix { "確定すると、担当課は直せなくなります。" } else { "事務局が確定すると、この内容が報告書に載ります。" }.to_owned(),
        ),
        Awaits::Nobody => (
            "確定しています".to_owned(),
            if moves.reopen { "内容を直すには、理由を付けて再開します。担当課の下書きに戻ります。" } else { "この内容が報告書に載ります。直すときは事務局に再開を依頼してください。" }.to_owned(),
        ),
    };
    Ok(Next { title, text })
}

/// The comments on the whole sheet, and those at fields that are not shown.
fn remarks(setting: &Setting) -> Vec<(String, String)> {
    let all = setting.comments.iter();
    all.map(|comment| {
        let field = comment
            .field
            .as_deref()
            .map(|code| format!("　{}へ", label(&setting.form, code)))
            .unwrap_or_default();
        (format!("{}　{}{field}", comment.name, print::moment(comment.at)), comment.body.clone())
    })
    .collect()
}
