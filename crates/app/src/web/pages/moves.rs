//! To be written.

use crate::web::{Answer, Ask, Stop};

pub(crate) async fn check(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn submit(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn confirm(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn withdraw(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn send_back(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn receive(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn fix(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn reopen(_: Ask) -> Answer {
    Err(Stop::NotFound)
}

pub(crate) async fn comment(_: Ask) -> Answer {
    Err(Stop::NotFound)
}
