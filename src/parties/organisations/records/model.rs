//! Rows of the organisation file, kinds and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::organisation_records;
use crate::kernel::id::{AccountId, DocumentId, OrganisationId, OrganisationRecordId, TenantId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// What an entry of the file is.
    pub enum RecordKind {
        /// 证书、资质.
        Certificate = "certificate",
        /// 社会组织评估等级 (R090).
        Rating = "rating",
        /// 年检、年报.
        AnnualCheck = "annual_check",
    }
}

crate::text_enum! {
    /// Which certificate.
    pub enum CertificateKind {
        /// 社会组织登记证书、营业执照.
        Registration = "registration",
        /// 公益性捐赠税前扣除、非营利组织免税资格.
        TaxStatus = "tax_status",
        /// 公开募捐资格.
        PublicFundraising = "public_fundraising",
        /// 养老机构备案.
        ElderCare = "elder_care",
        /// 医疗、康复执业许可.
        Medical = "medical",
        /// 食品经营许可.
        Food = "food",
        /// 质量、管理体系认证.
        Quality = "quality",
        /// Another one.
        Other = "other",
    }
}

crate::text_enum! {
    /// The grade of a rating, the lowest first (R090).
    pub enum Grade {
        /// 1A.
        A1 = "1a",
        /// 2A.
        A2 = "2a",
        /// 3A: from here on with priority in purchases (民政部令第39号).
        A3 = "3a",
        /// 4A.
        A4 = "4a",
        /// 5A.
        A5 = "5a",
    }
}

crate::text_enum! {
    /// What an annual check found.
    pub enum CheckResult {
        /// 合格.
        Passed = "passed",
        /// 基本合格.
        BasicallyPassed = "basically_passed",
        /// 不合格.
        Failed = "failed",
    }
}

crate::text_enum! {
    /// Where an entry stands.
    pub enum RecordState {
        /// By the organisation; nobody has looked at it yet.
        Entered = "entered",
        /// Compared with the paper or the register; only these count.
        Verified = "verified",
        /// Not confirmed, with the reason.
        Refused = "refused",
        /// A newer entry took its place.
        Replaced = "replaced",
        /// Taken away by whoever issued it.
        Revoked = "revoked",
    }
}

/// An entry of an organisation's file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = organisation_records, treat_none_as_default_value = false)]
pub struct RecordRow {
    /// Id.
    pub id: OrganisationRecordId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What it is.
    pub kind: RecordKind,
    /// Which certificate.
    pub certificate_kind: Option<CertificateKind>,
    /// Number on the paper.
    pub number: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// Grade of a rating.
    pub grade: Option<Grade>,
    /// Year of an annual check.
    pub year: Option<i32>,
    /// What an annual check found.
    pub result: Option<CheckResult>,
    /// First day; of an annual check the day of its result.
    pub valid_from: NaiveDate,
    /// Last day; open when absent.
    pub valid_to: Option<NaiveDate>,
    /// The entry whose place it takes.
    pub replaces_id: Option<OrganisationRecordId>,
    /// The scan.
    pub document_id: Option<DocumentId>,
    /// SHA-256 of the scan, lower-case hex.
    pub document_sha256: Option<String>,
    /// State.
    pub state: RecordState,
    /// Who entered it.
    pub entered_by: AccountId,
    /// Who verified, refused or revoked it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Why it was refused or revoked.
    pub decide_reason: Option<String>,
    /// When the organisation was told that it expires.
    pub warned_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl Subject for RecordRow {
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
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        actor.organisation == Some(self.organisation_id) || actor.has_any(OUTSIDERS)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::VERIFY.name && account == self.entered_by)
            .then(|| words!("录入人不得自行核实", "whoever entered it does not verify it"))
    }
}

/// People outside the organisation who read files.
pub const OUTSIDERS: &[Role] = &[
    Role::PlatformAdmin,
    Role::Purchaser,
    Role::PurchaserLead,
    Role::FinanceOfficer,
    Role::Supervisor,
    Role::Incubator,
    Role::ThirdPartyEvaluator,
    Role::CatalogueEditor,
    Role::Auditor,
];

/// What is needed to enter something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// What.
    pub what: Content,
    /// Number on the paper.
    pub number: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; of a rating the last day by R090 when absent.
    pub valid_to: Option<NaiveDate>,
    /// The entry whose place it takes.
    pub replaces: Option<OrganisationRecordId>,
}

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A certificate.
    Certificate(CertificateKind),
    /// A rating.
    Rating(Grade),
    /// The check of a year.
    AnnualCheck(i32, CheckResult),
}

impl Content {
    /// Its kind.
    pub const fn kind(self) -> RecordKind {
        match self {
            Self::Certificate(_) => RecordKind::Certificate,
            Self::Rating(_) => RecordKind::Rating,
            Self::AnnualCheck(..) => RecordKind::AnnualCheck,
        }
    }
}

/// What a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordFilter {
    /// Only this kind.
    pub kind: Option<RecordKind>,
    /// Only this state.
    pub state: Option<RecordState>,
}
