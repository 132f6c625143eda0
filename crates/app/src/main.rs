//! The program `kaikaku`: its command line. A command does one thing, to files or to a record that the line names.

mod auth;
mod cli;
mod clock;
mod demo;
mod forms;
mod input;
mod output;
mod people;
mod progress;
mod web;
mod workflow;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("エラー: {error}");
            ExitCode::from(cli::UNREADABLE)
        }
    }
}
