//! Small documents made for the tests: a report whose every sheet is hard to print in its own way, and a form that has
//! nothing in common with it.

use kaikaku_domain::{Form, Report};
use serde_json::{Value, json};

/// Four levels, two periods.
pub(super) fn form() -> Form {
    Form::from_toml(include_str!("../../../../forms/iwakuni.toml")).unwrap()
}

/// The sheets of [`hard_report`] by what is hard about them.
pub(super) const PLAIN: usize = 0;
pub(super) const TWO_LEADS: usize = 1;
pub(super) const LONG: usize = 2;
pub(super) const DEPARTMENTS: usize = 3;
pub(super) const ACTIVITIES: usize = 4;
pub(super) const TITLES: usize = 5;
pub(super) const GLYPHS: usize = 6;
pub(super) const HOSTILE: usize = 7;
pub(super) const TIGHT: usize = 8;

/// The text that tries to be a program.
pub(super) const HOSTILE_TEXT: &str = r##"#import "x": * #panic() $ x^2 $ \ ] [ } { <script>alert(1)</script> *b* _i_ `c` // /* @ref ~ -- --- "q" 'q' = + - & %"##;

/// Nine sheets.
pub(super) fn hard_report() -> Report {
    let mut sheets: Vec<Value> = (0..9).map(plain).collect();
    sheets[TWO_LEADS]["lead_departments"] = json!(["港湾課", "みなと振興課"]);
    sheets[TWO_LEADS]["responses"] = json!([
        answer("港湾課", "中間", "A", "岸壁の点検を終えた。"),
        answer("みなと振興課", "中間", "C", "催しを取りやめた。原因は天候である。"),
        answer("港湾課", "期末", "B", "補修の設計を終えた。"),
        answer("みなと振興課", "期末", "D", "実施していない。今後は屋内で行う。"),
    ]);
    sheets[LONG]["responses"][1]["narrative"] = json!(long_text("長い", 60));
    sheets[LONG]["goal"] = json!(long_text("目標", 20));
    sheets[DEPARTMENTS]["supporting_departments"] =
        json!((1..=60).map(|n| format!("第{n}関係施設管理推進課")).collect::<Vec<_>>());
    sheets[ACTIVITIES]["activities"] = json!((1..=40).map(activity).collect::<Vec<_>>());
    let title = "とても長い名称".repeat(15);
    sheets[TITLES]["path"][2]["title"] = json!(format!("{title}の終わり"));
    sheets[TITLES]["content"][0]["bullets"][0] = json!(format!("{title}の内容"));
    sheets[GLYPHS]["goal"] = json!("外字\u{E000}と絵🎉と吉野家の𠮷と\u{FEFF}印と\u{7}音");
    sheets[GLYPHS]["path"][2]["title"] = json!("字形\u{E001}の確認");
    sheets[HOSTILE]["goal"] = json!(HOSTILE_TEXT);
    sheets[HOSTILE]["challenge"] = json!(format!("https://example.jp/{}", "a".repeat(300)));
    sheets[HOSTILE]["activities"][0]["label"] = json!("x".repeat(60));
    sheets[HOSTILE]["activities"][0]["bars"] =
        json!([{"from_month": 4, "to_month": 4, "text": "y".repeat(30)}]);
    sheets[HOSTILE]["responses"][0]["narrative"] = json!(format!("{HOSTILE_TEXT}\n{}", "ー".repeat(120)));
    sheets[TIGHT]["responses"][1]["narrative"] = json!(long_text("詰める", 13));
    report(sheets)
}

/// A report of these sheets.
pub(super) fn report(sheets: Vec<Value>) -> Report {
    let index: Vec<Value> = sheets
        .iter()
        .map(|sheet| {
            json!({"page": sheet["page"], "department": sheet["lead_departments"][0], "supporting": null,
                   "previous": "B", "current": null, "mark": null})
        })
        .collect();
    serde_json::from_value(json!({
        "format": "kaikaku/report@1",
        "form": "iwakuni",
        "municipality": {"code": "992011", "name": "試験市"},
        "plan": {"title": "試験市経営計画", "principle": "ともに支える。", "from_year": 2023, "to_year": 2026, "levels": [
            {"name": "基本目標", "numbering": "1"}, {"name": "推進項目", "numbering": "(1)"},
            {"name": "取組項目", "numbering": "①"}, {"name": "取組細目", "numbering": "ア"}]},
        "fiscal_year": 2024,
        "periods": ["中間", "期末"],
        "scale": form().scale,
        "index": index,
        "tally": {}, "percent": {},
        "achievements": [
            {"category": "連携", "text": "協定を結んだ", "ref": "1-(1)-②"},
            {"category": "連携", "text": "番号の読めない成果", "ref": "９の９"}],
        "sheets": sheets,
        "unassigned": [], "findings": []
    }))
    .unwrap()
}

/// A sheet of ordinary length, the `place`-th of its goal.
pub(super) fn plain(place: usize) -> Value {
    let circled: String = ["①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧", "⑨"][place].to_owned();
    json!({
        "id": format!("m-{place}"), "page": place + 5, "mark": null,
        "path": [
            {"level": "基本目標", "number": "1", "title": "港の再生"},
            {"level": "推進項目", "number": "(1)", "title": "岸壁の補修"},
            {"level": "取組項目", "number": circled, "title": format!("取組その{}", place + 1)}],
        "lead_departments": ["港湾課"],
        "supporting_departments": ["財政課", "土木課"],
        "content": [{"level": "取組項目", "bullets": ["点検の結果を基に、傷みの大きい岸壁から補修します。"]}],
        "goal": "・点検を年２回行う。\n・補修の計画を定める。",
        "challenge": "費用の平準化が必要である。",
        "responses": [
            answer("港湾課", "中間", "B", &format!("点検{place}を１回行った。")),
            answer("港湾課", "期末", "A", &format!("点検{place}を２回行い、補修の計画を定めた。"))],
        "activities": [
            {"label": "点検", "bars": [{"from_month": 6, "to_month": 7, "text": "前期"}, {"from_month": 1, "to_month": 2, "text": null}]},
            {"label": "計画", "bars": [{"from_month": 9, "to_month": 3, "text": "策定"}, {"from_month": 10, "to_month": 10, "text": "会議"}]},
            {"label": "期間の分からない活動", "bars": null}],
        "activity_notes": ["関係者協議"],
        "roadmap": [
            {"label": "補修計画の策定", "from_year": 2023, "to_year": 2024},
            {"label": "補修の実施", "from_year": 2025, "to_year": 2026},
            {"label": "期間の分からない計画", "from_year": null, "to_year": null}],
        "roadmap_values": [
            {"indicator": "補修の延長", "year": 2025, "value": "120", "unit": "m"},
            {"indicator": "費用", "year": null, "value": "4,066", "unit": "百万円"}],
        "fields": {}
    })
}

fn answer(department: &str, period: &str, rating: &str, narrative: &str) -> Value {
    json!({"department": department, "period": period, "rating": rating, "narrative": narrative})
}

/// Sentences that are numbered, so that a lost one is noticed.
pub(super) fn long_text(name: &str, count: usize) -> String {
    let sentence = |n| {
        format!(
            "{name}文の第{n}番では、岸壁の点検と補修の進み具合、費用の見通し、関係者との協議の経過を記します。"
        )
    };
    (1..=count).map(sentence).collect::<Vec<_>>().join("\n")
}

fn activity(n: u8) -> Value {
    json!({"label": format!("活動の第{n}番"), "bars": [{"from_month": (n + 2) % 12 + 1, "to_month": 3, "text": format!("第{n}帯")}]})
}

/// Two levels, one period, other labels, figures and choices.
pub(super) const OTHER_FORM: &str = r#"
format = "kaikaku/form@1"
code = "other"
title = "評価票"
periods = ["年度末"]
[style]
fiscal_year = "western_era"
plan_year = "western"
digits = "half"
bullet = "●"
department_mark = "〔{department}〕"
separator = "、"
added = "新規"
revised = "変更"
[[levels]]
name = "柱"
numbering = "Ⅰ"
printed = "Ⅰ"
[[levels]]
name = "事業"
numbering = "1."
printed = "1."
[[scale]]
code = "S"
label = "計画以上"
definition = "上回った"
[[scale]]
code = "－"
label = "対象外"
definition = "評価しない"
counted = false
[report]
title = "{year}評価報告書"
scale = "■ 区分"
index = "■ 一覧"
index_path = "柱／事業"
index_result = "自己評価"
index_page = "掲載頁"
index_groups = ["{level}{number} {title}"]
by_rating = "■ 評価別"
rating_group = "評価 {code} の事業"
item_mark = "◇"
item_of_parent = "{parent} ＞ {title}"
tally_grade = "{code} {label}"
tally_unit = "件"
achievements = "■ 成果"
achievement_category = "〈{category}〉"
[[report.notes]]
level = "柱"
text = "柱は{n}本です。"
[[fields]]
code = "lead"
kind = "departments"
label = "所管課"
[[fields]]
code = "rating"
kind = "rating"
label = "自己評価"
[[fields]]
code = "narrative"
kind = "text"
label = "評価理由"
[[fields]]
code = "measures"
kind = "indicators"
label = "成果指標"
columns = { name = "指標の名称", base = "策定時", target = "目標値", actual = "実績値", source = "資料" }
[[fields]]
code = "money"
kind = "effects"
label = "効果額"
[[fields]]
code = "direction"
kind = "choice"
label = "方向性"
choices = [{ code = "expand", label = "拡充" }]
[[fields]]
code = "hours"
kind = "number"
label = "人工"
unit = "人"
[[fields]]
code = "fixed_on"
kind = "date"
label = "確定日"
[[fields]]
code = "memo"
kind = "text"
label = "庁内限り"
public = false
[[sections]]
layout = "header"
fields = ["lead"]
[[sections]]
layout = "rows"
heading = "■ 評価"
fields = ["rating", "narrative", "measures", "money", "direction", "hours", "fixed_on", "memo"]
"#;

/// A report of the other form.
pub(super) fn other_report() -> Report {
    let mut document = serde_json::to_value(report(vec![plain(0)])).unwrap();
    document["form"] = json!("other");
    document["plan"]["levels"] =
        json!([{"name": "柱", "numbering": "Ⅰ"}, {"name": "事業", "numbering": "1."}]);
    document["periods"] = json!(["年度末"]);
    document["scale"] = serde_json::to_value(other_form().scale).unwrap();
    document["municipality"] = Value::Null;
    document["achievements"] = json!([]);
    let sheet = &mut document["sheets"][0];
    sheet["path"] = json!([{"level": "柱", "number": "Ⅰ", "title": "財源"}, {"level": "事業", "number": "1.", "title": "売却"}]);
    sheet["responses"] = json!([answer("港湾課", "年度末", "S", "３件を売却した。")]);
    sheet["fields"] = json!({
        "measures": [{"name": "件数", "unit": "件", "direction": "up", "base": "1", "source": "台帳",
            "values": [{"year": 2024, "target": "3", "actual": "4"}]}],
        "money": [{"label": "売却益", "recurring": false, "unit": "千円", "basis": "契約額",
            "values": [{"year": 2024, "planned": "6,000", "actual": "7,100"}]}],
        "direction": "expand", "hours": "1.2", "fixed_on": "2025-06-18", "memo": "公表しない記述"});
    serde_json::from_value(document).unwrap()
}

pub(super) fn other_form() -> Form {
    Form::from_toml(OTHER_FORM).unwrap()
}
