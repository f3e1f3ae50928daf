//! Rows of the rule set, the calendar and the budget subjects.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{budget_subjects, calendar_days, rule_figures, rule_sets, rules};
use crate::kernel::UtcInstant;
use crate::kernel::id::{RuleSetId, TenantId};
use crate::law::{Confidence, DayKind, Figure, Rule, Severity};

crate::text_enum! {
    /// Whether a rule set is the one in use.
    pub enum RuleSetState {
        /// In use.
        Published = "published",
        /// Replaced by a later one; kept for what was made under it.
        Superseded = "superseded",
    }
}

crate::text_enum! {
    /// A procedure that a rule binds.
    pub enum RuleProcedure {
        /// Every procedure.
        All = "all",
        /// 公开招标.
        OpenTender = "open_tender",
        /// 邀请招标.
        InvitedTender = "invited_tender",
        /// 竞争性磋商.
        Consultation = "consultation",
        /// 竞争性谈判.
        Negotiation = "negotiation",
        /// 单一来源.
        SingleSource = "single_source",
        /// 框架协议.
        Framework = "framework",
        /// 比选.
        Selection = "selection",
        /// 三家比价.
        Quotes = "quotes",
        /// 直接委托.
        Direct = "direct",
    }
}

crate::text_enum! {
    /// What a breach of a rule does today.
    pub enum Acts {
        /// It is refused: the rule is sure and severe.
        Blocks = "blocks",
        /// It is told and goes on.
        Warns = "warns",
    }
}

crate::text_enum! {
    /// Which classification a budget subject belongs to.
    pub enum SubjectKind {
        /// 支出功能分类.
        Functional = "func",
        /// 支出经济分类.
        Economic = "econ",
    }
}

/// A stored rule set.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rule_sets, treat_none_as_default_value = false)]
pub struct RuleSetRow {
    /// Id.
    pub id: RuleSetId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Name such as `2026-01`, unique in the tenant.
    pub name: String,
    /// State.
    pub state: RuleSetState,
    /// When it came into use.
    pub published_at: Option<UtcInstant>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: UtcInstant,
}

/// A stored rule.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rules, treat_none_as_default_value = false)]
pub struct RuleRow {
    /// Its set.
    pub rule_set_id: RuleSetId,
    /// Such as `R019`.
    pub rule_id: String,
    /// Topic.
    pub topic: String,
    /// Summary; not a quotation.
    pub statement_zh: String,
    /// Statute.
    pub legal_basis: String,
    /// Article.
    pub article: String,
    /// Procedures it binds, separated by semicolons.
    pub procedures: String,
    /// How it acts when sure.
    pub severity: Severity,
    /// How sure its reading is.
    pub confidence: Confidence,
    /// First day.
    pub effective_from: Option<NaiveDate>,
    /// Last day.
    pub effective_to: Option<NaiveDate>,
    /// Remarks; nothing in them is a rule.
    pub note: String,
}

/// A stored number of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rule_figures, treat_none_as_default_value = false)]
pub struct FigureRow {
    /// The rule's set.
    pub rule_set_id: RuleSetId,
    /// The rule.
    pub rule_id: String,
    /// Name inside the rule.
    pub figure: String,
    /// The number.
    pub number: i64,
    /// Its unit.
    pub unit: String,
}

impl RuleRow {
    /// The rule as the law reads it, with those of the figures that are its own.
    pub fn read(&self, figures: &[FigureRow]) -> Rule {
        let own = figures.iter().filter(|figure| figure.rule_id == self.rule_id);
        Rule {
            id: self.rule_id.clone(),
            legal_basis: self.legal_basis.clone(),
            article: self.article.clone(),
            procedures: self.procedures.split(';').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            severity: self.severity,
            confidence: self.confidence,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            figures: own.map(|row| Figure { name: row.figure.clone(), number: row.number, unit: row.unit.clone() }).collect(),
        }
    }
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = calendar_days, treat_none_as_default_value = false)]
pub struct CalendarDayRow {
    /// Tenant.
    pub tenant_id: TenantId,
    /// The day.
    pub day: NaiveDate,
    /// Off, or worked.
    pub kind: DayKind,
    /// The holiday it belongs to.
    pub name_zh: String,
}

/// A budget subject.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = budget_subjects, treat_none_as_default_value = false)]
pub struct SubjectRow {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Code.
    pub code: String,
    /// 中文 name.
    pub name_zh: String,
    /// Classification.
    pub kind: SubjectKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// Remarks.
    pub note: String,
}
