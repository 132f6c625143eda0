//! A town for tests: 40 sheets of eight departments and whoever works on them, brought in by the program's own commands.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kaikaku_store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::postgres::Database;
use crate::support::root;
use crate::support::server::Server;

/// The departments that answer, each five sheets and some a second lead's.
pub(crate) const DEPARTMENTS: [&str; 8] =
    ["デジタル推進課", "行政経営課", "企画政策課", "総務課", "財政課", "資産経営課", "市民課", "地域協働課"];

/// Departments and their divisions as a town's file has them.
const ORGANISATION: &str = "部署,上位部署,開始年度,終了年度,後継部署
総合政策部,,2025,,
総務部,,2025,,
市民部,,2025,,
デジタル推進課,総合政策部,2025,,
行政経営課,総合政策部,2025,,
企画政策課,総合政策部,2025,,
総務課,総務部,2025,,
財政課,総務部,2025,,
資産経営課,総務部,2025,,
市民課,市民部,2025,,
地域協働課,市民部,2025,,
";

pub(crate) const SHEETS: usize = 40;

/// Sheets for which a second department answers too.
const SHARED: [usize; 4] = [3, 13, 23, 33];

/// Where a town's record is.
pub(crate) enum Place {
    Folder(TempDir),
    Database(Database),
}

/// Somebody who is to have an account, with roles and the departments in which they are held.
pub(crate) struct Member {
    pub(crate) login: String,
    pub(crate) roles: Vec<(&'static str, &'static str)>,
}

/// A town in the middle of its year-end period; everybody still has the password that the command has told.
pub(crate) struct Town {
    pub(crate) place: Place,
    /// The document that was loaded.
    pub(crate) document: Value,
    /// By sign-in name.
    pub(crate) passwords: BTreeMap<String, String>,
    papers: TempDir,
}

impl Place {
    pub(crate) fn folder() -> Place {
        Place::Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn database() -> Place {
        Place::Database(Database::new())
    }

    /// How a command line names it.
    pub(crate) fn arguments(&self) -> [String; 2] {
        match self {
            Place::Folder(folder) => ["--data".to_owned(), folder.path().to_string_lossy().into_owned()],
            Place::Database(database) => ["--database".to_owned(), database.url()],
        }
    }

    /// The record itself, beside whatever server runs on it.
    pub(crate) async fn store(&self) -> Store {
        match self {
            Place::Folder(folder) => Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap(),
            Place::Database(database) => Store::open_server(&database.url()).await.unwrap(),
        }
    }
}

impl Member {
    pub(crate) fn new(login: impl Into<String>, roles: &[(&'static str, &'static str)]) -> Member {
        Member { login: login.into(), roles: roles.to_vec() }
    }
}

impl Town {
    /// Loads the sheets, registers departments and people, and opens the year-end period. The document's own dates are
    /// long past: from now on it is open until further notice.
    pub(crate) fn found(place: Place, members: &[Member], route: &str) -> Town {
        let papers = tempfile::tempdir().unwrap();
        let mut town = Town { place, document: document(), passwords: BTreeMap::new(), papers };
        let paper = town.paper("2025.json", &town.document.to_string());
        town.does(&["load", &paper]);
        let paper = town.paper("departments.csv", ORGANISATION);
        town.does(&["department", "import", "--apply", &paper]);
        let paper = town.paper("people.csv", &roster(members));
        let told = town.does(&["user", "import", "--apply", &paper]);
        town.passwords = told.lines().filter_map(password).collect();
        assert_eq!(town.passwords.len(), members.len(), "{told}");
        town.does(&["route", "--to", route]);
        town.does(&["period", "--name", "期末", "--opens", "2026-03-16", "--deadline", "2099-12-31"]);
        town
    }

    /// Runs a command on the record that must succeed, and gives what it printed.
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// A server on the record, on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more to say on its command line.
    pub(crate) fn serve_with(&self, more: &[&str]) -> Server {
        Server::run(&mut self.command(&[&["serve", "--listen", "127.0.0.1:0"], more].concat()))
    }

    /// A command on the record, still to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaikaku"));
        command.args(arguments).args(self.place.arguments());
        command
    }

    /// How many events the record has; panics when they do not hold.
    pub(crate) fn events(&self) -> u64 {
        let told = self.does(&["verify"]);
        let (_, rest) = told.split_once("異常なし　事象 ").unwrap_or_else(|| panic!("{told}"));
        rest.split_once('件').and_then(|(number, _)| number.parse().ok()).unwrap()
    }

    /// The year's document as it stands.
    pub(crate) fn dump(&self) -> Value {
        serde_json::from_str(&self.does(&["dump"])).unwrap()
    }

    fn paper(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.papers.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }
}

/// The title of a sheet: no two are the same.
pub(crate) fn title(sheet: usize) -> String {
    format!("取組その{}", sheet + 1)
}

/// The departments that answer for a sheet, by their place in [`DEPARTMENTS`].
pub(crate) fn leads(sheet: usize) -> Vec<usize> {
    let first = sheet % DEPARTMENTS.len();
    let second = SHARED.contains(&sheet).then_some((first + 1) % DEPARTMENTS.len());
    std::iter::once(first).chain(second).collect()
}

/// The example town's report of 2025 made into 40 sheets: goals and mid-term answers are there, the year's result is not.
fn document() -> Value {
    let text = fs::read_to_string(root().join("examples/shiomi/2025.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let originals = document["sheets"].as_array().unwrap().clone();
    document["sheets"] = (0..SHEETS).map(|place| sheet(&originals[place % originals.len()], place)).collect();
    for derived in ["index", "achievements"] {
        document[derived] = json!([]);
    }
    for derived in ["tally", "percent"] {
        document[derived] = json!({});
    }
    document
}

fn sheet(original: &Value, place: usize) -> Value {
    let mut sheet = original.clone();
    sheet["id"] = json!(format!("m-{:04}", 1000 + place));
    sheet["page"] = Value::Null;
    sheet["path"].as_array_mut().unwrap().last_mut().unwrap()["title"] = json!(title(place));
    let leads: Vec<&str> = leads(place).into_iter().map(|department| DEPARTMENTS[department]).collect();
    let mid_term =
        original["responses"].as_array().unwrap().iter().find(|own| own["period"] == "中間").unwrap();
    sheet["responses"] = leads
        .iter()
        .map(|department| {
            let mut response = mid_term.clone();
            response["department"] = json!(department);
            response
        })
        .collect();
    sheet["lead_departments"] = json!(leads);
    sheet["supporting_departments"] = json!([DEPARTMENTS[(place + 2) % DEPARTMENTS.len()]]);
    sheet
}

fn roster(members: &[Member]) -> String {
    let mut text = "ログイン名,氏名,部署,役割,開始日,終了日,代理\n".to_owned();
    for Member { login, roles } in members {
        for (role, department) in roles {
            text.push_str(&format!("{login},{login}さん,{department},{role},2025-04-01,,\n"));
        }
    }
    text
}

/// Name and password in a line like `tanaka　田中　最初のパスワード: …`.
fn password(line: &str) -> Option<(String, String)> {
    let (person, password) = line.split_once("　最初のパスワード: ")?;
    Some((person.split('　').next()?.to_owned(), password.to_owned()))
}
