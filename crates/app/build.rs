//! Makes sure that the colours of the national design system are there, which `scripts/setup` fetches.

use std::env;
use std::path::Path;

fn main() {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("assets/tokens");
    for file in ["tokens.css", "LICENSE-design-tokens.txt"] {
        println!("cargo::rerun-if-changed={}", folder.join(file).display());
        if !folder.join(file).is_file() {
            println!("cargo::error=crates/app/assets/tokens/{file} is missing: run scripts/setup");
        }
    }
}
