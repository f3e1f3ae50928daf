//! Rows and commands of acceptances.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::{acceptance_prices, acceptance_signatures, acceptance_terms, acceptances};
use crate::kernel::id::{AcceptanceSignatureId, AccountId, CaseId, ContractId, MilestoneId, TenantId};
use crate::kernel::sql::Doc;
use crate::kernel::{Fen, UtcInstant};
use crate::money::funding::Leg;

/// What a score below a mark costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Average scores below this mark, in points of 100.
    #[schema(minimum = 1, maximum = 100, example = 90)]
    pub below: i32,
    /// Share of the amount that is not accepted, in basis points.
    #[schema(minimum = 1, maximum = 5000, example = 500)]
    pub deduct_bp: i64,
}

/// The terms of acceptance of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = acceptance_terms)]
pub struct TermsRow {
    /// Contract.
    pub contract_id: ContractId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// How many persons sign an acceptance, who concludes it included.
    pub signers: i32,
    /// What low scores cost, a list of [`Band`]; empty when acceptance is not scored.
    pub bands: Doc,
    /// Who wrote them.
    pub made_by: AccountId,
    /// When.
    pub created_at: UtcInstant,
}

/// What a unit of a milestone's service costs; the milestone's amount is the ceiling.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = acceptance_prices)]
pub struct PriceRow {
    /// Milestone.
    pub milestone_id: MilestoneId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// What is counted.
    pub unit_label: String,
    /// What one costs.
    pub unit_price_fen: Fen,
}

/// How many persons sign an acceptance where the contract does not say: who concludes it, and somebody else who looked.
pub const SIGNERS_DEFAULT: usize = 2;

/// The terms as they apply: two signers and no scores when a contract has none of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How many persons sign.
    pub signers: usize,
    /// What low scores cost.
    pub bands: Vec<Band>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { signers: SIGNERS_DEFAULT, bands: Vec::new() }
    }
}

/// A price that somebody agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    /// The milestone.
    pub milestone: MilestoneId,
    /// What is counted.
    pub unit_label: String,
    /// What one costs.
    pub unit_price: Fen,
}

/// A signature under an acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = acceptance_signatures, treat_none_as_default_value = false)]
pub struct SignatureRow {
    /// Id.
    pub id: AcceptanceSignatureId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Case.
    pub case_id: CaseId,
    /// Milestone.
    pub milestone_id: MilestoneId,
    /// Version of the milestone that was delivered: a later delivery is signed anew.
    pub round: i64,
    /// Who signed.
    pub account_id: AccountId,
    /// As what.
    pub role: String,
    /// Points of 100.
    pub score: Option<i32>,
    /// What the signer found.
    pub opinion: String,
    /// When.
    pub created_at: UtcInstant,
}

/// A concluded acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = acceptances, treat_none_as_default_value = false)]
pub struct AcceptanceRow {
    /// Milestone.
    pub milestone_id: MilestoneId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Contract.
    pub contract_id: ContractId,
    /// Case.
    pub case_id: CaseId,
    /// Version of the milestone that was delivered.
    pub round: i64,
    /// Average score in hundredths of a point.
    pub score_hundredths: Option<i32>,
    /// How much was counted.
    pub quantity: Option<i64>,
    /// What one costs.
    pub unit_price_fen: Option<Fen>,
    /// What was agreed for the milestone.
    pub agreed_fen: Fen,
    /// What was done, before the deduction: unit price times quantity under the ceiling, or the whole.
    pub measured_fen: Fen,
    /// What was accepted.
    pub accepted_fen: Fen,
    /// Who concluded it.
    pub concluded_by: AccountId,
    /// When.
    pub concluded_at: UtcInstant,
}

/// What a signer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Points of 100.
    pub score: Option<i32>,
    /// What the signer found.
    pub opinion: String,
}

/// What concludes an acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conclusion {
    /// What those served say of it.
    pub beneficiaries_opinion: String,
    /// The concluder's own points, where acceptance is scored and it did not sign before.
    pub score: Option<i32>,
    /// How much was counted, where the milestone has a unit price.
    pub quantity: Option<i64>,
    /// Which funding lines pay for it.
    pub legs: Option<Vec<Leg>>,
}
