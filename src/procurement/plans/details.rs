//! What a plan says beyond its numbers: objectives, market study, declarations, consultation. Stored as one document, sent as it is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::sql::Doc;
use crate::kernel::{Error, Money, Result};
use crate::law::facts::Prohibited;

/// What a plan says beyond its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// Performance objectives (绩效目标).
    #[schema(min_items = 1, max_items = 30)]
    pub objectives: Vec<Objective>,
    /// Who evaluated the objectives beforehand and with what result (事前绩效评估, R012); null when nobody did.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000, example = "2026-01-20 街道绩效评审会评估，结论：予以支持。")]
    pub prior_evaluation: Option<String>,
    /// The market study.
    pub market_study: MarketStudy,
    /// Kinds of forbidden content that were found (R003, R004); empty when it was looked at and none was.
    #[schema(max_items = 8, example = json!([]))]
    pub prohibited: Vec<Prohibited>,
    /// How the public was asked about the requirement (R014); null when it was not.
    #[serde(default)]
    pub consultation: Option<Consultation>,
    /// The four declarations that a term above one year needs (R009); null for a term of up to a year.
    #[serde(default)]
    pub recurring: Option<Recurring>,
}

/// A performance objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// What is measured.
    #[schema(min_length = 1, max_length = 100, example = "上门服务人次")]
    pub indicator: String,
    /// The number to be reached.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 3000)]
    pub target: i64,
    /// Its unit.
    #[schema(min_length = 1, max_length = 20, example = "人次")]
    pub unit: String,
}

/// Where knowledge of the market comes from, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 300, example = "2025 年爱山街道同类项目成交公告")]
pub struct StudySource(pub String);

/// What the market offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketStudy {
    /// Where the knowledge comes from: offers asked for, contracts of other units, published results; each up to 300 characters.
    #[schema(min_items = 1, max_items = 20, example = json!(["2025 年爱山街道同类项目成交公告"]))]
    pub sources: Vec<StudySource>,
    /// Lowest price found for the whole.
    pub lowest: Money,
    /// Highest price found for the whole.
    pub highest: Money,
}

/// How the public was asked about the requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consultation {
    /// First day.
    #[schema(example = "2026-01-05")]
    pub from: NaiveDate,
    /// Last day.
    #[schema(example = "2026-01-16")]
    pub to: NaiveDate,
    /// Where it took place.
    #[schema(min_length = 1, max_length = 200, example = "社区公告栏与街道公众号")]
    pub channel: String,
    /// How many opinions came in.
    #[schema(minimum = 0, maximum = 10_000_000, example = 42)]
    pub opinions: i64,
    /// What became of them.
    #[schema(min_length = 1, max_length = 2000, example = "采纳 31 条：增加助浴与陪诊。")]
    pub outcome: String,
}

/// The four conditions of a term above one year (财政部令第102号 第24条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recurring {
    /// 内容相对固定.
    #[schema(example = true)]
    pub fixed_content: bool,
    /// 连续性强.
    #[schema(example = true)]
    pub continuous: bool,
    /// 经费来源稳定, with a budget behind it.
    #[schema(example = true)]
    pub steady_funds: bool,
    /// 价格变化幅度小.
    #[schema(example = true)]
    pub steady_price: bool,
}

impl Recurring {
    /// Whether all four are declared.
    pub const fn all(self) -> bool {
        self.fixed_content && self.continuous && self.steady_funds && self.steady_price
    }
}

impl Details {
    /// As it is stored.
    pub fn doc(&self) -> Result<Doc> {
        serde_json::to_value(self).map(Doc).map_err(|fault| Error::internal(format!("a plan's details cannot be stored: {fault}")))
    }

    /// As it was stored.
    pub fn read(doc: &Doc) -> Result<Self> {
        serde_json::from_value(doc.0.clone()).map_err(|fault| Error::internal(format!("a plan's details cannot be read: {fault}")))
    }
}
