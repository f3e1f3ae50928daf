//! Decisions on tenders: their form and what the statutory rules say. Pure.

use super::model::{CriterionKind, NewLot, NewTender, TenderRow};
use super::procedure::{Ranking, Solicitation, profile};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::{BasisPoints, Error, Fen, Result, UtcInstant};
use crate::law::{Procedure, Rule, Standing};
use crate::money::funding::{NewLine, apportion};
use crate::words;

problems! {
    /// No rule set is in use.
    RULES_NOT_LOADED = "rules_not_loaded", 409, "尚未启用规则集", "No rule set is in use",
        "请管理员先导入规则集：baiyi import rules。",
        "Ask the administrator to import a rule set: baiyi import rules.";
    /// The collective decision is not attached.
    MINUTES_MISSING = "minutes_missing", 409, "缺少会议纪要", "The minutes are missing",
        "该程序须经集体决策（三重一大）。请先上传会议纪要（purpose=minutes），再审批。",
        "This procedure needs a collective decision. Upload its minutes (purpose=minutes) before the approval.";
}

/// When bids are due, or how long the choice of a single source is public first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// First instant at which no bid is taken.
    pub bid_deadline: Option<UtcInstant>,
    /// Last instant of the publicity.
    pub publicity_until: Option<UtcInstant>,
}

/// Lots of one tender.
pub const LOTS_MAX: usize = 20;
/// Criteria of one lot.
pub const CRITERIA_MAX: usize = 20;
/// Shortest reason for a procedure, in characters.
pub const REASON_MIN: usize = 10;

/// Checks the form of a new or rewritten tender.
pub fn check_form(new: &NewTender) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.title, "/title", 1, 200);
    fields.text(&new.description, "/description", 1, 10_000);
    let count = new.lots.len();
    fields.require((1..=LOTS_MAX).contains(&count), "/lots", || words!("须有 1 到 {LOTS_MAX} 个采购包", "1 to {LOTS_MAX} lots"));
    check_procedure(&mut fields, new);
    fields.require(new.fund.is_some() || new.lots.iter().all(|lot| !lot.funding.is_empty()), "/fund_id", || {
        words!("须指明资金账户，或为每个采购包列明资金构成", "name a fund, or the funding of every lot")
    });
    for (index, lot) in new.lots.iter().enumerate().take(LOTS_MAX) {
        check_funding(&mut fields, index, lot);
        check_lot(&mut fields, index, lot, profile(new.procedure).ranking);
    }
    fields.finish()
}

/// The funding lines of a lot, where it has its own, add up to its ceiling.
fn check_funding(fields: &mut Fields, index: usize, lot: &NewLot) {
    let total = Fen::total(lot.funding.iter().map(|line| line.amount)).ok();
    fields.require(lot.funding.is_empty() || total == Some(lot.ceiling), &format!("/lots/{index}/funding"), || {
        let (total, ceiling) = (total.unwrap_or_default(), lot.ceiling);
        words!("资金构成合计 {total} 元，须等于最高限价 {ceiling} 元", "the funding adds up to {total} yuan, the ceiling is {ceiling} yuan")
    });
}

/// The funding of a lot that is run again, made to fit its draft. A later year's part without a fund whose year has come cannot be planned so
/// any more: the first line with a fund takes it, until the purchaser writes the draft anew. Lines above a ceiling that was lowered are cut in
/// proportion.
pub fn refit(mut lines: Vec<NewLine>, ceiling: Fen, this_year: i32) -> Result<Vec<NewLine>> {
    let waits = |line: &NewLine| line.fund.is_some() || line.year > this_year;
    let come = Fen::total(lines.iter().filter(|line| !waits(line)).map(|line| line.amount))?;
    lines.retain(waits);
    if let Some(first) = lines.iter_mut().find(|line| line.fund.is_some()) {
        first.amount = first.amount.plus(come)?;
    }
    let planned: Vec<Fen> = lines.iter().map(|line| line.amount).collect();
    if Fen::total(planned.iter().copied())? > ceiling {
        for (line, part) in lines.iter_mut().zip(apportion(ceiling, &planned)?) {
            line.amount = part;
        }
        lines.retain(|line| line.amount > Fen::ZERO);
    }
    Ok(lines)
}

fn check_procedure(fields: &mut Fields, new: &NewTender) {
    let (procedure, profile) = (new.procedure, profile(new.procedure));
    if let Some(asked) = new.solicitation {
        fields.require(profile.solicitations.contains(&asked), "/solicitation", || {
            words!("{procedure} 不能以 {asked} 方式邀请", "{procedure} does not ask {asked}")
        });
    }
    if let Some(reason) = &new.procedure_reason {
        fields.text(reason, "/procedure_reason", REASON_MIN, 2000);
    }
    fields.require(!profile.reasoned || new.procedure_reason.is_some(), "/procedure_reason", || {
        words!("采用 {procedure} 须说明理由", "the reason for {procedure} must be stated")
    });
    let single = solicitation(new) == Solicitation::Single;
    fields.require(single || new.named_organisation.is_none(), "/named_organisation_id", || {
        words!("只有不竞争的采购才指明供应商", "a supplier is named only where nobody competes")
    });
    fields.require(!single || new.named_organisation.is_some(), "/named_organisation_id", || {
        words!("须指明供应商", "the supplier must be named")
    });
}

/// Refuses a procedure that has an entry of its own: call-offs and imports.
pub fn require_open_entry(procedure: Procedure) -> Result<()> {
    match procedure {
        Procedure::Framework => Err(Error::field(
            "/procedure",
            words!(
                "框架协议下的采购请从框架协议起草：POST /api/v1/frameworks/…/tenders",
                "a call-off is drafted from its framework: POST /api/v1/frameworks/…/tenders"
            ),
        )),
        Procedure::External => Err(Error::field(
            "/procedure",
            words!(
                "平台外采购请导入：POST /api/v1/external-tenders",
                "a purchase run elsewhere is imported: POST /api/v1/external-tenders"
            ),
        )),
        _ => Ok(()),
    }
}

/// Refuses a step of a tender that was run elsewhere: its import is approved or refused as a whole.
pub fn require_run_here(tender: &TenderRow) -> Result<()> {
    if tender.procedure != Procedure::External {
        return Ok(());
    }
    Err(error::WRONG_STATE.because(words!(
        "平台外采购由导入的审批推进：/api/v1/external-tenders",
        "a purchase run elsewhere is moved by the approval of its import: /api/v1/external-tenders"
    )))
}

/// Refuses a rewriting that would lead round an entry: into a call-off or an import, or away from what its framework fixed.
pub fn check_rewrite(before: &TenderRow, new: &NewTender) -> Result<()> {
    require_run_here(before)?;
    if new.procedure != before.procedure {
        require_open_entry(new.procedure)?;
    }
    if before.procedure != Procedure::Framework {
        return Ok(());
    }
    let mut fields = Fields::default();
    let mut fixed = |kept: bool, pointer: &str| {
        fields.require(kept, pointer, || words!("由框架协议确定，不得更改", "fixed by the framework"));
    };
    fixed(new.procedure == before.procedure, "/procedure");
    fixed(new.catalogue_item == before.catalogue_item_id, "/catalogue_item_id");
    fixed(solicitation(new) == before.solicitation, "/solicitation");
    fixed(new.named_organisation == before.named_organisation_id, "/named_organisation_id");
    // A direct order's amount was judged by the framework's limits.
    fixed(before.solicitation != Solicitation::Single, "/lots");
    fields.finish()
}

/// Who is asked to bid.
pub fn solicitation(new: &NewTender) -> Solicitation {
    new.solicitation.or_else(|| profile(new.procedure).solicitations.first().copied()).unwrap_or(Solicitation::Public)
}

fn check_lot(fields: &mut Fields, index: usize, lot: &NewLot, ranking: Ranking) {
    let at = |field: &str| format!("/lots/{index}/{field}");
    fields.text(&lot.title, &at("title"), 1, 200);
    fields.require(lot.ceiling > Fen::ZERO, &at("ceiling"), || words!("须大于零", "must be more than zero"));
    let counts = match ranking {
        Ranking::Weighted => 1..=CRITERIA_MAX,
        // The lowest price is the whole score.
        Ranking::LowestPrice => 0..=1,
        Ranking::None => 0..=0,
    };
    fields.require(counts.contains(&lot.criteria.len()), &at("criteria"), || {
        let (least, most) = (counts.start(), counts.end());
        words!("须有 {least} 到 {most} 项评审因素", "{least} to {most} criteria")
    });
    for (place, criterion) in lot.criteria.iter().enumerate() {
        fields.text(&criterion.name, &at(&format!("criteria/{place}/name")), 1, 100);
        fields.require(criterion.weight.get() > 0, &at(&format!("criteria/{place}/weight_bp")), || {
            words!("须大于零", "must be more than zero")
        });
    }
    if lot.criteria.is_empty() && ranking != Ranking::Weighted {
        return;
    }
    let total: i64 = lot.criteria.iter().map(|c| i64::from(c.weight.get())).sum();
    let whole = i64::from(BasisPoints::WHOLE.get());
    fields.require(total == whole, &at("criteria"), || {
        words!("权重合计须为 {whole}，现为 {total}", "the weights must add up to {whole}, they add up to {total}")
    });
    let prices = lot.criteria.iter().filter(|c| c.kind == CriterionKind::Price).count();
    // None where the documents fix the price (R039): `documents` asks for that when the tender goes to review.
    let fits = if ranking == Ranking::Weighted { prices <= 1 } else { prices == 1 };
    fields.require(fits, &at("criteria"), || words!("至多一项价格因素", "one criterion is the price, or none where it is fixed"));
}

/// Fewest suppliers with which a lot is opened, by the rule that the procedure's profile names. A rule that only warns does not keep bids
/// from being opened, so then one is enough.
pub fn min_suppliers(rules: &[Rule], procedure: Procedure) -> usize {
    let named = profile(procedure).min_suppliers;
    let figure = named.and_then(|(id, name)| {
        let blocking = rules.iter().find(|rule| rule.id == id && rule.standing(false) == Standing::Broken)?;
        Some(blocking.figure(name)?.number)
    });
    usize::try_from(figure.unwrap_or(1)).unwrap_or(usize::MAX).max(1)
}

/// Checks what is said at the publication: a deadline where bids are asked for, a publicity where one supplier is named under the law.
pub fn check_publication(tender: &TenderRow, publication: &Publication, now: UtcInstant) -> Result<()> {
    let mut fields = Fields::default();
    let mut expect = |given: Option<UtcInstant>, wanted: bool, pointer: &str| {
        fields.require(given.is_some() == wanted, pointer, || {
            if wanted { words!("必填", "is needed") } else { words!("此程序没有这一步", "this procedure has no such step") }
        });
        fields.require(given.is_none_or(|at| at > now), pointer, || words!("须晚于现在", "must lie in the future"));
    };
    expect(publication.bid_deadline, tender.solicitation != Solicitation::Single, "/bid_deadline");
    expect(publication.publicity_until, tender.procedure == Procedure::SingleSource, "/publicity_until");
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::super::model::{Mode, NewCriterion};
    use super::*;
    use crate::kernel::id::{CatalogueItemId, FundId};
    use crate::law::{Confidence, Figure, Severity};
    use crate::money::funds::Stream;
    use uuid::Uuid;

    fn rule(id: &str, procedure: &str, confidence: Confidence, figures: &[(&str, i64, &str)]) -> Rule {
        Rule {
            id: id.into(),
            legal_basis: "法".into(),
            article: "第1条".into(),
            procedures: vec![procedure.into()],
            severity: Severity::Block,
            confidence,
            effective_from: None,
            effective_to: None,
            figures: figures
                .iter()
                .map(|(name, number, unit)| Figure { name: (*name).into(), number: *number, unit: (*unit).into() })
                .collect(),
        }
    }

    #[test]
    fn weights_that_do_not_add_up_and_a_second_price_are_named() {
        let criterion = |kind, weight| NewCriterion { name: "方案".into(), kind, weight: BasisPoints::new(weight).unwrap() };
        let tender = |criteria| NewTender {
            catalogue_item: CatalogueItemId::new(Uuid::nil()),
            fund: Some(FundId::new(Uuid::nil())),
            title: "为老服务".into(),
            description: "每周两次".into(),
            mode: Mode::ContractingOut,
            procedure: Procedure::Consultation,
            solicitation: None,
            procedure_reason: None,
            named_organisation: None,
            plain_offers: true,
            lots: vec![NewLot { title: "包一".into(), ceiling: Fen::new(1), funding: vec![], criteria }],
        };
        let good = vec![criterion(CriterionKind::Quality, 8000), criterion(CriterionKind::Price, 2000)];
        assert!(check_form(&tender(good)).is_ok());
        let short = vec![criterion(CriterionKind::Quality, 7999), criterion(CriterionKind::Price, 2000)];
        assert!(check_form(&tender(short)).unwrap_err().to_string().contains("9999"));
        let twice = vec![criterion(CriterionKind::Price, 8000), criterion(CriterionKind::Price, 2000)];
        assert!(check_form(&tender(twice)).unwrap_err().to_string().contains("/lots/0/criteria"));
        let fixed_price = vec![criterion(CriterionKind::Quality, 10_000)];
        assert!(check_form(&tender(fixed_price.clone())).is_ok());
        let quotes = NewTender { procedure: Procedure::Quotes, ..tender(fixed_price) };
        assert!(check_form(&quotes).unwrap_err().to_string().contains("/lots/0/criteria"));
    }

    #[test]
    fn the_funding_of_a_lot_that_is_run_again_fits_its_ceiling_and_its_year() {
        let line = |fund: u128, year, fen| NewLine {
            fund: (fund > 0).then(|| FundId::new(Uuid::from_u128(fund))),
            stream: Stream::Fiscal,
            year,
            amount: Fen::new(fen),
        };
        let plan = || vec![line(1, 2026, 60), line(2, 2026, 30), line(0, 2027, 10)];
        let fitted = |ceiling, year| {
            let lines = refit(plan(), Fen::new(ceiling), year).unwrap();
            lines.into_iter().map(|line| (line.fund.is_some(), line.amount.get())).collect::<Vec<_>>()
        };
        assert_eq!(fitted(100, 2026), [(true, 60), (true, 30), (false, 10)]);
        assert_eq!(fitted(80, 2026), [(true, 48), (true, 24), (false, 8)]);
        assert_eq!(fitted(1, 2026), [(true, 1)]);
        assert_eq!(fitted(100, 2027), [(true, 70), (true, 30)], "what had no fund yet is not lost");
        assert_eq!(fitted(10, 2028), [(true, 7), (true, 3)]);
    }

    #[test]
    fn the_fewest_suppliers_come_from_a_rule_that_blocks() {
        let open = rule("R045", "open_tender", Confidence::ReadInText, &[("min_suppliers", 3, "count")]);
        let consultation = |confidence| rule("R027", "consultation", confidence, &[("min_suppliers_service", 2, "count")]);
        let least = |confidence, procedure| min_suppliers(&[open.clone(), consultation(confidence)], procedure);
        assert_eq!(least(Confidence::QuotedElsewhere, Procedure::OpenTender), 3);
        assert_eq!(least(Confidence::QuotedElsewhere, Procedure::Consultation), 1, "second-hand: it warns");
        assert_eq!(least(Confidence::Confirmed, Procedure::Consultation), 2);
        assert_eq!(min_suppliers(&[], Procedure::OpenTender), 1);
    }
}
