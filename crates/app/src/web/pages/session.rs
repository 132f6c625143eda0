//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn show(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn begin(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn ask_code(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn take_code(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn left(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn renew(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn end(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn begin_demo(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn sign_in_carrying(_: &Ask) -> Answer {
    Err(Stop::NotFound)
}
