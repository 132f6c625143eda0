//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn show(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn confirm(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn receive(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn send_back(_: Ask) -> Answer {
    Err(Stop::NotFound)
}
