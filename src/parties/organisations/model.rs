//! Organisation rows, states and commands.

use diesel::prelude::*;

use crate::db::schema::organisations;
use crate::kernel::id::{AccountId, OrganisationId, TenantId};
use crate::kernel::{Uscc, UtcInstant};
use crate::people::{Actor, Role, Subject, Viewer};

crate::text_enum! {
    /// What kind of supplier an organisation is.
    pub enum OrganisationKind {
        /// 社会团体.
        SocialOrganisation = "social_organisation",
        /// 社会服务机构 (民办非企业单位).
        SocialServiceInstitution = "social_service_institution",
        /// 基金会.
        Foundation = "foundation",
        /// 社会工作服务机构.
        SocialWorkInstitution = "social_work_institution",
        /// 企业.
        Enterprise = "enterprise",
        /// 协会、商会.
        Association = "association",
    }
}

crate::text_enum! {
    /// Where an organisation stands.
    pub enum OrganisationState {
        /// It registered itself; nobody has looked at it yet.
        Registered = "registered",
        /// Checked by the platform.
        Verified = "verified",
        /// Stopped for a reason.
        Suspended = "suspended",
        /// 活动异常名录.
        Abnormal = "abnormal",
        /// 严重违法失信名单.
        Blacklisted = "blacklisted",
    }
}

impl OrganisationState {
    /// States in which everybody may know of an organisation. The two lists are public records; who supplied before is still named.
    pub const PUBLIC: &'static [Self] = &[Self::Verified, Self::Abnormal, Self::Blacklisted];
}

/// A stored organisation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub struct OrganisationRow {
    /// Id.
    pub id: OrganisationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// 统一社会信用代码, unique in the tenant.
    pub uscc: Uscc,
    /// 中文 name.
    pub name_zh: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// 法定代表人.
    pub legal_representative: String,
    /// Where mail goes; not public.
    pub contact_email: String,
    /// State.
    pub state: OrganisationState,
    /// Why it is in this state.
    pub state_reason: Option<String>,
    /// Who verified it; unknown to the operator at the command line.
    pub verified_by: Option<AccountId>,
    /// Version.
    pub version: i64,
    /// When it registered.
    pub created_at: UtcInstant,
}

/// People of public bodies who see every organisation with its contact.
const INSIDERS: &[Role] =
    &[Role::PlatformAdmin, Role::Purchaser, Role::PurchaserLead, Role::FinanceOfficer, Role::Supervisor, Role::Auditor];

/// Whether the reader sees organisations in every state, with their contacts.
pub fn sees_all(viewer: &Viewer) -> bool {
    viewer.actor.as_ref().is_some_and(|actor| actor.has_any(INSIDERS))
}

impl OrganisationRow {
    /// Whether the reader sees the contact address and the reason of the state.
    pub fn whole_for(&self, viewer: &Viewer) -> bool {
        sees_all(viewer) || viewer.actor.as_ref().is_some_and(|actor| actor.organisation == Some(self.id))
    }

    /// Whether the reader may know of it: verified organisations and those of the public lists are public.
    pub fn visible_for(&self, viewer: &Viewer) -> bool {
        OrganisationState::PUBLIC.contains(&self.state) || self.whole_for(viewer)
    }
}

impl Subject for OrganisationRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.visible_for(&Viewer { tenant: actor.tenant, actor: Some(actor.clone()) })
    }
}

/// What an organisation says of itself, with its first account. The password is hashed before the transaction.
#[derive(Debug, Clone)]
pub struct Registration {
    /// 统一社会信用代码.
    pub uscc: Uscc,
    /// 中文 name.
    pub name_zh: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// 法定代表人.
    pub legal_representative: String,
    /// Where mail goes.
    pub contact_email: String,
    /// Login name of the first account.
    pub account_email: String,
    /// Name of its person.
    pub account_name: String,
    /// argon2id PHC string.
    pub password_hash: String,
}

/// What a list asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationFilter {
    /// Only this state.
    pub state: Option<OrganisationState>,
    /// Only this kind.
    pub kind: Option<OrganisationKind>,
    /// Every state; otherwise the public ones and `own`.
    pub all: bool,
    /// The reader's own organisation.
    pub own: Option<OrganisationId>,
}
