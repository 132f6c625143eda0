//! A municipality and its national code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The town, city or ward that a plan belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Municipality {
    /// 全国地方公共団体コード: six digits, the last a check digit.
    pub code: MunicipalityCode,
    /// The name as the municipality writes it.
    pub name: String,
}

/// A national municipality code (全国地方公共団体コード): six digits as text, for some begin with zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]{6}$"))]
pub struct MunicipalityCode(String);

impl MunicipalityCode {
    /// The code's six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MunicipalityCode {
    type Error = String;

    /// Takes six ASCII digits whose last one is the check digit of the others.
    ///
    /// Source of the check digit: 総務省「全国地方公共団体コード」仕様, weights 6 to 2, modulo 11.
    ///
    /// # Errors
    /// When the text has not six digits or the last is not the check digit, which the message then names.
    fn try_from(code: String) -> Result<Self, String> {
        let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
        if code.len() != 6 || digits.len() != 6 {
            return Err(format!("municipality code `{code}` must have six digits"));
        }
        let sum: u32 = digits[..5].iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - sum % 11) % 10;
        if digits[5] != check {
            return Err(format!("municipality code `{code}` has the check digit {}, not {check}", digits[5]));
        }
        Ok(Self(code))
    }
}

impl From<MunicipalityCode> for String {
    fn from(code: MunicipalityCode) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_with_the_right_check_digit() {
        for code in ["352080", "011002", "131016", "992011", "471003"] {
            assert!(MunicipalityCode::try_from(code.to_owned()).is_ok(), "{code}");
        }
        for code in ["352081", "35208", "3520800", "35208A", "", "３５２０８０"] {
            assert!(MunicipalityCode::try_from(code.to_owned()).is_err(), "{code}");
        }
    }
}
