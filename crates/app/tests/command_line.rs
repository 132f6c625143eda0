//! The command line as its users meet it: the real program, real files, exit codes and messages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kaikaku(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kaikaku")).args(arguments).current_dir(folder).output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn example(year: &str) -> String {
    root().join(format!("examples/shiomi/{year}.json")).to_string_lossy().into_owned()
}

/// Runs a conversion that must fail: nothing is written over what stood at OUT, and the message says what and what to do.
#[track_caller]
fn refuses(name: &str, content: &[u8], says: &[&str]) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    fs::write(folder.path().join("out.json"), "前からあるファイル").unwrap();
    let output = kaikaku(&["convert", name, "out.json"], folder.path());
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    for part in says {
        assert!(errors(&output).contains(part), "`{part}` is not in: {}", errors(&output));
    }
    assert_eq!(fs::read_to_string(folder.path().join("out.json")).unwrap(), "前からあるファイル");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_file_that_is_no_report_is_refused_with_a_sentence_and_out_stays_as_it_was() {
    refuses("in.txt", b"", &["in.txt", "空です"]);
    refuses("in.txt", b" \n\n \n", &["空です"]);
    refuses("in.txt", "きょうはよい天気です。\n".as_bytes(), &["見出し", "--form"]);
    refuses("in.txt", b"%PDF-1.7 ...", &["PDF"]);
    refuses("in.txt", b"PK\x03\x04zip", &["Excel"]);
    refuses("in.txt", b"abc\0def", &["文字のファイルではありません"]);
    refuses("in.txt", &[0xff, 0x80, 0x81, 0xfd, 0xa0, 0x00], &["文字のファイルではありません"]);
    refuses("in.json", b"{", &["報告書文書ではありません", "1行"]);
    refuses("in.json", b"{\"format\": \"kaikaku/report@9\"}", &["kaikaku/report@9"]);
    refuses("in.json", b"[1, 2]", &["報告書文書ではありません"]);
    refuses("in.xlsx", b"PK", &["拡張子"]);
}

#[test]
fn a_document_with_an_unknown_member_is_refused_by_the_members_name() {
    let document = fs::read_to_string(example("2023")).unwrap();
    let document = document.replacen("\"format\"", "\"colour\": 1, \"format\"", 1);
    refuses("in.json", document.as_bytes(), &["colour"]);
}

#[test]
fn a_truncated_document_is_refused() {
    let document = fs::read_to_string(example("2023")).unwrap();
    refuses("in.json", &document.as_bytes()[..document.len() / 2], &["報告書文書ではありません"]);
}

#[test]
fn a_missing_file_a_folder_and_a_wrong_extension_are_named() {
    let folder = TempDir::new().unwrap();
    for (arguments, says) in [
        (["convert", "none.txt", "out.json"], "ファイルがありません"),
        (["convert", "folder.txt", "out.json"], "folder.txt"),
        (["convert", "in.txt", "out.docx"], ".json か .pdf"),
        (["convert", "in.txt", "in.txt"], ".json か .pdf"),
    ] {
        fs::create_dir_all(folder.path().join("folder.txt")).unwrap();
        let output = kaikaku(&arguments, folder.path());
        assert_eq!(output.status.code(), Some(2));
        assert!(errors(&output).contains(says), "{}", errors(&output));
    }
}

#[test]
fn the_source_is_never_written_over() {
    let folder = TempDir::new().unwrap();
    fs::copy(example("2023"), folder.path().join("a.json")).unwrap();
    let output = kaikaku(&["convert", "a.json", "./a.json"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("同じファイル"));
}

#[test]
fn an_out_that_cannot_be_written_is_named() {
    let folder = TempDir::new().unwrap();
    let output = kaikaku(&["convert", &example("2023"), "nowhere/out.json"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("nowhere/out.json"), "{}", errors(&output));
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let folder = TempDir::new().unwrap();
    let file = fs::File::create(folder.path().join("in.txt")).unwrap();
    file.set_len(65 * 1024 * 1024).unwrap();
    let output = kaikaku(&["convert", "in.txt", "out.json"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("大きすぎます"));
}

#[test]
fn a_document_comes_out_as_it_went_in() {
    let folder = TempDir::new().unwrap();
    for year in ["2023", "2024", "2025"] {
        let output = kaikaku(&["convert", &example(year), "out.json"], folder.path());
        assert!(output.status.success() && errors(&output).is_empty(), "{}", errors(&output));
        let (before, after) =
            (fs::read(example(year)).unwrap(), fs::read(folder.path().join("out.json")).unwrap());
        let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        assert_eq!(value(&before), value(&after));
    }
}

#[test]
fn the_example_town_has_no_finding() {
    let folder = TempDir::new().unwrap();
    for year in ["2023", "2024", "2025"] {
        let output = kaikaku(&["check", &example(year)], folder.path());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "エラー 0件、注意 0件、参考 0件\n");
    }
}

#[test]
fn a_contradiction_is_listed_and_told_by_the_exit_code() {
    let folder = TempDir::new().unwrap();
    let mut document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(example("2025")).unwrap()).unwrap();
    document["index"][0]["current"] = "C".into();
    document["tally"]["A"] = 99.into();
    fs::write(folder.path().join("in.json"), document.to_string()).unwrap();
    let output = kaikaku(&["check", "in.json"], folder.path());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("[index.rating]") && text.contains("[tally.count]"), "{text}");

    let output = kaikaku(&["check", "--json", "in.json"], folder.path());
    let findings: Vec<kaikaku_domain::Finding> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(findings.iter().any(|finding| finding.rule == "index.rating"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_schema_describes_the_document() {
    let folder = TempDir::new().unwrap();
    let output = kaikaku(&["schema"], folder.path());
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["properties"]["format"]["const"], "kaikaku/report@1");
    assert_eq!(schema["additionalProperties"], false);
    let document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(example("2025")).unwrap()).unwrap();
    for member in document.as_object().unwrap().keys() {
        assert!(schema["properties"].get(member).is_some(), "{member}");
    }
}

#[test]
fn text_in_the_encodings_of_older_systems_is_read() {
    let text = fs::read_to_string(root().join("crates/app/tests/texts/sheet.txt")).unwrap();
    let (cp932, _, lossy) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!lossy);
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let bom: Vec<u8> = [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes()).collect();
    let folder = TempDir::new().unwrap();
    let mut documents = Vec::new();
    for bytes in [text.as_bytes(), &cp932, &utf16, &bom] {
        fs::write(folder.path().join("in.txt"), bytes).unwrap();
        let output = kaikaku(&["convert", "--quiet", "in.txt", "out.json"], folder.path());
        assert!(output.status.success(), "{}", errors(&output));
        documents.push(fs::read_to_string(folder.path().join("out.json")).unwrap());
    }
    assert!(documents.iter().all(|document| *document == documents[0]));
    assert!(documents[0].contains("申請書の書き方"));
}

#[test]
fn a_document_of_a_form_that_is_not_here_says_how_to_name_one() {
    let folder = TempDir::new().unwrap();
    let second = root().join("examples/second-form");
    let document = second.join("2024.json").to_string_lossy().into_owned();
    let output = kaikaku(&["check", &document], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("--form"), "{}", errors(&output));
    let form = second.join("form.toml").to_string_lossy().into_owned();
    let output = kaikaku(&["check", "--form", &form, &document], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
