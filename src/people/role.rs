//! Roles and how far each reaches.

crate::text_enum! {
    /// What an account may do. An account may hold several.
    pub enum Role {
        /// Runs the platform of the district.
        PlatformAdmin = "platform_admin",
        /// Keeps the guiding catalogue.
        CatalogueEditor = "catalogue_editor",
        /// Drafts purchases for a unit (经办).
        Purchaser = "purchaser",
        /// Leads a purchasing unit.
        PurchaserLead = "purchaser_lead",
        /// Keeps funds, approves contracts and payments.
        FinanceOfficer = "finance_officer",
        /// Decides complaints (采监).
        Supervisor = "supervisor",
        /// Acts for a purchaser on a project (代理机构).
        Agent = "agent",
        /// Scores bids.
        Evaluator = "evaluator",
        /// Opens bids.
        Opener = "opener",
        /// Runs an incubation base.
        Incubator = "incubator",
        /// Speaks for an organisation.
        OrgAdmin = "org_admin",
        /// Works in an organisation.
        OrgMember = "org_member",
        /// A social worker.
        SocialWorker = "social_worker",
        /// Verifies outcomes for the district.
        ThirdPartyEvaluator = "third_party_evaluator",
        /// Reads everything in the scope of an audit.
        Auditor = "auditor",
    }
}

/// How far a role reaches inside its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The whole district.
    District,
    /// What belongs to the account's own unit (all units for an officer of the finance bureau).
    Unit,
    /// What belongs to the account's own organisation.
    Organisation,
}

impl Role {
    /// How far the role reaches.
    pub const fn reach(self) -> Reach {
        match self {
            Self::PlatformAdmin
            | Self::CatalogueEditor
            | Self::Supervisor
            | Self::Evaluator
            | Self::Opener
            | Self::ThirdPartyEvaluator
            | Self::Auditor => Reach::District,
            Self::Purchaser | Self::PurchaserLead | Self::FinanceOfficer | Self::Agent | Self::Incubator => Reach::Unit,
            Self::OrgAdmin | Self::OrgMember | Self::SocialWorker => Reach::Organisation,
        }
    }
}
