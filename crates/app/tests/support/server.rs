//! The program itself as a server, on a port of the loopback, until the test ends it.

use std::ffi::OsStr;
use std::net::TcpStream;
use std::process::{Command, ExitStatus};

use super::process::Process;

/// A running `kaikaku`. Dropping it ends it.
pub(crate) struct Server {
    process: Process,
    address: String,
}

impl Server {
    /// Starts the built program with these arguments and waits until it has printed its address and answers there.
    pub(crate) fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Server {
        Server::run(Command::new(env!("CARGO_BIN_EXE_kaikaku")).args(arguments))
    }

    /// The same with a command of the test's own: another folder, another environment.
    pub(crate) fn run(command: &mut Command) -> Server {
        let (process, address) = Process::start(command, printed_address);
        let server = Server { process, address };
        TcpStream::connect(server.socket()).unwrap_or_else(|error| {
            panic!(
                "it printed {}, where nothing answers: {error}. It said: {}",
                server.address,
                server.said()
            )
        });
        server
    }

    /// Where it answers: `http://127.0.0.1:` and the port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The host and port alone.
    pub(crate) fn socket(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// What it has printed so far.
    pub(crate) fn said(&self) -> String {
        self.process.said()
    }

    /// `kill -9`: what it has answered before must be kept, nothing else can be expected.
    pub(crate) fn kill(self) {
        self.process.kill();
    }

    /// Ends it as a service manager would.
    pub(crate) fn stop(self) -> ExitStatus {
        self.process.stop()
    }
}

/// The address in a line like `http://127.0.0.1:8080/ を開いてください`.
fn printed_address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty()).then(|| format!("http://127.0.0.1:{port}"))
}
