//! The report document of a year out of the record.

use std::collections::BTreeMap;

use kaikaku_domain::entry::{Answer, Content, Frame, Parts, StartContent};
use kaikaku_domain::id::{MunicipalityId, YearId};
use kaikaku_domain::{Form, Report};

use crate::StoreError;
use crate::database::Store;
use crate::row::binds;

impl Store {
    /// The report document of a year: the frame as it was loaded, and what has been submitted since.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn dump(
        &self,
        municipality: MunicipalityId,
        year: YearId,
        form: &Form,
    ) -> Result<Option<Report>, StoreError> {
        let Some(found) = self.year(municipality, year).await? else { return Ok(None) };
        let sheets: Vec<(i64, String)> = self
            .all(
                "select id, frame from sheet where year_id = $1 and municipality_id = $2 order by position",
                binds![year.number(), municipality.number()],
            )
            .await?;
        let rows: Vec<(i64, String, String, String)> = self
            .all(
                "select e.sheet_id, p.name, e.written, r.content
                 from entry e join period p on p.id = e.period_id join revision r on r.id = e.record_id
                 where e.year_id = $1 and e.municipality_id = $2 order by e.sheet_id, e.position",
                binds![year.number(), municipality.number()],
            )
            .await?;
        let mut texts: BTreeMap<i64, Vec<(String, String, String)>> = BTreeMap::new();
        for (sheet, period, department, content) in rows {
            texts.entry(sheet).or_default().push((period, department, content));
        }
        let mut report = Report::clone(&found.frame);
        for (id, frame) in sheets {
            let corrupt = || StoreError::Corrupt(format!("sheet {id}"));
            let frame: Frame = serde_json::from_str(&frame).map_err(|_| corrupt())?;
            let mut parts = Parts { frame, start: StartContent::default(), answers: Vec::new() };
            for (period, department, content) in texts.remove(&id).unwrap_or_default() {
                match serde_json::from_str(&content).map_err(|_| corrupt())? {
                    Content::Start(start) => parts.start = start,
                    Content::Report(content) => parts.answers.push(Answer { department, period, content }),
                }
            }
            report.sheets.push(parts.into_sheet(&form.style));
        }
        Ok(Some(report))
    }
}
