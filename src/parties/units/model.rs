//! Unit rows, kinds and commands.

use diesel::prelude::*;

use crate::db::schema::{unit_parents, units};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AreaId, TenantId, UnitId};
use crate::people::Subject;

crate::text_enum! {
    /// What kind of public body a unit is.
    pub enum UnitKind {
        /// 区直部门.
        Department = "department",
        /// 街道.
        Subdistrict = "subdistrict",
        /// 乡镇.
        Township = "township",
        /// 财政局; its finance officers serve every unit.
        FinanceBureau = "finance_bureau",
        /// 审计局.
        AuditOffice = "audit_office",
        /// 社工委.
        SocialWorkCommission = "social_work_commission",
        /// 协商委.
        ConsultationCommittee = "consultation_committee",
        /// 孵化基地.
        IncubationBase = "incubation_base",
        /// 社区居委会.
        CommunityCommittee = "community_committee",
        /// 采购代理机构; it acts for purchasers by mandate.
        Agency = "agency",
    }
}

/// A stored unit.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = units, treat_none_as_default_value = false)]
pub struct UnitRow {
    /// Id.
    pub id: UnitId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// 中文 name, unique in the tenant.
    pub name_zh: String,
    /// Kind.
    pub kind: UnitKind,
    /// The area it serves.
    pub area_id: Option<AreaId>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

impl Subject for UnitRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.id)
    }
}

/// The unit above another.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = unit_parents, treat_none_as_default_value = false)]
pub struct ParentRow {
    /// The unit below.
    pub unit_id: UnitId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The unit above.
    pub parent_id: UnitId,
}

/// What is needed to make a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// 中文 name.
    pub name_zh: String,
    /// Kind.
    pub kind: UnitKind,
    /// The area it serves.
    pub area_id: Option<AreaId>,
}
