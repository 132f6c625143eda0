//! `kaikaku department`: the departments, from a CSV file and as a list.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use kaikaku_domain::fiscal_year::{Digits, YearStyle};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::roster::read_departments;
use kaikaku_domain::{Finding, FiscalYear, Moment};
use kaikaku_store::{Municipality, Store};

use super::choice::Of;
use super::{CommandError, FINDINGS};
use crate::clock::Clock;
use crate::input;
use crate::people::PeopleError;
use crate::people::departments::{self, Plan, Planned};

/// Said when nothing was written on purpose.
pub(super) const DRY: &str =
    "まだ何も書き込んでいません。このとおり書き込むときは、--apply を付けてもう一度実行してください。\n";

#[derive(Debug, Args)]
pub(super) struct DepartmentArguments {
    #[command(subcommand)]
    command: DepartmentCommand,
}

#[derive(Debug, Subcommand)]
enum DepartmentCommand {
    /// 部署のCSVを読み込みます。--apply を付けるまでは、変わることを表示するだけです
    ///
    /// 列は 部署,上位部署,開始年度,終了年度,後継部署 です。名前が変わった部署、統合や分割した部署には、終了年度と後継部署を書きます。
    /// ファイルにない部署は変わりません。
    Import {
        /// CSVファイル（UTF-8又はシフトJIS）
        file: PathBuf,
        /// 書き込みます
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        of: Of,
    },
    /// 部署を全ての年度について一覧にします
    List {
        #[command(flatten)]
        of: Of,
    },
}

pub(super) fn run(arguments: &DepartmentArguments) -> Result<ExitCode, CommandError> {
    let (told, code) = match &arguments.command {
        DepartmentCommand::Import { file, apply, of } => {
            let text = input::text(file)?;
            let now = Clock::default().now();
            of.with(async |store, town| import(store, town, &text, *apply, now).await)
        }
        DepartmentCommand::List { of } => {
            of.with(async |store, town| Ok((list(&store.organisation(town.id).await?), ExitCode::SUCCESS)))
        }
    }?;
    super::print(&told)?;
    Ok(code)
}

async fn import(
    store: &Store,
    town: &Municipality,
    text: &str,
    apply: bool,
    now: Moment,
) -> Result<(String, ExitCode), CommandError> {
    let reading = read_departments(text);
    if !reading.findings.is_empty() {
        return Ok((findings(&reading.findings), ExitCode::from(FINDINGS)));
    }
    let plan = match departments::plan(store, town.id, &reading.rows).await {
        Ok(plan) => plan,
        Err(PeopleError::Findings(found)) => return Ok((findings(&found), ExitCode::from(FINDINGS))),
        Err(error) => return Err(error.into()),
    };
    let mut told = changes(&plan);
    if plan.changed.is_empty() {
        told.push_str("変わることはありません。\n");
    } else if apply {
        departments::apply(store, town.id, &reading.rows, &plan, now).await?;
        told.push_str("書き込みました。\n");
    } else {
        told.push_str(DRY);
    }
    Ok((told, ExitCode::SUCCESS))
}

/// What is wrong with a file, line by line.
pub(super) fn findings(found: &[Finding]) -> String {
    let mut told = String::new();
    for finding in found {
        let _ = writeln!(told, "{}: {} [{}]", finding.place, finding.message, finding.rule);
    }
    let _ = writeln!(told, "{}件の誤りがあります。何も書き込んでいません。", found.len());
    told
}

/// What a file changes, department by department.
fn changes(plan: &Plan) -> String {
    let mut told = String::new();
    let name = |place: &usize| plan.departments.get(*place).map(|own| own.name.clone());
    let changed: Vec<&Planned> =
        plan.changed.iter().filter_map(|place| plan.departments.get(*place)).collect();
    for planned in &changed {
        let word = match (planned.id, planned.to_year) {
            (None, _) => "追加",
            (Some(_), Some(_)) => "終了",
            (Some(_), None) => "変更",
        };
        let division = planned.division.as_ref().and_then(name).map(|name| format!("（{name}）"));
        let successors: Vec<String> = planned.successors.iter().filter_map(name).collect();
        let line = line(&planned.name, division, (planned.from_year, planned.to_year), &successors);
        let _ = writeln!(told, "{word}　{line}");
    }
    let new = changed.iter().filter(|planned| planned.id.is_none()).count();
    let _ = writeln!(told, "追加 {new}件、変更 {}件、変更なし {}件", changed.len() - new, plan.unchanged);
    told
}

fn list(organisation: &Organisation) -> String {
    let mut told = String::new();
    for own in &organisation.departments {
        let name = |id| organisation.department(id).map(|department| department.name.clone());
        let division = own.division.and_then(name).map(|name| format!("（{name}）"));
        let successors: Vec<String> = own.successors.iter().filter_map(|id| name(*id)).collect();
        let _ = writeln!(told, "{}", line(&own.name, division, (own.from_year, own.to_year), &successors));
    }
    let _ = writeln!(told, "{}件", organisation.departments.len());
    told
}

fn line(
    name: &str,
    division: Option<String>,
    (from, to): (FiscalYear, Option<FiscalYear>),
    successors: &[String],
) -> String {
    let print = |year: FiscalYear| year.print(YearStyle::Era, Digits::Half);
    let to = to.map(|to| format!("{}まで", print(to))).unwrap_or_default();
    let successors = match successors {
        [] => String::new(),
        names => format!("　→ {}", names.join("、")),
    };
    format!("{name}{}　{}から{to}{successors}", division.unwrap_or_default(), print(from))
}
