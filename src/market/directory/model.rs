//! Rows, states and commands of the directory.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::{directory_applications, directory_calls};
use crate::kernel::id::{
    AccountId, CatalogueItemId, DirectoryApplicationId, DirectoryCallId, OrganisationId, OrganisationRecordId, TenantId,
};
use crate::kernel::sql::Doc;
use crate::kernel::{CatalogueCode, UtcInstant, Words};
use crate::parties::organisations::records::Grade;
use crate::people::{Action, Actor, Role, Subject};
use crate::words;

crate::text_enum! {
    /// Where a call stands.
    pub enum CallState {
        /// Public; applications are taken in its window and assessed.
        Called = "called",
        /// 公示: the accepted ones are shown for some days.
        Publicised = "publicised",
        /// The edition is in force for its year.
        Published = "published",
        /// Ended without an edition.
        Cancelled = "cancelled",
    }
}

crate::text_enum! {
    /// Where an application stands.
    pub enum ApplicationState {
        /// Waits for its assessment.
        Applied = "applied",
        /// Taken back by the organisation.
        Withdrawn = "withdrawn",
        /// Meets the criteria.
        Accepted = "accepted",
        /// Does not, with the reason.
        Rejected = "rejected",
        /// In the directory.
        Listed = "listed",
        /// Taken out, with the reason.
        Removed = "removed",
    }
}

impl ApplicationState {
    /// States that everybody sees from the publicity on.
    pub const PUBLIC: &'static [Self] = &[Self::Accepted, Self::Listed, Self::Removed];
}

/// A stored call.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = directory_calls, treat_none_as_default_value = false)]
pub struct CallRow {
    /// Id.
    pub id: DirectoryCallId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Name of the edition, unique in the tenant.
    pub edition: String,
    /// The year in which it is in force.
    pub year: i32,
    /// What an organisation must show.
    pub criteria: String,
    /// Lowest rating that is accepted; any when absent.
    pub min_grade: Option<Grade>,
    /// First day of applications.
    pub opens_on: NaiveDate,
    /// Last day of applications.
    pub closes_on: NaiveDate,
    /// How many days the publicity lasts.
    pub publicity_days: i32,
    /// State.
    pub state: CallState,
    /// Last day of the publicity.
    pub publicity_until: Option<NaiveDate>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Who called.
    pub created_by: AccountId,
    /// Who published.
    pub published_by: Option<AccountId>,
    /// When.
    pub published_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was called.
    pub created_at: UtcInstant,
}

impl Subject for CallRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::PUBLISH.name && account == self.created_by)
            .then(|| words!("发起人不得自行发布", "whoever called for it does not publish it"))
    }
}

/// A stored application.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = directory_applications, treat_none_as_default_value = false)]
pub struct ApplicationRow {
    /// Id.
    pub id: DirectoryApplicationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The call.
    pub call_id: DirectoryCallId,
    /// Who applies.
    pub organisation_id: OrganisationId,
    /// Code of the catalogue item; what it is listed for.
    pub item_code: CatalogueCode,
    /// 中文 name of the item when it was applied for.
    pub item_name: String,
    /// What the organisation says of itself.
    pub statement: String,
    /// Ids of entries of its file.
    pub evidence: Doc,
    /// State.
    pub state: ApplicationState,
    /// Who applied.
    pub applied_by: AccountId,
    /// Who assessed.
    pub assessed_by: Option<AccountId>,
    /// When.
    pub assessed_at: Option<UtcInstant>,
    /// Reason of the assessment.
    pub assessment: Option<String>,
    /// Rating that counted on the day of the assessment.
    pub counted_grade: Option<Grade>,
    /// Who took it out.
    pub removed_by: Option<AccountId>,
    /// When.
    pub removed_at: Option<UtcInstant>,
    /// Why.
    pub removal_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was applied for.
    pub created_at: UtcInstant,
}

impl ApplicationRow {
    /// The entries of the file that it names.
    pub fn evidence(&self) -> Vec<OrganisationRecordId> {
        serde_json::from_value(self.evidence.0.clone()).unwrap_or_default()
    }
}

/// People outside the organisation who read applications.
pub const OUTSIDERS: &[Role] =
    &[Role::CatalogueEditor, Role::PlatformAdmin, Role::Incubator, Role::ThirdPartyEvaluator, Role::Supervisor, Role::Auditor];

/// Whose applications a reader sees; `None` for everybody's.
pub fn sight(actor: &Actor) -> Option<OrganisationId> {
    let own = actor.organisation.unwrap_or_else(|| OrganisationId::new(uuid::Uuid::nil()));
    (!actor.has_any(OUTSIDERS)).then_some(own)
}

/// An application with its call.
#[derive(Debug, Clone)]
pub struct ApplicationFile {
    /// The application.
    pub application: ApplicationRow,
    /// Its call.
    pub call: CallRow,
}

impl Subject for ApplicationFile {
    fn tenant(&self) -> TenantId {
        self.application.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.application.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.application.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.application.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        sight(actor).is_none_or(|own| own == self.application.organisation_id)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        (action.name == policy::ASSESS.name && account == self.application.applied_by)
            .then(|| words!("申请人不得自行评审", "whoever applied does not assess"))
    }
}

/// What is needed to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// Name of the edition.
    pub edition: String,
    /// The year in which it is in force.
    pub year: i32,
    /// What an organisation must show.
    pub criteria: String,
    /// Lowest rating that is accepted.
    pub min_grade: Option<Grade>,
    /// First day of applications.
    pub opens_on: NaiveDate,
    /// Last day of applications.
    pub closes_on: NaiveDate,
    /// How many days the publicity lasts.
    pub publicity_days: i32,
}

/// What is needed to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApplication {
    /// An item of the edition of the catalogue in use.
    pub item: CatalogueItemId,
    /// What the organisation says of itself.
    pub statement: String,
    /// Entries of its own file.
    pub evidence: Vec<OrganisationRecordId>,
}

/// What the public list asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// Only this year.
    pub year: Option<i32>,
    /// Only this call.
    pub call: Option<DirectoryCallId>,
    /// Only this item.
    pub item: Option<CatalogueCode>,
    /// Only this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only what is in force: listed, in a published edition.
    pub listed: bool,
}
