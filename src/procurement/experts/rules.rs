//! Decisions on experts: their form, whether they know a field, whether a tie bars them. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::{ExpertChange, NewExpert, NewTie, TieRow};
use crate::kernel::error::Fields;
use crate::kernel::id::{OrganisationId, UnitId};
use crate::kernel::{CatalogueCode, Result, Uscc};
use crate::law::clock::{self, Flaw};
use crate::law::facts::{Tie, TieKind};
use crate::law::{Rule, WorkCalendar};
use crate::words;

/// Longest name of a person, in characters.
pub const NAME_MAX: usize = 64;
/// Longest name of an employer, in characters.
pub const PARTY_MAX: usize = 100;
/// Fields of one expert.
pub const FIELDS_MAX: usize = 20;
/// Ties of one expert.
pub const TIES_MAX: usize = 100;

/// Checks a new expert.
pub fn check_new(new: &NewExpert) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.name, "/name", 1, NAME_MAX);
    check_fields(&mut fields, &new.fields);
    fields.require(new.ties.len() <= TIES_MAX, "/ties", || words!("最多 {TIES_MAX} 条", "at most {TIES_MAX}"));
    for (index, tie) in new.ties.iter().enumerate() {
        check_tie_at(&mut fields, tie, &format!("/ties/{index}"));
    }
    fields.finish()
}

/// Checks a change.
pub fn check_change(change: &ExpertChange) -> Result<()> {
    let mut fields = Fields::default();
    if let Some(name) = &change.name {
        fields.text(name, "/name", 1, NAME_MAX);
    }
    if let Some(codes) = &change.fields {
        check_fields(&mut fields, codes);
    }
    fields.require(*change != ExpertChange::default(), "", || words!("没有任何修改", "nothing to change"));
    fields.finish()
}

fn check_fields(fields: &mut Fields, codes: &[CatalogueCode]) {
    let distinct: BTreeSet<_> = codes.iter().collect();
    fields.require((1..=FIELDS_MAX).contains(&codes.len()) && distinct.len() == codes.len(), "/fields", || {
        words!("须有 1 到 {FIELDS_MAX} 个专业，不得重复", "1 to {FIELDS_MAX} fields, none twice")
    });
}

/// Checks a declaration.
pub fn check_tie(tie: &NewTie) -> Result<()> {
    let mut fields = Fields::default();
    check_tie_at(&mut fields, tie, "");
    fields.finish()
}

fn check_tie_at(fields: &mut Fields, tie: &NewTie, at: &str) {
    fields.text(&tie.name, &format!("{at}/name"), 1, PARTY_MAX);
    fields.require(tie.organisation.is_none() || tie.unit.is_none(), &format!("{at}/unit_id"), || {
        words!("组织与单位只能填一个", "an organisation or a unit, not both")
    });
    fields.require(tie.uscc.as_deref().is_none_or(|code| Uscc::parse(code).is_ok()), &format!("{at}/uscc"), || {
        words!("统一社会信用代码有误", "not a unified social credit code")
    });
    if let (Some(from), Some(until)) = (tie.from, tie.until) {
        fields.require(from <= until, &format!("{at}/until_on"), || words!("不得早于 from_on", "must not be before from_on"));
    }
}

/// Whether an expert with these fields knows the catalogue code: one of its fields is the code or lies above it.
pub fn knows(fields: &[CatalogueCode], code: &CatalogueCode) -> bool {
    fields.iter().any(|field| code.as_str().starts_with(field.as_str()))
}

/// A supplier of a lot, as a tie may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Organisation.
    pub organisation: OrganisationId,
    /// Unified social credit code.
    pub uscc: String,
    /// Name.
    pub name: String,
}

/// Whether the tie is to this supplier: by id, by credit code or by its very name.
pub fn names(tie: &TieRow, party: &Party) -> bool {
    tie.organisation_id == Some(party.organisation)
        || tie.uscc.as_deref() == Some(party.uscc.as_str())
        || (tie.organisation_id.is_none() && tie.uscc.is_none() && tie.name.trim() == party.name.trim())
}

/// Whether the tie still bars on `day`: while it lasts; after its end for as many years as R068 looks back (实施条例 第9条); kinship for good;
/// another interest only while it lasts.
pub fn bars(tie: &TieRow, day: NaiveDate, lookback: Option<&Rule>, calendar: &WorkCalendar) -> Result<bool, Flaw> {
    let Some(until) = tie.until_on.filter(|_| tie.kind != TieKind::Kinship) else { return Ok(true) };
    if day <= until {
        return Ok(true);
    }
    match lookback {
        Some(rule) if tie.kind != TieKind::Other => Ok(day <= clock::due(rule, "lookback", until, calendar)?),
        _ => Ok(false),
    }
}

/// Whether the unit employs the expert on `day`.
pub fn works_for(ties: &[TieRow], unit: UnitId, day: NaiveDate) -> bool {
    ties.iter().any(|tie| tie.unit_id == Some(unit) && tie.kind == TieKind::Employment && tie.until_on.is_none_or(|until| day <= until))
}

/// The ties to these suppliers in the words of the law.
pub fn ties_to(ties: &[TieRow], parties: &[Party]) -> Vec<Tie> {
    ties.iter().filter(|tie| parties.iter().any(|party| names(tie, party))).map(|tie| Tie { kind: tie.kind, until: tie.until_on }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, ExpertId, ExpertTieId, TenantId};
    use crate::law::{Confidence, Figure, Severity};
    use uuid::Uuid;

    fn tie(kind: TieKind, until: Option<&str>) -> TieRow {
        TieRow {
            id: ExpertTieId::new(Uuid::nil()),
            tenant_id: TenantId::new(Uuid::nil()),
            expert_id: ExpertId::new(Uuid::nil()),
            kind,
            organisation_id: None,
            unit_id: None,
            uscc: None,
            name: "邻里互助协会".into(),
            from_on: None,
            until_on: until.map(|day| day.parse().unwrap()),
            declared_by: AccountId::new(Uuid::nil()),
            declared_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
        }
    }

    fn lookback() -> Rule {
        Rule {
            id: "R068".into(),
            legal_basis: "实施条例".into(),
            article: "第9条".into(),
            procedures: vec!["consultation".into()],
            severity: Severity::Block,
            confidence: Confidence::ReadInText,
            effective_from: None,
            effective_to: None,
            figures: vec![Figure { name: "lookback".into(), number: 3, unit: "year".into() }],
        }
    }

    #[test]
    fn an_employment_bars_to_the_last_day_of_the_third_year_and_not_one_day_longer() {
        let rule = lookback();
        let bars = |kind, until, day: &str| bars(&tie(kind, until), day.parse().unwrap(), Some(&rule), &WorkCalendar::default()).unwrap();
        assert!(bars(TieKind::Employment, None, "2026-03-13"));
        assert!(bars(TieKind::Employment, Some("2023-03-13"), "2026-03-13"));
        assert!(!bars(TieKind::Employment, Some("2023-03-12"), "2026-03-13"));
        assert!(bars(TieKind::Kinship, Some("1999-01-01"), "2026-03-13"), "kinship does not end");
        assert!(bars(TieKind::Other, Some("2026-03-13"), "2026-03-13"));
        assert!(!bars(TieKind::Other, Some("2026-03-12"), "2026-03-13"));
    }

    #[test]
    fn a_tie_names_a_supplier_by_id_by_code_or_by_its_very_name() {
        let party =
            Party {
                organisation: OrganisationId::new(Uuid::from_u128(7)), uscc: "51330502MJ9000014P".into(), name: "邻里互助协会".into()
            };
        let mut one = tie(TieKind::Employment, None);
        assert!(names(&one, &party));
        one.name = "邻里互助会".into();
        assert!(!names(&one, &party));
        one.uscc = Some("51330502MJ9000014P".into());
        assert!(names(&one, &party));
        one.uscc = None;
        one.organisation_id = Some(OrganisationId::new(Uuid::from_u128(7)));
        assert!(names(&one, &party));
    }

    #[test]
    fn a_field_covers_what_lies_below_it() {
        let code = |text: &str| CatalogueCode::parse(text).unwrap();
        assert!(knows(&[code("A04")], &code("A0402")) && knows(&[code("A0402")], &code("A0402")));
        assert!(!knows(&[code("A0402")], &code("A04")) && !knows(&[code("B")], &code("A04")));
    }
}
