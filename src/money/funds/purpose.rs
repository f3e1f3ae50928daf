//! What money may be spent on: the rules of its stream and the restrictions of its fund, asked when it is reserved and again when it is
//! committed.

use chrono::{Datelike as _, NaiveDate};

use super::model::{FundRow, Stream};
use super::rules::{FUND_RESTRICTED, STREAM_RULE_BROKEN};
use super::store;
use crate::db::Db;
use crate::kernel::id::{AreaId, TenantId};
use crate::kernel::{Error, Result, RuleRef};
use crate::law::{Rule, Standing};
use crate::parties::regulations;
use crate::words;

crate::text_enum! {
    /// What an exclusion or a restriction looks at.
    pub enum LimitKind {
        /// Code of the guiding catalogue begins so.
        Catalogue = "catalogue",
        /// The area.
        Area = "area",
        /// Economic class of the budget document begins so.
        Economic = "economic",
    }
}

/// What the money is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Code of the catalogue item that is bought.
    pub catalogue_code: String,
    /// Where it is delivered, when it is one area.
    pub area: Option<AreaId>,
    /// The day on which the money is bound.
    pub on: NaiveDate,
}

/// What a stream may never pay, as the district's list says, with the rule behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// What is looked at.
    pub kind: LimitKind,
    /// It begins so.
    pub prefix: String,
    /// Rule of the set.
    pub rule: String,
}

/// One restriction of a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is looked at. Catalogue codes and areas are those allowed, economic classes those forbidden.
    pub kind: LimitKind,
    /// Prefix of the code, or the id of the area.
    pub value: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ExclusionLine {
    stream: Stream,
    kind: LimitKind,
    prefix: String,
    rule_id: String,
    note: String,
}

/// Most lines of an exclusion table.
const LINES_MAX: usize = 500;

/// Reads a table of `stream,kind,prefix,rule_id,note`.
pub fn read_exclusions(csv: &[u8]) -> Result<Vec<(Stream, Exclusion, String)>> {
    let mut rows = Vec::new();
    for (number, line) in (2..).zip(csv::Reader::from_reader(csv).deserialize::<ExclusionLine>()) {
        let line = line.map_err(|fault| Error::field(format!("/line/{number}"), words!("{fault}", "{fault}")))?;
        if rows.len() >= LINES_MAX || line.prefix.is_empty() {
            return Err(Error::field(format!("/line/{number}"), words!("行无效", "not a valid line")));
        }
        rows.push((line.stream, Exclusion { kind: line.kind, prefix: line.prefix, rule: line.rule_id }, line.note));
    }
    Ok(rows)
}

/// Refuses with `fund_restricted` or `stream_rule_broken` what the fund may not pay. Rules that only warn come back as warnings.
pub fn check_purpose(db: &mut Db, tenant: TenantId, fund: &FundRow, purpose: &Purpose) -> Result<Vec<RuleRef>> {
    within_fund(fund, &store::limits(db, fund.id)?, purpose)?;
    let code = purpose.catalogue_code.as_str();
    check_exclusions(db, tenant, fund.stream, LimitKind::Catalogue, code)
}

/// The same for an economic class: what the stream's list forbids, and what the fund does.
pub fn check_economic(db: &mut Db, tenant: TenantId, fund: &FundRow, class: &str) -> Result<Vec<RuleRef>> {
    let forbidden =
        store::limits(db, fund.id)?.into_iter().any(|limit| limit.kind == LimitKind::Economic && class.starts_with(&limit.value));
    if forbidden {
        return Err(FUND_RESTRICTED.because(words!("该资金不得列支经济分类 {class}", "this fund may not pay economic class {class}")));
    }
    check_exclusions(db, tenant, fund.stream, LimitKind::Economic, class)
}

fn check_exclusions(db: &mut Db, tenant: TenantId, stream: Stream, kind: LimitKind, code: &str) -> Result<Vec<RuleRef>> {
    let listed = store::exclusions(db, tenant, stream)?;
    let hit: Vec<Exclusion> = listed.into_iter().filter(|one| one.kind == kind && code.starts_with(&one.prefix)).collect();
    if hit.is_empty() {
        return Ok(Vec::new());
    }
    let rules = match regulations::current_rule_set(db, tenant)? {
        Some(set) => regulations::rules_of(db, set)?,
        None => Vec::new(),
    };
    judge(stream, code, &hit, &rules)
}

/// An exclusion refuses unless its rule only warns.
fn judge(stream: Stream, code: &str, hit: &[Exclusion], rules: &[Rule]) -> Result<Vec<RuleRef>> {
    let mut warnings = Vec::new();
    for exclusion in hit {
        let rule = rules.iter().find(|rule| rule.id == exclusion.rule);
        let reference = rule.map_or_else(|| RuleRef { rule: exclusion.rule.clone(), legal_basis: String::new() }, Rule::reference);
        if rule.is_some_and(|rule| rule.standing(false) == Standing::Warned) {
            warnings.push(reference);
            continue;
        }
        let prefix = &exclusion.prefix;
        return Err(refused(
            words!("{stream} 资金不得用于 {code}（禁列 {prefix}）", "{stream} money for {code}, but {prefix} is forbidden"),
            reference,
        ));
    }
    Ok(warnings)
}

fn refused(words: crate::kernel::Words, rule: RuleRef) -> Error {
    STREAM_RULE_BROKEN.because(words).under(rule)
}

/// The fund's own restrictions: its year must not be over; its catalogue codes; its areas.
fn within_fund(fund: &FundRow, limits: &[Limit], purpose: &Purpose) -> Result<()> {
    let year = purpose.on.year();
    if fund.year < year {
        return Err(FUND_RESTRICTED.because(words!("{0} 年的资金不得用于 {year} 年", "money of {0} is not spent in {year}", fund.year)));
    }
    let of = |kind| limits.iter().filter(move |limit| limit.kind == kind).map(|limit| limit.value.as_str());
    let code = purpose.catalogue_code.as_str();
    if of(LimitKind::Catalogue).next().is_some() && !of(LimitKind::Catalogue).any(|prefix| code.starts_with(prefix)) {
        return Err(
            FUND_RESTRICTED.because(words!("目录项 {code} 不在该资金的用途内", "catalogue item {code} is not among the fund's purposes"))
        );
    }
    let area = purpose.area.map(|area| area.to_string()).unwrap_or_default();
    if of(LimitKind::Area).next().is_some() && !of(LimitKind::Area).any(|allowed| allowed == area) {
        return Err(FUND_RESTRICTED.because(words!("服务地点不在该资金的适用区域内", "the place is not among the fund's areas")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, FundId, UnitId};
    use crate::law::{Confidence, Severity};
    use crate::money::funds::model::Custodian;
    use uuid::Uuid;

    fn fund() -> FundRow {
        let nil = Uuid::nil();
        FundRow {
            id: FundId::new(nil),
            tenant_id: TenantId::new(nil),
            unit_id: UnitId::new(nil),
            stream: Stream::Lottery,
            year: 2026,
            name_zh: "福彩".into(),
            custodian: Custodian::Treasury,
            created_by: AccountId::new(nil),
            version: 1,
            created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    fn purpose(code: &str, area: Option<u128>, on: &str) -> Purpose {
        Purpose { catalogue_code: code.into(), area: area.map(|id| Uuid::from_u128(id).into()), on: on.parse().unwrap() }
    }

    #[test]
    fn a_fund_pays_in_its_year_for_its_codes_and_its_areas_only() {
        let limit = |kind, value: &str| Limit { kind, value: value.into() };
        let here = AreaId::new(Uuid::from_u128(7)).to_string();
        let limits = [limit(LimitKind::Catalogue, "A04"), limit(LimitKind::Area, &here)];
        for (code, area, on, good) in [
            ("A0402", Some(7), "2026-01-01", true),
            ("A0402", Some(7), "2026-12-31", true),
            ("A0402", Some(7), "2027-01-01", false),
            ("A0402", Some(7), "2025-12-31", true),
            ("A0302", Some(7), "2026-01-01", false),
            ("A0402", Some(8), "2026-01-01", false),
            ("A0402", None, "2026-01-01", false),
        ] {
            assert_eq!(within_fund(&fund(), &limits, &purpose(code, area, on)).is_ok(), good, "{code} {area:?} {on}");
        }
        assert!(within_fund(&fund(), &[], &purpose("B01", None, "2026-05-05")).is_ok());
    }

    #[test]
    fn an_exclusion_refuses_under_a_sure_rule_and_warns_under_an_unsure_one() {
        let rule = |confidence| Rule {
            id: "R082".into(),
            legal_basis: "彩票管理条例".into(),
            article: "第33条".into(),
            procedures: Vec::new(),
            severity: Severity::Block,
            confidence,
            effective_from: None,
            effective_to: None,
            figures: Vec::new(),
        };
        let hit = [Exclusion { kind: LimitKind::Economic, prefix: "301".into(), rule: "R082".into() }];
        let judged = |rules: &[Rule]| judge(Stream::Lottery, "30101", &hit, rules);
        assert_eq!(judged(&[rule(Confidence::ReadInText)]).unwrap_err().code(), "stream_rule_broken");
        assert_eq!(judged(&[]).unwrap_err().code(), "stream_rule_broken");
        assert_eq!(judged(&[rule(Confidence::QuotedElsewhere)]).unwrap().len(), 1);
    }
}
