//! Embeds the fonts that `scripts/setup` has put into `fonts/`, so that the program needs no font of the machine's.

use std::env;
use std::fs;
use std::path::Path;

/// The fonts in the order in which they are tried for a character, each with the file of its licence.
const FONTS: [(&str, &str); 4] = [
    ("BIZUDGothic-Regular.ttf", "LICENSE-BIZUDGothic.txt"),
    ("BIZUDGothic-Bold.ttf", "LICENSE-BIZUDGothic.txt"),
    ("NotoSansJP-Regular.ttf", "LICENSE-NotoSansJP.txt"),
    ("NotoSansSymbols2-Regular.ttf", "LICENSE-NotoSansSymbols2.txt"),
];

fn main() {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let folder = Path::new(&of("CARGO_MANIFEST_DIR")).join("../../fonts");
    let mut code = String::from("&[\n");
    for (font, licence) in FONTS {
        for file in [font, licence] {
            println!("cargo::rerun-if-changed={}", folder.join(file).display());
            if !folder.join(file).is_file() {
                println!("cargo::error=fonts/{file} is missing: run scripts/setup");
                return;
            }
        }
        code += &format!(
            "    Embedded {{ file: {font:?}, data: include_bytes!({:?}), licence: include_str!({:?}) }},\n",
            folder.join(font),
            folder.join(licence)
        );
    }
    code += "]\n";
    if let Err(error) = fs::write(Path::new(&of("OUT_DIR")).join("fonts.rs"), code) {
        println!("cargo::error=the list of fonts could not be written: {error}");
    }
}
