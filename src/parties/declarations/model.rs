//! Declaration rows, kinds and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::declarations;
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, DeclarationId, OrganisationId, TenantId};
use crate::people::{Actor, Role, Subject};

crate::text_enum! {
    /// What is declared.
    pub enum DeclarationKind {
        /// 参加采购前三年内无重大违法记录 (R018).
        NoMajorViolation = "no_major_violation",
        /// 依法缴纳税收和社会保障资金.
        TaxAndSocialSecurity = "tax_and_social_security",
        /// 良好的商业信誉和健全的财务会计制度.
        SoundAccounts = "sound_accounts",
        /// 履约所必需的设备和专业技术能力.
        EquipmentAndStaff = "equipment_and_staff",
        /// 中小企业声明; for enterprises only, a social organisation is none (R079).
        SmallOrMediumEnterprise = "small_or_medium_enterprise",
        /// 残疾人福利性单位声明.
        DisabledWelfare = "disabled_welfare",
        /// 与采购人、评审人员无利害关系.
        ConflictFree = "conflict_free",
        /// 资质证书.
        Certificate = "certificate",
        /// Something else that a tender asks for.
        Other = "other",
    }
}

/// A stored declaration.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = declarations, treat_none_as_default_value = false)]
pub struct DeclarationRow {
    /// Id.
    pub id: DeclarationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Who declares.
    pub organisation_id: OrganisationId,
    /// What is declared.
    pub kind: DeclarationKind,
    /// The words.
    pub statement: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open when absent.
    pub valid_to: Option<NaiveDate>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<UtcInstant>,
    /// Why.
    pub withdraw_reason: Option<String>,
    /// When the organisation was told that it expires.
    pub warned_at: Option<UtcInstant>,
    /// Who declared it.
    pub declared_by: AccountId,
    /// Version.
    pub version: i64,
    /// When it was declared.
    pub created_at: UtcInstant,
}

impl Subject for DeclarationRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.withdrawn_at.is_some() { "withdrawn" } else { "declared" })
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.reaches(&[Role::OrgAdmin, Role::OrgMember], None, Some(self.organisation_id))
    }
}

/// What is needed to declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeclaration {
    /// What.
    pub kind: DeclarationKind,
    /// The words.
    pub statement: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
}

/// What a list asks for. Days are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclarationFilter {
    /// Only this kind.
    pub kind: Option<DeclarationKind>,
    /// Only what is valid on this day and was not withdrawn.
    pub valid_on: Option<NaiveDate>,
    /// Only what expires on this day or before and is still valid.
    pub expires_by: Option<NaiveDate>,
}
