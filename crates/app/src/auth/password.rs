//! Passwords: which ones may be chosen, how they are kept, and how one is checked without telling who exists.
//!
//! Everything here takes its time (a hash on purpose: tens of milliseconds and 19 MiB; judging a new password: up to
//! half a second): the caller runs it where blocking is allowed, and lets only a few run at once.

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use kaikaku_domain::text::{count_characters, fold};
use unicode_normalization::UnicodeNormalization;

use super::random::{NoRandomness, Random};

/// As OWASP's password storage guidance has it for Argon2id: 19 MiB, two passes, one lane.
const COST: Params = match Params::new(19 * 1024, 2, 1, None) {
    Ok(cost) => cost,
    Err(_) => Params::DEFAULT,
};

/// The shortest password, in characters as a person counts them. There are no rules about kinds of characters: they
/// make people write `Password1!` (NIST SP 800-63B).
pub(crate) const SHORTEST: usize = 12;

/// The longest password, in characters as a person counts them.
pub(crate) const LONGEST: usize = 128;

/// More bytes than this are not looked at: a character may carry any number of marks.
const LONGEST_BYTES: usize = 4096;

/// How many guesses a password must withstand, in powers of ten, as `zxcvbn` estimates them. At this cost an attacker
/// who has stolen the hashes tries at most 10⁴ a second and graphics card: 10¹⁰ guesses are eleven days for one
/// password, 10⁸ would be three hours. Against guessing at the sign-in page a millionth of it would do.
const GUESSES_LOG10: f64 = 10.0;

/// `zxcvbn` takes more than the square of the length; what withstands guessing up to here does as a whole.
const ESTIMATED_CHARACTERS: usize = 64;

/// What everybody tries in a Japanese town hall and `zxcvbn`'s lists, made elsewhere, do not have.
const TRIED_HERE: &str = "shiyakusho yakuba kuyakusho kencho soumu soumuka zaisei zeimu kikaku jimukyoku gyosei gyousei \
    gyoukaku shichou nihon nippon reiwa heisei showa shouwa aiueo kakikukeko sakura ganbare konnichiwa ohayou \
    ぱすわーど パスワード あいうえお かきくけこ さしすせそ いろはにほへと ちりぬるを 市役所 役場 令和";

/// Why a password may not be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has so few characters.
    TooShort(usize),
    /// It has more than [`LONGEST`] characters.
    TooLong,
    /// It holds this word, which an attacker tries first: the login name, the town's, the program's.
    Holds(String),
    /// It is made of what is on the lists that attackers work through.
    Common,
}

impl Refusal {
    /// What is wrong and what to do.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::TooShort(count) => format!(
                "パスワードは{SHORTEST}文字以上にしてください（いまは{count}文字です）。言葉を三つ四つつなげると、長くても覚えやすくなります。"
            ),
            Self::TooLong => format!("パスワードは{LONGEST}文字以内にしてください。"),
            Self::Holds(word) => {
                format!("「{word}」を含むパスワードは真っ先に試されます。「{word}」を含まないものにしてください。")
            }
            Self::Common => "よく使われる言葉や並びでできていて、すぐに当てられるおそれがあります。互いに関係のない言葉を三つ四つつなげるなど、別のパスワードにしてください。".to_owned(),
        }
    }
}

/// Everything that stands against a new password; empty when it may be chosen.
pub(crate) fn refusals(password: &str, login: &str, town: &str) -> Vec<Refusal> {
    let normal = if password.len() > LONGEST_BYTES { String::new() } else { normalised(password) };
    let count = count_characters(&normal);
    if password.len() > LONGEST_BYTES || count > LONGEST {
        return vec![Refusal::TooLong];
    }
    let words = words(login, town);
    let folded = fold(&normal).to_lowercase();
    let held = words.iter().filter(|word| folded.contains(&fold(word).to_lowercase()));
    let mut refusals: Vec<Refusal> = held.map(|word| Refusal::Holds((*word).to_owned())).collect();
    if count < SHORTEST {
        refusals.insert(0, Refusal::TooShort(count));
    } else if is_common(&normal, &words) {
        refusals.push(Refusal::Common);
    }
    refusals
}

/// A password's hash with its salt and cost, as the store keeps it (a PHC string).
///
/// # Errors
/// When there are no random bytes or not enough memory.
pub(crate) fn hash(password: &str, random: &mut Random) -> Result<String, NotHashed> {
    let salt: [u8; 16] = random.bytes()?;
    Ok(argon2().hash_password_with_salt(normalised(password).as_bytes(), &salt)?.to_string())
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotHashed {
    /// There is no salt.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The computation failed: not enough memory.
    #[error("パスワードを保存する形にできませんでした（{0}）。時間をおいてやり直してください。")]
    Computation(#[from] argon2::password_hash::Error),
}

/// Checks passwords, at the same cost whether the account exists or not.
#[derive(Clone)]
pub(crate) struct Check {
    /// The hash of a password that nobody has.
    nobody: String,
}

impl Check {
    /// To be made once, when the program starts.
    ///
    /// # Errors
    /// When there are no random bytes or not enough memory.
    pub(crate) fn new(random: &mut Random) -> Result<Self, NotHashed> {
        let password = super::token::initial_password(random)?;
        Ok(Self { nobody: hash(&password, random)? })
    }

    /// Whether this is the password of the account whose hash is given; no hash when there is no such account, or none
    /// that may sign in. A hash that cannot be read matches nothing.
    pub(crate) fn is_password(&self, password: &str, hash: Option<&str>) -> bool {
        let known = hash.and_then(|hash| PasswordHash::new(hash).ok());
        let is_known = known.is_some() && password.len() <= LONGEST_BYTES;
        let Some(hash) = known.or_else(|| PasswordHash::new(&self.nobody).ok()) else { return false };
        let password = if password.len() <= LONGEST_BYTES { normalised(password) } else { String::new() };
        argon2().verify_password(password.as_bytes(), &hash).is_ok() && is_known
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, COST)
}

/// One password is one password on every keyboard: `ｐａｓｓ` and `pass`, か + ゛ and が (NIST SP 800-63B has NFKC or NFKD
/// for this). Spaces and case count.
fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

/// The words that are tried first here: the login name, the town's name with and without its last sign (`汐見市`,
/// `汐見`), the program's. A word so short that it stands in others by chance is none.
fn words<'a>(login: &'a str, town: &'a str) -> Vec<&'a str> {
    let stem = town.trim().strip_suffix(['市', '町', '村', '区', '都', '府', '県']);
    let is_word = |word: &&str| {
        let shortest = if word.is_ascii() { 3 } else { 2 };
        count_characters(word) >= shortest
    };
    // The stem alone: whatever holds the whole name holds it too.
    let town = stem.filter(is_word).unwrap_or(town.trim());
    [login.trim(), town, "kaikaku"].into_iter().filter(is_word).collect()
}

/// Whether a password would not withstand guessing, whatever its length.
fn is_common(password: &str, words: &[&str]) -> bool {
    let start: String = password.to_lowercase().chars().take(ESTIMATED_CHARACTERS).collect();
    let known: Vec<&str> = words.iter().copied().chain(TRIED_HERE.split(' ')).collect();
    zxcvbn::zxcvbn(&start, &known).guesses_log10() < GUESSES_LOG10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, &[Refusal])]) {
        for (password, expect) in cases {
            assert_eq!(refusals(password, "tanaka", "汐見市"), *expect, "{password}");
        }
    }

    #[test]
    fn a_password_is_long_and_need_be_nothing_else() {
        check(&[
            ("おにぎりを三つ買う朝の駅前", &[]),
            ("himawari batake", &[]),
            ("yamada taro no neko", &[]),
            ("うみべのねこが", &[Refusal::TooShort(7)]),
            ("", &[Refusal::TooShort(0)]),
            // Counted as a person counts: twelve kana with their marks.
            ("か\u{3099}ひろぬそめゆれほみけ", &[Refusal::TooShort(11)]),
            ("か\u{3099}ひろぬそめゆれほみけち", &[]),
            (&"吾輩は猫である名前はまだ無い".repeat(9).chars().take(126).collect::<String>(), &[]),
            (&"吾輩は猫である名前はまだ無い".repeat(10), &[Refusal::TooLong]),
            (&"\u{3099}".repeat(100_000), &[Refusal::TooLong]),
        ]);
    }

    #[test]
    fn what_everybody_tries_is_refused_at_any_length() {
        for password in [
            "password1234",
            "PASSWORD2025!",
            "p@ssw0rd20250401",
            "ｐａｓｓｗｏｒｄ１２３４",
            "passwordpassword",
            "qwertyuiopasdf",
            "1qaz2wsx3edc4rfv",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklmnop",
            "sakura20250401",
            "iloveyou.iloveyou",
            "administrator1",
            "monkeydragon12",
            "doraemon1234",
            "shiyakusho2025",
            "soumuka-reiwa8",
            "ぱすわーどぱすわーど12",
            "あいうえおかきくけこさし",
            "いろはにほへとちりぬるを",
            "ああああああああああああ",
            "20250401-20260331",
        ] {
            assert_eq!(refusals(password, "tanaka", "汐見市"), [Refusal::Common], "{password}");
        }
    }

    #[test]
    fn own_names_are_refused_however_they_are_written() {
        let holds = |word: &str| vec![Refusal::Holds(word.to_owned())];
        for (password, login, town, expect) in [
            ("neko-TANAKA-umi-asa", "tanaka", "汐見市", holds("tanaka")),
            ("ｎｅｋｏ　ｔａｎ ａｋａ　ｕｍｉ　ａｓａ", "Tanaka", "汐見市", holds("Tanaka")),
            ("猫と汐見の海をみる朝の駅", "tanaka", "汐見市", holds("汐見")),
            ("ねこが Kaikaku を見る朝の駅", "tanaka", "汐見市", holds("kaikaku")),
            // Too short to be anything but chance.
            ("猫と津波の話をきく朝の駅前", "ab", "津市", vec![]),
            ("ねこがabacusを見る朝の駅", "ab", "津市", vec![]),
            ("猫と津市の海をみる朝の駅前で", "ab", "津市", holds("津市")),
        ] {
            assert_eq!(refusals(password, login, town), expect, "{password}");
        }
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for refusal in
            [Refusal::TooShort(7), Refusal::TooLong, Refusal::Holds("汐見".to_owned()), Refusal::Common]
        {
            assert!(refusal.message().contains("してください"), "{refusal:?}");
        }
    }

    #[test]
    fn a_password_is_known_again_in_any_width_and_no_other_is() {
        let mut random = Random::seeded(1);
        let check = Check::new(&mut random).unwrap();
        let kept = hash("ねこが abc を見る朝", &mut random).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        for (typed, expect) in [
            ("ねこが abc を見る朝", true),
            ("ねこか\u{3099} ａｂｃ　を見る朝", true),
            ("ねこが ABC を見る朝", false),
            ("ねこがabcを見る朝", false),
            ("", false),
        ] {
            assert_eq!(check.is_password(typed, Some(&kept)), expect, "{typed}");
        }
        assert_ne!(hash("ねこが abc を見る朝", &mut random).unwrap(), kept, "salted");
    }

    #[test]
    fn what_cannot_be_a_password_matches_nobody() {
        let mut random = Random::seeded(2);
        let check = Check::new(&mut random).unwrap();
        let empty = hash("", &mut random).unwrap();
        assert!(!check.is_password(&"a".repeat(5000), Some(&empty)));
        assert!(!check.is_password("なんでも", Some("$argon2id$broken")));
        // Not even the password behind the hash of nobody opens an account that does not exist.
        let mut same = Random::seeded(2);
        let nobody = super::super::token::initial_password(&mut same).unwrap();
        assert!(argon2().verify_password(nobody.as_bytes(), check.nobody.as_str()).is_ok());
        assert!(!check.is_password(&nobody, None));
    }

    #[test]
    fn an_account_that_does_not_exist_costs_the_same() {
        let mut random = Random::seeded(3);
        let check = Check::new(&mut random).unwrap();
        let own = hash("ねこが abc を見る朝", &mut random).unwrap();
        let cost = |hash: &str| PasswordHash::new(hash).unwrap().params.to_string();
        assert_eq!(cost(&check.nobody), cost(&own));
        assert_eq!(check.nobody.len(), own.len());
    }
}
