//! Rows of the rule set, the calendar and the budget subjects.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{budget_subjects, calendar_days, rule_confirmations, rule_figures, rule_sets, rules, thresholds};
use crate::kernel::id::{AccountId, RuleConfirmationId, RuleSetId, TenantId, ThresholdsId};
use crate::kernel::{Fen, UtcInstant};
use crate::law::{Confidence, DayKind, Figure, Level, Rule, Severity, Thresholds};

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
        /// Run on the statutory platform and only imported.
        External = "external",
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
    /// What was said of a rule's reading.
    pub enum ConfirmationChange {
        /// It was confirmed with a source.
        Confirmed = "confirmed",
        /// A confirmation was taken back.
        Withdrawn = "withdrawn",
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

/// A confirmation of a rule or its withdrawal; each made a rule set of its own.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = rule_confirmations, treat_none_as_default_value = false)]
pub struct RuleConfirmationRow {
    /// Id.
    pub id: RuleConfirmationId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The set that it made.
    pub rule_set_id: RuleSetId,
    /// The set that was in use before.
    pub former_set_id: RuleSetId,
    /// The rule.
    pub rule_id: String,
    /// Which of the rule's it is, from 1.
    pub sequence: i64,
    /// Confirmed or withdrawn.
    pub change: ConfirmationChange,
    /// How the rule acts from then on.
    pub severity: Severity,
    /// How sure its reading is from then on.
    pub confidence: Confidence,
    /// How it acted before.
    pub former_severity: Severity,
    /// How sure it was before.
    pub former_confidence: Confidence,
    /// Where it was read, or why the confirmation does not stand.
    pub source: String,
    /// Remarks.
    pub note: String,
    /// Who did it.
    pub made_by: AccountId,
    /// When.
    pub made_at: UtcInstant,
}

/// What is said of a rule's reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConfirmation {
    /// Where it was read.
    pub source: String,
    /// Remarks.
    pub note: String,
    /// How sure it is now: read in the text or confirmed.
    pub confidence: Confidence,
    /// How it acts from now on; as before when absent.
    pub severity: Option<Severity>,
}

/// Stored thresholds of a year and level. A change makes a new version; the highest holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = thresholds, treat_none_as_default_value = false)]
pub struct ThresholdsRow {
    /// Id.
    pub id: ThresholdsId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Budget year.
    pub year: i32,
    /// Level of the budget.
    pub level: Level,
    /// Version.
    pub version: i64,
    /// 公开招标数额标准.
    pub open_tender_fen: Fen,
    /// 分散采购限额标准.
    pub statutory_fen: Fen,
    /// From here a selection at least.
    pub selection_from_fen: Fen,
    /// From here quotes at least.
    pub quotes_from_fen: Fen,
    /// From here minutes of the collective decision.
    pub minutes_from_fen: Fen,
    /// How sure the numbers are.
    pub confidence: Confidence,
    /// Where they stand.
    pub source: String,
    /// When this version was made.
    pub created_at: UtcInstant,
}

impl ThresholdsRow {
    /// As the law reads them.
    pub const fn read(&self) -> Thresholds {
        Thresholds {
            level: self.level,
            open_tender: self.open_tender_fen,
            statutory: self.statutory_fen,
            selection: self.selection_from_fen,
            quotes: self.quotes_from_fen,
            minutes: self.minutes_from_fen,
            confirmed: matches!(self.confidence, Confidence::ReadInText | Confidence::Confirmed),
        }
    }
}

/// Thresholds to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewThresholds {
    /// Budget year.
    pub year: i32,
    /// Level.
    pub level: Level,
    /// 公开招标数额标准.
    pub open_tender: Fen,
    /// 分散采购限额标准.
    pub statutory: Fen,
    /// From here a selection at least.
    pub selection_from: Fen,
    /// From here quotes at least.
    pub quotes_from: Fen,
    /// From here minutes.
    pub minutes_from: Fen,
    /// How sure the numbers are.
    pub confidence: Confidence,
    /// Where they stand.
    pub source: String,
}
