//! Rows of the documents, their states and subjects.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::lint::Fault;
use super::terms::{LotTerms, TenderTerms};
use crate::db::schema::{
    document_receipts, forbidden_patterns, lint_overrulings, lot_terms, questions, site_visits, tender_amendments, tender_terms,
    visit_registrations,
};
use crate::kernel::id::{
    AccountId, CaseId, LotId, OrganisationId, OverrulingId, QuestionId, SiteVisitId, TenantId, TenderAmendmentId, TenderId, UnitId,
};
use crate::kernel::sql::Doc;
use crate::kernel::{Error, Money, Result, UtcInstant};
use crate::people::{Actor, Subject};
use crate::procurement::tenders::TenderRow;
use crate::procurement::tenders::model::INSIDERS;

/// The terms of a tender as of an amendment.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = tender_terms)]
pub struct TenderTermsRow {
    /// Tender.
    pub tender_id: TenderId,
    /// The amendment from which they hold; 0 for the first documents.
    pub amendment: i32,
    /// Tenant.
    pub tenant_id: TenantId,
    /// [`TenderTerms`].
    pub terms: Doc,
    /// Who wrote them.
    pub written_by: AccountId,
    /// When.
    pub written_at: UtcInstant,
}

/// The terms of a lot as of an amendment.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lot_terms)]
pub struct LotTermsRow {
    /// Lot.
    pub lot_id: LotId,
    /// The amendment from which they hold.
    pub amendment: i32,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// [`LotTerms`].
    pub terms: Doc,
    /// Who wrote them.
    pub written_by: AccountId,
    /// When.
    pub written_at: UtcInstant,
}

/// Any value as a stored document.
pub fn stored(value: &impl Serialize) -> Result<Doc> {
    serde_json::to_value(value).map(Doc).map_err(|fault| Error::internal(format!("terms cannot be written: {fault}")))
}

/// A stored document as a value.
pub fn read<T: for<'de> Deserialize<'de>>(doc: Doc) -> Result<T> {
    serde_json::from_value(doc.0).map_err(|fault| Error::internal(format!("stored terms cannot be read: {fault}")))
}

/// A word that a district adds to the list.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = forbidden_patterns, treat_none_as_default_value = false)]
pub struct PatternRow {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Place in the list, from 1.
    pub position: i32,
    /// Words.
    pub pattern: String,
    /// What they ask for.
    pub kind: Fault,
    /// The rule that forbids it.
    pub rule_id: String,
    /// Statute and article where they are others than the rule's.
    pub article: Option<String>,
    /// What it finds.
    pub example: String,
    /// What it must not find.
    pub counter_example: String,
}

/// Finance holds a finding for wrong.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = lint_overrulings)]
pub struct OverrulingRow {
    /// Id.
    pub id: OverrulingId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// What was found.
    pub kind: Fault,
    /// The criterion as it was written; another wording is judged anew.
    pub criterion: String,
    /// Why it is lawful.
    pub reason: String,
    /// Who decided.
    pub overruled_by: AccountId,
    /// When.
    pub overruled_at: UtcInstant,
}

crate::text_enum! {
    /// Where a question stands.
    pub enum QuestionState {
        /// Waits for its answer.
        Open = "open",
        /// Answered and public, without its asker.
        Answered = "answered",
    }
}

/// A stored question.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = questions, treat_none_as_default_value = false)]
pub struct QuestionRow {
    /// Id.
    pub id: QuestionId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Case.
    pub case_id: CaseId,
    /// Who asks; shown to nobody else, and to auditors after the award.
    pub organisation_id: OrganisationId,
    /// Its person.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: UtcInstant,
    /// The question as asked.
    pub asked: String,
    /// Last day for the answer (R058).
    pub due_on: Option<NaiveDate>,
    /// State.
    pub state: QuestionState,
    /// The question as published, where its words would give the asker away.
    pub published_as: Option<String>,
    /// The answer.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

/// A question with its tender.
#[derive(Debug, Clone)]
pub struct QuestionFile {
    /// The question.
    pub question: QuestionRow,
    /// Its tender.
    pub tender: TenderRow,
}

impl Subject for QuestionFile {
    fn tenant(&self) -> TenantId {
        self.question.tenant_id
    }
    fn year(&self) -> Option<i32> {
        self.tender.year()
    }
    fn version(&self) -> Option<i64> {
        Some(self.question.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.question.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.tender.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.question.state == QuestionState::Answered
            || actor.organisation == Some(self.question.organisation_id)
            || actor.sees(INSIDERS, self)
    }
}

/// A stored site visit.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = site_visits, treat_none_as_default_value = false)]
pub struct VisitRow {
    /// Id.
    pub id: SiteVisitId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Case.
    pub case_id: CaseId,
    /// When it is.
    pub held_at: UtcInstant,
    /// Until when one may register.
    pub register_until: UtcInstant,
    /// Where.
    pub place: String,
    /// What else.
    pub note: Option<String>,
    /// Who set it.
    pub set_by: AccountId,
    /// When.
    pub set_at: UtcInstant,
}

/// Who comes to a site visit; shown to nobody.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = visit_registrations)]
pub struct RegistrationRow {
    /// Visit.
    pub visit_id: SiteVisitId,
    /// Who comes.
    pub organisation_id: OrganisationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// How many.
    pub persons: i32,
    /// Who said so.
    pub registered_by: AccountId,
    /// When.
    pub registered_at: UtcInstant,
}

/// An organisation obtained the documents.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = document_receipts)]
pub struct ReceiptRow {
    /// Tender.
    pub tender_id: TenderId,
    /// Who obtained them.
    pub organisation_id: OrganisationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Its person.
    pub obtained_by: AccountId,
    /// When: the challenge clock begins (R059).
    pub obtained_at: UtcInstant,
}

/// A tender as the place where an organisation asks, registers or obtains the documents.
#[derive(Debug, Clone)]
pub struct SupplierDesk {
    /// The tender.
    pub tender: TenderRow,
    /// The organisation.
    pub organisation: OrganisationId,
}

impl Subject for SupplierDesk {
    fn tenant(&self) -> TenantId {
        self.tender.tenant_id
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.tender.state.as_str())
    }
    fn organisation(&self) -> Option<OrganisationId> {
        Some(self.organisation)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.tender.visible_to(actor)
    }
}

crate::text_enum! {
    /// What a notice on the documents does.
    pub enum AmendmentKind {
        /// It explains; nothing changes.
        Clarification = "clarification",
        /// It changes terms, deadline or ceilings.
        Amendment = "amendment",
    }
}

crate::text_enum! {
    /// Where an amendment stands.
    pub enum AmendmentState {
        /// It changes a ceiling and waits for finance.
        Proposed = "proposed",
        /// In force.
        Published = "published",
        /// Finance refused it.
        Refused = "refused",
    }
}

/// What an amendment changes in a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotChange {
    /// The lot.
    pub lot_id: LotId,
    /// New ceiling; never above what is set aside for the lot.
    #[serde(default)]
    pub ceiling: Option<Money>,
    /// New terms, with the same qualifications.
    #[serde(default)]
    pub terms: Option<LotTerms>,
}

/// What an amendment changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// New terms of the tender.
    pub tender_terms: Option<TenderTerms>,
    /// Changed lots.
    pub lots: Vec<LotChange>,
}

/// A stored clarification or amendment.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = tender_amendments, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct AmendmentRow {
    /// Id.
    pub id: TenderAmendmentId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Tender.
    pub tender_id: TenderId,
    /// Case.
    pub case_id: CaseId,
    /// What it does.
    pub kind: AmendmentKind,
    /// Where it stands.
    pub state: AmendmentState,
    /// Its number among those published, from 1.
    pub number: Option<i32>,
    /// What it says.
    pub body: String,
    /// Whether it affects how bids are written.
    pub material: bool,
    /// Whether bids made before it are stale.
    pub rebids: bool,
    /// The deadline before it.
    pub former_deadline: UtcInstant,
    /// The deadline from it on, where it moves.
    pub bid_deadline: Option<UtcInstant>,
    /// [`Changes`].
    pub changes: Doc,
    /// Why finance refused it.
    pub decision_reason: Option<String>,
    /// Who wrote it.
    pub written_by: AccountId,
    /// When.
    pub written_at: UtcInstant,
    /// Who in finance decided.
    pub decided_by: Option<AccountId>,
    /// When it came into force.
    pub published_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
}

/// An amendment with its tender.
#[derive(Debug, Clone)]
pub struct AmendmentFile {
    /// The amendment.
    pub amendment: AmendmentRow,
    /// Its tender.
    pub tender: TenderRow,
}

impl Subject for AmendmentFile {
    fn tenant(&self) -> TenantId {
        self.amendment.tenant_id
    }
    fn year(&self) -> Option<i32> {
        self.tender.year()
    }
    fn version(&self) -> Option<i64> {
        Some(self.amendment.version)
    }
    fn state(&self) -> Option<&'static str> {
        Some(self.amendment.state.as_str())
    }
    fn unit(&self) -> Option<UnitId> {
        Some(self.tender.unit_id)
    }
    fn visible_to(&self, actor: &Actor) -> bool {
        self.amendment.state == AmendmentState::Published || actor.sees(INSIDERS, self)
    }
    fn barred(&self, action: &crate::people::Action, account: AccountId) -> Option<crate::kernel::Words> {
        let decides = action.name == super::policy::APPROVE_AMENDMENT.name;
        (decides && account == self.amendment.written_by)
            .then(|| crate::words!("起草人不得审批自己的更正", "the writer may not approve the amendment"))
    }
}
