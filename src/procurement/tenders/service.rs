//! Use cases of tenders up to their publication.

use chrono::Datelike as _;
use serde_json::{Value, json};

use super::model::{CriterionRow, LotRow, LotState, NewTender, TenderFile, TenderRow, TenderState};
use super::policy::{self, UnitDesk};
use super::procedure::{Ranking, Solicitation};
use super::rules::{self, Publication};
use super::{facts, invitations, money, papers, store};
use crate::db::{Db, Tx};
use crate::kernel::error;
use crate::kernel::id::{CaseId, LotId, TenderId};
use crate::kernel::{BasisPoints, Error, Fen, Result, UtcInstant};
use crate::law::{self, Facts, Finding, Gate, Level, Rule};
use crate::market::catalogues;
use crate::parties::{organisations, regulations};
use crate::people::Actor;
use crate::people::policy::{Action, Authorized, authorize};
use crate::procurement::plans::{self, tendering::Tendered};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor draft tenders for its unit?
pub fn may_create(actor: &Actor) -> Result<Authorized<UnitDesk>> {
    let unit = actor.unit.ok_or_else(|| error::FORBIDDEN.error())?;
    authorize(actor, &policy::CREATE, UnitDesk { tenant: actor.tenant, unit })
}

/// May the actor do this to the tender?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: TenderId) -> Result<Authorized<TenderRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// Drafts a tender: the case is born here.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, new: &NewTender) -> Result<TenderFile> {
    rules::require_open_entry(new.procedure)?;
    let case = tx.new_id();
    create_in_case(tx, granted, case, new, None)
}

/// Drafts a tender in a case that was born before: of a purchase plan, or of the lot that is run again.
pub fn create_in_case(
    tx: &mut Tx<'_>,
    granted: &Authorized<UnitDesk>,
    case: CaseId,
    new: &NewTender,
    predecessor: Option<LotId>,
) -> Result<TenderFile> {
    let desk = *granted.subject();
    check(tx, desk, new)?;
    let rule_set_id = regulations::current_rule_set(tx, desk.tenant)?.ok_or_else(|| rules::RULES_NOT_LOADED.error())?;
    let tender = TenderRow {
        id: tx.new_id(),
        tenant_id: desk.tenant,
        case_id: case,
        unit_id: desk.unit,
        catalogue_item_id: new.catalogue_item,
        rule_set_id,
        title: new.title.trim().to_owned(),
        description: new.description.trim().to_owned(),
        mode: new.mode,
        procedure: new.procedure,
        plain_offers: new.plain_offers,
        state: TenderState::Draft,
        return_reason: None,
        drafted_by: granted.by(),
        approved_by: None,
        published_at: None,
        bid_deadline: None,
        opened_at: None,
        version: 1,
        created_at: tx.now(),
        solicitation: rules::solicitation(new),
        amendment: 0,
        procedure_reason: trimmed(new.procedure_reason.as_deref()),
        named_organisation_id: new.named_organisation,
        publicity_until: None,
        predecessor_lot_id: predecessor,
    };
    let file = with_lots(tx, tender, new, &[]);
    store::insert(tx, granted, &file)?;
    plan_money(tx, &file, new)?;
    record(tx, "tender.drafted", &file.tender, told(&file))?;
    Ok(file)
}

/// Writes a draft or a returned tender anew. Lots keep their numbers; they may be added, not taken away.
pub fn rewrite(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, new: &NewTender) -> Result<TenderRow> {
    let before = granted.subject();
    rules::check_rewrite(before, new)?;
    check(tx, UnitDesk { tenant: before.tenant_id, unit: before.unit_id }, new)?;
    let lots = store::lots_of(tx, before.id)?;
    if new.lots.len() < lots.len() {
        return Err(Error::field(
            "/lots",
            words!("采购包可改可增不可减，请取消后重新起草", "lots may be changed and added, not removed; cancel and draft anew"),
        ));
    }
    let row = TenderRow {
        catalogue_item_id: new.catalogue_item,
        title: new.title.trim().to_owned(),
        description: new.description.trim().to_owned(),
        mode: new.mode,
        procedure: new.procedure,
        plain_offers: new.plain_offers,
        solicitation: rules::solicitation(new),
        procedure_reason: trimmed(new.procedure_reason.as_deref()),
        named_organisation_id: new.named_organisation,
        ..moved(before, before.state)
    };
    let file = with_lots(tx, row, new, &lots);
    store::rewrite_lots(tx, granted, &file, lots.len())?;
    plan_money(tx, &file, new)?;
    plans::tendering::within_budget(tx, before.tenant_id, before.id)?;
    let content = told(&file);
    keep(tx, granted, "tender.rewritten", file.tender, content)
}

fn check(tx: &mut Tx<'_>, desk: UnitDesk, new: &NewTender) -> Result<()> {
    rules::check_form(new)?;
    if catalogues::published_item(tx, desk.tenant, new.catalogue_item)?.is_none() {
        return Err(Error::field(
            "/catalogue_item_id",
            words!("不在已发布的指导性目录中", "not an item of the published guiding catalogue"),
        ));
    }
    match new.named_organisation {
        Some(named) if organisations::find(tx, desk.tenant, named)?.is_none() => {
            Err(Error::field("/named_organisation_id", words!("没有该组织", "there is no such organisation")))
        }
        _ => Ok(()),
    }
}

fn plan_money(tx: &mut Tx<'_>, file: &TenderFile, new: &NewTender) -> Result<()> {
    for (place, (lot, asked)) in file.lots.iter().zip(&new.lots).enumerate() {
        money::plan(tx, &file.tender, lot, asked, new.fund, place)?;
    }
    Ok(())
}

fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

fn told(file: &TenderFile) -> Value {
    let tender = &file.tender;
    let ceilings: Vec<Fen> = file.lots.iter().map(|lot| lot.ceiling_fen).collect();
    json!({"title": tender.title, "mode": tender.mode, "procedure": tender.procedure, "solicitation": tender.solicitation,
        "procedure_reason": tender.procedure_reason, "named_organisation_id": tender.named_organisation_id,
        "catalogue_item_id": tender.catalogue_item_id, "rule_set_id": tender.rule_set_id,
        "predecessor_lot_id": tender.predecessor_lot_id, "ceilings_fen": ceilings})
}

/// The lots and criteria of a new tender; a lot whose number was there before keeps its id and state.
fn with_lots(tx: &mut Tx<'_>, tender: TenderRow, new: &NewTender, before: &[LotRow]) -> TenderFile {
    let mut file = TenderFile { tender, lots: Vec::new(), criteria: Vec::new() };
    let price_alone = file.tender.profile().ranking == Ranking::LowestPrice;
    for (number, lot) in (1_i32..).zip(&new.lots) {
        let (title, ceiling_fen) = (lot.title.trim().to_owned(), lot.ceiling);
        let row = match before.iter().find(|row| row.number == number) {
            Some(row) => LotRow { title, ceiling_fen, version: row.version.saturating_add(1), ..row.clone() },
            None => LotRow {
                id: tx.new_id(),
                tenant_id: file.tender.tenant_id,
                tender_id: file.tender.id,
                case_id: file.tender.case_id,
                number,
                title,
                ceiling_fen,
                state: LotState::Open,
                failed_because: None,
                version: 1,
            },
        };
        if lot.criteria.is_empty() && price_alone {
            file.criteria.push(CriterionRow {
                lot_id: row.id,
                position: 1,
                name: "最低报价".to_owned(),
                kind: super::CriterionKind::Price,
                weight_bp: BasisPoints::WHOLE,
            });
        }
        file.criteria.extend((1_i32..).zip(&lot.criteria).map(|(position, criterion)| CriterionRow {
            lot_id: row.id,
            position,
            name: criterion.name.trim().to_owned(),
            kind: criterion.kind,
            weight_bp: criterion.weight,
        }));
        file.lots.push(row);
    }
    file
}

/// Sends a draft to review: the price weights are judged and the ceiling of every lot is reserved.
pub fn submit(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<(TenderRow, Vec<Finding>)> {
    let tender = granted.subject();
    rules::require_run_here(tender)?;
    let file = file_of(tx, tender.clone())?;
    plans::tendering::within_budget(tx, tender.tenant_id, tender.id)?;
    let mut warnings = judge(tx, tender, &facts::of_lots(&file)?, Gate::Submission)?;
    let today = tx.now().date_in_shanghai();
    warnings.extend(law::refuse_broken(plans::tendering::splitting(tx, &tendered(tender), today)?.into_iter().collect())?);
    let lots = &file.lots;
    let amount = money::reserve(tx, granted.by(), tender, lots)?;
    let row = TenderRow { return_reason: None, ..moved(tender, TenderState::InReview) };
    let row = keep(tx, granted, "tender.submitted", row, json!({"reserved_fen": amount, "warnings": rule_ids(&warnings)}))?;
    Ok((row, warnings))
}

/// The tender as its plan knows it.
fn tendered(tender: &TenderRow) -> Tendered {
    let (tenant, unit, item, procedure) = (tender.tenant_id, tender.unit_id, tender.catalogue_item_id, tender.procedure);
    Tendered { tenant, tender: tender.id, unit, item, procedure, rule_set: tender.rule_set_id }
}

/// The finance officer approves; where the procedure needs a collective decision, its minutes must be there.
pub fn approve(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<TenderRow> {
    let before = granted.subject();
    let minutes = papers::minutes_of(tx, before)?;
    if before.profile().minutes && minutes.is_none() {
        return Err(rules::MINUTES_MISSING.error());
    }
    let row = TenderRow { approved_by: Some(granted.by()), ..moved(before, TenderState::Approved) };
    keep(tx, granted, "tender.approved", row, json!({"minutes_sha256": minutes.map(|document| document.sha256)}))
}

/// The finance officer sends it back; the money is free again.
pub fn send_back(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, reason: &str) -> Result<TenderRow> {
    end_review(tx, granted, TenderState::Returned, reason, "tender.returned")
}

/// The purchaser ends it before publication; held money is free again.
pub fn cancel(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, reason: &str) -> Result<TenderRow> {
    end_review(tx, granted, TenderState::Cancelled, reason, "tender.cancelled")
}

fn end_review(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, state: TenderState, reason: &str, action: &str) -> Result<TenderRow> {
    let mut fields = error::Fields::default();
    fields.text(reason, "/reason", 1, 1000);
    fields.finish()?;
    let before = granted.subject();
    let mut released = Fen::ZERO;
    for lot in store::lots_of(tx, before.id)? {
        let freed = match state {
            TenderState::Returned => money::set_back(tx, granted.by(), before, &lot)?,
            _ => money::release(tx, granted.by(), before, &lot)?,
        };
        released = released.plus(freed)?;
    }
    let row = TenderRow { return_reason: Some(reason.trim().to_owned()), approved_by: None, ..moved(before, state) };
    keep(tx, granted, action, row, json!({"reason": reason.trim(), "released_fen": released}))
}

/// Makes it public, judged by the rules that the tender was made under: with a deadline where bids are asked for, with a publicity where
/// one supplier is named under the law.
pub fn publish(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, publication: &Publication) -> Result<(TenderRow, Vec<Finding>)> {
    let tender = granted.subject();
    let now = tx.now();
    rules::check_publication(tender, publication, now)?;
    let invited = invitations::of_tender(tx, tender.id)?;
    if tender.solicitation == Solicitation::Invited && invited.is_empty() {
        return Err(invitations::NOBODY_INVITED.error());
    }
    let row = TenderRow {
        published_at: Some(now),
        bid_deadline: publication.bid_deadline,
        publicity_until: publication.publicity_until,
        ..moved(tender, TenderState::Published)
    };
    let mut known = facts::of_tender(&row, &store::lots_of(tx, row.id)?)?;
    if row.solicitation == Solicitation::Invited {
        known.bidders.invited = i64::try_from(invited.len()).ok();
    }
    let mut warnings = judge(tx, &row, &[known], Gate::Publication)?;
    let intention = plans::tendering::intention(tx, row.tenant_id, row.id, row.procedure, now.date_in_shanghai())?;
    warnings.extend(law::refuse_broken(intention.into_iter().collect())?);
    let content = json!({"bid_deadline": publication.bid_deadline, "publicity_until": publication.publicity_until,
        "invited": invited.iter().map(|row| row.organisation_id).collect::<Vec<_>>(), "warnings": rule_ids(&warnings)});
    let row = keep(tx, granted, "tender.published", row, content)?;
    invitations::tell(tx, &row, &invited)?;
    Ok((row, warnings))
}

/// Takes over a tender that was run elsewhere: the money of its lots is set aside and it is public at once, with the bidding behind it.
pub fn take_over(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>) -> Result<TenderRow> {
    let tender = granted.subject();
    if tender.state != TenderState::Draft {
        let state = tender.state;
        return Err(error::WRONG_STATE.because(words!("项目现状为 {state}，须为 draft", "the tender is {state}, it must be a draft")));
    }
    plans::tendering::within_budget(tx, tender.tenant_id, tender.id)?;
    let lots = store::lots_of(tx, tender.id)?;
    let amount = money::reserve(tx, granted.by(), tender, &lots)?;
    let (approved_by, published_at) = (Some(granted.by()), Some(tx.now()));
    let row = TenderRow { approved_by, published_at, ..moved(tender, TenderState::Published) };
    keep(tx, granted, "tender.taken_over", row, json!({"reserved_fen": amount}))
}

/// What the rules of the tender say of these facts at a gate: refuses with `rule_broken` on the first that blocks, otherwise the warnings.
pub fn judge(db: &mut Tx<'_>, tender: &TenderRow, known: &[Facts], gate: Gate) -> Result<Vec<Finding>> {
    let rules: Vec<Rule> = regulations::rules_of(db, tender.rule_set_id)?;
    let calendar = regulations::calendar(db, tender.tenant_id)?;
    let today = db.now().date_in_shanghai();
    let thresholds = regulations::thresholds_of(db, tender.tenant_id, today.year(), Level::District)?;
    let mut findings = Vec::new();
    for facts in known {
        let facts = Facts { thresholds, ..facts.clone() };
        for finding in law::judge(&rules, &facts, &calendar, gate, today)? {
            // Lots share what their tender says: it is told once.
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    law::refuse_broken(findings)
}

/// The tender with its lots and criteria.
pub fn file_of(db: &mut Db, tender: TenderRow) -> Result<TenderFile> {
    store::files(db, vec![tender])?.pop().ok_or_else(|| error::NOT_FOUND.error())
}

/// Notes a change of what belongs to the tender: its version grows.
pub fn touch(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, action: &str, content: Value) -> Result<TenderRow> {
    let row = moved(granted.subject(), granted.subject().state);
    keep(tx, granted, action, row, content)
}

/// Puts an amendment of the documents into force: its number, and the deadline where that moves.
pub fn amend(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, bid_deadline: Option<UtcInstant>, content: Value) -> Result<TenderRow> {
    let before = granted.subject();
    let row = TenderRow {
        amendment: before.amendment.saturating_add(1),
        bid_deadline: bid_deadline.or(before.bid_deadline),
        ..moved(before, before.state)
    };
    keep(tx, granted, "tender.amended", row, content)
}

fn moved(before: &TenderRow, state: TenderState) -> TenderRow {
    TenderRow { state, version: before.version.saturating_add(1), ..before.clone() }
}

fn keep(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, action: &str, row: TenderRow, content: Value) -> Result<TenderRow> {
    store::save(tx, granted, &row)?;
    record(tx, action, &row, content)?;
    Ok(row)
}

fn rule_ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.rule.as_str()).collect()
}

/// Journals a step of a tender.
pub fn record(tx: &mut Tx<'_>, action: &str, row: &TenderRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "tender",
            resource: row.id.any(),
            version: row.version,
            case: Some(row.case_id),
            content,
        },
    )?;
    Ok(())
}

/// Fewest bids of a lot that is opened, under the rules of the tender.
pub fn least_bids(db: &mut Db, tender: &TenderRow) -> Result<usize> {
    Ok(rules::min_suppliers(&regulations::rules_of(db, tender.rule_set_id)?, tender.procedure))
}
