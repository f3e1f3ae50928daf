//! Year-end runs and their items.

use diesel::prelude::*;

use super::policy;
use crate::db::schema::year_ends;
use crate::kernel::id::{AccountId, FundId, HoldId, TenantId, UnitId, YearEndId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Subject};
use crate::words;

crate::text_enum! {
    /// Where a year end stands.
    pub enum YearEndState {
        /// Shows what would be done.
        Previewed = "previewed",
        /// Posted; may be reversed.
        Executed = "executed",
        /// Taken back.
        Reversed = "reversed",
        /// Final.
        Confirmed = "confirmed",
    }
}

crate::text_enum! {
    /// What becomes of an amount.
    pub enum ItemKind {
        /// 结转: an open commitment goes to the next year's fund.
        Carry = "carry",
        /// 收回: what is free goes back to the treasury.
        Return = "return",
        /// A reservation stays; run again when its tender is decided.
        Stay = "stay",
    }
}

/// A stored run.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = year_ends, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct YearEndRow {
    /// Id.
    pub id: YearEndId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Unit whose funds close.
    pub unit_id: UnitId,
    /// The year that ends.
    pub year: i32,
    /// 文号 of the carry-over.
    pub document_number: String,
    /// State.
    pub state: YearEndState,
    /// Who previewed it.
    pub previewed_by: AccountId,
    /// Who posted it.
    pub executed_by: Option<AccountId>,
    /// Who confirmed it.
    pub confirmed_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was previewed.
    pub created_at: UtcInstant,
}

/// One amount of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// What becomes of it.
    pub kind: ItemKind,
    /// The fund that closes.
    pub fund: FundId,
    /// The hold that is carried or stays.
    pub hold: Option<HoldId>,
    /// Where it is carried.
    pub to_fund: Option<FundId>,
    /// How much.
    pub amount: Fen,
    /// The commitment in the next year's fund, once executed.
    pub new_hold: Option<HoldId>,
}

/// Where a preview is to be made.
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

impl Subject for YearEndRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn year(&self) -> Option<i32> {
        Some(self.year)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }

    fn unit(&self) -> Option<UnitId> {
        Some(self.unit_id)
    }

    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::CONFIRM.name && self.executed_by == Some(account))
            .then(|| words!("由您执行，须由他人确认", "you executed it; somebody else must confirm it"))
    }
}
