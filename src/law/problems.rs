//! The refusals of the law, and how findings become one.

use super::{Finding, Standing};
use crate::kernel::Result;
use crate::kernel::error::problems;
use crate::words;

problems! {
    /// A blocking rule is broken.
    RULE_BROKEN = "rule_broken", 422, "不符合法定要求", "A statutory rule is broken",
        "rule 与 legal_basis 指出条款，detail 给出现值与要求。",
        "rule and legal_basis name the article; detail gives what was found and what is required.";
    /// The calendar of a year is not loaded.
    CALENDAR_NOT_LOADED = "calendar_not_loaded", 409, "缺少该年度工作日历", "A year's working-day calendar is not loaded",
        "期限计算需要该年日历，请管理员导入：POST /api/v1/calendars，或 baiyi import calendar。",
        "A period cannot be computed without that year's calendar. An administrator loads it: POST /api/v1/calendars, or baiyi import calendar.";
    /// A rule of the set lacks a number that it is judged by.
    RULE_INCOMPLETE = "rule_incomplete", 409, "规则缺少数值", "A rule lacks its number",
        "规则集中的该规则缺少判断所需的数值。请管理员导入完整的规则集。",
        "The rule set's rule lacks a number that it is judged by. An administrator imports a complete rule set.";
}

/// Refuses on the first broken rule, with rule, article, the figure found and the figure required; otherwise gives back the warnings.
pub fn refuse_broken(findings: Vec<Finding>) -> Result<Vec<Finding>> {
    if let Some(broken) = findings.iter().find(|finding| finding.standing == Standing::Broken) {
        let (found, required) = (&broken.found, &broken.required);
        let refusal = RULE_BROKEN.because(words!("现为 {found}，要求 {required}", "found {found}, required {required}"));
        return Err(refusal.under(broken.rule.clone()));
    }
    Ok(findings.into_iter().filter(|finding| finding.standing == Standing::Warned).collect())
}
