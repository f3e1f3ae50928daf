//! Use cases of standings: recording, lifting, following the calendar, and whether an organisation may supply.

use chrono::NaiveDate;
use serde_json::json;

use super::super::model::OrganisationRow;
use super::super::service::{self as organisations, STANDING_IN_FORCE};
use super::model::{NewStanding, StandingFile, StandingKind, StandingRow, Supply};
use super::rules::{self, ListLimit};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{OrganisationId, StandingId, TenantId};
use crate::law::{self, Facts, Finding, Gate};
use crate::parties::regulations;
use crate::people::policy::authorize;
use crate::people::{Actor, Authorized, Viewer};
use crate::trust::journal::{self, Event};
use crate::words;

/// A standing that was recorded.
#[derive(Debug, Clone)]
pub struct Imposed {
    /// The standing.
    pub standing: StandingRow,
    /// Its organisation as it stands now.
    pub organisation: OrganisationRow,
    /// Rules that warn of how it was recorded.
    pub warnings: Vec<Finding>,
}

/// May the actor record a standing against this organisation?
pub fn may_impose(db: &mut Db, actor: &Actor, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    let row = super::super::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::IMPOSE, row)
}

/// May the actor lift this standing?
pub fn may_lift(db: &mut Db, actor: &Actor, id: StandingId) -> Result<Authorized<StandingFile>> {
    let standing = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let organisation = super::super::find(db, actor.tenant, standing.organisation_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::LIFT, StandingFile { standing, organisation })
}

/// Whether an organisation may supply on a day, with explanation and remedy: the one question that purchases ask.
pub fn may_supply(db: &mut Db, tenant: TenantId, organisation: OrganisationId, day: NaiveDate) -> Result<Supply> {
    let row = super::super::find(db, tenant, organisation)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let rows = store::of_organisation(db, tenant, organisation)?;
    let limit = list_limit(db, tenant)?;
    Ok(rules::supply_on(row.state, &rows, day, limit.as_ref()))
}

/// The term of the abnormal list by the rule set in use; `None` when none is loaded or it does not say.
pub fn list_limit(db: &mut Db, tenant: TenantId) -> Result<Option<ListLimit>> {
    let Some(set) = regulations::current_rule_set(db, tenant)? else { return Ok(None) };
    Ok(regulations::rules_of(db, set)?.iter().find(|rule| rule.id == rules::LISTS_RULE).and_then(ListLimit::of))
}

/// What the rule on recording credit facts in time (R092) finds, where it speaks of this standing; refused where the rule blocks.
fn recorded_in_time(db: &mut Db, tenant: TenantId, new: &NewStanding, today: NaiveDate) -> Result<Vec<Finding>> {
    let (Some(_), true) = (new.known_on, new.kind.is_public()) else { return Ok(Vec::new()) };
    let Some(set) = regulations::current_rule_set(db, tenant)? else { return Ok(Vec::new()) };
    let rules: Vec<_> = regulations::rules_of(db, set)?.into_iter().filter(|rule| rule.id == rules::RECORDING_RULE).collect();
    let mut facts = Facts::default();
    facts.organisation.credit_fact_on = new.known_on;
    facts.organisation.credit_recorded_on = Some(today);
    let findings = law::judge(&rules, &facts, &regulations::calendar(db, tenant)?, Gate::Standing, today)?;
    law::refuse_broken(findings)
}

/// Records a standing, with what the rules warn of. One of the same kind must not stand on any of its days.
pub fn impose(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, new: &NewStanding) -> Result<Imposed> {
    let organisation = granted.subject();
    let today = tx.now().date_in_shanghai();
    let valid_from = new.valid_from.unwrap_or(today);
    rules::check(&NewStanding { valid_from: Some(valid_from), ..new.clone() }, today)?;
    let warnings = recorded_in_time(tx, organisation.tenant_id, new, today)?;
    let others = store::of_organisation(tx, organisation.tenant_id, organisation.id)?;
    let span = (valid_from, new.valid_to);
    let taken =
        others.iter().find(|row| row.kind == new.kind && row.lifted_on.is_none() && rules::overlaps((row.valid_from, row.valid_to), span));
    if let Some(taken) = taken {
        let from = taken.valid_from;
        return Err(STANDING_IN_FORCE.because(words!("同类记录自 {from} 起", "one of this kind stands since {from}")));
    }
    let row = StandingRow {
        id: tx.new_id(),
        tenant_id: organisation.tenant_id,
        organisation_id: organisation.id,
        kind: new.kind,
        reason: new.reason.trim().to_owned(),
        source: new.source.trim().to_owned(),
        valid_from,
        valid_to: new.valid_to,
        decided_by: granted.person(),
        lifted_on: None,
        lifted_by: None,
        lift_reason: None,
        version: 1,
        created_at: tx.now(),
        known_on: new.known_on,
    };
    store::insert(tx, granted, &row)?;
    let after = follow(tx, organisation, today)?;
    let action = match row.kind {
        StandingKind::Suspended => "organisation.suspended",
        StandingKind::Abnormal => "organisation.listed_abnormal",
        StandingKind::Blacklisted => "organisation.blacklisted",
    };
    record(tx, action, &row, &after, &warnings)?;
    let words = |zh: &str, en: &str| {
        format!(
            "{name}：\n\n贵组织（{uscc}）{zh}。自：{from}；来源：{source}；理由：{reason}\n\n{name}: the organisation ({uscc}) {en}. From: {from}; source: {source}; reason: {reason}\n",
            name = after.name_zh,
            uscc = after.uscc,
            from = row.valid_from,
            source = row.source,
            reason = row.reason
        )
    };
    let (subject, body) = match row.kind {
        StandingKind::Suspended => ("百益：已被暂停 · Baiyi: suspended", words("已被暂停", "is suspended")),
        StandingKind::Abnormal => (
            "百益：已列入活动异常名录 · Baiyi: listed as abnormal",
            words("已列入活动异常名录", "is in the list of abnormal organisations"),
        ),
        StandingKind::Blacklisted => {
            ("百益：已列入严重违法失信名单 · Baiyi: blacklisted", words("已列入严重违法失信名单", "is in the list of serious dishonesty"))
        }
    };
    organisations::notify(tx, &after, subject, body)?;
    Ok(Imposed { standing: row, organisation: after, warnings })
}

/// Lifts a standing from today on, for a reason.
pub fn lift(tx: &mut Tx<'_>, granted: &Authorized<StandingFile>, reason: &str) -> Result<StandingRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let today = tx.now().date_in_shanghai();
    let row = store::lift(tx, granted, today, reason.trim())?;
    let after = follow(tx, &granted.subject().organisation, today)?;
    record(tx, "organisation.standing_lifted", &row, &after, &[])?;
    let body = format!(
        "{name}：\n\n对贵组织的一项记录（{kind}，自 {from}）已解除。理由：{reason}\n\n\
         {name}: what stood against the organisation ({kind}, since {from}) is lifted. Reason: {reason}\n",
        name = after.name_zh,
        kind = row.kind,
        from = row.valid_from,
        reason = row.lift_reason.as_deref().unwrap_or_default()
    );
    organisations::notify(tx, &after, "百益：记录已解除 · Baiyi: lifted", body)?;
    Ok(row)
}

/// Stores the state that the standings give today.
fn follow(tx: &mut Tx<'_>, organisation: &OrganisationRow, today: NaiveDate) -> Result<OrganisationRow> {
    let rows = store::of_organisation(tx, organisation.tenant_id, organisation.id)?;
    let state = rules::state_on(organisation.state, &rows, today);
    let reason = rules::standing_on(&rows, today).map(|row| row.reason.clone());
    store::set_state(tx, organisation, state, reason.as_deref())
}

/// Lets stored states follow the calendar: a standing began or ended. Returns how many organisations changed. What decides a purchase is
/// always computed for its day; the stored state is what lists and pages show.
pub fn settle(tx: &mut Tx<'_>, rows: i64) -> Result<usize> {
    let today = tx.now().date_in_shanghai();
    let mut changed = 0_usize;
    for before in store::unsettled(tx, today, rows)? {
        let standings = store::of_organisation(tx, before.tenant_id, before.id)?;
        if rules::state_on(before.state, &standings, today) == before.state {
            continue;
        }
        let after = follow(tx, &before, today)?;
        let content = json!({"from": before.state, "to": after.state, "on": today});
        organisations::record(tx, "organisation.standing_settled", &after, content)?;
        changed = changed.saturating_add(1);
    }
    Ok(changed)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &StandingRow, organisation: &OrganisationRow, warnings: &[Finding]) -> Result<()> {
    let named: Vec<&str> = warnings.iter().map(|finding| finding.rule.rule.as_str()).collect();
    let content = json!({
        "standing_id": row.id, "kind": row.kind, "reason": row.reason, "source": row.source, "valid_from": row.valid_from, "valid_to": row.valid_to,
        "known_on": row.known_on, "lifted_on": row.lifted_on, "lift_reason": row.lift_reason, "state": organisation.state, "warnings": named,
    });
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "organisation",
            resource: organisation.id.any(),
            version: organisation.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}

/// Whether a reader of an organisation sees its suspensions too; 404 for who may not know of it.
pub fn sight(db: &mut Db, viewer: &Viewer, id: OrganisationId) -> Result<bool> {
    let row = super::super::find(db, viewer.tenant, id)?.filter(|row| row.visible_for(viewer));
    Ok(row.ok_or_else(|| error::NOT_FOUND.error())?.whole_for(viewer))
}
