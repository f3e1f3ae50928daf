//! Rows, kinds and verdicts of standings.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::model::{OrganisationRow, OrganisationState};
use crate::db::schema::organisation_standings;
use crate::kernel::error::RuleRef;
use crate::kernel::id::{AccountId, OrganisationId, StandingId, TenantId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Actor, Subject};

crate::text_enum! {
    /// What stands against an organisation.
    pub enum StandingKind {
        /// Stopped by the platform or the supervisor for a reason.
        Suspended = "suspended",
        /// 活动异常名录: it may still supply and is looked at by hand.
        Abnormal = "abnormal",
        /// 严重违法失信名单: it is stopped.
        Blacklisted = "blacklisted",
    }
}

impl StandingKind {
    /// The state of an organisation against which this stands.
    pub const fn state(self) -> OrganisationState {
        match self {
            Self::Suspended => OrganisationState::Suspended,
            Self::Abnormal => OrganisationState::Abnormal,
            Self::Blacklisted => OrganisationState::Blacklisted,
        }
    }

    /// How grave it is; the gravest decides.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Abnormal => 1,
            Self::Suspended => 2,
            Self::Blacklisted => 3,
        }
    }

    /// Whether everybody may know of it: the two lists are public records, a suspension is between the platform and the organisation.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Suspended)
    }
}

/// A stored standing.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = organisation_standings, treat_none_as_default_value = false)]
pub struct StandingRow {
    /// Id.
    pub id: StandingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What stands against it.
    pub kind: StandingKind,
    /// Why.
    pub reason: String,
    /// Where it comes from: the decision, list or notice.
    pub source: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open when absent.
    pub valid_to: Option<NaiveDate>,
    /// Who decided; unknown to the operator at the command line.
    pub decided_by: Option<AccountId>,
    /// First day on which it stands no more.
    pub lifted_on: Option<NaiveDate>,
    /// Who lifted it.
    pub lifted_by: Option<AccountId>,
    /// Why it was lifted.
    pub lift_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// When it was recorded.
    pub created_at: UtcInstant,
    /// Day on which the fact behind it was known to who records it (R092).
    pub known_on: Option<NaiveDate>,
}

/// What is needed to record a standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStanding {
    /// What stands against it.
    pub kind: StandingKind,
    /// Why.
    pub reason: String,
    /// The decision, list or notice.
    pub source: String,
    /// First day; today when absent.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// Day on which the fact was known; the time to record it (R092) is not judged when absent.
    pub known_on: Option<NaiveDate>,
}

/// A standing with its organisation: what a lifting is decided on.
#[derive(Debug, Clone)]
pub struct StandingFile {
    /// The standing.
    pub standing: StandingRow,
    /// Its organisation.
    pub organisation: OrganisationRow,
}

impl Subject for StandingFile {
    fn tenant(&self) -> TenantId {
        self.standing.tenant_id
    }
    fn version(&self) -> Option<i64> {
        Some(self.standing.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(if self.standing.lifted_on.is_some() { "lifted" } else { "open" })
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.standing.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.standing.kind.is_public() || self.organisation.visible_to(actor)
    }
}

/// What a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingFilter {
    /// Only of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only this kind.
    pub kind: Option<StandingKind>,
    /// Only what stands on this day.
    pub on: Option<NaiveDate>,
    /// Only entries made on this day or before.
    pub entered_by: Option<NaiveDate>,
    /// Only what everybody may know of.
    pub public: bool,
}

/// Why an organisation is marked or stopped, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplyNote {
    /// The state that decides.
    pub state: OrganisationState,
    /// What was found.
    pub explanation: Words,
    /// What the organisation can do about it.
    pub remedy: Words,
    /// The rule, when one of the rule set speaks of it.
    pub rule: Option<RuleRef>,
    /// Whether it has been in the abnormal list for so long that the serious list is due (R093).
    pub due_for_serious_list: bool,
}

/// Whether an organisation may supply on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// Nothing stands against it.
    Clear,
    /// It may, and somebody looks at it by hand.
    Marked(Box<SupplyNote>),
    /// It may not.
    Stopped(Box<SupplyNote>),
}
