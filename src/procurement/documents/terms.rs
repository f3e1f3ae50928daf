//! The terms of a tender and of a lot as the documents state them. They are kept whole, one copy for every amendment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::error::Fields;
use crate::kernel::id::OrganisationId;
use crate::kernel::{BasisPoints, Fen, Money, Result};
use crate::words;

/// Longest long text, in characters.
const LONG: usize = 10_000;
/// Longest short text, in characters.
const SHORT: usize = 500;
/// Longest lists.
const LIST: usize = 50;

crate::text_enum! {
    /// Where a qualification comes from.
    pub enum QualificationBasis {
        /// 政府采购法 第22条: what every supplier must meet.
        Statutory = "statutory",
        /// What this purchase needs besides (特定资格要求).
        Specific = "specific",
    }
}

crate::text_enum! {
    /// What a qualification looks at.
    pub enum QualificationKind {
        /// 独立承担民事责任的能力.
        LegalCapacity = "legal_capacity",
        /// 商业信誉和财务会计制度.
        Reputation = "reputation",
        /// 设备和专业技术能力.
        Capability = "capability",
        /// 依法缴纳税收和社会保障资金.
        TaxAndSocialSecurity = "tax_and_social_security",
        /// 无重大违法记录.
        CleanRecord = "clean_record",
        /// A licence or certificate that the law demands for the service.
        Licence = "licence",
        /// Something else that the service needs.
        Other = "other",
    }
}

crate::text_enum! {
    /// How the price comes into the evaluation.
    pub enum PriceRule {
        /// It is scored.
        Scored = "scored",
        /// It is fixed by the documents, so it is not scored.
        Fixed = "fixed",
        /// It follows a uniform standard of the State, so it is not scored.
        Unified = "unified",
    }
}

crate::text_enum! {
    /// How a bond is given; never in cash (实施条例 第33, 48条).
    pub enum BondForm {
        /// 保函.
        GuaranteeLetter = "guarantee_letter",
        /// 保证保险.
        Insurance = "insurance",
        /// 银行转账.
        Transfer = "transfer",
        /// 支票、汇票、本票.
        Draft = "draft",
    }
}

/// One qualification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Qualification {
    /// What it looks at.
    pub kind: QualificationKind,
    /// Where it comes from.
    pub basis: QualificationBasis,
    /// What is asked.
    #[schema(min_length = 1, max_length = 500, example = "具有独立承担民事责任的能力")]
    pub text: String,
    /// What shows it.
    #[schema(min_length = 1, max_length = 500, example = "登记证书复印件")]
    pub evidence: String,
}

/// A standard in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 500, example = "投诉率不高于百分之一")]
pub struct ServiceStandard(pub String);

/// How the price is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceTerms {
    /// How it comes into the evaluation.
    pub rule: PriceRule,
    /// What else is said of it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "报价含税费，最高限价见采购包。")]
    pub note: Option<String>,
}

/// Bonds that the lot asks for. None is the default: a district spares its suppliers the money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BondTerms {
    /// Bid bond; null for none.
    #[serde(default)]
    pub bid_bond: Option<Money>,
    /// Performance bond as a share of the contract's price; null for none.
    #[serde(default)]
    pub performance_bond_bp: Option<BasisPoints>,
    /// Forms that are accepted.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub forms: Vec<BondForm>,
}

/// The terms of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotTerms {
    /// What is needed, in full.
    #[schema(min_length = 1, max_length = 10_000, example = "为 80 岁以上独居老人每周两次上门，每次不少于两小时。")]
    pub requirements: String,
    /// Standards that the service is accepted by.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["投诉率不高于百分之一"]))]
    pub service_standards: Vec<ServiceStandard>,
    /// What a supplier must meet to take part.
    #[schema(min_items = 1, max_items = 50)]
    pub qualifications: Vec<Qualification>,
    /// The price.
    pub price: PriceTerms,
    /// Bonds.
    #[serde(default)]
    pub bonds: BondTerms,
}

/// Whether suppliers may join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsortiumTerms {
    /// Whether consortia are accepted.
    pub allowed: bool,
    /// Most members, with the lead.
    #[serde(default)]
    #[schema(minimum = 2, maximum = 10, example = 2)]
    pub max_members: Option<i32>,
    /// What the lead must be or do.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "牵头人须承担主要服务内容。")]
    pub lead: Option<String>,
}

/// Whether parts may be subcontracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubcontractingTerms {
    /// Whether it is accepted.
    pub allowed: bool,
    /// Largest share of the price.
    #[serde(default)]
    pub max_share_bp: Option<BasisPoints>,
    /// Which parts.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "助浴设备的运输。")]
    pub what: Option<String>,
}

/// The contract that will be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractTerms {
    /// Length in months.
    #[schema(minimum = 1, maximum = 120, example = 12)]
    pub term_months: i32,
    /// When what is paid.
    #[schema(min_length = 1, max_length = 10_000, example = "签约后预付三成，半年验收后付四成，期满验收后付三成。")]
    pub payment_schedule: String,
    /// Who answers for what.
    #[schema(min_length = 1, max_length = 10_000, example = "未达服务标准的，按次扣减。")]
    pub liability: String,
}

/// The terms that all lots of a tender share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenderTerms {
    /// First day on which the documents are given out.
    #[serde(default)]
    #[schema(example = "2026-03-02")]
    pub documents_from: Option<NaiveDate>,
    /// Last day on which the documents are given out.
    #[serde(default)]
    #[schema(example = "2026-03-13")]
    pub documents_to: Option<NaiveDate>,
    /// Questions are taken until this many days before the deadline for bids.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 60, example = 3)]
    pub question_lead_days: i32,
    /// Who keeps the bids unreadable until their opening.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500, example = "由平台密钥密封，开启人到场后解密。")]
    pub opening_custody: Option<String>,
    /// The contract.
    pub contract: ContractTerms,
    /// Consortia.
    #[serde(default)]
    pub consortium: Option<ConsortiumTerms>,
    /// Subcontracting.
    #[serde(default)]
    pub subcontracting: Option<SubcontractingTerms>,
    /// Organisations that designed the project, wrote its requirement or supervise it: they may not bid (实施条例 第18条).
    #[serde(default)]
    #[schema(max_items = 50)]
    pub prepared_by: Vec<OrganisationId>,
}

fn optional(fields: &mut Fields, text: Option<&String>, pointer: &str, max: usize) {
    if let Some(text) = text {
        fields.text(text, pointer, 1, max);
    }
}

impl LotTerms {
    /// Checks the form; pointers begin at `root`.
    pub fn check(&self, fields: &mut Fields, root: &str) {
        let at = |field: &str| format!("{root}/{field}");
        fields.text(&self.requirements, &at("requirements"), 1, LONG);
        fields.require(self.service_standards.len() <= LIST, &at("service_standards"), || words!("最多 {LIST} 项", "at most {LIST}"));
        for (place, standard) in self.service_standards.iter().enumerate().take(LIST) {
            fields.text(&standard.0, &at(&format!("service_standards/{place}")), 1, SHORT);
        }
        let count = self.qualifications.len();
        fields.require((1..=LIST).contains(&count), &at("qualifications"), || words!("须有 1 到 {LIST} 项", "1 to {LIST}"));
        for (place, one) in self.qualifications.iter().enumerate().take(LIST) {
            fields.text(&one.text, &at(&format!("qualifications/{place}/text")), 1, SHORT);
            fields.text(&one.evidence, &at(&format!("qualifications/{place}/evidence")), 1, SHORT);
        }
        optional(fields, self.price.note.as_ref(), &at("price/note"), SHORT);
        let bonds = &self.bonds;
        let zero = bonds.bid_bond.is_some_and(|bond| bond.amount_fen == Fen::ZERO);
        fields.require(!zero, &at("bonds/bid_bond"), || words!("不收取时请留空", "leave it out when none is asked"));
        fields.require(bonds.performance_bond_bp.is_none_or(|share| share.get() > 0), &at("bonds/performance_bond_bp"), || {
            words!("不收取时请留空", "leave it out when none is asked")
        });
        let asks = bonds.bid_bond.is_some() || bonds.performance_bond_bp.is_some();
        fields.require(asks != bonds.forms.is_empty(), &at("bonds/forms"), || {
            words!("收取保证金时须列明可接受的形式，不收取时须为空", "name the accepted forms exactly when a bond is asked")
        });
    }
}

impl TenderTerms {
    /// Checks the form; pointers begin at `root`.
    pub fn check(&self, fields: &mut Fields, root: &str) {
        let at = |field: &str| format!("{root}/{field}");
        let in_order = match (self.documents_from, self.documents_to) {
            (Some(from), Some(to)) => from <= to,
            (from, to) => from.is_none() && to.is_none(),
        };
        fields.require(in_order, &at("documents_to"), || words!("起止日期须成对且先后有序", "both days or none, in order"));
        fields.require((0..=60).contains(&self.question_lead_days), &at("question_lead_days"), || words!("0 到 60", "0 to 60"));
        optional(fields, self.opening_custody.as_ref(), &at("opening_custody"), SHORT);
        fields.require((1..=120).contains(&self.contract.term_months), &at("contract/term_months"), || words!("1 到 120", "1 to 120"));
        fields.text(&self.contract.payment_schedule, &at("contract/payment_schedule"), 1, LONG);
        fields.text(&self.contract.liability, &at("contract/liability"), 1, LONG);
        if let Some(consortium) = &self.consortium {
            let fits = consortium.max_members.is_none_or(|most| consortium.allowed && (2..=10).contains(&most));
            fields
                .require(fits, &at("consortium/max_members"), || words!("接受联合体时为 2 到 10", "2 to 10 where consortia are accepted"));
            optional(fields, consortium.lead.as_ref(), &at("consortium/lead"), SHORT);
        }
        if let Some(part) = &self.subcontracting {
            fields.require(part.allowed == part.max_share_bp.is_some(), &at("subcontracting/max_share_bp"), || {
                words!("允许分包时须写明最高比例，不允许时须为空", "name the largest share exactly where subcontracting is accepted")
            });
            optional(fields, part.what.as_ref(), &at("subcontracting/what"), SHORT);
        }
        fields.require(self.prepared_by.len() <= LIST, &at("prepared_by"), || words!("最多 {LIST} 家", "at most {LIST}"));
    }
}

/// Checks one set of terms by itself.
pub fn checked(check: impl FnOnce(&mut Fields)) -> Result<()> {
    let mut fields = Fields::default();
    check(&mut fields);
    fields.finish()
}
