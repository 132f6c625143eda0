//! Long sheets: tighter type first, then a second page, and nothing lost or outside the page.

use super::fixture::{self, ACTIVITIES, DEPARTMENTS, LONG, PLAIN, TIGHT, TITLES};
use super::{HARD, assert_has, date};
use crate::attachments;
use crate::geometry::SIZES;
use crate::pdf::{compile, spot};
use crate::view::View;

#[test]
fn a_sheet_of_ordinary_length_is_one_page() {
    for place in [PLAIN, TIGHT, TITLES] {
        let (from, to) = HARD.1.sheet(place);
        assert_eq!(from, to, "sheet {place}");
    }
}

#[test]
fn a_long_sheet_goes_on_and_says_whose_it_is() {
    for place in [LONG, ACTIVITIES] {
        let (from, to) = HARD.1.sheet(place);
        assert!(to > from, "sheet {place}");
        for page in from + 1..=to {
            assert_has(&HARD.1.text(page, page), &format!("取組その{}（続き）", place + 1));
        }
    }
}

#[test]
fn nothing_of_a_long_sheet_is_lost() {
    let text = HARD.1.sheet_text(LONG);
    for n in 1..=60 {
        assert_has(&text, &format!("長い文の第{n}番では"));
    }
    let text = HARD.1.sheet_text(DEPARTMENTS);
    for n in 1..=60 {
        assert_has(&text, &format!("第{n}関係施設管理推進課"));
    }
    let text = HARD.1.sheet_text(ACTIVITIES);
    for n in 1..=40 {
        assert_has(&text, &format!("活動の第{n}番"));
        assert_has(&text, &format!("第{n}帯"));
    }
}

#[test]
fn the_estimate_is_what_typst_sets() {
    let report = fixture::hard_report();
    let (mut view, _) = View::new(&report, &fixture::form(), date());
    view.sheets.iter_mut().for_each(|sheet| sheet.fit());
    assert_eq!(view.sheets[PLAIN].size, SIZES[0]);
    assert!(view.sheets[TIGHT].size < SIZES[0], "the tight sheet is not tight");
    let attached = attachments::of(&report, &fixture::form()).unwrap();
    let document = compile(&view.frame, &view.sheets, &vec![1; view.sheets.len()], &attached).unwrap();
    for (place, sheet) in view.sheets.iter().enumerate().filter(|(_, sheet)| !sheet.continues) {
        let [start, end] = ["", "end-"].map(|name| spot(&document, &format!("{name}sheet-{place}")).unwrap());
        assert_eq!(start.page, end.page, "sheet {place}");
        let height = end.y - start.y;
        let estimate = sheet.height(sheet.size);
        assert!((height - estimate).abs() < 2.0, "sheet {place}: {estimate} estimated, {height} set");
    }
}

#[test]
fn no_text_leaves_the_page() {
    let words = HARD.1.poppler("pdftotext", &["-bbox"], &["-"]);
    let number = |line: &str, name: &str| -> f64 {
        let value = line.split(&format!("{name}=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().parse().unwrap()
    };
    let (mut width, mut height, mut seen) = (0.0, 0.0, 0);
    for line in words.lines() {
        if line.contains("<page ") {
            (width, height) = (number(line, "width"), number(line, "height"));
        } else if line.contains("<word ") {
            seen += 1;
            assert!(number(line, "xMin") > 20.0 && number(line, "xMax") < width - 20.0, "{line} of {width}");
            assert!(number(line, "yMin") > 5.0 && number(line, "yMax") < height - 5.0, "{line} of {height}");
        }
    }
    assert!(seen > 1000);
}
