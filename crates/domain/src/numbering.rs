//! How the nodes of a plan are numbered: by example (`1`, `(1)`, `①`, `ア`), so that a town's numbering is data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::fiscal_year::widen;

/// A numbering, told by how its first number is written: `1`, `(1)`, `（１）`, `①`, `ア`, `第1`, `Ⅰ`, `A`, `a)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Numbering {
    before: String,
    counter: Counter,
    after: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    Arabic,
    WideArabic,
    Circled,
    Katakana,
    Iroha,
    Upper,
    Lower,
    Roman,
}

const COUNTERS: [(char, Counter); 8] = [
    ('1', Counter::Arabic),
    ('１', Counter::WideArabic),
    ('①', Counter::Circled),
    ('ア', Counter::Katakana),
    ('イ', Counter::Iroha),
    ('A', Counter::Upper),
    ('a', Counter::Lower),
    ('Ⅰ', Counter::Roman),
];

const KATAKANA: &str =
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン";
const IROHA: &str =
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス";
const LATIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Numbering {
    /// The `ordinal`-th number, counted from 1, as it is written. `0` has none and gives an empty text.
    ///
    /// Beyond the last single character the counters go on by a rule: ⑳ is followed by ㉑ to ㊿ and then `(51)`;
    /// letters and kana double like the columns of a workbook (`ン`, `アア`, `アイ`); Ⅻ by `XIII`.
    pub fn print(&self, ordinal: u32) -> String {
        if ordinal == 0 {
            return String::new();
        }
        let number = match self.counter {
            Counter::Arabic => ordinal.to_string(),
            Counter::WideArabic => ordinal.to_string().chars().map(widen).collect(),
            Counter::Circled => circled(ordinal).map_or_else(|| format!("({ordinal})"), String::from),
            Counter::Katakana => doubling(ordinal, KATAKANA),
            Counter::Iroha => doubling(ordinal, IROHA),
            Counter::Upper => doubling(ordinal, LATIN),
            Counter::Lower => doubling(ordinal, LATIN).to_lowercase(),
            Counter::Roman => roman(ordinal),
        };
        format!("{}{number}{}", self.before, self.after)
    }

    /// Which number a written one is, counted from 1; width does not matter. `None` when it is not of this numbering.
    pub fn read(&self, written: &str) -> Option<u32> {
        // ① folds to 1 under NFKC, so circled numbers are looked up before folding.
        let core = strip(written.trim(), &self.before, &self.after)?;
        match self.counter {
            Counter::Circled => {
                let mut chars = core.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => (1..=50).find(|n| circled(*n) == Some(c)),
                    _ => fold(&core).strip_prefix('(')?.strip_suffix(')')?.parse().ok().filter(|n| *n > 50),
                }
            }
            Counter::Arabic | Counter::WideArabic => {
                let digits = fold(&core);
                let plain = !core.chars().any(|c| ('①'..='⓿').contains(&c)) && !digits.starts_with('0');
                (plain && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
            }
            Counter::Katakana => undoubling(&fold(&core), KATAKANA),
            Counter::Iroha => undoubling(&fold(&core), IROHA),
            Counter::Upper => undoubling(&fold(&core), LATIN),
            Counter::Lower => {
                let folded = fold(&core);
                (folded == folded.to_lowercase()).then(|| undoubling(&folded.to_uppercase(), LATIN))?
            }
            Counter::Roman => (1..=200).find(|n| fold(&roman(*n)) == fold(&core)),
        }
    }
}

impl TryFrom<String> for Numbering {
    type Error = String;

    /// Takes the numbering's first number as it is written: what is around the counter belongs to every number.
    ///
    /// # Errors
    /// When nothing in the text is the first of a known counter; the message shows the known ones.
    fn try_from(first: String) -> Result<Self, String> {
        let found =
            COUNTERS.iter().find_map(|(c, counter)| first.split_once(*c).map(|parts| (parts, *counter)));
        match found {
            Some(((before, after), counter)) => {
                Ok(Self { before: before.to_owned(), counter, after: after.to_owned() })
            }
            None => Err(format!("`{first}` is no first number: write it like 1, (1), ①, ア, イ, A, a or Ⅰ")),
        }
    }
}

impl From<Numbering> for String {
    fn from(numbering: Numbering) -> String {
        numbering.print(1)
    }
}

fn fold(text: &str) -> String {
    text.nfkc().collect()
}

/// What is between `before` and `after`, compared without regard to width; the rest keeps its own characters.
fn strip(written: &str, before: &str, after: &str) -> Option<String> {
    let chars: Vec<char> = written.chars().collect();
    let (lead, tail) = (before.chars().count(), after.chars().count());
    let core = chars.get(lead..chars.len().checked_sub(tail)?)?;
    let same = |part: &[char], affix: &str| fold(&part.iter().collect::<String>()) == fold(affix);
    (!core.is_empty() && same(&chars[..lead], before) && same(&chars[chars.len() - tail..], after))
        .then(|| core.iter().collect())
}

fn circled(ordinal: u32) -> Option<char> {
    let (base, first) = match ordinal {
        1..=20 => (0x2460, 1),
        21..=35 => (0x3251, 21),
        36..=50 => (0x32B1, 36),
        _ => return None,
    };
    char::from_u32(base + ordinal - first)
}

fn doubling(ordinal: u32, alphabet: &str) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut rest = ordinal as usize;
    let mut number = Vec::new();
    while rest > 0 {
        rest -= 1;
        number.push(letters[rest % letters.len()]);
        rest /= letters.len();
    }
    number.iter().rev().collect()
}

fn undoubling(written: &str, alphabet: &str) -> Option<u32> {
    let base = u32::try_from(alphabet.chars().count()).ok()?;
    let mut number: u32 = 0;
    for c in written.chars() {
        let place = u32::try_from(alphabet.chars().position(|letter| letter == c)?).ok()?;
        number = number.checked_mul(base)?.checked_add(place + 1)?;
    }
    (number > 0).then_some(number)
}

fn roman(ordinal: u32) -> String {
    if let Some(c) = (1..=12).contains(&ordinal).then(|| char::from_u32(0x215F + ordinal)).flatten() {
        return c.to_string();
    }
    let mut rest = ordinal;
    let mut written = String::new();
    for (value, letters) in
        [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    {
        while rest >= value {
            written.push_str(letters);
            rest -= value;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbering(first: &str) -> Numbering {
        Numbering::try_from(first.to_owned()).unwrap()
    }

    #[test]
    fn numbers_are_written_like_their_first_one() {
        for (first, ordinal, written) in [
            ("1", 12, "12"),
            ("(1)", 3, "(3)"),
            ("（１）", 10, "（１０）"),
            ("①", 2, "②"),
            ("ア", 6, "カ"),
            ("第1", 4, "第4"),
            ("A", 27, "AA"),
            ("Ⅰ", 4, "Ⅳ"),
        ] {
            assert_eq!(numbering(first).print(ordinal), written);
        }
    }

    #[test]
    fn numbering_goes_on_beyond_the_last_character() {
        assert_eq!(numbering("①").print(20), "⑳");
        assert_eq!(numbering("①").print(21), "㉑");
        assert_eq!(numbering("①").print(50), "㊿");
        assert_eq!(numbering("①").print(51), "(51)");
        assert_eq!(numbering("ア").print(46), "ン");
        assert_eq!(numbering("ア").print(47), "アア");
        assert_eq!(numbering("Ⅰ").print(13), "XIII");
    }

    #[test]
    fn every_number_reads_back_in_any_width() {
        for first in ["1", "(1)", "（１）", "①", "ア", "イ", "第1", "Ⅰ", "A", "a)", "1."] {
            for ordinal in 1..=120 {
                let written = numbering(first).print(ordinal);
                assert_eq!(numbering(first).read(&written), Some(ordinal), "{first} {written}");
            }
        }
        assert_eq!(numbering("(1)").read("（２）"), Some(2));
        assert_eq!(numbering("1").read("１"), Some(1));
    }

    #[test]
    fn a_number_of_another_kind_is_refused() {
        for (first, written) in
            [("1", "①"), ("①", "1"), ("①", "(3)"), ("(1)", "1"), ("ア", "a"), ("1", "0"), ("1", "")]
        {
            assert_eq!(numbering(first).read(written), None, "{first} {written}");
        }
        assert!(Numbering::try_from("甲".to_owned()).is_err());
    }
}
