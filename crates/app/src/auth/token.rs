//! Secrets that the program makes: session and device tokens, what a form proves its origin with, initial passwords.

use std::fmt;
use std::hint::black_box;

use kaikaku_domain::text::{fold, hex};
use sha2::{Digest as _, Sha256};

use super::random::{NoRandomness, Random};

/// What is kept of a secret instead of it: SHA-256, which is enough because what is digested here cannot be guessed.
pub(crate) type Digest = [u8; 32];

/// 256 random bits that a browser holds in a cookie: a session's, or those by which a device is known again.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub(crate) fn new(random: &mut Random) -> Result<Self, NoRandomness> {
        random.bytes().map(Self)
    }

    /// The cookie's value: 64 hexadecimal digits.
    pub(crate) fn text(&self) -> String {
        hex(&self.0)
    }

    /// Reads a cookie's value; `None` when it is none of ours.
    pub(crate) fn read(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    /// What the store keeps and finds the session or device by. A stolen database opens no session.
    pub(crate) fn digest(&self) -> Digest {
        digest("token", &[&self.0])
    }

    /// What every form of this session carries. It follows from the token, so that no state is kept, and does not tell
    /// the token.
    pub(crate) fn csrf(&self) -> String {
        hex(&digest("csrf", &[&self.0]))
    }

    /// Whether a posted form carries what [`Token::csrf`] gave, compared in a time that tells nothing.
    pub(crate) fn is_csrf(&self, posted: &str) -> bool {
        is_same(self.csrf().as_bytes(), posted.as_bytes())
    }
}

impl fmt::Debug for Token {
    /// Not the secret: it must never reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The letters and digits of what is read aloud or copied by hand: none that look alike (0 o, 1 i l, 2 z, 5 s, 6 b, 9 q
/// g, u v) and none that sound alike in Japanese (d t, m n, g j).
const ALPHABET: &[u8; 23] = b"abcefhjkmprstuwxy234789";

/// A one-time password for a new account, `h7ax-k2mc-r9wy-3tpe`: 16 signs of 23, 72 bits. Whoever signs in with it must
/// choose another at once.
///
/// # Errors
/// When there are no random bytes.
pub(crate) fn initial_password(random: &mut Random) -> Result<String, NoRandomness> {
    spoken(4, 4, random)
}

/// Random groups of [`ALPHABET`], parted by hyphens.
pub(super) fn spoken(groups: usize, size: usize, random: &mut Random) -> Result<String, NoRandomness> {
    let mut text = String::new();
    for group in 0..groups {
        if group > 0 {
            text.push('-');
        }
        for _ in 0..size {
            text.push(sign(random)?);
        }
    }
    Ok(text)
}

/// What was meant by a spoken secret that somebody typed: width, case, hyphens and spaces do not matter.
pub(super) fn heard(typed: &str) -> String {
    let is_sign = |c: &char| u8::try_from(*c).is_ok_and(|c| ALPHABET.contains(&c));
    fold(typed).to_lowercase().chars().filter(is_sign).collect()
}

/// One sign, each as likely as any other.
fn sign(random: &mut Random) -> Result<char, NoRandomness> {
    loop {
        let [byte] = random.bytes()?;
        // 253 = 11 × 23: the three bytes beyond would make three signs likelier.
        if byte < 253 {
            return Ok(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        }
    }
}

/// SHA-256 of some parts for one purpose: the digest of one purpose is of no use for another, and no two lists of parts
/// are written the same.
pub(super) fn digest(purpose: &str, parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in [b"kaikaku".as_slice(), purpose.as_bytes()].into_iter().chain(parts.iter().copied()) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Whether two secrets are the same, in a time that depends on their lengths alone.
pub(super) fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |sum, (a, b)| black_box(sum | (a ^ b)));
    a.len() == b.len() && black_box(differences) == 0
}

/// The bytes that [`hex`] wrote; `None` when it did not, or there are more or fewer.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? * 16 + digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_token_is_read_back_from_its_text_and_from_nothing_else() {
        let token = Token::new(&mut Random::seeded(1)).unwrap();
        let text = token.text();
        assert_eq!(text.len(), 64);
        assert!(Token::read(&text) == Some(token));
        for other in ["", &text[..62], &format!("{text}00"), &text.to_uppercase(), &"é".repeat(32)] {
            assert!(Token::read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_form_of_another_session_is_refused() {
        let mut random = Random::seeded(2);
        let (own, other) = (Token::new(&mut random).unwrap(), Token::new(&mut random).unwrap());
        assert!(own.is_csrf(&own.csrf()));
        for posted in [other.csrf(), String::new(), own.csrf()[..63].to_owned(), own.csrf() + "0", own.text()]
        {
            assert!(!own.is_csrf(&posted), "{posted}");
        }
    }

    #[test]
    fn neither_digest_nor_form_nor_log_tells_the_token() {
        let token = Token::new(&mut Random::seeded(3)).unwrap();
        let (text, kept, form) = (token.text(), hex(&token.digest()), token.csrf());
        assert_eq!(BTreeSet::from([&text, &kept, &form]).len(), 3);
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_digest_tells_its_parts_apart() {
        assert_ne!(digest("a", &[b"bc"]), digest("ab", &[b"c"]));
        assert_ne!(digest("a", &[b"bc", b""]), digest("a", &[b"b", b"c"]));
    }

    #[test]
    fn an_initial_password_can_be_read_aloud() {
        let mut random = Random::seeded(4);
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            let password = initial_password(&mut random).unwrap();
            let groups: Vec<&str> = password.split('-').collect();
            assert_eq!(
                groups.iter().map(|group| group.len()).collect::<Vec<_>>(),
                [4, 4, 4, 4],
                "{password}"
            );
            assert!(password.bytes().all(|sign| sign == b'-' || ALPHABET.contains(&sign)), "{password}");
            assert_eq!(heard(&password.to_uppercase().replace('-', "－ ")), password.replace('-', ""));
            assert!(seen.insert(password));
        }
    }

    #[test]
    fn every_sign_is_as_likely_as_any_other() {
        let mut random = Random::seeded(5);
        let mut counts = [0_u32; 23];
        for _ in 0..23_000 {
            let sign = sign(&mut random).unwrap();
            counts[ALPHABET.iter().position(|c| char::from(*c) == sign).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_bits_are_as_many_as_said() {
        let signs = f64::from(u32::try_from(ALPHABET.len()).unwrap());
        assert!(16.0 * signs.log2() >= 70.0);
    }
}
