//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn show(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn save(_: Ask) -> Answer {
    Err(Stop::NotFound)
}
