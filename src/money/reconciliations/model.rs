//! Reconciliations and their differences.

use diesel::prelude::*;

use crate::db::schema::reconciliations;
use crate::kernel::id::{AccountId, ReconciliationId, TenantId, UnitId};
use crate::kernel::{Fen, UtcInstant};
use crate::people::Subject;

crate::text_enum! {
    /// How the two books differ.
    pub enum DifferenceKind {
        /// The treasury has it, the ledger has not.
        MissingHere = "missing_here",
        /// The ledger has it, the treasury has not.
        MissingThere = "missing_there",
        /// Both have it, with different amounts.
        AmountDiffers = "amount_differs",
    }
}

crate::text_enum! {
    /// Which way the money went, in the treasury's file.
    pub enum Direction {
        /// Paid.
        Out = "out",
        /// Came back: bounced or refunded.
        In = "in",
    }
}

/// A stored reconciliation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = reconciliations, treat_none_as_default_value = false)]
pub struct ReconciliationRow {
    /// Id.
    pub id: ReconciliationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Unit whose funds are compared.
    pub unit_id: UnitId,
    /// Month, `YYYY-MM`.
    pub month: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// References on which both books agree.
    pub matched: i32,
    /// Who sent the file.
    pub made_by: AccountId,
    /// Version; grows with every explanation.
    pub version: i64,
    /// When.
    pub created_at: UtcInstant,
}

/// One reference on which the books differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub kind: DifferenceKind,
    /// The bank's reference.
    pub reference: String,
    /// What the treasury has; money that came back counts negative.
    pub treasury: Option<Fen>,
    /// What the ledger has.
    pub ledger: Option<Fen>,
    /// Why.
    pub explanation: Option<String>,
}

/// Where a file is to be compared.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The tenant.
    pub tenant: TenantId,
    /// The unit; none when the caller named none that exists.
    pub unit: Option<UnitId>,
}

impl Subject for Place {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn unit(&self) -> Option<UnitId> {
        self.unit
    }
}

impl Subject for ReconciliationRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }
}
