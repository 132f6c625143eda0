//! Style, script and the colours of the national design system, embedded; a change of content is a change of name.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};

use super::{Answer, Ask, Stop, say};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const ASSETS: [Asset; 3] = [
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

/// `GET /assets/{name}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let name = ask.part("name").unwrap_or_default();
    let place = NAMES.iter().position(|own| own == name);
    let asset = place.and_then(|place| ASSETS.get(place)).ok_or(Stop::NotFound)?;
    let mut answer = say::with_type(StatusCode::OK, asset.kind, Body::from(asset.text));
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    answer.headers_mut().insert(header::CACHE_CONTROL, for_ever);
    Ok(answer)
}
