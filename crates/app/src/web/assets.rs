//! Style, script and the colours of the national design system, embedded; a change of content is a change of name.

use std::io::Write;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Answer, Ask, Stop, say};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const ASSETS: [Asset; 4] = [
    Asset { name: "icon.svg", kind: "image/svg+xml", text: include_str!("../../assets/icon.svg") },
    Asset {
        name: "kaikaku.css",
        kind: "text/css; charset=utf-8",
        text: include_str!("../../assets/kaikaku.css"),
    },
    Asset {
        name: "kaikaku.js",
        kind: "text/javascript; charset=utf-8",
        text: include_str!("../../assets/kaikaku.js"),
    },
    Asset {
        name: "tokens.css",
        kind: "text/css; charset=utf-8",
        text: include_str!("../../assets/tokens/tokens.css"),
    },
];

/// The names under which they are served: `kaikaku-1a2b3c4d.css`.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|asset| {
            let digest = kaikaku_store::digest(asset.text);
            let (stem, end) = asset.name.split_once('.').unwrap_or((asset.name, ""));
            format!("{stem}-{}.{end}", &digest[..8])
        })
        .collect()
});

/// The address of an asset.
pub(crate) fn address(name: &str) -> String {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    let name = place.and_then(|place| NAMES.get(place)).map_or(name, String::as_str);
    format!("/assets/{name}")
}

/// The same packed. Only what is the same for everybody is: a packed page with a secret in it could be guessed from its
/// length.
static PACKED: LazyLock<Vec<Option<Vec<u8>>>> = LazyLock::new(|| {
    let pack = |asset: &Asset| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(asset.text.as_bytes()).ok()?;
        packer.finish().ok()
    };
    ASSETS.iter().map(pack).collect()
});

/// `GET /assets/{name}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let name = ask.part("name").unwrap_or_default();
    let place = NAMES.iter().position(|own| own == name).ok_or(Stop::NotFound)?;
    let asset = ASSETS.get(place).ok_or(Stop::NotFound)?;
    let packed = PACKED.get(place).and_then(Option::as_ref).filter(|_| ask.takes_gzip);
    let body = packed.map_or_else(|| Body::from(asset.text), |packed| Body::from(packed.clone()));
    let mut answer = say::with_type(StatusCode::OK, asset.kind, body);
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(answer)
}
