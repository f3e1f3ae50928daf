//! Rows and commands of social workers.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::{growth_entries, social_workers};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AccountId, AnyId, GrowthEntryId, OrganisationId, SocialWorkerId, TenantId};
use crate::people::{Actor, Subject};

crate::text_enum! {
    /// Level of a certificate (社会工作者职业水平).
    pub enum CertificateLevel {
        /// 助理社会工作师.
        Assistant = "assistant",
        /// 社会工作师.
        SocialWorker = "social_worker",
        /// 高级社会工作师.
        Senior = "senior",
    }
}

crate::text_enum! {
    /// Where a fact stands.
    pub enum FactState {
        /// Nothing is entered.
        Absent = "absent",
        /// Entered, not yet seen.
        Entered = "entered",
        /// A public body saw it.
        Verified = "verified",
        /// A public body refused it.
        Refused = "refused",
    }
}

crate::text_enum! {
    /// Which of the two facts.
    pub enum WorkerFact {
        /// The certificate.
        Certificate = "certificate",
        /// The registration.
        Registration = "registration",
    }
}

crate::text_enum! {
    /// What an entry of a growth card tells.
    pub enum GrowthKind {
        /// 培训.
        Training = "training",
        /// 督导.
        Supervision = "supervision",
        /// 服务.
        Service = "service",
        /// 荣誉.
        Honour = "honour",
    }
}

/// A stored worker.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = social_workers, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct WorkerRow {
    /// Id.
    pub id: SocialWorkerId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Organisation that employs it.
    pub organisation_id: OrganisationId,
    /// Name.
    pub name: String,
    /// Level of its certificate.
    pub certificate_level: Option<CertificateLevel>,
    /// Number of its certificate.
    pub certificate_number: Option<String>,
    /// When it was issued; a certificate does not end.
    pub certificate_issued_on: Option<NaiveDate>,
    /// Where the certificate stands.
    pub certificate_state: FactState,
    /// Where it is registered.
    pub registration_authority: Option<String>,
    /// Last day of the registration.
    pub registration_until: Option<NaiveDate>,
    /// Where the registration stands.
    pub registration_state: FactState,
    /// Who entered it.
    pub made_by: AccountId,
    /// Version.
    pub version: i64,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl Subject for WorkerRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }

    fn visible_to(&self, actor: &Actor) -> bool {
        actor.reaches(policy::READERS, None, Some(self.organisation_id))
    }

    fn resource(&self) -> Option<AnyId> {
        Some(self.id.any())
    }
}

/// The organisation of whoever enters a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Employer {
    /// Tenant.
    pub tenant: TenantId,
    /// Organisation.
    pub organisation: OrganisationId,
}

impl Subject for Employer {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
}

/// What is entered of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerData {
    /// Name.
    pub name: String,
    /// Certificate.
    pub certificate: Option<Certificate>,
    /// Registration.
    pub registration: Option<Registration>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Level.
    pub level: CertificateLevel,
    /// Number.
    pub number: String,
    /// When it was issued.
    pub issued_on: NaiveDate,
}

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Authority.
    pub authority: String,
    /// Last day.
    pub until: NaiveDate,
}

/// An entry of a growth card.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = growth_entries, treat_none_as_default_value = false)]
pub struct GrowthRow {
    /// Id.
    pub id: GrowthEntryId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Worker.
    pub worker_id: SocialWorkerId,
    /// When it happened.
    pub happened_on: NaiveDate,
    /// What it tells.
    pub kind: GrowthKind,
    /// How long it took, in minutes.
    pub minutes: Option<i32>,
    /// In words.
    pub text: String,
    /// Who wrote it.
    pub made_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// What somebody writes into a growth card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrowth {
    /// When it happened.
    pub happened_on: NaiveDate,
    /// What it tells.
    pub kind: GrowthKind,
    /// How long it took, in minutes.
    pub minutes: Option<i32>,
    /// In words.
    pub text: String,
}
