//! The one place where the clock is read: everything else is given the moment.

use std::time::SystemTime;

use kaikaku_domain::Moment;

/// The time as the server counts it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the machine's: a demo lives on another day.
    ahead_seconds: i64,
}

impl Clock {
    /// A clock that shows this moment now and goes on from there.
    pub(crate) fn set_to(moment: Moment) -> Self {
        Self { ahead_seconds: moment.seconds_since(machine()) }
    }

    /// Now.
    pub(crate) fn now(self) -> Moment {
        machine().plus_seconds(self.ahead_seconds)
    }
}

#[expect(clippy::disallowed_methods, reason = "somebody must read the clock: here, and nowhere else")]
fn machine() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
