//! A report document into the record and the same document out of it, to the byte.

use kaikaku_domain::workflow::Route;
use kaikaku_domain::{Form, Report};
use kaikaku_store::{LoadError, Store, StoreError};

use crate::support::{Place, at, form, on_both, read, report};

on_both!(
    every_example_comes_out_as_it_went_in,
    a_document_is_loaded_once,
    a_document_that_cannot_be_kept_leaves_nothing,
    an_empty_answer_is_still_to_be_written,
);

const EXAMPLES: [(&str, &str); 4] = [
    ("examples/shiomi/2025.json", "forms/iwakuni.toml"),
    ("examples/shiomi/2023.json", "forms/iwakuni.toml"),
    ("examples/shiomi/2024.json", "forms/iwakuni.toml"),
    ("examples/second-form/2024.json", "examples/second-form/form.toml"),
];

async fn every_example_comes_out_as_it_went_in(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let mut years = Vec::new();
    for (document, form) in EXAMPLES {
        let (report, form) = (report(document), Form::from_toml(&read(form)).unwrap());
        let loaded = store.load(town, &report, &form, (None, at(0))).await.unwrap();
        assert_eq!(loaded.sheets, report.sheets.len());
        let answers: usize = report.sheets.iter().map(|sheet| sheet.responses.len()).sum();
        assert_eq!(loaded.entries, report.sheets.len() + answers, "the goals and the answers of every sheet");
        years.push((loaded.year, report.to_json(), form));
    }
    for closes in [false, true] {
        if closes {
            store.close().await;
        }
        let store = if closes { place.open().await } else { store.clone() };
        store.is_current().await.unwrap();
        for (year, text, form) in &years {
            let dumped = store.dump(town, *year, form).await.unwrap().unwrap();
            assert_eq!(&dumped.to_json(), text);
        }
        assert_eq!(store.verify(town).await.unwrap().unwrap().events, 4);
        let listed = store.years(town).await.unwrap();
        assert_eq!(listed.iter().map(|year| year.1.year()).collect::<Vec<_>>(), [2025, 2024, 2024, 2023]);
    }
}

async fn a_document_is_loaded_once(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let mut document = report("examples/shiomi/2024.json");
    store.load(town, &document, &form(), (None, at(0))).await.unwrap();
    let before = contents(&place, &store).await;
    document.sheets.truncate(3);
    let again = store.load(town, &document, &form(), (None, at(1))).await;
    let Err(LoadError::Present(year, title)) = again else { panic!("{again:?}") };
    assert_eq!((year.as_str(), title.as_str()), ("令和６年度", "汐見市行政経営改革プラン"));
    assert_eq!(contents(&place, &store).await, before);
    let other = store.found("992029", "汐見市の隣の市", Route::Direct).await.unwrap();
    store.load(other, &document, &form(), (None, at(1))).await.unwrap();
}

/// What is wrong with a document.
type Change = fn(&mut Report);

async fn a_document_that_cannot_be_kept_leaves_nothing(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let before = contents(&place, &store).await;
    let broken: [(&str, Change); 3] = [
        ("主担当部署がありません", |report| {
            let last = report.sheets.last_mut().unwrap();
            last.lead_departments.clear();
            last.responses.clear();
        }),
        ("時期にない「秋」", |report| {
            report.sheets.last_mut().unwrap().responses[0].period = "秋".to_owned()
        }),
        ("回答が二つあります", |report| {
            let last = report.sheets.last_mut().unwrap();
            last.responses.push(last.responses[0].clone());
        }),
    ];
    for (message, break_it) in broken {
        let mut document = report("examples/shiomi/2024.json");
        break_it(&mut document);
        let error = store.load(town, &document, &form(), (None, at(0))).await.unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(contents(&place, &store).await, before);
    }
    store.load(town, &report("examples/shiomi/2024.json"), &form(), (None, at(0))).await.unwrap();
}

async fn an_empty_answer_is_still_to_be_written(place: Place) {
    let store = place.record().await;
    let town = store.found("992011", "汐見市", Route::Direct).await.unwrap();
    let mut document = report("examples/shiomi/2024.json");
    let sheet = &mut document.sheets[0];
    (sheet.responses[1].rating, sheet.responses[1].narrative) = (None, Some("　".to_owned()));
    let loaded = store.load(town, &document, &form(), (None, at(0))).await.unwrap();
    assert_eq!(loaded.entries, 26 + 56 - 1);
    let open = place.ask("select state_data from entry where state = 'draft'").await;
    assert_eq!(open, [r#"{"state":"draft"}"#]);
    assert_eq!(store.dump(town, loaded.year, &form()).await.unwrap().unwrap().to_json(), document.to_json());
    store.verify(town).await.unwrap().unwrap();
}

/// How much of everything there is, and where the chains end.
async fn contents(place: &Place, store: &Store) -> Vec<String> {
    let mut contents = Vec::new();
    for table in
        ["plan_year", "period", "sheet", "sheet_department", "entry", "revision", "event", "department"]
    {
        let count = place.ask(&format!("select cast(count(*) as text) from {table}")).await;
        contents.push(format!("{table}: {}", count[0]));
    }
    for town in store.municipalities().await.unwrap() {
        contents.push(format!("{:?}", store.verify(town.id).await.unwrap().unwrap()));
    }
    contents
}

#[test]
fn trouble_that_passes_is_told_from_trouble_that_stays() {
    assert!(StoreError::Busy.is_passing() && StoreError::Full.is_passing());
    assert!(!StoreError::Missing.is_passing() && !StoreError::Newer(2).is_passing());
}
