//! The code of a guiding-catalogue item: a letter and up to three pairs of digits (A, A04, A0402, A040201).

use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize};

/// A checked catalogue code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, diesel::AsExpression, diesel::FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[A-Z]([0-9]{2}){0,3}$", example = "A040201")]
pub struct CatalogueCode(String);

crate::stored_as!(CatalogueCode, Text, String, |inner| Ok(CatalogueCode(inner)));

impl CatalogueCode {
    /// Checks the form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "a catalogue code is a capital letter and zero to three pairs of digits";
        let mut bytes = text.bytes();
        let letter = bytes.next().is_some_and(|b| b.is_ascii_uppercase());
        let digits = bytes.all(|b| b.is_ascii_digit());
        if letter && digits && matches!(text.len(), 1 | 3 | 5 | 7) { Ok(Self(text.to_owned())) } else { Err(FORM) }
    }

    /// Depth in the tree: 1 for the letter alone, 4 at most.
    pub fn level(&self) -> i32 {
        match self.0.len() {
            1 => 1,
            3 => 2,
            5 => 3,
            _ => 4,
        }
    }

    /// The code one level up; `None` at the root.
    pub fn parent(&self) -> Option<CatalogueCode> {
        let shorter = match self.0.len() {
            3 => 1,
            5 => 3,
            7 => 5,
            _ => return None,
        };
        self.0.get(..shorter).map(|code| Self(code.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CatalogueCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CatalogueCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_of_a_leaf_is_found_step_by_step_to_the_root() {
        let mut code = Some(CatalogueCode::parse("A040201").unwrap());
        let mut path = Vec::new();
        while let Some(c) = code {
            path.push(format!("{c}/{}", c.level()));
            code = c.parent();
        }
        assert_eq!(path, ["A040201/4", "A0402/3", "A04/2", "A/1"]);
        assert!(CatalogueCode::parse("A4").is_err() && CatalogueCode::parse("a04").is_err());
    }
}
