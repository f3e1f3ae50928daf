//! The 12-digit code of a division (区划代码): district, subdistrict or township, community, or a grid below it.

use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize};

/// 12 digits; a grid adds `-` and up to three digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, diesel::AsExpression, diesel::FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[0-9]{12}(-[0-9]{1,3})?$", example = "330502004000")]
pub struct AreaCode(String);

crate::stored_as!(AreaCode, Text, String, |inner| Ok(AreaCode(inner)));

impl AreaCode {
    /// Checks the form; whether the division exists is the table's business.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "an area code has 12 digits, a grid adds a hyphen and one to three digits";
        let (division, grid) = text.split_once('-').map_or((text, None), |(d, g)| (d, Some(g)));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if division.len() != 12 || !digits(division) {
            return Err(FORM);
        }
        match grid {
            Some(grid) if grid.is_empty() || grid.len() > 3 || !digits(grid) => Err(FORM),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AreaCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AreaCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_and_grids_are_accepted_and_nothing_else() {
        for good in ["330502004000", "330502004001-7", "330502004001-012"] {
            assert!(AreaCode::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "33050200400", "3305020040000", "33050200400A", "330502004001-", "330502004001-1234", "３３０５０２００４０００"]
        {
            assert!(AreaCode::parse(bad).is_err(), "{bad}");
        }
    }
}
