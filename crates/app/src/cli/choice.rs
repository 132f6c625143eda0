//! Which municipality and which year a command is about: said on the line where the record holds several.

use std::sync::Arc;

use clap::Args;
use kaikaku_domain::FiscalYear;
use kaikaku_domain::id::MunicipalityId;
use kaikaku_domain::municipality::{Municipality as Named, MunicipalityCode};
use kaikaku_domain::workflow::Route;
use kaikaku_store::{Municipality, Store, Year};
use thiserror::Error;

use super::CommandError;
use super::place::{Place, wait};

/// A municipality of the record.
#[derive(Debug, Args)]
pub(crate) struct Town {
    /// 市町村のコード（全国地方公共団体コード6桁）。記録に一つしかないときは不要です
    #[arg(long = "town", value_name = "コード", value_parser = parse_code)]
    code: Option<MunicipalityCode>,
}

/// A record and a municipality of it.
#[derive(Debug, Args)]
pub(crate) struct Of {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    town: Town,
}

/// A municipality that may be new to the record.
#[derive(Debug, Args)]
pub(crate) struct NewTown {
    /// 市町村のコード（全国地方公共団体コード6桁。例 992011）
    #[arg(long = "town", value_name = "コード", value_parser = parse_code)]
    code: Option<MunicipalityCode>,
    /// 市町村の名称（例 汐見市）。初めて登録するときに指定します
    #[arg(long = "name", value_name = "名称", requires = "code")]
    name: Option<String>,
}

/// A plan's fiscal year.
#[derive(Debug, Args)]
pub(crate) struct ChosenYear {
    /// 年度（例 2025、令和7）。指定しないときは最も新しい年度
    #[arg(long = "year", value_name = "年度", value_parser = parse_year)]
    year: Option<FiscalYear>,
    /// プランの名称。同じ年度に複数のプランがあるときに指定します
    #[arg(long = "plan", value_name = "名称")]
    plan: Option<String>,
}

/// Why it cannot be told which one is meant.
#[derive(Debug, Error)]
pub(crate) enum ChoiceError {
    #[error(
        "記録にまだ市町村がありません。コードと名称を指定して登録してください（例 --town 992011 --name 汐見市）"
    )]
    NoTown,
    #[error("記録に複数の市町村があります（{0}）。--town でどれか一つを指定してください")]
    SeveralTowns(String),
    #[error("記録に {0} の市町村がありません（登録済み: {1}）")]
    UnknownTown(String, String),
    #[error("{0} はまだ登録されていません。名称も指定してください（例 --town {0} --name 汐見市）")]
    Nameless(String),
    #[error(
        "文書に市町村の記載がありません。どの市町村の文書かを指定してください（例 --town 992011 --name 汐見市）"
    )]
    NoTownInDocument,
    #[error(
        "文書は {document} のものですが、--town では {option} が指定されています。どちらかを直してください"
    )]
    OtherTown { document: String, option: String },
    #[error("{town}の記録にその年度がありません（登録済み: {known}）")]
    UnknownYear { town: String, known: String },
    #[error("その年度に複数のプランがあります（{0}）。--plan でどれか一つを指定してください")]
    SeveralPlans(String),
}

impl Of {
    /// Does something with the municipality that is meant.
    pub(crate) fn with<T>(
        &self,
        work: impl AsyncFnOnce(&Store, &Municipality) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        wait(async {
            let store = self.place.open().await?;
            let town = self.town.find(&store).await?;
            let done = work(&store, &town).await?;
            store.close().await;
            Ok(done)
        })
    }
}

impl Town {
    /// The municipality that is meant: the one named, or the only one.
    pub(crate) async fn find(&self, store: &Store) -> Result<Municipality, CommandError> {
        let mut towns = store.municipalities().await?;
        let names = list(&towns);
        if let Some(code) = &self.code {
            let found = towns.into_iter().find(|town| town.code == code.as_str());
            return Ok(found.ok_or_else(|| ChoiceError::UnknownTown(code.as_str().to_owned(), names))?);
        }
        match (towns.pop(), towns.is_empty()) {
            (Some(town), true) => Ok(town),
            (None, _) => Err(ChoiceError::NoTown.into()),
            (Some(_), false) => Err(ChoiceError::SeveralTowns(names).into()),
        }
    }
}

impl NewTown {
    /// The municipality on the line, founded where it is new; none where the line names none.
    pub(crate) async fn found(&self, store: &Store) -> Result<Option<MunicipalityId>, CommandError> {
        let Some(code) = &self.code else { return Ok(None) };
        found(store, code, self.name.as_deref()).await.map(Some)
    }

    /// The municipality of a document, founded where it is new: the one that the document names or the line does, or
    /// the record's only one.
    pub(crate) async fn found_for(
        &self,
        store: &Store,
        document: Option<&Named>,
    ) -> Result<MunicipalityId, CommandError> {
        match (document, &self.code) {
            (Some(document), Some(code)) if document.code != *code => {
                let (document, option) = (document.code.as_str().to_owned(), code.as_str().to_owned());
                Err(ChoiceError::OtherTown { document, option }.into())
            }
            (Some(document), _) => {
                found(store, &document.code, Some(self.name.as_deref().unwrap_or(&document.name))).await
            }
            (None, Some(_)) => Ok(self.found(store).await?.ok_or(ChoiceError::NoTownInDocument)?),
            (None, None) => match store.municipalities().await?.as_slice() {
                [only] => Ok(only.id),
                _ => Err(ChoiceError::NoTownInDocument.into()),
            },
        }
    }
}

/// The municipality of this code; a new one confirms by the head of the section, until the town sets it otherwise.
async fn found(
    store: &Store,
    code: &MunicipalityCode,
    name: Option<&str>,
) -> Result<MunicipalityId, CommandError> {
    let towns = store.municipalities().await?;
    if let Some(town) = towns.iter().find(|town| town.code == code.as_str()) {
        return Ok(town.id);
    }
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ChoiceError::Nameless(code.as_str().to_owned()))?;
    Ok(store.found(code.as_str(), name, Route::SectionHead).await?)
}

impl ChosenYear {
    /// The year that is meant: the one named, or the latest.
    pub(crate) async fn find(&self, store: &Store, town: &Municipality) -> Result<Arc<Year>, CommandError> {
        let years = store.years(town.id).await?;
        let latest = years.first().map(|(_, year, _)| *year);
        let year = self.year.or(latest);
        let is_meant =
            |title: &str| self.plan.as_ref().is_none_or(|plan| kaikaku_domain::text::reads_same(plan, title));
        let mut found = years.iter().filter(|(_, own, title)| Some(*own) == year && is_meant(title));
        match (found.next(), found.next()) {
            (Some((id, ..)), None) => {
                Ok(store.year(town.id, *id).await?.ok_or_else(|| unknown(town, &years))?)
            }
            (Some(first), Some(second)) => {
                let titles = [first, second].into_iter().chain(found).map(|(.., title)| title.as_str());
                Err(ChoiceError::SeveralPlans(titles.collect::<Vec<_>>().join("、")).into())
            }
            (None, _) => Err(unknown(town, &years).into()),
        }
    }
}

fn unknown<I>(town: &Municipality, years: &[(I, FiscalYear, String)]) -> ChoiceError {
    let known = years.iter().map(|(_, year, title)| format!("{} {title}", year.year()));
    let known = Some(known.collect::<Vec<_>>().join("、")).filter(|known| !known.is_empty());
    ChoiceError::UnknownYear { town: town.name.clone(), known: known.unwrap_or_else(|| "なし".to_owned()) }
}

fn list(towns: &[Municipality]) -> String {
    let names = towns.iter().map(|town| format!("{} {}", town.code, town.name)).collect::<Vec<_>>();
    if names.is_empty() { "なし".to_owned() } else { names.join("、") }
}

fn parse_code(text: &str) -> Result<MunicipalityCode, String> {
    MunicipalityCode::try_from(text.to_owned()).map_err(|_| {
        format!("`{text}` は全国地方公共団体コードではありません。検査数字を含む6桁の数字で指定してください（例 992011）")
    })
}

fn parse_year(text: &str) -> Result<FiscalYear, String> {
    FiscalYear::read(text).ok_or_else(|| format!("`{text}` は年度ではありません（例 2025、令和7）"))
}
