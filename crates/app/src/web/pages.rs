//! The pages: each file holds one page's struct, its handlers and its tests; its template stands in `templates/`.

pub(crate) mod account;
pub(crate) mod carried;
pub(crate) mod conflict;
pub(crate) mod entry;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod moves;
pub(crate) mod preview;
pub(crate) mod review;
pub(crate) mod session;
pub(crate) mod sheets;
