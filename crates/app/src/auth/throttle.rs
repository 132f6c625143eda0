//! What slows down those who guess passwords, and never locks out the one whose account it is.
//!
//! Failures are counted for the pair of account and source (a network address), for the account and for the source.
//! Only the pair waits: whoever attacks makes his own address wait. Many failures of an account or from a source, as of
//! a botnet or of somebody who tries one password everywhere, only leave each pair fewer tries before it has to; the
//! first is always free. A device from which somebody signed in to the account before (it shows a cookie) is counted
//! for itself alone (OWASP's "device cookies"), so that it never waits for what others do, not even at one address.
//!
//! An attempt counts as failed when it begins and is taken back when it succeeds: a thousand at once are a thousand.

use std::net::IpAddr;

use kaikaku_domain::text::fold;

use super::token::{Digest, Token, digest};

/// How failures of one kind are counted.
struct Limit {
    /// So many are forgiven; from the last of these on there is a wait, or suspicion.
    free: i64,
    /// In so many milliseconds one failure is forgotten.
    forgotten_ms: i64,
    /// More than so many are not counted, so that all is forgotten some time after an attack.
    most: i64,
}

const MINUTE: i64 = 60_000;
/// Of one source at one account, of one known device, of a second factor.
const PAIR: Limit = Limit { free: 5, forgotten_ms: 10 * MINUTE, most: 13 };
/// Of an account from everywhere: more typing errors than a person makes.
const ACCOUNT: Limit = Limit { free: 20, forgotten_ms: 3 * MINUTE, most: 40 };
/// Of a source at all accounts: a town hall behind one address has three hundred people who mistype.
const SOURCE: Limit = Limit { free: 60, forgotten_ms: MINUTE / 2, most: 120 };

/// Tries before a wait while account or source are suspicious.
const FREE_UNDER_SUSPICION: i64 = 1;
/// The longest wait, in seconds: 288 guesses a day, and a person can sit it out.
const LONGEST_WAIT: i64 = 300;

/// Whether a password may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Now; the attempt has been counted.
    Allowed,
    /// Not for so many seconds, 1 to 300. Asking meanwhile does not make it longer.
    Wait {
        /// The seconds.
        seconds: u16,
    },
}

impl Answer {
    /// What the one who waits is told; the same for every login name, whether there is such an account or not.
    pub(crate) fn message(self) -> Option<String> {
        let Self::Wait { seconds } = self else { return None };
        let time = match seconds {
            0..60 => format!("{seconds}秒"),
            _ => format!("{}分", seconds.div_ceil(60)),
        };
        Some(format!(
            "サインインの失敗が続いたため、あと{time}ほど待ってからやり直してください。待つあいだに押しても延びることはありません。\
             以前にサインインしたことのある端末では待たずに試せます。パスワードを忘れたときは、システム管理者に再発行を頼んでください。"
        ))
    }
}

/// Failures not yet forgotten. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    /// When the last attempt was, in milliseconds since 1970 UTC.
    pub(crate) last_ms: i64,
    /// When the last failure will be forgotten. The store may delete the counter then.
    pub(crate) forgotten_ms: i64,
}

/// Under which a counter is kept: a digest, as people type passwords where the login name belongs.
pub(crate) type Key = Digest;

/// Who tries to sign in, with a [`Key`] or a [`Counter`] for each thing that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visitor<T> {
    /// Somebody who is counted for himself alone.
    Known {
        /// A known device at this account, or the account's second factor.
        own: T,
    },
    /// Anybody else.
    Unknown {
        /// The source at this account.
        pair: T,
        /// The account from everywhere.
        account: T,
        /// The source at every account.
        source: T,
    },
}

impl Visitor<Key> {
    /// A visitor of an unknown device. The login name is as typed, whether there is such an account or not.
    pub(crate) fn unknown(login: &str, source: IpAddr) -> Self {
        let (login, source) = (name(login), network(source));
        Self::Unknown {
            pair: digest("throttle pair", &[&login, &source]),
            account: digest("throttle account", &[&login]),
            source: digest("throttle source", &[&source]),
        }
    }

    /// A visitor whose device the store knows for this account (by [`Token::digest`], not by what the cookie says).
    pub(crate) fn known(login: &str, device: &Token) -> Self {
        Self::Known { own: digest("throttle device", &[&name(login), &device.digest()]) }
    }

    /// Whoever comes to the second factor from an unknown device, wherever from: the password was right, and six digits
    /// must not be guessed from a thousand addresses. Only those who know the password can make others wait here.
    pub(crate) fn at_code(login: &str) -> Self {
        Self::Known { own: digest("throttle code", &[&name(login)]) }
    }
}

impl<T> Visitor<T> {
    /// What is counted, always in the same order.
    pub(crate) fn each(&self) -> Vec<&T> {
        match self {
            Self::Known { own } => vec![own],
            Self::Unknown { pair, account, source } => vec![pair, account, source],
        }
    }

    /// The same visitor with something else for each thing that is counted.
    pub(crate) fn map<U>(&self, mut of: impl FnMut(&T) -> U) -> Visitor<U> {
        match self {
            Self::Known { own } => Visitor::Known { own: of(own) },
            Self::Unknown { pair, account, source } => {
                Visitor::Unknown { pair: of(pair), account: of(account), source: of(source) }
            }
        }
    }
}

impl Visitor<Counter> {
    /// Whether the password may be tried now. If so, the attempt is counted: keep the counters before checking it, in
    /// the transaction that read them.
    pub(crate) fn attempt(&mut self, now_ms: i64) -> Answer {
        let wait = match self {
            Self::Known { own } => own.wait(PAIR.free, now_ms),
            Self::Unknown { pair, account, source } => {
                let is_suspicious = account.failures(&ACCOUNT, now_ms) >= ACCOUNT.free
                    || source.failures(&SOURCE, now_ms) >= SOURCE.free;
                pair.wait(if is_suspicious { FREE_UNDER_SUSPICION } else { PAIR.free }, now_ms)
            }
        };
        if let Some(seconds) = wait {
            return Answer::Wait { seconds };
        }
        match self {
            Self::Known { own } => own.count(&PAIR, now_ms),
            Self::Unknown { pair, account, source } => {
                pair.count(&PAIR, now_ms);
                account.count(&ACCOUNT, now_ms);
                source.count(&SOURCE, now_ms);
            }
        }
        Answer::Allowed
    }

    /// Takes back what [`Visitor::attempt`] counted. The pair begins anew; account and source do not, or an attacker
    /// could sign in to his own account now and then.
    pub(crate) fn succeeded(&mut self) {
        match self {
            Self::Known { own } => *own = Counter::default(),
            Self::Unknown { pair, account, source } => {
                *pair = Counter::default();
                account.forgotten_ms -= ACCOUNT.forgotten_ms;
                source.forgotten_ms -= SOURCE.forgotten_ms;
            }
        }
    }
}

impl Counter {
    /// How many failures are not forgotten.
    fn failures(&self, limit: &Limit, now_ms: i64) -> i64 {
        let left = self.forgotten_ms.saturating_sub(now_ms).max(0);
        // A clock that was put back does not make them more than they can be.
        left.saturating_add(limit.forgotten_ms - 1).div_euclid(limit.forgotten_ms).min(limit.most)
    }

    fn count(&mut self, limit: &Limit, now_ms: i64) {
        let latest = now_ms.saturating_add(limit.most * limit.forgotten_ms);
        self.forgotten_ms = self.forgotten_ms.max(now_ms).saturating_add(limit.forgotten_ms).min(latest);
        self.last_ms = now_ms;
    }

    /// How many seconds are left of the wait that follows so many failures: 2, 4, 8 … up to [`LONGEST_WAIT`].
    fn wait(&self, free: i64, now_ms: i64) -> Option<u16> {
        let beyond = u32::try_from(self.failures(&PAIR, now_ms) - free).ok()?;
        let wait = 2_i64.saturating_pow(beyond + 1).min(LONGEST_WAIT) * 1000;
        let passed = now_ms.saturating_sub(self.last_ms);
        // A last attempt in the future is a clock that was put back: nobody waits for it to come round again.
        if passed < 0 || passed >= wait {
            return None;
        }
        u16::try_from((wait - passed + 999) / 1000).ok()
    }
}

/// A login name for counting: width, case and spaces do not make another account.
fn name(login: &str) -> Vec<u8> {
    fold(login).to_lowercase().into_bytes()
}

/// The network that one attacker has: an IPv4 address, or the /64 in which an IPv6 address is chosen at will.
fn network(source: IpAddr) -> Vec<u8> {
    match source.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::auth::random::Random;

    /// What a store does with all of it.
    #[derive(Default)]
    struct Town(BTreeMap<Key, Counter>);

    impl Town {
        fn attempt(&mut self, visitor: &Visitor<Key>, now_ms: i64, succeeds: bool) -> Answer {
            let mut counters = visitor.map(|key| self.0.get(key).copied().unwrap_or_default());
            let answer = counters.attempt(now_ms);
            if answer == Answer::Allowed && succeeds {
                counters.succeeded();
            }
            for (key, counter) in visitor.each().into_iter().zip(counters.each()) {
                self.0.insert(*key, *counter);
            }
            answer
        }

        fn fails(&mut self, visitor: &Visitor<Key>, now_ms: i64) -> Answer {
            self.attempt(visitor, now_ms, false)
        }

        fn succeeds(&mut self, visitor: &Visitor<Key>, now_ms: i64) -> Answer {
            self.attempt(visitor, now_ms, true)
        }
    }

    const NOW: i64 = 1_774_900_000_000;
    const SECOND: i64 = 1000;
    const DAY: i64 = 24 * 60 * MINUTE;

    fn from(login: &str, source: &str) -> Visitor<Key> {
        Visitor::unknown(login, source.parse().unwrap())
    }

    fn device(login: &str) -> Visitor<Key> {
        Visitor::known(login, &Token::new(&mut Random::seeded(1)).unwrap())
    }

    #[test]
    fn a_person_who_mistypes_does_not_wait() {
        let (mut town, person) = (Town::default(), from("tanaka", "10.0.0.7"));
        for second in 0..4 {
            assert_eq!(town.fails(&person, NOW + second * SECOND), Answer::Allowed);
        }
        assert_eq!(town.succeeds(&person, NOW + 5 * SECOND), Answer::Allowed);
        for second in 6..11 {
            assert_eq!(town.fails(&person, NOW + second * SECOND), Answer::Allowed);
        }
        assert_eq!(town.fails(&person, NOW + 11 * SECOND), Answer::Wait { seconds: 1 });
    }

    #[test]
    fn who_goes_on_failing_waits_twice_as_long_each_time() {
        let (mut town, person) = (Town::default(), from("tanaka", "10.0.0.7"));
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..16 {
            match town.fails(&person, now) {
                Answer::Allowed => {}
                Answer::Wait { seconds } => {
                    waits.push(seconds);
                    now += i64::from(seconds) * SECOND;
                    assert_eq!(town.fails(&person, now), Answer::Allowed);
                }
            }
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    }

    #[test]
    fn asking_while_waiting_changes_nothing() {
        let (mut town, person) = (Town::default(), from("tanaka", "10.0.0.7"));
        for _ in 0..5 {
            town.fails(&person, NOW);
        }
        for ms in [0, 500, 1000, 1999] {
            let seconds = if ms < 1000 { 2 } else { 1 };
            assert_eq!(town.succeeds(&person, NOW + ms), Answer::Wait { seconds }, "{ms}");
        }
        assert_eq!(town.succeeds(&person, NOW + 2000), Answer::Allowed);
    }

    #[test]
    fn a_thousand_attempts_at_once_are_a_thousand() {
        let (mut town, attacker) = (Town::default(), from("tanaka", "203.0.113.9"));
        let allowed = (0..1000).filter(|_| town.fails(&attacker, NOW) == Answer::Allowed).count();
        assert_eq!(allowed, 5);
    }

    #[test]
    fn an_attacker_who_never_rests_has_three_hundred_guesses_a_day() {
        let (mut town, attacker) = (Town::default(), from("tanaka", "203.0.113.9"));
        let allowed =
            (0..DAY / SECOND).filter(|s| town.fails(&attacker, NOW + s * SECOND) == Answer::Allowed).count();
        assert!(allowed <= 300, "{allowed}");
    }

    #[test]
    fn the_victim_of_an_attack_signs_in_from_elsewhere_without_waiting() {
        let (mut town, attacker) = (Town::default(), from("tanaka", "203.0.113.9"));
        for second in 0..DAY / SECOND {
            town.fails(&attacker, NOW + second * SECOND);
            if second % 3600 == 1800 {
                let victim = from("tanaka", "10.0.0.7");
                assert_eq!(town.succeeds(&victim, NOW + second * SECOND), Answer::Allowed, "{second}");
            }
        }
    }

    #[test]
    fn the_victim_of_a_botnet_signs_in_and_may_even_mistype() {
        let mut town = Town::default();
        for bot in 0..3000_i64 {
            let source = format!("198.51.{}.{}", bot / 256, bot % 256);
            assert_eq!(town.fails(&from("tanaka", &source), NOW + bot * 10), Answer::Allowed);
            // Under suspicion the second guess already has to wait.
            if bot > 100 {
                assert_ne!(town.fails(&from("tanaka", &source), NOW + bot * 10), Answer::Allowed);
            }
        }
        let (now, victim) = (NOW + 30 * SECOND, from("tanaka", "10.0.0.7"));
        assert_eq!(town.fails(&victim, now), Answer::Allowed);
        assert_eq!(town.succeeds(&victim, now + SECOND), Answer::Wait { seconds: 1 });
        assert_eq!(town.succeeds(&victim, now + 2 * SECOND), Answer::Allowed);
    }

    #[test]
    fn a_known_device_never_waits_for_others_not_even_at_the_same_address() {
        let mut town = Town::default();
        let (attacker, victim) = (from("tanaka", "10.0.0.7"), device("tanaka"));
        for second in 0..3600 {
            town.fails(&attacker, NOW + second * SECOND);
            town.fails(&from(&format!("user{second}"), "10.0.0.7"), NOW + second * SECOND);
            if second % 60 == 0 {
                assert_eq!(town.succeeds(&victim, NOW + second * SECOND), Answer::Allowed);
            }
        }
    }

    #[test]
    fn a_stolen_device_waits_for_its_own_failures_and_for_its_account_alone() {
        let (mut town, stolen) = (Town::default(), device("tanaka"));
        for _ in 0..5 {
            assert_eq!(town.fails(&stolen, NOW), Answer::Allowed);
        }
        assert_eq!(town.fails(&stolen, NOW), Answer::Wait { seconds: 2 });
        assert_eq!(town.fails(&device("sato"), NOW), Answer::Allowed);
    }

    #[test]
    fn six_digits_are_not_guessed_from_a_thousand_addresses() {
        let mut town = Town::default();
        let guesses = (0..DAY / SECOND)
            .filter(|s| town.fails(&Visitor::at_code("tanaka"), NOW + s * SECOND) == Answer::Allowed)
            .count();
        // Three codes are good at a time: under one in a thousand a day.
        assert!(guesses * 3 < 1_000_000 / 1000, "{guesses}");
        assert_eq!(town.succeeds(&device("tanaka"), NOW), Answer::Allowed);
    }

    #[test]
    fn a_town_hall_behind_one_address_can_start_work_together() {
        let mut town = Town::default();
        for person in 0..300_i64 {
            let visitor = from(&format!("user{person}"), "192.0.2.1");
            let mut now = NOW + person * SECOND;
            // Everybody mistypes twice on the first morning.
            for succeeds in [false, false, true] {
                if let Answer::Wait { seconds } = town.attempt(&visitor, now, succeeds) {
                    assert!(seconds <= 4, "{person} waits {seconds}");
                    now += i64::from(seconds) * SECOND;
                    assert_eq!(town.attempt(&visitor, now, succeeds), Answer::Allowed, "{person}");
                }
            }
        }
    }

    #[test]
    fn one_password_tried_at_every_account_is_soon_one_try_at_each() {
        let mut town = Town::default();
        let allowed = |town: &mut Town, account: i64| {
            (0..5)
                .filter(|_| {
                    town.fails(&from(&format!("user{account}"), "203.0.113.9"), NOW) == Answer::Allowed
                })
                .count()
        };
        assert_eq!(allowed(&mut town, 0), 5);
        let rest: usize = (1..300).map(|account| allowed(&mut town, account)).sum();
        assert!(rest < 300 + 60, "{rest}");
    }

    #[test]
    fn signing_in_to_an_own_account_does_not_clear_the_source() {
        let mut town = Town::default();
        for account in 0..100 {
            town.fails(&from(&format!("user{account}"), "203.0.113.9"), NOW);
            assert_eq!(town.succeeds(&from("attacker", "203.0.113.9"), NOW), Answer::Allowed);
        }
        let next = from("user100", "203.0.113.9");
        assert_eq!(town.fails(&next, NOW), Answer::Allowed);
        assert_eq!(town.fails(&next, NOW), Answer::Wait { seconds: 2 });
    }

    #[test]
    fn everything_is_forgotten_in_the_end_and_may_be_deleted_then() {
        let (mut town, attacker) = (Town::default(), from("tanaka", "203.0.113.9"));
        for second in 0..DAY / SECOND {
            town.fails(&attacker, NOW + second * SECOND);
        }
        let later = NOW + DAY + 3 * 60 * MINUTE;
        assert!(town.0.values().all(|counter| counter.forgotten_ms <= later));
        for _ in 0..5 {
            assert_eq!(town.fails(&attacker, later), Answer::Allowed);
        }
    }

    #[test]
    fn a_clock_put_back_or_wild_locks_nobody_out() {
        for earlier in [NOW - 365 * DAY, 0, i64::MIN] {
            let (mut town, person) = (Town::default(), from("tanaka", "10.0.0.7"));
            for _ in 0..20 {
                town.fails(&person, NOW);
            }
            assert_eq!(town.succeeds(&person, earlier), Answer::Allowed, "{earlier}");
        }
        let mut town = Town::default();
        for now in [i64::MAX, i64::MIN, 0, i64::MAX] {
            town.fails(&from("tanaka", "10.0.0.7"), now);
            town.succeeds(&device("tanaka"), now);
        }
    }

    #[test]
    fn one_attacker_is_one_source_and_one_account_in_any_spelling() {
        for (a, b, same) in [
            (from("tanaka", "10.0.0.7"), from("ＴＡＮＡＫＡ ", "::ffff:10.0.0.7"), true),
            (from("tanaka", "2001:db8:0:1::1"), from("tanaka", "2001:db8:0:1:ffff::2"), true),
            (from("tanaka", "2001:db8:0:1::1"), from("tanaka", "2001:db8:0:2::1"), false),
            (from("tanaka", "10.0.0.7"), from("tanaka", "10.0.0.8"), false),
            (from("tanaka", "10.0.0.7"), from("sato", "10.0.0.7"), false),
        ] {
            assert_eq!(a == b, same);
        }
    }

    #[test]
    fn who_waits_is_told_for_how_long_and_what_to_do() {
        assert_eq!(Answer::Allowed.message(), None);
        for (seconds, time) in
            [(1, "あと1秒"), (59, "あと59秒"), (60, "あと1分"), (61, "あと2分"), (300, "あと5分")]
        {
            let message = Answer::Wait { seconds }.message().unwrap();
            assert!(message.contains(time) && message.contains("システム管理者に"), "{message}");
        }
    }
}
