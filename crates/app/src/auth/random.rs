//! Where random bytes come from: the operating system, or in tests a seed.

/// A source of random bytes, handed to whatever needs some.
pub(crate) struct Random(Box<Fill>);

type Fill = dyn FnMut(&mut [u8]) -> Result<(), getrandom::Error> + Send;

/// The operating system gave no random bytes. Nothing secret can be made then.
#[derive(Debug, thiserror::Error)]
#[error("オペレーティングシステムから乱数を得られませんでした（{0}）。時間をおいてやり直してください。")]
pub(crate) struct NoRandomness(getrandom::Error);

impl Random {
    /// The operating system's.
    pub(crate) fn system() -> Self {
        Self(Box::new(getrandom::fill))
    }

    /// As many random bytes as the array has.
    ///
    /// # Errors
    /// When the operating system has none.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes).map_err(NoRandomness)?;
        Ok(bytes)
    }
}

#[cfg(test)]
impl Random {
    /// The same bytes in every run.
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut generator = fastrand::Rng::with_seed(seed);
        Self(Box::new(move |bytes| {
            generator.fill(bytes);
            Ok(())
        }))
    }

    /// A system that has none.
    pub(crate) fn failing() -> Self {
        Self(Box::new(|_| Err(getrandom::Error::UNSUPPORTED)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_bytes_are_never_twice_the_same() {
        let mut random = Random::system();
        assert_ne!(random.bytes::<32>().unwrap(), random.bytes::<32>().unwrap());
        assert_ne!(random.bytes::<32>().unwrap(), [0; 32]);
    }

    #[test]
    fn without_randomness_nothing_is_made() {
        assert!(Random::failing().bytes::<16>().is_err());
        assert!(crate::auth::token::Token::new(&mut Random::failing()).is_err());
        assert!(crate::auth::password::hash("いろいろな言葉の列", &mut Random::failing()).is_err());
    }
}
