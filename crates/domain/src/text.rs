//! Comparing text as a reader would: width, spaces and line ends do not make a difference. Stored text is never folded.

use unicode_normalization::UnicodeNormalization;

/// The text for comparing: NFKC and without white space. `収納データ 一元化` and `収納ﾃﾞｰﾀ一元化` are one.
pub fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Whether two texts read the same to a person.
pub fn reads_same(a: &str, b: &str) -> bool {
    fold(a) == fold(b)
}

/// How many characters are left when white space is taken away: what an import must account for.
pub fn visible_chars(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
