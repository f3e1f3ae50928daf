//! Id newtypes. Each is a UUIDv7; a wrong kind of id does not compile.

use uuid::Uuid;

/// Calls a macro with every id type, so that `db::types` can give each its backend impls.
#[macro_export]
macro_rules! for_every_id {
    ($callback:ident) => {
        $callback! {
            /// A tenant: one city district with everything that belongs to it.
            TenantId,
            /// An id whose kind a lower storey does not know.
            AnyId,
            /// A case: the chain from need to outcome.
            CaseId,
            /// An account of a person.
            AccountId,
            /// A login session (a family of refresh tokens).
            SessionId,
            /// A second factor of an account.
            FactorId,
            /// A recovery of an account by two persons.
            RecoveryId,
            /// An invitation of a person to an account.
            AccountInvitationId,
            /// A notice that opens units and years to an auditor.
            AuditNoticeId,
            /// A token of a machine client.
            ApiTokenId,
            /// Where an organisation is paid.
            BankAccountId,
            /// A key with which an organisation signs its bids.
            SigningKeyId,
            /// An area.
            AreaId,
            /// A public body.
            UnitId,
            /// A supplier organisation.
            OrganisationId,
            /// A set of statutory rules.
            RuleSetId,
            /// A confirmation of a rule, or its withdrawal.
            RuleConfirmationId,
            /// Thresholds of a year and level.
            ThresholdsId,
            /// A guiding-catalogue edition.
            EditionId,
            /// An item of a catalogue edition.
            CatalogueItemId,
            /// An incubation of an organisation at a base.
            IncubationId,
            /// A fund: stream × unit × year.
            FundId,
            /// An appropriation document.
            AppropriationId,
            /// A ledger posting.
            PostingId,
            /// A hold (reservation or commitment) on a fund.
            HoldId,
            /// A line of what funds a lot or a contract.
            FundingLineId,
            /// A bounce, refund or correction of a payment.
            PaymentEventId,
            /// A proposal to move a commitment to another fund.
            ResourcingId,
            /// A year-end run of a unit.
            YearEndId,
            /// A pledge of matching money.
            PledgeId,
            /// A monthly reconciliation with the treasury's book.
            ReconciliationId,
            /// A hundred project.
            ProjectId,
            /// An indicator of a project.
            IndicatorId,
            /// An outcome report.
            OutcomeReportId,
            /// A contract.
            ContractId,
            /// A proposed change of a contract in force.
            ContractChangeId,
            /// A stay of a payment on a desk.
            PaymentDeskId,
            /// A batch of payments that was handed to the bank.
            PaymentBatchId,
            /// A milestone of a contract.
            MilestoneId,
            /// A social worker.
            SocialWorkerId,
            /// An entry of a growth card.
            GrowthEntryId,
            /// A session of a service.
            ServiceSessionId,
            /// An exception that opens a locked period.
            ReopeningId,
            /// A signature under the acceptance of a milestone.
            AcceptanceSignatureId,
            /// A publication or filing of a contract.
            ContractFilingId,
            /// A review of a supplier's performance under a contract.
            PerformanceReviewId,
            /// A part of a contract that is given to a subcontractor.
            SubcontractId,
            /// A payment.
            PaymentId,
            /// A tender.
            TenderId,
            /// A lot of a tender.
            LotId,
            /// A clarification or amendment of a tender's documents.
            TenderAmendmentId,
            /// A supplier's question on a tender.
            QuestionId,
            /// A site visit (踏勘) of a tender.
            SiteVisitId,
            /// A decision that a finding on a criterion is wrong.
            OverrulingId,
            /// A bid or performance bond.
            BondId,
            /// A bid for a lot.
            BidId,
            /// A file of a bid.
            AttachmentId,
            /// A key of an opener.
            OpenerKeyId,
            /// A ceremony in which openers make the key of a tender.
            CeremonyId,
            /// A draft of a bid.
            BidDraftId,
            /// An invitation into a consortium.
            ConsortiumMemberId,
            /// A remark on an opening record.
            RemarkId,
            /// A finding of a review, or a mark on a bid.
            FindingId,
            /// A request to explain a low price.
            LowPriceNoticeId,
            /// An expert of the pool.
            ExpertId,
            /// A declared tie of an expert.
            ExpertTieId,
            /// A draw of experts or of tied bids.
            DrawId,
            /// A score sheet.
            ScoreSheetId,
            /// An award of a lot.
            AwardId,
            /// A mark that a contract waits.
            SuspensionId,
            /// A challenge (质疑).
            ChallengeId,
            /// A complaint (投诉).
            ComplaintId,
            /// A purchase plan.
            PlanId,
            /// A framework agreement.
            FrameworkId,
            /// An order under a framework agreement.
            FrameworkOrderId,
            /// A tender run on the statutory platform and imported.
            ExternalTenderId,
            /// A stored document.
            DocumentId,
            /// A journal entry.
            JournalEntryId,
            /// A message in the outbox.
            MessageId,
            /// A standing of an organisation: a suspension or an entry in a list.
            StandingId,
            /// A mentoring session of an incubation.
            MentoringSessionId,
            /// An assessment of what an incubated organisation can do.
            CapabilityAssessmentId,
            /// A call for the directory of capable organisations.
            DirectoryCallId,
            /// An application for the directory.
            DirectoryApplicationId,
            /// A post of a person in a unit.
            PostId,
            /// An entry of an organisation's file.
            OrganisationRecordId,
            /// A declaration of an organisation.
            DeclarationId,
            /// A delegation of roles to a colleague.
            DelegationId,
            /// A mandate of an agent.
            MandateId,
            /// A marked exception from the separation of duties.
            DutyExceptionId
        }
    };
}

macro_rules! declare_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
                 utoipa::ToSchema, diesel::AsExpression, diesel::FromSqlRow)]
        #[diesel(sql_type = crate::kernel::sql::Uid)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid, example = "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f")]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn new(id: Uuid) -> Self { Self(id) }
            /// The UUID.
            pub const fn uuid(self) -> Uuid { self.0 }
            /// The same id without its kind.
            pub const fn any(self) -> AnyId { AnyId(self.0) }
        }

        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )+};
}

for_every_id!(declare_ids);
