//! The unified social credit code (统一社会信用代码), GB 32100-2015, with both of its check characters.

use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize};

/// The 31 characters of GB 32100-2015: no I, O, S, V or Z.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Position weights of GB 32100-2015: 3^i mod 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Position weights of the organisation code inside it, GB 11714-1997.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A checked unified social credit code: 18 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, diesel::AsExpression, diesel::FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[0-9A-HJ-NPQRTUWXY]{18}$", example = "52330502MJ9000022F")]
pub struct Uscc(String);

crate::stored_as!(Uscc, Text, String, |inner| Ok(Uscc(inner)));

/// Why a code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters")]
    Length,
    /// A character outside the alphabet (I, O, S, V, Z and lower case are not in it).
    #[error("character {0} is not in the alphabet of GB 32100-2015")]
    Alphabet(char),
    /// Character 17 does not check the organisation code (GB 11714).
    #[error("character 17 does not check the organisation code (GB 11714)")]
    OrganisationCheck,
    /// Character 18 does not check the whole code (GB 32100).
    #[error("character 18 does not check the code (GB 32100)")]
    Check,
}

impl Uscc {
    /// Checks length, alphabet and both check characters.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let characters: Vec<char> = text.chars().collect();
        if characters.len() != 18 {
            return Err(UsccError::Length);
        }
        let mut values = Vec::with_capacity(18);
        for &c in &characters {
            let value = ALPHABET.chars().position(|a| a == c).ok_or(UsccError::Alphabet(c))?;
            values.push(u32::try_from(value).unwrap_or(0));
        }
        if organisation_check(&characters) != characters.get(16).copied() {
            return Err(UsccError::OrganisationCheck);
        }
        let sum: u32 = values.iter().zip(WEIGHTS).fold(0, |sum, (v, w)| sum.wrapping_add(v.wrapping_mul(w)));
        let expected = 31_u32.wrapping_sub(sum.rem_euclid(31)).rem_euclid(31);
        if values.last() != Some(&expected) {
            return Err(UsccError::Check);
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Check character of the organisation code in positions 9 to 16: 11 − Σ mod 11, where 10 is X and 11 is 0.
fn organisation_check(characters: &[char]) -> Option<char> {
    let mut sum: u32 = 0;
    for (c, weight) in characters.get(8..16)?.iter().zip(ORGANISATION_WEIGHTS) {
        // In GB 11714 letters count from A = 10 without gaps.
        sum = sum.wrapping_add(c.to_digit(36)?.wrapping_mul(weight));
    }
    match 11_u32.wrapping_sub(sum.rem_euclid(11)) {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

impl std::fmt::Display for Uscc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../data/vectors/uscc.csv");

    #[test]
    fn every_vector_is_judged_as_the_table_says() {
        let mut seen = (0, 0);
        for row in csv::Reader::from_reader(VECTORS.as_bytes()).records() {
            let row = row.unwrap();
            let valid = &row[2] == "yes";
            assert_eq!(Uscc::parse(&row[0]).is_ok(), valid, "{} {}", &row[0], &row[3]);
            if valid { seen.0 += 1 } else { seen.1 += 1 }
        }
        assert_eq!(seen, (5, 4));
    }

    #[test]
    fn each_check_character_is_named_in_its_refusal() {
        assert_eq!(Uscc::parse("51330502MJ9000015P"), Err(UsccError::OrganisationCheck));
        assert_eq!(Uscc::parse("51330502MJ9000014Q"), Err(UsccError::Check));
        assert_eq!(Uscc::parse("52330502MJ900O022F"), Err(UsccError::Alphabet('O')));
    }
}
