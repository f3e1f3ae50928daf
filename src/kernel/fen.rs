//! Money: integer fen of CNY. Arithmetic is checked; there is no float anywhere.

use diesel::sql_types::BigInt;
use serde::{Deserialize, Deserializer, Serialize};

use super::error::{Error, Result};

/// The largest amount the system accepts: 10 billion yuan, well inside what JSON numbers keep exactly.
pub const MAX_FEN: i64 = 1_000_000_000_000;

/// An amount in fen (1/100 yuan). May be negative inside postings; amounts that users send are positive.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    diesel::AsExpression,
    diesel::FromSqlRow,
    utoipa::ToSchema,
)]
#[diesel(sql_type = BigInt)]
#[serde(transparent)]
#[schema(value_type = i64, example = 12_345_600)]
pub struct Fen(i64);

crate::stored_as!(Fen, BigInt, i64, |inner| Ok(Fen(inner)));

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// Wraps a number of fen.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Adds; an overflow is an internal error because every amount is bounded on entry.
    pub fn plus(self, other: Fen) -> Result<Fen> {
        self.0.checked_add(other.0).map(Fen).ok_or_else(|| Error::internal("money overflow in addition"))
    }

    /// Subtracts; the result may be negative.
    pub fn minus(self, other: Fen) -> Result<Fen> {
        self.0.checked_sub(other.0).map(Fen).ok_or_else(|| Error::internal("money overflow in subtraction"))
    }

    /// The same amount with the other sign.
    pub fn negated(self) -> Result<Fen> {
        self.0.checked_neg().map(Fen).ok_or_else(|| Error::internal("money overflow in negation"))
    }

    /// The sum of many amounts.
    pub fn total(amounts: impl IntoIterator<Item = Fen>) -> Result<Fen> {
        amounts.into_iter().try_fold(Fen::ZERO, Fen::plus)
    }
}

impl std::fmt::Display for Fen {
    /// Yuan with two decimals, as people write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude.div_euclid(100), magnitude.rem_euclid(100))
    }
}

/// An amount as the API writes it: integer fen with the currency named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount_fen": 12_345_600, "currency": "CNY"}))]
pub struct Money {
    /// Amount in fen, 0 to 1 000 000 000 000.
    #[schema(value_type = i64, minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount_fen: Fen,
    /// Always `CNY`.
    pub currency: Currency,
}

/// The one currency of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Currency {
    /// Renminbi.
    #[serde(rename = "CNY")]
    Cny,
}

impl From<Fen> for Money {
    fn from(amount_fen: Fen) -> Self {
        Self { amount_fen, currency: Currency::Cny }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            amount_fen: i64,
            currency: Currency,
        }
        let raw = Raw::deserialize(deserializer)?;
        if !(0..=MAX_FEN).contains(&raw.amount_fen) {
            return Err(serde::de::Error::custom(format!("amount_fen must lie between 0 and {MAX_FEN}")));
        }
        Ok(Self { amount_fen: Fen(raw.amount_fen), currency: raw.currency })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_a_foreign_currency_and_a_negative_amount_are_refused() {
        for bad in [
            r#"{"amount_fen": 1.5, "currency": "CNY"}"#,
            r#"{"amount_fen": 1, "currency": "USD"}"#,
            r#"{"amount_fen": -1, "currency": "CNY"}"#,
            r#"{"amount_fen": 1000000000001, "currency": "CNY"}"#,
            r#"{"amount_fen": 1}"#,
        ] {
            assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
        }
        let good: Money = serde_json::from_str(r#"{"amount_fen": 1000000000000, "currency": "CNY"}"#).unwrap();
        assert_eq!(good.amount_fen, Fen::new(MAX_FEN));
    }

    #[test]
    fn overflow_is_an_error_never_a_wrap() {
        assert!(Fen::new(i64::MAX).plus(Fen::new(1)).is_err());
        assert!(Fen::new(i64::MIN).negated().is_err());
        assert_eq!(Fen::new(-1_205).to_string(), "-12.05");
    }
}
