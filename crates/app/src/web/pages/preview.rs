//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn live(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn saved(_: Ask) -> Answer {
    Err(Stop::NotFound)
}
