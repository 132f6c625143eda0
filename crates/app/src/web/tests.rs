//! The server asked without a socket: a small town, its people, and what each of them may do.

mod matrix;
mod pages;
mod town;
mod trouble;
