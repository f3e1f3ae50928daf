//! Expert, field and tie rows, their states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{expert_fields, expert_ties, experts};
use crate::kernel::id::{AccountId, ExpertId, ExpertTieId, OrganisationId, TenantId, UnitId};
use crate::kernel::{CatalogueCode, UtcInstant};
use crate::law::facts::TieKind;
use crate::people::{Actor, Role, Subject};

crate::text_enum! {
    /// Whether an expert can be drawn.
    pub enum ExpertState {
        /// It can.
        Active = "active",
        /// Not until further notice, for a reason.
        Suspended = "suspended",
    }
}

/// Who keeps the pool.
pub const KEEPERS: &[Role] = &[Role::PlatformAdmin, Role::Supervisor];

/// A stored expert.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = experts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ExpertRow {
    /// Id.
    pub id: ExpertId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The person's name.
    pub name: String,
    /// The account with which it scores; who has none cannot be drawn.
    pub account_id: Option<AccountId>,
    /// Whether it can be drawn.
    pub state: ExpertState,
    /// Why it is in this state.
    pub state_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// Who took it in.
    pub created_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// A field of an expert: every catalogue item whose code begins so.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = expert_fields)]
pub struct FieldRow {
    /// Expert.
    pub expert_id: ExpertId,
    /// Catalogue code.
    pub prefix: CatalogueCode,
}

/// A stored tie between an expert and an organisation, a unit or whoever is named: an employment, a seat on a board, kinship, an interest.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = expert_ties, treat_none_as_default_value = false)]
pub struct TieRow {
    /// Id.
    pub id: ExpertTieId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Expert.
    pub expert_id: ExpertId,
    /// What ties them.
    pub kind: TieKind,
    /// The organisation, when it is registered here.
    pub organisation_id: Option<OrganisationId>,
    /// The public body.
    pub unit_id: Option<UnitId>,
    /// Unified social credit code.
    pub uscc: Option<String>,
    /// Name of the other side.
    pub name: String,
    /// First day; `None` when unknown.
    pub from_on: Option<NaiveDate>,
    /// Last day; `None` while it lasts.
    pub until_on: Option<NaiveDate>,
    /// Who declared it.
    pub declared_by: AccountId,
    /// When.
    pub declared_at: UtcInstant,
}

/// An expert with everything that decides whether it can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertFile {
    /// The expert.
    pub expert: ExpertRow,
    /// Its fields.
    pub fields: Vec<CatalogueCode>,
    /// Its ties.
    pub ties: Vec<TieRow>,
}

impl Subject for ExpertRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.has_any(KEEPERS) || self.account_id == Some(actor.account)
    }
}

/// A tie together with its expert, as the subject of its end.
#[derive(Debug, Clone)]
pub struct TieFile {
    /// The expert.
    pub expert: ExpertRow,
    /// The tie.
    pub tie: TieRow,
}

impl Subject for TieFile {
    fn tenant(&self) -> TenantId {
        self.tie.tenant_id
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.expert.visible_to(actor)
    }
}

/// What is needed to declare a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTie {
    /// What ties them.
    pub kind: TieKind,
    /// The organisation.
    pub organisation: Option<OrganisationId>,
    /// The public body.
    pub unit: Option<UnitId>,
    /// Unified social credit code.
    pub uscc: Option<String>,
    /// Name of the other side.
    pub name: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
}

/// What is needed to take an expert in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExpert {
    /// The person's name.
    pub name: String,
    /// Account.
    pub account: Option<AccountId>,
    /// Fields.
    pub fields: Vec<CatalogueCode>,
    /// Ties known so far.
    pub ties: Vec<NewTie>,
}

/// A change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpertChange {
    /// The person's name.
    pub name: Option<String>,
    /// Account.
    pub account: Option<AccountId>,
    /// Fields, all anew.
    pub fields: Option<Vec<CatalogueCode>>,
}

/// What a list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpertFilter {
    /// Only this state.
    pub state: Option<ExpertState>,
    /// Only who knows this field.
    pub field: Option<CatalogueCode>,
    /// Only the expert of this account.
    pub own: Option<AccountId>,
}
