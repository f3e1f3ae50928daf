//! Facts about those who take part: bidders, suppliers, evaluators, organisations and social workers.

use chrono::NaiveDate;

use crate::kernel::Fen;

crate::text_enum! {
    /// What counts as colluding (财政部令第87号 第37条).
    pub enum CollusionSign {
        /// Written by the same hand.
        SamePreparer = "same_preparer",
        /// Handled by the same person.
        SameAgent = "same_agent",
        /// The same project staff or contact.
        SameContact = "same_contact",
        /// Alike beyond chance, or prices in a regular pattern.
        PatternedContent = "patterned_content",
        /// Pages of one in the other.
        MixedFiles = "mixed_files",
        /// Bonds from the same account.
        SameBondAccount = "same_bond_account",
    }
}

/// All who take part in a lot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bidders {
    /// Suppliers that could be drawn for an invitation.
    pub candidates: Option<i64>,
    /// Suppliers drawn and invited.
    pub invited: Option<i64>,
    /// Bids or first responses in time.
    pub submitted: Option<i64>,
    /// Bids that passed qualification and responsiveness; in a consultation, suppliers with a final offer.
    pub valid: Option<i64>,
    /// Signs of collusion found; empty when they were looked for and none was.
    pub collusion_signs: Option<Vec<CollusionSign>>,
    /// Findings of malicious collusion (实施条例 第74条).
    pub malicious_findings: Option<i64>,
}

crate::text_enum! {
    /// Why a bid is invalid (财政部令第87号 第63条).
    pub enum InvalidGround {
        /// The bond was not paid as asked.
        NoBond = "no_bond",
        /// Not signed or sealed as asked.
        Unsigned = "unsigned",
        /// The supplier is not qualified.
        Unqualified = "unqualified",
        /// The price is above the budget or the ceiling.
        AboveCeiling = "above_ceiling",
        /// It carries a condition that the purchaser cannot accept.
        Condition = "condition",
        /// Another ground of the law or of the documents.
        Other = "other",
    }
}

/// One bid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bid {
    /// Raw price.
    pub price: Option<Fen>,
    /// The lot's ceiling or budget.
    pub ceiling: Option<Fen>,
    /// Grounds of invalidity found; empty when it was looked at and none was.
    pub invalid_grounds: Option<Vec<InvalidGround>>,
    /// It was held invalid.
    pub held_invalid: Option<bool>,
    /// Flagged as much lower than the others.
    pub low_price_flagged: Option<bool>,
    /// Minutes the supplier was given to explain a low price.
    pub explain_minutes: Option<i64>,
    /// The panel found the explanation reasonable.
    pub low_price_justified: Option<bool>,
    /// Rivals in the lot with the same head or a relation of control.
    pub related_rivals: Option<i64>,
    /// The supplier designed the project, wrote its requirement or supervises it.
    pub prepared_the_project: Option<bool>,
    /// Share of small and micro enterprises in the consortium or subcontract.
    pub micro_share_bp: Option<i64>,
    /// Price deduction given.
    pub deduction_bp: Option<i64>,
}

/// The supplier who bids or is to be awarded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supplier {
    /// It may supply public services: it has legal personality or is a person who qualifies, and is no fully funded mass organisation.
    pub eligible: Option<bool>,
    /// It declared that it has no serious violation, and none is known.
    pub clean_record: Option<bool>,
    /// Its last serious violation.
    pub last_violation_on: Option<NaiveDate>,
    /// It is a social organisation.
    pub is_social_organisation: Option<bool>,
    /// It has the certificate of a prison enterprise.
    pub prison_certificate: Option<bool>,
    /// It claims to be a welfare unit of disabled persons.
    pub claims_disabled_welfare: Option<bool>,
    /// Staff employed.
    pub staff: Option<i64>,
    /// Disabled persons among them.
    pub disabled_staff: Option<i64>,
    /// It is treated as a small or micro enterprise.
    pub treated_as_micro: Option<bool>,
}

crate::text_enum! {
    /// What ties an evaluator to a supplier (实施条例 第9条).
    pub enum TieKind {
        /// Employed by it.
        Employment = "employment",
        /// On its board of directors or supervisors.
        Board = "board",
        /// Holds or controls shares of it.
        Shareholding = "shareholding",
        /// Kin of its head.
        Kinship = "kinship",
        /// Another tie that could touch fairness.
        Other = "other",
    }
}

/// A tie between an evaluator and a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// What ties them.
    pub kind: TieKind,
    /// Its last day; `None` when it lasts.
    pub until: Option<NaiveDate>,
}

/// The panel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Panel {
    /// Members.
    pub size: Option<i64>,
    /// Evaluation experts among them.
    pub experts: Option<i64>,
    /// The purchaser's representative is the chair.
    pub purchaser_chairs: Option<bool>,
    /// Day on which the members sit; ties are looked at from here. Today when absent.
    pub sits_on: Option<NaiveDate>,
    /// Ties to the suppliers of the lot; empty when they were looked for and none was.
    pub ties: Option<Vec<Tie>>,
}

/// An organisation's standing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Unified social credit code as given.
    pub uscc: Option<String>,
    /// It is a social organisation, so its code begins with 51, 52 or 53.
    pub is_social_organisation: Option<bool>,
    /// Rating in As, 1 to 5.
    pub rating: Option<i64>,
    /// Day of the rating.
    pub rated_on: Option<NaiveDate>,
    /// It asks to be rated.
    pub asks_for_rating: Option<bool>,
    /// Years in a row in which the inspection found it basically qualified.
    pub basic_years: Option<i64>,
    /// It missed or failed the last yearly inspection, was punished, or is under investigation.
    pub barred_from_rating: Option<bool>,
    /// Day on which a credit fact came about.
    pub credit_fact_on: Option<NaiveDate>,
    /// Day on which it was recorded.
    pub credit_recorded_on: Option<NaiveDate>,
    /// It is on the list of abnormal operation.
    pub listed_abnormal: Option<bool>,
    /// Since when.
    pub abnormal_since: Option<NaiveDate>,
}

crate::text_enum! {
    /// Level of a social worker's certificate.
    pub enum WorkerLevel {
        /// 助理社会工作师.
        Assistant = "assistant",
        /// 社会工作师.
        SocialWorker = "social_worker",
        /// 高级社会工作师.
        Senior = "senior",
    }
}

/// A social worker's certificate and registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worker {
    /// Day of the certificate.
    pub certified_on: Option<NaiveDate>,
    /// Day of the first registration.
    pub first_registered_on: Option<NaiveDate>,
    /// Day of the registration in force.
    pub registered_on: Option<NaiveDate>,
    /// Level.
    pub level: Option<WorkerLevel>,
    /// Class hours (学时) of training in the registration period.
    pub training_hours: Option<i64>,
}
