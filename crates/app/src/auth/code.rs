//! The second factor: one-time codes from a telephone (RFC 6238), and recovery codes for when it is lost.

use std::fmt;
use std::fmt::Write as _;

use kaikaku_domain::text::fold;
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Algorithm, TOTP};

use super::random::{NoRandomness, Random};
use super::token::{Digest, digest, heard, is_same, spoken};

/// How long a code is shown. Every telephone app knows 30 seconds, six digits and SHA-1, and some know nothing else.
const STEP_SECONDS: u64 = 30;

/// What program and telephone share: 160 bits, as RFC 4226 recommends.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; 20]);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub(crate) fn new(random: &mut Random) -> Result<Self, NoRandomness> {
        random.bytes().map(Self)
    }

    /// The one that the store kept; `None` when its length is another.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// What the store keeps.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret for typing into a telephone: base 32 in groups of four, `JBSW Y3DP …`.
    pub(crate) fn groups(&self) -> String {
        let letters: Vec<char> = self.totp("", "").get_secret_base32().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The address that a telephone reads from the picture: `otpauth://totp/…`, with program, town and login name, so
    /// that somebody with several accounts can tell them apart.
    pub(crate) fn address(&self, town: &str, login: &str) -> String {
        self.totp(town, login).get_url()
    }

    /// The step whose code was typed: the present one or a neighbour (clocks differ by a little), but never one up to
    /// `last_step`, so that a code seen over a shoulder is of no use. `None` when the code is wrong or used.
    ///
    /// The step is to be kept as the next `last_step`, in the same transaction that opens the session.
    pub(crate) fn verify(&self, typed: &str, unix_ms: i64, last_step: Option<i64>) -> Option<i64> {
        let now = u64::try_from(unix_ms).ok()? / 1000 / STEP_SECONDS;
        let last = last_step.and_then(|step| u64::try_from(step).ok());
        let typed = fold(typed);
        let totp = self.totp("", "");
        let steps = now.saturating_sub(1)..=now + 1;
        steps
            .rev()
            .filter(|step| last.is_none_or(|last| *step > last))
            .find(|step| is_same(totp.generate(step * STEP_SECONDS).as_bytes(), typed.as_bytes()))
            .and_then(|step| i64::try_from(step).ok())
    }

    fn totp(&self, town: &str, login: &str) -> TOTP {
        // A colon parts issuer and account in the address.
        let issuer = format!("Kaikaku {town}").replace(':', "：");
        let account = login.replace(':', "：");
        TOTP::new_unchecked(Algorithm::SHA1, 6, 1, STEP_SECONDS, self.0.to_vec(), Some(issuer), account)
    }
}

impl fmt::Debug for Secret {
    /// Not the secret: it must never reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The picture of an address as SVG markup: one path for the dark modules on white, with the quiet zone of four modules
/// that readers need. `None` when the address is too long for any picture (over two thousand letters).
pub(crate) fn picture(address: &str) -> Option<String> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let length = i32::try_from(length).unwrap_or(0);
            if length > 0 {
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += length.max(1);
        }
    }
    let side = code.size() + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-{QUIET} -{QUIET} {side} {side}\" role=\"img\" \
         aria-label=\"認証アプリで読み取るQRコード\" shape-rendering=\"crispEdges\">\
         <rect x=\"-{QUIET}\" y=\"-{QUIET}\" width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// Ten recovery codes, each good for one sign-in without the telephone: shown once, kept as [`recovery_digest`]s.
///
/// `aceh3-kmpr7-…`: 25 signs of 23, 113 bits. From 112 bits on a plain digest is enough (OWASP ASVS 5.0, 6.5.2).
///
/// # Errors
/// When there are no random bytes.
pub(crate) fn recovery_codes(random: &mut Random) -> Result<Vec<String>, NoRandomness> {
    (0..10).map(|_| spoken(5, 5, random)).collect()
}

/// What the store keeps of a recovery code, finds it by, and deletes when it was used. Width, case, hyphens and spaces
/// of what was typed do not matter.
pub(crate) fn recovery_digest(typed: &str) -> Digest {
    digest("recovery code", &[heard(typed).as_bytes()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn secret() -> Secret {
        Secret(*b"12345678901234567890")
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // The RFC prints eight digits, of which an app shows the last six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().verify(code, seconds * 1000, None), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_before_and_after_and_only_once() {
        let (now, step) = (1_111_111_111_000, 37_037_037);
        for (shift, found) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let answer = secret().verify("050471", now + shift * 1000, None);
            assert_eq!(answer, found.then_some(step), "{shift}");
        }
        for (last, found) in [(step - 1, true), (step, false), (step + 1, false)] {
            assert_eq!(secret().verify("050471", now, Some(last)).is_some(), found, "{last}");
        }
    }

    #[test]
    fn a_code_is_read_as_it_is_typed_in_japan() {
        let now = 1_111_111_111_000;
        for (typed, found) in [
            ("０５０４７１", true),
            (" 050 471 ", true),
            ("050471\n", true),
            ("50471", false),
            ("0504710", false),
            ("050472", false),
            ("", false),
            ("五〇四七一", false),
        ] {
            assert_eq!(secret().verify(typed, now, None).is_some(), found, "{typed:?}");
        }
        assert_eq!(secret().verify("050471", -1, None), None);
        assert_eq!(secret().verify("050471", i64::MAX, None), None);
    }

    #[test]
    fn a_telephone_reads_the_address_back_as_the_same_secret() {
        let secret = Secret::new(&mut Random::seeded(1)).unwrap();
        let read = TOTP::from_url(secret.address("汐見市", "tanaka:税")).unwrap();
        assert_eq!(read.secret, secret.as_bytes());
        assert_eq!(
            (read.issuer.as_deref(), read.account_name.as_str()),
            (Some("Kaikaku 汐見市"), "tanaka：税")
        );
        assert_eq!((read.algorithm, read.digits, read.step), (Algorithm::SHA1, 6, 30));
        assert!(Secret::from_bytes(secret.as_bytes()) == Some(secret));
        assert!(Secret::from_bytes(b"short").is_none());
    }

    #[test]
    fn the_secret_can_be_typed_in_groups_of_four() {
        assert_eq!(secret().groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn the_picture_is_the_dark_modules_and_nothing_else() {
        let address = secret().address("汐見市", "tanaka");
        let svg = picture(&address).unwrap();
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium).unwrap();
        let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut dark = BTreeSet::new();
        for run in path.split('M').skip(1) {
            let numbers: Vec<i32> =
                run.split([' ', 'h', 'v']).filter_map(|number| number.parse().ok()).collect();
            let (x, y, length) = (numbers[0], numbers[1], numbers[2]);
            assert_eq!(run, format!("{x} {y}h{length}v1h-{length}z"));
            dark.extend((x..x + length).map(|x| (x, y)));
        }
        let modules = (0..code.size()).flat_map(|x| (0..code.size()).map(move |y| (x, y)));
        assert_eq!(dark, modules.filter(|(x, y)| code.get_module(*x, *y)).collect());
        assert!(
            svg.contains("role=\"img\"") && svg.contains("aria-label=\"認証アプリ") && !svg.contains("style")
        );
        assert!(svg.contains(&format!("viewBox=\"-4 -4 {0} {0}\"", code.size() + 8)));
        assert_eq!(picture(&"あ".repeat(2000)), None);
    }

    #[test]
    fn a_recovery_code_is_found_by_what_somebody_types_from_paper() {
        let codes = recovery_codes(&mut Random::seeded(2)).unwrap();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
        for code in &codes {
            assert_eq!(code.len(), 29, "{code}");
            let kept = recovery_digest(code);
            assert_eq!(recovery_digest(&code.to_uppercase()), kept);
            assert_eq!(recovery_digest(&code.replace('-', "　")), kept);
            assert_ne!(recovery_digest(&code[..28]), kept);
        }
    }
}
