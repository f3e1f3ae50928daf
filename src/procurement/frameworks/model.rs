//! Framework, supplier and order rows, states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::{framework_orders, framework_suppliers, framework_tenders, frameworks};
use crate::kernel::id::{AccountId, CaseId, CatalogueItemId, FrameworkId, FrameworkOrderId, FundId};
use crate::kernel::id::{OrganisationId, PlanId, TenantId, TenderId, UnitId};
use crate::kernel::{Fen, UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::procurement::plans::model::Mode;
use crate::words;

crate::text_enum! {
    /// Where a framework agreement stands. Whether it is in force on a day follows from its dates.
    pub enum FrameworkState {
        /// Being written.
        Drafted = "drafted",
        /// Orders may be placed while it is in force.
        Active = "active",
        /// Ended before its last day.
        Ended = "ended",
    }
}

/// A stored framework agreement.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = frameworks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct FrameworkRow {
    /// Id.
    pub id: FrameworkId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The case: that of its source tender, or one of its own.
    pub case_id: CaseId,
    /// The unit that made it.
    pub unit_id: UnitId,
    /// Whether every unit of the district may order.
    pub district_wide: bool,
    /// What it is for.
    pub catalogue_item_id: CatalogueItemId,
    /// Title.
    pub title: String,
    /// What a unit price is for (计价单位).
    pub unit_label: String,
    /// The tender that it came out of.
    pub source_tender_id: Option<TenderId>,
    /// Number of an agreement that was made elsewhere.
    pub reference: Option<String>,
    /// Where that was published.
    pub reference_url: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// An order above this amount needs a competition among the admitted.
    pub competition_above_fen: Fen,
    /// Where it stands.
    pub state: FrameworkState,
    /// Why it was ended.
    pub reason: Option<String>,
    /// Who wrote it.
    pub drafted_by: AccountId,
    /// Who activated it.
    pub activated_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// Roles that see a draft.
pub const INSIDERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];

impl FrameworkRow {
    /// Whether orders may be placed on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.state == FrameworkState::Active && (self.valid_from..=self.valid_to).contains(&day)
    }
}

impl Subject for FrameworkRow {
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
    fn visible_to(&self, actor: &Actor) -> bool {
        self.state != FrameworkState::Drafted || actor.sees(INSIDERS, self)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let activates = action.name == policy::ACTIVATE.name;
        (activates && account == self.drafted_by)
            .then(|| words!("起草人不得启用自己的框架协议", "the drafter may not activate the framework"))
    }
}

/// An admitted supplier.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = framework_suppliers, treat_none_as_default_value = false)]
pub struct SupplierRow {
    /// Framework.
    pub framework_id: FrameworkId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// Price of a unit.
    pub unit_price_fen: Fen,
    /// Most that it may be ordered for in all.
    pub limit_fen: Option<Fen>,
}

/// A tender under a framework.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = framework_tenders)]
pub struct FrameworkTenderRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Framework.
    pub framework_id: FrameworkId,
}

/// A direct order.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = framework_orders, treat_none_as_default_value = false)]
pub struct OrderRow {
    /// Id.
    pub id: FrameworkOrderId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Framework.
    pub framework_id: FrameworkId,
    /// The tender that carries it through review, award and contract.
    pub tender_id: TenderId,
    /// Who orders.
    pub unit_id: UnitId,
    /// Who is to deliver.
    pub organisation_id: OrganisationId,
    /// Units.
    pub quantity: i64,
    /// Price of a unit on the day of the order.
    pub unit_price_fen: Fen,
    /// Quantity × price.
    pub amount_fen: Fen,
    /// Why this supplier.
    pub reason: String,
    /// Who placed it.
    pub ordered_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// A framework as the desk at which a unit calls off.
#[derive(Debug, Clone)]
pub struct CallDesk {
    /// The framework.
    pub framework: FrameworkRow,
    /// The unit that calls off.
    pub unit: UnitId,
}

impl Subject for CallDesk {
    fn tenant(&self) -> TenantId {
        self.framework.tenant_id
    }
    fn year(&self) -> Option<i32> {
        self.framework.year()
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.framework.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.unit)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.framework.visible_to(actor)
    }
}

/// What is needed to make a framework agreement.
#[derive(Debug, Clone)]
pub struct NewFramework {
    /// Title.
    pub title: String,
    /// What it is for.
    pub item: CatalogueItemId,
    /// Whether every unit of the district may order.
    pub district_wide: bool,
    /// What a unit price is for.
    pub unit_label: String,
    /// The tender that it comes out of; otherwise it was made elsewhere.
    pub source: Option<TenderId>,
    /// Number of an agreement made elsewhere.
    pub reference: Option<String>,
    /// Where that was published.
    pub reference_url: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// An order above this amount needs a competition.
    pub competition_above: Fen,
    /// Suppliers: organisation, unit price, limit.
    pub suppliers: Vec<(OrganisationId, Fen, Option<Fen>)>,
}

/// What is said of a call-off.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Title.
    pub title: String,
    /// What is needed.
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// The fund that pays.
    pub fund: FundId,
    /// The plan that it comes out of.
    pub plan: Option<PlanId>,
}
