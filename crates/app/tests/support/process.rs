//! A program that a test starts: watched until it says where it listens, ended with all that it has started itself.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long a program may take until it listens; far more than any of them needs, so that a test ends by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program in a process group of its own. Dropping it ends the whole group.
pub(crate) struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
    ended: bool,
}

impl Process {
    /// Starts a program and waits until a line of its output tells what the test waits for. Panics with all that it
    /// said when it ends before that.
    pub(crate) fn start(command: &mut Command, find: fn(&str) -> Option<String>) -> (Process, String) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let said = Arc::new(Mutex::new(String::new()));
        let (found, listening) = channel();
        listen(child.stdout.take().unwrap(), Arc::clone(&said), find, found.clone());
        listen(child.stderr.take().unwrap(), Arc::clone(&said), find, found);
        let mut process = Process { child, said, ended: false };
        match listening.recv_timeout(PATIENCE) {
            Ok(what) => (process, what),
            Err(_) => {
                process.end_group();
                panic!("{command:?} did not say where it listens. It said: {}", process.said());
            }
        }
    }

    /// What it has said so far, on both outputs.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The number of the process, which is that of its group too.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a word, as a power cut would, and all that it has started.
    pub(crate) fn kill(mut self) {
        self.end_group();
    }

    /// Asks it to end, as a service manager would, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        signal("TERM", &self.child.id().to_string());
        let status = self.child.wait().unwrap();
        self.end_group();
        status
    }

    fn end_group(&mut self) {
        if !self.ended {
            self.ended = true;
            signal("KILL", &format!("-{}", self.child.id()));
            let _ = self.child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end_group();
    }
}

/// Keeps what comes out of a pipe, until its end, and passes on what was looked for.
fn listen(
    pipe: impl Read + Send + 'static,
    said: Arc<Mutex<String>>,
    find: fn(&str) -> Option<String>,
    found: Sender<String>,
) {
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            said.lock().unwrap().push_str(&text);
            if let Some(what) = find(&text) {
                let _ = found.send(what); // nobody waits for the second one
            }
            line.clear();
        }
    });
}

/// Sends a signal to a process or, after a minus sign, to a group. The shell's own `kill` is everywhere.
fn signal(name: &str, to: &str) {
    let _ = Command::new("sh")
        .args(["-c", "kill -s \"$1\" -- \"$2\"", "kill", name, to])
        .stdin(Stdio::null())
        .stderr(Stdio::null()) // it may have ended by itself
        .status();
}
