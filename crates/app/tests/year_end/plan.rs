//! What everybody is going to do: from one seed, so that every run comes to the same end.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::town::{DEPARTMENTS, SHEETS, leads};

/// One department's answer for one sheet, from the first draft to the last correction.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) sheet: usize,
    /// Its place in [`DEPARTMENTS`].
    pub(crate) department: usize,
    /// Which of the department's two authors writes it.
    pub(crate) author: usize,
    /// What is saved one after the other; the last is submitted.
    pub(crate) drafts: Vec<Written>,
    /// What is sent back by whom, and what is submitted instead.
    pub(crate) corrections: Vec<(Reviewer, Written)>,
    /// Whether the author takes the first submission back once, to read it again.
    pub(crate) is_withdrawn: bool,
    /// Whether the author has a second window open, and saves an old page in it.
    pub(crate) is_stale: bool,
}

/// What the form of an entry holds.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) rating: &'static str,
    pub(crate) narrative: String,
    pub(crate) cause: String,
    pub(crate) policy: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reviewer {
    Head,
    Secretariat,
}

const DONE: [&str; 5] = [
    "関係課と打合せを重ね、手順書を改めた。",
    "窓口での聞き取りを基に、様式を3枚から1枚にまとめた。",
    "利用は前年度の1.4倍となり、待ち時間は平均12分短くなった。",
    "説明会を髙浜地区と南浦地区で開き、延べ86人が参加した。",
    "仕様書を作り、見積りを取り、費用を年210万円抑えた。",
];

/// Everybody's work, one for each department that answers for a sheet.
pub(crate) fn works() -> Vec<Work> {
    let mut random = Rng::with_seed(2025);
    let places =
        (0..SHEETS).flat_map(|sheet| leads(sheet).into_iter().map(move |department| (sheet, department)));
    places.map(|(sheet, department)| work(&mut random, sheet, department)).collect()
}

fn work(random: &mut Rng, sheet: usize, department: usize) -> Work {
    let mut count = 0;
    let mut write = |random: &mut Rng| {
        count += 1;
        written(random, &format!("調書{}（{}）の{count}稿。", sheet + 1, DEPARTMENTS[department]))
    };
    let drafts = (0..random.usize(2..=4)).map(|_| write(random)).collect();
    let reviewers = match random.u8(0..10) {
        0 | 1 => vec![Reviewer::Secretariat],
        2 => vec![Reviewer::Head],
        3 => vec![Reviewer::Head, Reviewer::Secretariat],
        4 => vec![Reviewer::Secretariat, Reviewer::Secretariat],
        _ => vec![],
    };
    let corrections = reviewers.into_iter().map(|reviewer| (reviewer, write(random))).collect();
    Work {
        sheet,
        department,
        author: random.usize(0..2),
        drafts,
        corrections,
        is_withdrawn: random.u8(0..8) == 0,
        is_stale: random.u8(0..4) == 0,
    }
}

fn written(random: &mut Rng, beginning: &str) -> Written {
    let rating = ["AA", "A", "A", "B", "B", "C", "D"][random.usize(0..7)];
    let needs_cause = matches!(rating, "C" | "D");
    let text = |text: &str| if needs_cause { text.to_owned() } else { String::new() };
    let narrative: String = (0..random.usize(1..6)).map(|_| DONE[random.usize(0..DONE.len())]).collect();
    Written {
        rating,
        narrative: format!("{beginning}\n{narrative}"),
        cause: text("人員の異動により、着手が遅れた。"),
        policy: text("令和８年度の前半に行う。"),
    }
}

impl Work {
    /// What is fixed in the end.
    pub(crate) fn result(&self) -> &Written {
        let corrected = self.corrections.last().map(|(_, written)| written);
        corrected.or(self.drafts.last()).unwrap()
    }

    /// How often it is submitted for good.
    pub(crate) fn rounds(&self) -> usize {
        1 + self.corrections.len()
    }

    /// How many of its submissions the head lets pass.
    pub(crate) fn passed(&self) -> usize {
        self.rounds() - self.corrections.iter().filter(|(by, _)| *by == Reviewer::Head).count()
    }

    /// Whether this reviewer sends its submission of this round back.
    pub(crate) fn is_sent_back(&self, round: usize, by: Reviewer) -> bool {
        self.corrections.get(round).is_some_and(|(reviewer, _)| *reviewer == by)
    }
}

impl Written {
    /// The fields of the form that have something in them.
    pub(crate) fn fields(&self) -> [(&str, &str); 4] {
        [
            ("rating", self.rating),
            ("narrative", &self.narrative),
            ("cause", &self.cause),
            ("policy", &self.policy),
        ]
    }

    /// The answer as the report document has it.
    fn response(&self, department: &str) -> Value {
        let marked = |mark: &str, text: &str| match text {
            "" => String::new(),
            text => format!("\n【{mark}】{text}"),
        };
        let narrative =
            [self.narrative.clone(), marked("原因", &self.cause), marked("今後の方針", &self.policy)]
                .concat();
        json!({ "department": department, "period": "期末", "rating": self.rating, "narrative": narrative })
    }
}

/// The document that was loaded with the results of all work.
pub(crate) fn expected(document: &Value, works: &[Work]) -> Value {
    let mut document = document.clone();
    for work in works {
        let responses = document["sheets"][work.sheet]["responses"].as_array_mut().unwrap();
        responses.push(work.result().response(DEPARTMENTS[work.department]));
    }
    document
}
