//! An account's second factor: the secret that it shares with a telephone, and what is left of the recovery codes.

use kaikaku_domain::Moment;
use kaikaku_domain::text::hex;
use serde_json::{Value, json};

use super::code::{Secret, recovery_digest};
use super::token::unhex;

/// A second factor that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Factor {
    secret: Secret,
    /// The step of the last code that was taken: none up to it is taken again.
    last_step: i64,
    /// The digests of the recovery codes that have not been used.
    recovery: Vec<String>,
    /// Since when it has been asked for.
    pub(crate) since: Moment,
}

impl Factor {
    /// A new one, proved by a first code of this step.
    pub(crate) fn new(secret: Secret, step: i64, recovery_codes: &[String], since: Moment) -> Self {
        let recovery = recovery_codes.iter().map(|code| hex(&recovery_digest(code))).collect();
        Self { secret, last_step: step, recovery, since }
    }

    /// The one that the store kept; `None` when it is not what this program writes.
    pub(crate) fn read(kept: &Value) -> Option<Self> {
        let digests = kept.get("recovery")?.as_array()?.iter();
        Some(Self {
            secret: Secret::from_bytes(&unhex::<20>(kept.get("secret")?.as_str()?)?)?,
            last_step: kept.get("last_step")?.as_i64()?,
            recovery: digests.map(|digest| digest.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            since: Moment::read(kept.get("since")?.as_str()?)?,
        })
    }

    /// What the store keeps.
    pub(crate) fn kept(&self) -> Value {
        json!({
            "secret": hex(self.secret.as_bytes()),
            "last_step": self.last_step,
            "recovery": self.recovery,
            "since": self.since,
        })
    }

    /// Takes a code, of the telephone or from the paper, and uses it up; whether it was a good one.
    pub(crate) fn takes(&mut self, typed: &str, now: Moment) -> bool {
        if let Some(step) = self.secret.verify(typed, now.unix_ms(), Some(self.last_step)) {
            self.last_step = step;
            return true;
        }
        let digest = hex(&recovery_digest(typed));
        let before = self.recovery.len();
        self.recovery.retain(|kept| *kept != digest);
        self.recovery.len() < before
    }

    /// How many recovery codes are left.
    pub(crate) fn recovery_left(&self) -> usize {
        self.recovery.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::recovery_codes;
    use super::super::random::Random;
    use super::*;

    const NOW: i64 = 1_111_111_111_000;

    fn factor() -> (Factor, Vec<String>) {
        let codes = recovery_codes(&mut Random::seeded(7)).unwrap();
        let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
        (Factor::new(secret, 37_037_036, &codes, Moment::EPOCH), codes)
    }

    #[test]
    fn a_code_of_the_telephone_is_taken_once() {
        let (mut factor, _) = factor();
        let now = Moment::from_unix_ms(NOW);
        assert!(!factor.takes("050472", now));
        assert!(factor.takes("０５０４７１", now));
        assert!(!factor.takes("050471", now));
        assert_eq!(factor.recovery_left(), 10);
    }

    #[test]
    fn each_recovery_code_is_taken_once() {
        let (mut factor, codes) = factor();
        for (number, code) in codes.iter().enumerate() {
            assert!(factor.takes(code, Moment::EPOCH), "{code}");
            assert!(!factor.takes(code, Moment::EPOCH), "{code}");
            assert_eq!(factor.recovery_left(), 9 - number);
        }
        assert!(!factor.takes("", Moment::EPOCH));
    }

    #[test]
    fn what_is_kept_is_read_back_and_nothing_else_is() {
        let (factor, codes) = factor();
        let kept = factor.kept();
        assert_eq!(Factor::read(&kept), Some(factor));
        assert!(codes.iter().all(|code| !kept.to_string().contains(code.as_str())));
        for broken in [json!({}), json!({ "secret": "00" }), Value::Null] {
            assert_eq!(Factor::read(&broken), None);
        }
        for member in ["secret", "last_step", "recovery", "since"] {
            let mut broken = kept.clone();
            broken[member] = json!([1]);
            assert_eq!(Factor::read(&broken), None, "{member}");
        }
    }
}
