//! Award rows and states.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::awards;
use crate::kernel::id::{AccountId, AwardId, BidId, CaseId, LotId, OrganisationId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Where an award stands.
    pub enum AwardState {
        /// With the lead of the unit.
        Proposed = "proposed",
        /// Confirmed and public.
        Confirmed = "confirmed",
        /// Its contract is drafted.
        Contracting = "contracting",
        /// Taken back: a challenge or a complaint was upheld, or the lot ended before its notice.
        Overturned = "overturned",
        /// The winner declined or did not sign in time.
        Declined = "declined",
    }
}

impl AwardState {
    /// States in which an award stands; a lot has at most one such award.
    pub const LIVING: &'static [Self] = &[Self::Proposed, Self::Confirmed, Self::Contracting];
}

crate::text_enum! {
    /// What an award rests on.
    pub enum AwardOrigin {
        /// The ranking of the bids.
        Ranked = "ranked",
        /// A reasoned decision without bids (direct, single source).
        Direct = "direct",
        /// A procedure run on the statutory platform.
        Imported = "imported",
    }
}

/// A stored award.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = awards, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct AwardRow {
    /// Id.
    pub id: AwardId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Bid; a direct or imported award has none.
    pub bid_id: Option<BidId>,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price_fen: Fen,
    /// Where it stands.
    pub state: AwardState,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed it.
    pub confirmed_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
    /// What it rests on.
    pub origin: AwardOrigin,
    /// Place in the ranking.
    pub place: Option<i32>,
    /// Why this supplier: of a direct award, or of the next ranked.
    pub reason: Option<String>,
    /// Day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// When the result notice and the award notices went out, together.
    pub published_at: Option<UtcInstant>,
    /// Last day of the result notice.
    pub notice_ends: Option<NaiveDate>,
    /// Last day on which the contract must wait; none where the procedure knows no such period.
    pub standstill_ends: Option<NaiveDate>,
    /// Where the statutory platform published an imported award.
    pub notice_url: Option<String>,
    /// Who ended it.
    pub ended_by: Option<AccountId>,
    /// When it ended.
    pub ended_at: Option<UtcInstant>,
    /// Why it ended.
    pub end_reason: Option<String>,
}

/// An award that rests on no bid: by a reasoned decision.
#[derive(Debug, Clone)]
pub struct DirectAward {
    /// Supplier.
    pub organisation: OrganisationId,
    /// Price.
    pub price: Fen,
    /// Why this supplier.
    pub reason: String,
}

/// An award made on the statutory platform.
#[derive(Debug, Clone)]
pub struct ImportedAward {
    /// Supplier.
    pub organisation: OrganisationId,
    /// Price.
    pub price: Fen,
    /// Day of the decision there.
    pub decided_on: NaiveDate,
    /// Where it was published.
    pub notice_url: String,
}

impl AwardRow {
    /// Whether everybody may know of it: its notice went out. Awards from before that notice was kept count by their state.
    pub const fn is_public(&self) -> bool {
        self.published_at.is_some() || matches!(self.state, AwardState::Confirmed | AwardState::Contracting)
    }
}

impl Subject for AwardRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.created_at.year_in_shanghai())
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
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        const INSIDE: &[Role] =
            &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];
        self.is_public() || actor.sees(INSIDE, self)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let confirms = action.name == super::policy::CONFIRM.name;
        (confirms && account == self.proposed_by).then(|| words!("提出人不得确认自己的定标", "who proposed the award may not confirm it"))
    }
}
