//! The server asked without a socket: a small town, its people, and what each of them may do.

mod cost;
mod lists;
mod matrix;
mod pages;
mod sign_in;
mod town;
mod trouble;
