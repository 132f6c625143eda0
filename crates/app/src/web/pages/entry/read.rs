//! The page on which an entry is read: by heads and the secretariat who decide on it, by everyone else concerned.

use askama::Template;
use kaikaku_domain::difference::{Kind, Piece, difference};
use kaikaku_domain::entry::Content;
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::scale::grade;
use kaikaku_domain::submission::{self, label};
use kaikaku_domain::text::{count_characters, is_blank};
use kaikaku_domain::workflow::{Awaits, Refusal, Sight, State, Step};

use super::chart::Chart;
use super::setting::{Head, Setting};
use super::write;
use crate::web::layout::Layout;
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
    changed: Vec<(String, String, usize, usize)>,
}

/// One field as it was written.
struct AnswerView {
    code: String,
    label: String,
    text: String,
    /// A rating's name.
    grade: String,
    changed: Vec<Piece>,
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
    pub(crate) refusal: Option<Refusal>,
}

impl ReadPage {
    /// The page for a visitor.
    pub(crate) fn new(setting: &Setting, ask: &Ask, posted: Posted) -> Result<Self, Stop> {
        let entry = &setting.found.entry;
        let head = setting.head();
        let title = format!("{}（{}）", head.title, setting.period.name);
        let mut layout = ask.layout().titled(title, "sheets");
        layout.has_errors = posted.refusal.is_some();
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
            errors: posted.refusal.iter().map(|refusal| ("reason".to_owned(), refusal.to_string())).collect(),
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

/// Every field that is written in this period and is a text, in printed order, then cause and policy after the narrative.
fn answers(setting: &Setting, content: &Content, posted: &Posted) -> Vec<AnswerView> {
    let mut codes: Vec<&str> = Vec::new();
    for field in submission::fields_of(&setting.form, setting.period.kind, setting.is_result()) {
        if matches!(field.kind, FieldKind::Activities | FieldKind::Roadmap) {
            continue;
        }
        codes.push(&field.code);
        if field.code == "narrative" {
            codes.extend(["cause", "policy"]);
        }
    }
    let answers = codes.into_iter().map(|code| answer(setting, content, code, posted));
    answers.filter(|answer| !answer.text.is_empty() || !answer.changed.is_empty()).collect()
}

fn answer(setting: &Setting, content: &Content, code: &str, posted: &Posted) -> AnswerView {
    let text = text_of(content, code);
    let scale = &setting.found.frame().scale;
    let is_rating = setting.form.field(code).is_some_and(|field| field.kind == FieldKind::Rating);
    let label_of = |code: &str| grade(scale, code).map_or(String::new(), |grade| grade.label.clone());
    let said = setting.comments.iter().filter(|comment| comment.field.as_deref() == Some(code));
    let said = said.map(|comment| {
        let what = if comment.with_return { "の指摘" } else { "" };
        (format!("{}　{}{what}", comment.name, print::moment(comment.at)), comment.body.clone())
    });
    let changed = match before(setting) {
        Some(before) if text_of(before, code) != text => difference(&text_of(before, code), &text),
        _ => Vec::new(),
    };
    AnswerView {
        label: setting.heading(code),
        grade: if is_rating { label_of(&text) } else { String::new() },
        said: said.collect(),
        changed,
        remark: posted
            .remarks
            .iter()
            .find(|(own, _)| own == code)
            .map_or(String::new(), |(_, body)| body.clone()),
        code: code.to_owned(),
        text,
    }
}

/// What had been submitted when it was last sent back, once something else has been submitted.
fn before(setting: &Setting) -> Option<&Content> {
    let entry = &setting.found.entry;
    let is_back = !matches!(entry.state, State::Returned { .. } | State::Draft { .. });
    entry.returned.as_ref().filter(|_| is_back).map(|revision| &revision.content)
}

fn text_of(content: &Content, code: &str) -> String {
    let rating = content.rating().filter(|_| code == "rating").map(str::to_owned);
    let text = || content.texts().into_iter().find(|(own, _)| *own == code).map(|(_, text)| text.to_owned());
    rating.or_else(text).unwrap_or_default()
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
    let count = |pieces: &[Piece], kind: Kind| {
        pieces.iter().filter(|piece| piece.kind == kind).map(|piece| count_characters(&piece.text)).sum()
    };
    let changed: Vec<_> = answers
        .iter()
        .filter(|answer| !answer.changed.is_empty())
        .map(|answer| {
            let (added, removed) =
                (count(&answer.changed, Kind::Added), count(&answer.changed, Kind::Removed));
            (answer.code.clone(), answer.label.clone(), added, removed)
        })
        .collect();
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
