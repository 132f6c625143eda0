//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn show(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn set_password(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn show_factor(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn set_factor(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn remove_factor(_: Ask) -> Answer {
    Err(Stop::NotFound)
}
