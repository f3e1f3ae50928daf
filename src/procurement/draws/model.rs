//! Draw, contribution and pool rows, their words, and who may know of a draw.

use diesel::prelude::*;

use crate::db::schema::{draw_contributions, draw_pool, draws};
use crate::kernel::id::{AccountId, AnyId, CaseId, DrawId, JournalEntryId, LotId, TenantId, UnitId};
use crate::kernel::{CatalogueCode, UtcInstant};
use crate::people::policy::Subject;
use crate::people::{Actor, Role};

crate::text_enum! {
    /// What is drawn.
    pub enum Purpose {
        /// The experts of a panel.
        Panel = "panel",
        /// The order among bids that share a place.
        Tie = "tie",
    }
}

crate::text_enum! {
    /// Where the randomness of a draw comes from.
    pub enum Method {
        /// Two units commit and reveal.
        TwoUnits = "two_units",
        /// One unit commits and reveals, and the root of the journal's first checkpoint over the freeze stands in for the other: where two units cannot act.
        Journal = "journal",
    }
}

impl Method {
    /// How many units contribute.
    pub const fn units(self) -> usize {
        match self {
            Self::TwoUnits => 2,
            Self::Journal => 1,
        }
    }
}

crate::text_enum! {
    /// Where a draw stands.
    pub enum DrawState {
        /// Units commit.
        Open = "open",
        /// The pool is fixed; units reveal.
        Frozen = "frozen",
        /// Everything is revealed and the permutation is there.
        Drawn = "drawn",
        /// It ended without a result: before the freeze, or because a unit kept silent.
        Failed = "failed",
    }
}

crate::text_enum! {
    /// What came of a member's turn.
    pub enum Outcome {
        /// The expert sits on the panel.
        Seated = "seated",
        /// The expert sat and declined.
        Declined = "declined",
        /// The expert sat and was removed for a conflict.
        Removed = "removed",
        /// The expert could not sit when its turn came; the record says why.
        PassedOver = "passed_over",
        /// The bid was proposed for the award.
        Proposed = "proposed",
    }
}

crate::text_enum! {
    /// Why an expert was passed over when its turn came.
    pub enum Hindrance {
        /// It is not in the district's pool of experts.
        Unknown = "unknown",
        /// It is suspended.
        Suspended = "suspended",
        /// It has no account, or one that is closed or does not evaluate.
        NoLogin = "no_login",
        /// It sits, or sat, on this panel already.
        SeatedAlready = "seated_already",
        /// It has a conflict of interest in the lot.
        Conflict = "conflict",
    }
}

/// A stored draw.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = draws, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DrawRow {
    /// Id.
    pub id: DrawId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// What is drawn.
    pub purpose: Purpose,
    /// The place that the bids share.
    pub place: Option<i32>,
    /// Where the randomness comes from.
    pub method: Method,
    /// Why the journal stands in for a unit.
    pub because: Option<String>,
    /// Experts to be drawn; 0 for a tie.
    pub experts: i32,
    /// The experts' field.
    pub field: Option<CatalogueCode>,
    /// The purchaser's own people who will sit, in ascending order, separated by commas: they are not in the pool.
    pub representatives: String,
    /// Hours in which a unit must reveal once its turn has come.
    pub reveal_hours: i32,
    /// Where it stands.
    pub state: DrawState,
    /// Who opened it.
    pub opened_by: AccountId,
    /// When.
    pub opened_at: UtcInstant,
    /// When the pool was fixed.
    pub frozen_at: Option<UtcInstant>,
    /// The journal's entry of that.
    pub freeze_entry: Option<JournalEntryId>,
    /// Until when the unit whose turn it is must reveal.
    pub reveal_by: Option<UtcInstant>,
    /// Root of the pool, lower-case hex.
    pub pool_root: Option<String>,
    /// Leaves of the checkpoint that stood in for a unit.
    pub checkpoint_size: Option<i64>,
    /// Its root, lower-case hex.
    pub checkpoint_root: Option<String>,
    /// The seed, lower-case hex.
    pub seed: Option<String>,
    /// When the permutation was there.
    pub drawn_at: Option<UtcInstant>,
    /// The unit that did not reveal in time.
    pub silent_unit: Option<UnitId>,
    /// When it ended without a result.
    pub ended_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

/// A unit's share of the randomness.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = draw_contributions, primary_key(draw_id, unit_id), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ContributionRow {
    /// Draw.
    pub draw_id: DrawId,
    /// Unit.
    pub unit_id: UnitId,
    /// Place in the seed and turn to reveal, from 1; before the freeze the order of the commitments.
    pub position: i32,
    /// Who committed for it.
    pub account_id: AccountId,
    /// What it committed to, lower-case hex.
    pub commitment: String,
    /// When.
    pub committed_at: UtcInstant,
    /// What it revealed, lower-case hex.
    pub nonce: Option<String>,
    /// When.
    pub revealed_at: Option<UtcInstant>,
    /// Whether it revealed after the draw had ended for its silence.
    pub late: bool,
    /// The pool's root that it named when it revealed, lower-case hex.
    pub pool_root: Option<String>,
}

/// A member of a frozen pool.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = draw_pool, treat_none_as_default_value = false)]
pub struct PoolRow {
    /// Draw.
    pub draw_id: DrawId,
    /// Place among the sorted leaves, from 0.
    pub position: i32,
    /// Leaf, lower-case hex.
    pub leaf: String,
    /// Its salt, lower-case hex.
    pub salt: String,
    /// Expert or bid.
    pub member_id: AnyId,
    /// Turn in the permutation, from 1.
    pub turn: Option<i32>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it was passed over.
    pub passed_because: Option<Hindrance>,
}

/// What is to be drawn and how.
#[derive(Debug, Clone)]
pub struct NewDraw {
    /// What is drawn.
    pub purpose: Purpose,
    /// The place that tied bids share.
    pub place: Option<i32>,
    /// Where the randomness comes from.
    pub method: Method,
    /// Why the journal stands in for a unit.
    pub because: Option<String>,
    /// Hours in which a unit must reveal.
    pub reveal_hours: i32,
    /// Experts to be drawn.
    pub experts: i32,
    /// Their field.
    pub field: Option<CatalogueCode>,
    /// The purchaser's own people who will sit.
    pub representatives: Vec<AccountId>,
}

/// Who sits for the purchaser, as a draw keeps it.
pub fn joined(representatives: &[AccountId]) -> String {
    let mut sorted = representatives.to_vec();
    sorted.sort_unstable();
    sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Roles that may know of a draw before the result is public, each as far as it reaches.
pub const INSIDE: &[Role] = &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Supervisor, Role::Auditor];

/// A draw, with the unit of who acts.
#[derive(Debug, Clone)]
pub struct DrawFile {
    /// The draw.
    pub draw: DrawRow,
    /// The unit of who acts; none for somebody of no unit.
    pub acting: Option<UnitId>,
}

impl Subject for DrawFile {
    fn tenant(&self) -> TenantId {
        self.draw.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.draw.opened_at.year_in_shanghai())
    }
    fn version(&self) -> Option<i64> {
        Some(self.draw.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.draw.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.draw.unit_id)
    }
    fn case(&self) -> Option<AnyId> {
        Some(self.draw.case_id.any())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.sees(INSIDE, self)
    }
}
