use kaikaku_domain::Month;
use kaikaku_domain::entry::{ReportContent, StartContent};
use kaikaku_domain::sheet::{Activity, Bar};

use super::*;

fn form() -> Form {
    let path = format!("{}/../../forms/iwakuni.toml", env!("CARGO_MANIFEST_DIR"));
    Form::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn report(rating: &str, narrative: &str, cause: &str) -> Content {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (rating, narrative, cause) = (text(rating), text(narrative), text(cause));
    Content::Report(ReportContent { rating, narrative, cause, ..ReportContent::default() })
}

/// Mine changed the narrative, theirs the narrative and the cause.
fn texts() -> Texts {
    Texts {
        base: report("B", "始めた。", ""),
        mine: report("B", "始めた。終えた。", ""),
        theirs: report("B", "始めて、直した。", "遅れた。"),
    }
}

fn choose(texts: &Texts, posted: &str) -> (Option<Content>, Vec<Field>) {
    let form = form();
    let mut fields = texts.fields(&form, &form.scale);
    let content = chosen(texts, &mut fields, &Fields::read(posted.as_bytes()).unwrap());
    (content, fields)
}

#[test]
fn what_only_one_side_changed_is_chosen_and_what_both_changed_is_asked_for() {
    let form = form();
    let fields = texts().fields(&form, &form.scale);
    let told: Vec<_> = fields.iter().map(|field| (field.code.as_str(), field.is_same, field.side)).collect();
    assert_eq!(
        told,
        [("rating", true, None), ("narrative", false, None), ("cause", false, Some(Side::Theirs))]
    );
    assert_eq!(fields[2].only(), Some("変えたのは相手だけです。"));
}

#[test]
fn the_choice_of_each_field_makes_the_content() {
    let (content, _) = choose(&texts(), "choice.narrative=mine&choice.cause=theirs");
    assert_eq!(content, Some(report("B", "始めた。終えた。", "遅れた。")));
    let (content, _) = choose(&texts(), "choice.narrative=theirs&choice.cause=mine");
    assert_eq!(content, Some(report("B", "始めて、直した。", "")));
}

#[test]
fn two_texts_can_be_joined_by_hand() {
    let merged = "choice.narrative=merged&merged.narrative=both&choice.cause=merged&merged.cause=+";
    let (content, _) = choose(&texts(), merged);
    assert_eq!(content, Some(report("B", "both", "")));
}

#[test]
fn a_field_without_a_choice_is_asked_for_and_what_was_typed_is_kept() {
    let (content, fields) = choose(&texts(), "choice.cause=mine&merged.narrative=typed");
    assert_eq!(content, None);
    assert!(fields[1].error.as_ref().unwrap().contains("取組状況"));
    assert_eq!((fields[1].merged.as_str(), fields[2].side), ("typed", Some(Side::Mine)));
}

#[test]
fn a_text_that_cannot_be_kept_is_told_at_its_field() {
    for (typed, word) in [("a%00", "制御文字"), (&"a".repeat(20_001), "20000文字以内")] {
        let posted = format!("choice.narrative=merged&merged.narrative={typed}&choice.cause=mine");
        let (content, fields) = choose(&texts(), &posted);
        assert_eq!(content, None);
        assert!(fields[1].error.as_ref().unwrap().contains(word), "{:?}", fields[1].error);
    }
}

#[test]
fn a_chart_is_chosen_as_a_whole_and_shown_in_words() {
    let chart = |label: &str| {
        let month = Month::new(9).unwrap();
        let bars = Some(vec![Bar { from_month: month, to_month: month, text: None }]);
        let activities = vec![Activity { label: label.to_owned(), bars }];
        Content::Start(StartContent { activities, ..StartContent::default() })
    };
    let texts = Texts { base: chart("準備"), mine: chart("設計"), theirs: chart("準備") };
    let (content, fields) = choose(&texts, "choice.activities=mine");
    assert_eq!(content, Some(chart("設計")));
    assert_eq!(fields[0].mine, "設計：9月");
    assert!(!fields[0].is_text);
    let (refused, _) = choose(&texts, "choice.activities=merged&merged.activities=x");
    assert_eq!(refused, None);
}

#[test]
fn a_field_that_the_form_does_not_know_is_not_lost() {
    let own = |code: &str| {
        let mut report = ReportContent::default();
        report.fields.insert("town".to_owned(), Value::String(code.to_owned()));
        Content::Report(report)
    };
    let texts = Texts { base: own("a"), mine: own("b"), theirs: own("c") };
    let (content, _) = choose(&texts, "choice.town=mine");
    assert_eq!(content, Some(own("b")));
}
