//! The fonts inside the program: which they are, which characters they have, and their licences.
//!
//! BIZ UDGothic is made for reading at a distance and by everyone, and has every character of CP932; Noto Sans JP has
//! the rarer kanji, Noto Sans Symbols 2 the signs that Japanese fonts lack (`➢`). Why these: docs/adr/pdf-fonts.md.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The families in the order in which they are tried for a character.
pub(crate) const FAMILIES: [&str; 3] = ["BIZ UDGothic", "Noto Sans JP", "Noto Sans Symbols 2"];

/// A font file with the text of its licence, as `build.rs` embeds them.
struct Embedded {
    file: &'static str,
    data: &'static [u8],
    licence: &'static str,
}

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/fonts.rs"));

/// A font that the program carries, and the licence that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FontNotice {
    /// The font file.
    pub file: &'static str,
    /// The whole text of its licence.
    pub licence: &'static str,
}

/// Every font that the program carries, with the licence text that must go where the fonts go.
pub fn notices() -> impl Iterator<Item = FontNotice> {
    EMBEDDED.iter().map(|font| FontNotice { file: font.file, licence: font.licence })
}

/// The fonts ready for typesetting, read once for the life of the program.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) fonts: Vec<Font>,
    coverage: Coverage,
}

/// The embedded fonts.
pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let fonts: Vec<Font> = EMBEDDED.iter().filter_map(|font| Font::new(Bytes::new(font.data), 0)).collect();
    let coverage = Coverage::of(&fonts);
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts, coverage }
});

/// Whether any embedded font has the character.
pub fn has_glyph(c: char) -> bool {
    FONTS.coverage.has(c)
}

/// One bit a character: asking a font's own table is a search through thousands of ranges for each letter.
struct Coverage(Vec<u64>);

impl Coverage {
    fn of(fonts: &[Font]) -> Self {
        let mut bits = vec![0_u64; 0x11_0000 / 64];
        for c in fonts.iter().flat_map(|font| font.info().coverage.iter()) {
            if let Some(word) = bits.get_mut(c as usize / 64) {
                *word |= 1 << (c % 64);
            }
        }
        Self(bits)
    }

    fn has(&self, c: char) -> bool {
        let c = c as u32;
        self.0.get(c as usize / 64).is_some_and(|word| word >> (c % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_font_is_read_and_of_a_known_family() {
        assert_eq!(FONTS.fonts.len(), EMBEDDED.len());
        for font in &FONTS.fonts {
            assert!(FAMILIES.contains(&font.info().family.as_str()), "{}", font.info().family);
        }
    }

    #[test]
    fn the_signs_that_town_halls_write_have_glyphs() {
        for c in "➢・〓①㈱髙﨑𠮷〜～−－▲△○◎×".chars() {
            assert!(has_glyph(c), "{c}");
        }
        for c in ['\u{E000}', '\u{7}', '\u{FEFF}', '🎉'] {
            assert!(!has_glyph(c), "{c:?}");
        }
    }

    #[test]
    fn every_font_comes_with_its_licence() {
        for notice in notices() {
            assert!(notice.licence.contains("SIL OPEN FONT LICENSE"), "{}", notice.file);
        }
    }
}
