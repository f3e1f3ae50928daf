//! Shares in basis points (1/100 of a percent).

use diesel::sql_types::Integer;
use serde::{Deserialize, Deserializer, Serialize};

/// A share between 0 and 10 000 basis points (0 % to 100 %).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, diesel::AsExpression, diesel::FromSqlRow, utoipa::ToSchema,
)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
#[schema(value_type = i32, minimum = 0, maximum = 10_000, example = 2_000)]
pub struct BasisPoints(i32);

crate::stored_as!(BasisPoints, Integer, i32, |inner| BasisPoints::new(inner)
    .ok_or_else(|| format!("{inner} is not a share in basis points").into()));

impl BasisPoints {
    /// The whole: 10 000.
    pub const WHOLE: BasisPoints = BasisPoints(10_000);

    /// A share; `None` outside 0 to 10 000.
    pub const fn new(bp: i32) -> Option<Self> {
        if bp < 0 || bp > 10_000 { None } else { Some(Self(bp)) }
    }

    /// The number of basis points.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl<'de> Deserialize<'de> for BasisPoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bp = i32::deserialize(deserializer)?;
        Self::new(bp).ok_or_else(|| serde::de::Error::custom("basis points must lie between 0 and 10000"))
    }
}
