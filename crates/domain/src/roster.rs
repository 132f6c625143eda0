//! The April transfers as CSV: who does what where from when, and what became of the departments.
//!
//! Text in, rows and findings out. Strict on purpose: what cannot be read is reported with its line and what to do, and
//! nothing is guessed. Whether a department or a deputised person exists is for the one who knows the record to say.

mod departments;
mod lines;
mod people;

use crate::date::Date;
use crate::finding::Finding;
use crate::fiscal_year::FiscalYear;
use crate::person::Role;

pub use departments::read_departments;
pub use people::{login_name, read_people};

/// What a file gave: the rows that could be read whole and everything that is wrong with the others. A file with
/// findings is best refused as a whole: its rows may need each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<Row> {
    /// The rows without fault, in the file's order.
    pub rows: Vec<Row>,
    /// What is wrong, in the file's order; the place names line and column: `3行目「開始日」`.
    pub findings: Vec<Finding>,
}

/// One assignment of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentRow {
    /// The line in the file on which the row begins, counted from 1.
    pub line: usize,
    /// ログイン名, as [`login_name`] gives it.
    pub login: String,
    /// 氏名, as written.
    pub name: String,
    /// 部署, as written; there is one exactly where the role is held in a department.
    pub department: Option<String>,
    /// 役割.
    pub role: Role,
    /// 開始日: the first day.
    pub from: Date,
    /// 終了日: the last day; none as long as it goes on.
    pub to: Option<Date>,
    /// 代理: the login name of the person whose deputy one is.
    pub deputy_of: Option<String>,
}

/// One department in a row of fiscal years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentRow {
    /// The line in the file on which the row begins, counted from 1.
    pub line: usize,
    /// 部署, as written.
    pub name: String,
    /// 上位部署: the division that it belongs to, as written.
    pub division: Option<String>,
    /// 開始年度: the first fiscal year in which it exists.
    pub from_year: FiscalYear,
    /// 終了年度: the last fiscal year in which it exists; none as long as it goes on.
    pub to_year: Option<FiscalYear>,
    /// 後継部署: what became of it after its last fiscal year, as written. One when renamed or merged, several when split.
    pub successors: Vec<String>,
}
