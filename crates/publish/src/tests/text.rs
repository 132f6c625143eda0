//! What is in the report is on the page, to the letter.

use kaikaku_domain::Severity;

use super::fixture::{self, GLYPHS, HOSTILE, HOSTILE_TEXT, PLAIN, TWO_LEADS};
use super::{HARD, Printed, assert_has};

#[test]
fn every_narrative_rating_and_label_is_in_the_text_of_its_sheet() {
    let (report, printed) = &*HARD;
    let form = fixture::form();
    for (place, sheet) in report.sheets.iter().enumerate().filter(|(place, _)| *place != GLYPHS) {
        let text = printed.sheet_text(place);
        for field in &form.fields {
            if !matches!(field.code.as_str(), "rating" | "narrative") {
                assert_has(&text, &field.label);
            }
        }
        for column in form.sections.iter().flat_map(|section| &section.columns) {
            assert_has(&text, &form.with_year(&column.heading, report.fiscal_year));
        }
        let (from, to) = printed.sheet(place);
        for answer in &sheet.responses {
            // Where a narrative goes on to another page, that page's head stands in it: `overflow` looks at those.
            if from == to {
                assert_has(&text, answer.narrative.as_deref().unwrap());
            }
            assert_has(
                &text,
                &format!(
                    "{}{}",
                    answer.period,
                    if sheet.has_several_leads() {
                        form.department_mark(&answer.department)
                    } else {
                        String::new()
                    }
                ),
            );
        }
        for part in [&sheet.goal, &sheet.challenge].into_iter().flatten().filter(|_| from == to) {
            assert_has(&text, part);
        }
        for activity in &sheet.activities {
            assert_has(&text, &activity.label);
            for bar in activity.bars.iter().flatten() {
                assert_has(&text, bar.text.as_deref().unwrap_or_default());
            }
        }
        for label in sheet.roadmap.iter().map(|bar| &bar.label).chain(&sheet.activity_notes) {
            assert_has(&text, label);
        }
    }
}

#[test]
fn a_sheet_is_read_in_its_printed_order() {
    let text = HARD.1.sheet_text(PLAIN);
    let parts = [
        "基本目標1港の再生",
        "推進項目（１）岸壁の補修",
        "取組項目①取組その1",
        "取組内容➢点検の結果",
        "主担当部署港湾課",
        "連携部署財政課・土木課",
        "○令和６年度",
        "令和６年度の取組目標・課題",
        "目標・点検を",
        "課題費用の",
        "取組結果",
        "中間B",
        "中間点検0を１回",
        "期末A",
        "期末点検0を２回",
        "具体的な活動4月5月",
        "点検前期",
        "関係者協議",
        "○年度計画",
        "令和５年度令和６年度",
        "補修計画の策定",
        "補修の延長120m",
        "費用4,066百万円",
    ];
    let mut from = 0;
    for part in parts {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("`{part}` does not follow in:\n{text}"));
        from += at;
    }
}

#[test]
fn each_of_several_departments_has_its_own_rating_and_narrative() {
    let text = HARD.1.sheet_text(TWO_LEADS);
    for part in [
        "中間【港湾課】A",
        "中間【みなと振興課】C",
        "期末【港湾課】B",
        "期末【みなと振興課】D",
        "期末【みなと振興課】実施していない。",
    ] {
        assert_has(&text, part);
    }
    let list = HARD.1.text(1, HARD.1.pdf.pages[0] - 1);
    assert_has(&list, "○　取組その2【みなと振興課】");
}

#[test]
fn the_front_pages_count_and_refer_for_themselves() {
    let printed = &HARD.1;
    let text = printed.text(1, printed.pdf.pages[0] - 1);
    for part in [
        "令和６年度取組結果報告書",
        "2023（令和５）年度～2026（令和８）年度",
        "令和７年９月",
        "【取組結果の分類】",
        "達成終了",
        "基本目標は１項目あり",
        "取組項目は９項目あり",
        "基本目標1：港の再生",
        "Ｒ５Ｒ６",
        "◆「A」と評価した取組項目",
        "A（順調）8項目80.0%",
        "D（未実施）1項目10.0%",
        "計10項目100.0%",
        "※主担当部署ごとの回答を集計",
        "【連携】",
        "協定を結んだ（１－（１）－②取組その2）",
        "番号の読めない成果（９の９）",
    ] {
        assert_has(&text, part);
    }
    // The list names the page that the sheet really is on.
    assert_has(&text, &format!("港湾課財政課、土木課BA{}", printed.pdf.pages[PLAIN]));
}

#[test]
fn a_character_without_a_glyph_is_a_geta_and_a_finding_that_names_the_place() {
    let (_, printed) = &*HARD;
    let text = printed.sheet_text(GLYPHS);
    assert_has(&text, "外字〓と絵〓と吉野家の𠮷と印と音");
    assert_has(&text, "字形〓の確認");
    let findings = &printed.pdf.findings;
    for (code, field) in [
        ("U+E000", "目標"),
        ("U+1F389", "目標"),
        ("U+FEFF", "目標"),
        ("U+0007", "目標"),
        ("U+E001", "取組項目"),
    ] {
        let found =
            findings.iter().find(|finding| finding.message.contains(code) && finding.place.ends_with(field));
        let finding = found.unwrap_or_else(|| panic!("{code} in {field}: {findings:#?}"));
        assert_eq!((finding.rule.as_str(), finding.severity), ("pdf.glyph", Severity::Warning));
        assert!(finding.place.starts_with("1-(1)-⑦"), "{}", finding.place);
        assert_eq!(finding.page, Some(11));
    }
    assert!(!findings.iter().any(|finding| finding.message.contains("U+20BB7")), "𠮷 has a glyph");
}

#[test]
fn text_that_looks_like_a_program_is_printed_as_it_is() {
    let text = HARD.1.sheet_text(HOSTILE);
    assert_has(&text, HOSTILE_TEXT);
    assert_has(&text, &"a".repeat(300));
    assert_has(&text, &"x".repeat(60));
    assert_has(&text, &"y".repeat(30));
    assert_has(&text, &"ー".repeat(120));
}

#[test]
fn another_form_prints_without_a_word_of_code() {
    let printed = Printed::new("other", &fixture::other_report(), &fixture::other_form());
    let text = printed.sheet_text(0);
    for part in [
        "柱Ⅰ財源",
        "事業1.売却",
        "所管課港湾課",
        "■評価",
        "自己評価年度末S",
        "評価理由年度末３件を売却した。",
        "成果指標",
        "指標の名称",
        "策定時",
        "件数（件、増加）",
        "資料：台帳",
        "目標値－3－－",
        "実績値－4－－",
        "売却益（千円、単年度）",
        "6,000",
        "7,100",
        "方向性拡充",
        "人工1.2人",
        "確定日2025（令和7）年6月18日",
    ] {
        assert_has(&text, part);
    }
    assert!(!text.contains("公表しない"), "a field that is not public is printed");
    assert!(!text.contains("庁内限り"));
}
