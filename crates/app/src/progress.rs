//! Progress on standard error, for work that takes longer than a second.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1);

/// Says what is being done once a second has passed, and then each new step.
pub(crate) struct Progress {
    steps: Option<Sender<&'static str>>,
    speaker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to wait; a quiet one never says anything.
    pub(crate) fn start(quiet: bool) -> Self {
        if quiet {
            return Self { steps: None, speaker: None };
        }
        let (steps, said) = mpsc::channel::<&'static str>();
        let speaker = std::thread::spawn(move || {
            let mut step = "";
            let mut is_late = false;
            loop {
                match said.recv_timeout(if is_late { Duration::MAX } else { PATIENCE }) {
                    Ok(next) => step = next,
                    Err(RecvTimeoutError::Timeout) => is_late = true,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                if is_late && !step.is_empty() {
                    eprintln!("{step}…");
                }
            }
        });
        Self { steps: Some(steps), speaker: Some(speaker) }
    }

    /// Notes the step that begins.
    pub(crate) fn say(&self, step: &'static str) {
        if let Some(steps) = &self.steps {
            // The speaker lives as long as this: sending cannot fail before the drop.
            let _ = steps.send(step);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.steps.take());
        if let Some(speaker) = self.speaker.take() {
            let _ = speaker.join();
        }
    }
}
