//! Award rows and states.

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
    }
}

/// A stored award.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = awards, treat_none_as_default_value = false)]
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
    /// Bid.
    pub bid_id: BidId,
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
}

impl Subject for AwardRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
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
        self.state != AwardState::Proposed || actor.reaches(INSIDE, Some(self.unit_id), None)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let confirms = action.name == super::policy::CONFIRM.name;
        (confirms && account == self.proposed_by).then(|| words!("提出人不得确认自己的定标", "who proposed the award may not confirm it"))
    }
}
