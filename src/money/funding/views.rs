//! How funding lines and legs are shown and named over HTTP.

use serde::{Deserialize, Serialize};

use super::model::{Leg, LineRow, LineState, NewLine};
use crate::kernel::Money;
use crate::kernel::id::{FundId, FundingLineId};
use crate::money::funds::Stream;

/// A line of what funds a lot or a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FundingLineView {
    /// Id.
    pub id: FundingLineId,
    /// Place among the lines, from 1.
    #[schema(example = 1)]
    pub position: i32,
    /// The fund; null while a later year's money has none.
    pub fund_id: Option<FundId>,
    /// Where the money comes from.
    pub stream: Stream,
    /// Budget year.
    #[schema(example = 2026)]
    pub year: i32,
    /// How much.
    pub amount: Money,
    /// State.
    pub state: LineState,
    /// The line that it came from.
    pub source_id: Option<FundingLineId>,
}

impl From<LineRow> for FundingLineView {
    fn from(row: LineRow) -> Self {
        Self {
            id: row.id,
            position: row.position,
            fund_id: row.fund_id,
            stream: row.stream,
            year: row.year,
            amount: row.amount.into(),
            state: row.state,
            source_id: row.source_id,
        }
    }
}

/// A line to plan.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanLine {
    /// The fund; absent for a later year's money that has no fund yet.
    #[serde(default)]
    pub fund_id: Option<FundId>,
    /// Where the money comes from; that of the fund.
    pub stream: Stream,
    /// Budget year; that of the fund.
    #[schema(minimum = 2020, maximum = 2099, example = 2026)]
    pub year: i32,
    /// How much.
    pub amount: Money,
}

impl From<&PlanLine> for NewLine {
    fn from(line: &PlanLine) -> Self {
        Self { fund: line.fund_id, stream: line.stream, year: line.year, amount: line.amount.amount_fen }
    }
}

/// A part of an amount on one line.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegPart {
    /// The line.
    pub line_id: FundingLineId,
    /// Its part.
    pub amount: Money,
}

impl From<Leg> for LegPart {
    fn from((line_id, amount): Leg) -> Self {
        Self { line_id, amount: amount.into() }
    }
}

impl From<LegPart> for Leg {
    fn from(part: LegPart) -> Self {
        (part.line_id, part.amount.amount_fen)
    }
}
