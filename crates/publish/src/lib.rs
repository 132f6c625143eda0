//! What a publication becomes: the typeset, accessible PDF of the report. Pure functions: a report document, its form and
//! the day of publication in, bytes out, and the same bytes for the same input.
//!
//! [`pdf::pdf`] is the whole of it, [`preview::preview`] one sheet of it while somebody writes. On the way: [`fit`] tells
//! how much room a text takes, `view` is the report as plain data in printed order, `templates/` sets it, `pack` makes the
//! file small.

mod attachments;
mod csv;
pub mod fit;
mod fitting;
pub mod fonts;
mod geometry;
mod ink;
mod pack;
pub mod pdf;
pub mod preview;
mod room;
mod svg;
mod table;
mod view;
mod world;

#[cfg(test)]
mod tests;
