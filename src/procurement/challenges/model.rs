//! Challenge and complaint rows, their states and commands.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::policy;
use crate::db::schema::{challenge_points, challenges, complaints};
use crate::kernel::id::{AccountId, AnyId, AwardId, CaseId, ChallengeId, ComplaintId, LotId, OrganisationId, TenantId, TenderId, UnitId};
use crate::kernel::{UtcInstant, Words};
use crate::people::{Action, Actor, Place, Subject};
use crate::procurement::tenders::model::LotFile;
use crate::words;

crate::text_enum! {
    /// What is challenged (94号令 第10条, 实施条例 第53条).
    pub enum ChallengeStep {
        /// The procurement documents.
        Documents = "documents",
        /// The opening.
        Opening = "opening",
        /// The result, with the evaluation behind it.
        Result = "result",
    }
}

crate::text_enum! {
    /// Where a challenge stands.
    pub enum ChallengeState {
        /// With the purchaser.
        Filed = "filed",
        /// Answered: it is right.
        Accepted = "accepted",
        /// Answered: it is not.
        Rejected = "rejected",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

crate::text_enum! {
    /// What follows from an answer or a decision.
    pub enum Consequence {
        /// Nothing for the result.
        None = "none",
        /// The lot is evaluated anew.
        ReEvaluate = "re_evaluate",
        /// The award is overturned; the purchaser awards the next ranked or runs the lot again.
        Overturn = "overturn",
        /// The lot fails and may be run again.
        FailLot = "fail_lot",
    }
}

crate::text_enum! {
    /// Where a complaint stands.
    pub enum ComplaintState {
        /// With the supervisor.
        Filed = "filed",
        /// Being dealt with.
        Admitted = "admitted",
        /// Not admitted.
        Refused = "refused",
        /// Decided: it is right.
        Upheld = "upheld",
        /// Decided: it is not.
        Dismissed = "dismissed",
        /// Taken back.
        Withdrawn = "withdrawn",
    }
}

/// A stored challenge.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = challenges, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ChallengeRow {
    /// Id.
    pub id: ChallengeId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Who challenges.
    pub organisation_id: OrganisationId,
    /// What is challenged.
    pub step: ChallengeStep,
    /// The lot or the award whose step it is: each is challenged once by a supplier.
    pub about_id: AnyId,
    /// The award that is challenged.
    pub award_id: Option<AwardId>,
    /// When the supplier should have known; none where that cannot be said.
    pub known_on: Option<NaiveDate>,
    /// Where it stands.
    pub state: ChallengeState,
    /// Who filed it.
    pub filed_by: AccountId,
    /// When.
    pub filed_at: UtcInstant,
    /// Last day of the answer (R060).
    pub answer_due_on: Option<NaiveDate>,
    /// The answer.
    pub answer: Option<String>,
    /// What follows from it.
    pub consequence: Option<Consequence>,
    /// Who answered.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

impl ChallengeRow {
    /// Whether it was answered.
    pub const fn is_answered(&self) -> bool {
        matches!(self.state, ChallengeState::Accepted | ChallengeState::Rejected)
    }

    /// Whether the actor sees who challenges what: the purchaser's side and who filed it, other suppliers once it is answered.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        let answered = self.is_answered() && actor.reaches(policy::SUPPLIERS, None, None);
        answered || actor.sees(policy::READERS, self)
    }
}

impl Subject for ChallengeRow {
    fn tenant(&self) -> TenantId {
        self.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.filed_at.year_in_shanghai())
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
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.is_open_to(actor)
    }
}

/// One point of a challenge: what happened and what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = challenge_points)]
pub struct PointRow {
    /// Challenge.
    pub challenge_id: ChallengeId,
    /// Number, from 1.
    pub number: i32,
    /// The fact.
    pub fact: String,
    /// What is asked for.
    pub request: String,
}

/// A lot as the place where an organisation challenges.
#[derive(Debug, Clone)]
pub struct ChallengeDesk {
    /// The lot with its tender.
    pub file: LotFile,
    /// Who challenges.
    pub organisation: OrganisationId,
}

impl Subject for ChallengeDesk {
    fn tenant(&self) -> TenantId {
        self.file.lot.tenant_id
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.file.tender.visible_to(actor)
    }
}

/// A new challenge.
#[derive(Debug, Clone)]
pub struct NewChallenge {
    /// What is challenged.
    pub step: ChallengeStep,
    /// Fact and request of each point.
    pub points: Vec<(String, String)>,
}

/// A stored complaint.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = complaints, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ComplaintRow {
    /// Id.
    pub id: ComplaintId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The challenge it follows.
    pub challenge_id: ChallengeId,
    /// Lot.
    pub lot_id: LotId,
    /// Case.
    pub case_id: CaseId,
    /// Purchaser.
    pub unit_id: UnitId,
    /// Who complains.
    pub organisation_id: OrganisationId,
    /// Why the answer does not satisfy.
    pub statement: String,
    /// Where it stands.
    pub state: ComplaintState,
    /// Who filed it.
    pub filed_by: AccountId,
    /// When.
    pub filed_at: UtcInstant,
    /// Who admitted or refused it.
    pub reviewed_by: Option<AccountId>,
    /// When.
    pub reviewed_at: Option<UtcInstant>,
    /// Why it was refused.
    pub review_reason: Option<String>,
    /// The decision.
    pub decision: Option<String>,
    /// What follows from it.
    pub consequence: Option<Consequence>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

impl ComplaintRow {
    /// Whether the actor may read it before it is decided.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        let (unit, organisation) = (Some(self.unit_id), Some(self.organisation_id));
        actor.reaches_place(policy::READERS, Place { unit, organisation, year: Some(self.filed_at.year_in_shanghai()) })
    }
}

/// A complaint with those who took a step of the purchase: none of them decides it.
#[derive(Debug, Clone)]
pub struct ComplaintFile {
    /// The complaint.
    pub row: ComplaintRow,
    /// The challenge it follows.
    pub challenge: ChallengeRow,
    /// Who drafted, approved, proposed, confirmed, answered or approved the contract.
    pub involved: Vec<AccountId>,
}

impl Subject for ComplaintFile {
    fn tenant(&self) -> TenantId {
        self.row.tenant_id
    }
    fn year(&self) -> Option<i32> {
        Some(self.row.filed_at.year_in_shanghai())
    }
    fn version(&self) -> Option<i64> {
        Some(self.row.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.row.unit_id)
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.row.organisation_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.row.is_open_to(actor)
    }
    fn barred(&self, action: &Action, account: AccountId) -> Option<Words> {
        let decides = [policy::REVIEW.name, policy::STOP.name, policy::DECIDE.name].contains(&action.name);
        (decides && self.involved.contains(&account)).then(|| {
            words!("经办过该采购的人不得处理对它的投诉", "who took a step of the purchase does not deal with a complaint about it")
        })
    }
}
