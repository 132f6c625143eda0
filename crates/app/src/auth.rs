//! Who may sign in: passwords, one-time codes, tokens, and what slows down those who guess.
//!
//! Rules and arithmetic only. Nothing here knows the web, the database or the clock; what is kept is kept by the store,
//! and never a secret that could be used as it stands (but the one-time code's, which the program has to know).

pub(crate) mod code;
pub(crate) mod factor;
pub(crate) mod gate;
pub(crate) mod password;
pub(crate) mod random;
pub(crate) mod throttle;
pub(crate) mod token;
