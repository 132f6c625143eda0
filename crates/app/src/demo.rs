//! The demo: the example town in the middle of its year-end period, on Monday 6 April 2026 at half past ten.
//!
//! Everything in it was made the way people make it: documents loaded, texts saved, entries submitted, confirmed, sent
//! back and received through `workflow`, each at its own moment. Only the people who did it never lived.

mod documents;
mod play;
mod script;
mod town;

use kaikaku_domain::workflow::Route;
use kaikaku_domain::{Date, Form, Moment};
use kaikaku_store::{LoadError, Store, StoreError};
use thiserror::Error;

use crate::forms::{self, FormError};
use crate::people::PeopleError;
use crate::web::{Demo, DemoPerson};

/// Why there is no demo.
#[derive(Debug, Error)]
pub(crate) enum DemoError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error(transparent)]
    Form(#[from] FormError),
    /// What is shipped does not fit together: a fault of the program.
    #[error("デモのデータの組合せに誤りがあります（{0}）。プログラムの誤りです")]
    Data(String),
}

/// The moment at which the demo begins.
pub(crate) fn beginning() -> Moment {
    at("2026-04-06 10:30")
}

/// Fills an empty record with the example town.
pub(crate) async fn fill(store: &Store, all: &[Form]) -> Result<(), DemoError> {
    let documents = documents::read()?;
    let form = forms::named(all.to_vec(), &documents.form)?;
    let town = store.found(&documents.town.0, &documents.town.1, Route::SectionHead).await?;
    town::organise(store, town, at("2025-04-14 9:00")).await?;
    let years = documents::load(store, town, &documents, &form).await?;
    play::play(store, town, &years, script::acts(&documents, &form)?).await
}

/// Who is introduced on the sign-in page.
pub(crate) fn people() -> Demo {
    let person = |login: &str, title: &str, about: &str| DemoPerson {
        login: login.to_owned(),
        title: title.to_owned(),
        about: about.to_owned(),
    };
    Demo {
        people: vec![
            person(
                "aoki",
                "担当者として見る",
                "デジタル推進課の青木さん。差し戻された調書、同僚と同時に書いてしまった調書、書きかけの調書があります。調書を書いて提出できます。",
            ),
            person(
                "nakamura",
                "課長として見る",
                "デジタル推進課の中村さん。課の担当者が提出した調書を読み、確認するか、理由を付けて差し戻します。",
            ),
            person(
                "kobayashi",
                "事務局として見る",
                "行政経営課の小林さん。全ての課の進み具合を一覧で見て、届いた調書を受け付けるか、差し戻します。",
            ),
        ],
    }
}

/// A moment of the demo's story: `2026-04-03 16:20`.
fn at(text: &str) -> Moment {
    let read = || {
        let (day, clock) = text.split_once(' ')?;
        let (hour, minute) = clock.split_once(':')?;
        Some(Moment::at(Date::read(day)?, hour.parse().ok()?, minute.parse().ok()?))
    };
    // The texts are this program's own; a test reads them all.
    read().unwrap_or(Moment::EPOCH)
}

#[cfg(test)]
mod tests;
