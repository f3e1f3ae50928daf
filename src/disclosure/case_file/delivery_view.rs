//! What the case file shows of a contract after its signature.

use chrono::NaiveDate;
use serde::Serialize;

use crate::kernel::{Money, UtcInstant};

/// A change of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseChange {
    /// Place among the contract's changes, from 1.
    #[schema(example = 1)]
    pub number: i32,
    /// What it does.
    #[schema(example = "increase")]
    pub kind: String,
    /// By how much; of a termination what is settled.
    pub amount: Money,
    /// Why.
    #[schema(example = "新增 30 位服务对象。")]
    pub reason: String,
    /// State.
    #[schema(example = "approved")]
    pub state: String,
}

/// A publication or filing of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseFiling {
    /// What was done.
    #[schema(example = "publication")]
    pub kind: String,
    /// On which day.
    pub done_on: NaiveDate,
    /// Last day of its clock.
    pub due_on: Option<NaiveDate>,
    /// Address of the announcement, or number of the filing.
    #[schema(example = "吴财采合〔2026〕118号")]
    pub reference: String,
    /// Why it was late.
    #[schema(example = "公告平台维护。")]
    pub late_reason: Option<String>,
}

/// The electronic seal of a party to a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseSeal {
    /// Whose.
    #[schema(example = "organisation")]
    pub party: String,
    /// The sealing service.
    #[schema(example = "zhejiang-eseal")]
    pub service: String,
    /// SHA-256 of what is sealed.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_sha256: String,
    /// When it was sealed.
    pub sealed_at: UtcInstant,
    /// The service's signature.
    #[schema(example = "MEUCIQDx…")]
    pub signature: String,
}

/// A part of a contract that a subcontractor does.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseSubcontract {
    /// Who does it.
    #[schema(example = "青苗社会工作服务中心")]
    pub subcontractor_name_zh: String,
    /// Which part.
    #[schema(example = "助浴设备的运输")]
    pub scope: String,
    /// What of the price it is worth.
    pub amount: Money,
    /// State.
    #[schema(example = "agreed")]
    pub state: String,
    /// Why it was refused.
    #[schema(example = "该部分不得分包。")]
    pub reason: Option<String>,
    /// When the unit decided.
    pub decided_at: Option<UtcInstant>,
}

/// The performance review of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseReview {
    /// Quality, points of 100.
    #[schema(example = 92)]
    pub quality: i32,
    /// Timeliness, points of 100.
    #[schema(example = 85)]
    pub timeliness: i32,
    /// Satisfaction, points of 100.
    #[schema(example = 95)]
    pub satisfaction: i32,
    /// What the reviewer says.
    #[schema(example = "按期完成，台账完整。")]
    pub comment: String,
    /// What the supplier says to it.
    #[schema(example = "感谢，下年度将增加周末服务。")]
    pub reply: Option<String>,
}

/// A signature under the acceptance of a milestone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CaseSignature {
    /// Who signed.
    #[schema(example = "周主任")]
    pub name: String,
    /// As what.
    #[schema(example = "purchaser_lead")]
    pub role: String,
    /// Points of 100.
    #[schema(example = 92)]
    pub score: Option<i32>,
    /// What the signer found.
    #[schema(example = "抽查 20 户，记录与台账一致。")]
    pub opinion: String,
}
