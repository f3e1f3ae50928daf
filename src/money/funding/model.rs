//! Funding lines, owners and legs.

use diesel::prelude::*;

use crate::db::schema::funding_lines;
use crate::kernel::id::{AnyId, AreaId, CaseId, FundId, FundingLineId, HoldId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant};
use crate::money::funds::Stream;
use crate::money::ledger::Cause;
use crate::people::Subject;

crate::text_enum! {
    /// Where a funding line stands.
    pub enum LineState {
        /// Named, nothing is held.
        Planned = "planned",
        /// Held in its fund for a lot.
        Reserved = "reserved",
        /// Bound by a contract.
        Committed = "committed",
        /// An approved future commitment: the appropriation of its year is not there yet.
        Future = "future",
        /// Let go.
        Released = "released",
        /// Replaced by another line: the lot's by the contract's, one fund's by another's.
        Moved = "moved",
    }
}

/// What is funded: the row of an upper storey, with the unit whose funds pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// Unit whose funds pay.
    pub unit: UnitId,
    /// Case.
    pub case: CaseId,
    /// Kind and id of what is funded, such as `lot` or `contract`.
    pub cause: Cause<'a>,
}

/// A line to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLine {
    /// The fund; none for a later year's money that has no fund yet.
    pub fund: Option<FundId>,
    /// Stream; that of the fund.
    pub stream: Stream,
    /// Budget year; that of the fund.
    pub year: i32,
    /// How much.
    pub amount: Fen,
}

/// A stored funding line.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = funding_lines, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct LineRow {
    /// Id.
    pub id: FundingLineId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// Kind of what is funded.
    pub owner_kind: String,
    /// What is funded.
    pub owner_id: AnyId,
    /// Place among the owner's lines, from 1; ties of an apportionment go to the lower one.
    pub position: i32,
    /// The fund; none while a later year's money has none.
    pub fund_id: Option<FundId>,
    /// Stream.
    pub stream: Stream,
    /// Budget year.
    pub year: i32,
    /// How much.
    #[diesel(column_name = amount_fen)]
    pub amount: Fen,
    /// State.
    pub state: LineState,
    /// The reservation or commitment of the ledger.
    pub hold_id: Option<HoldId>,
    /// The line that it came from.
    pub source_id: Option<FundingLineId>,
    /// Catalogue code that the money was reserved for.
    pub purpose_code: Option<String>,
    /// Area that it was reserved for.
    pub area_id: Option<AreaId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// A line with the unit whose funds pay: what policy needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFile {
    /// The line.
    pub line: LineRow,
    /// The unit.
    pub unit: UnitId,
}

impl Subject for LineFile {
    fn tenant(&self) -> TenantId {
        self.line.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.line.year)
    }

    fn version(&self) -> Option<i64> {
        Some(self.line.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.line.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
}

/// A part of an amount on one line.
pub type Leg = (FundingLineId, Fen);
