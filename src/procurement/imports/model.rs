//! Rows of imported purchases, their states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::policy;
use crate::db::schema::{external_lots, external_tenders};
use crate::kernel::id::{
    AccountId, CaseId, CatalogueItemId, ExternalTenderId, FundId, LotId, OrganisationId, PlanId, TenantId, TenderId, UnitId,
};
use crate::kernel::sql::Doc;
use crate::kernel::{Fen, UtcInstant, Words};
use crate::law::Procedure;
use crate::people::{Action, Actor, Role, Subject};
use crate::procurement::plans::model::Mode;
use crate::words;

crate::text_enum! {
    /// Where an imported purchase stands.
    pub enum ExternalState {
        /// With the finance officer.
        Imported = "imported",
        /// Money is set aside, the awards are confirmed.
        Approved = "approved",
        /// Not taken over.
        Refused = "refused",
    }
}

crate::text_enum! {
    /// What a member of a panel was.
    pub enum PanelRole {
        /// An expert drawn from the pool.
        Expert = "expert",
        /// 采购人代表.
        PurchaserRepresentative = "purchaser_representative",
    }
}

/// A member of the panel that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name as published.
    #[schema(min_length = 1, max_length = 64, example = "王示例")]
    pub name: String,
    /// What the member was.
    pub role: PanelRole,
    /// Whether the member led the panel.
    #[schema(example = false)]
    pub chair: bool,
}

/// A stored import.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = external_tenders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ExternalRow {
    /// Id.
    pub id: ExternalTenderId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The case.
    pub case_id: CaseId,
    /// The purchaser.
    pub unit_id: UnitId,
    /// The tender that carries it here.
    pub tender_id: TenderId,
    /// Number of the plan on the platform (采购计划编号).
    pub plan_number: String,
    /// Name of the platform.
    pub platform: String,
    /// Where it was announced.
    pub announcement_url: String,
    /// The procedure it was run by.
    pub procedure_used: Procedure,
    /// Day of the announcement.
    pub announced_on: NaiveDate,
    /// Day of the bid deadline.
    pub deadline_on: NaiveDate,
    /// Suppliers that took part, where it is known.
    pub bidders: Option<i32>,
    /// The panel.
    pub panel: Doc,
    /// What the rules said of it at the import.
    pub findings: Doc,
    /// Number of the award notice, unique in the district.
    pub notice_number: String,
    /// Where the award notice is.
    pub notice_url: String,
    /// Day of the award notice.
    pub awarded_on: NaiveDate,
    /// Where it stands.
    pub state: ExternalState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Who imported it.
    pub imported_by: AccountId,
    /// Who approved it.
    pub approved_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it was imported.
    pub created_at: UtcInstant,
}

/// Roles that see an import before its approval.
pub const INSIDERS: &[Role] =
    &[Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Agent, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];

impl Subject for ExternalRow {
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
        self.state == ExternalState::Approved || actor.sees(INSIDERS, self)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let judges = action.name == policy::APPROVE.name || action.name == policy::REFUSE.name;
        (judges && account == self.imported_by).then(|| words!("导入人不得审批自己的导入", "who imported it may not decide on it"))
    }
}

/// A lot's winner.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = external_lots)]
pub struct WinnerRow {
    /// Lot.
    pub lot_id: LotId,
    /// Import.
    pub external_tender_id: ExternalTenderId,
    /// Winner.
    pub organisation_id: OrganisationId,
    /// Price.
    pub price_fen: Fen,
}

/// What is needed to import a purchase.
#[derive(Debug, Clone)]
pub struct NewExternal {
    /// What was bought.
    pub item: CatalogueItemId,
    /// The fund that pays.
    pub fund: FundId,
    /// The plan here that it comes out of.
    pub plan: Option<PlanId>,
    /// Title.
    pub title: String,
    /// What is needed.
    pub description: String,
    /// Why and with whom.
    pub mode: Mode,
    /// Number of the plan on the platform.
    pub plan_number: String,
    /// Name of the platform.
    pub platform: String,
    /// Where it was announced.
    pub announcement_url: String,
    /// The procedure it was run by.
    pub procedure_used: Procedure,
    /// Day of the announcement.
    pub announced_on: NaiveDate,
    /// Day of the bid deadline.
    pub deadline_on: NaiveDate,
    /// Suppliers that took part.
    pub bidders: Option<i32>,
    /// The panel.
    pub panel: Vec<Member>,
    /// Number of the award notice.
    pub notice_number: String,
    /// Where the award notice is.
    pub notice_url: String,
    /// Day of the award notice.
    pub awarded_on: NaiveDate,
    /// Lots with their winners.
    pub lots: Vec<NewWinner>,
}

/// A lot with its winner.
#[derive(Debug, Clone)]
pub struct NewWinner {
    /// Title.
    pub title: String,
    /// Highest price.
    pub ceiling: Fen,
    /// 统一社会信用代码 of the winner.
    pub uscc: String,
    /// Price.
    pub price: Fen,
}
