//! Use cases of the pool of experts.

use serde_json::{Value, json};

use super::model::{ExpertChange, ExpertFile, ExpertRow, ExpertState, NewExpert, NewTie, TieFile, TieRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, ExpertId, ExpertTieId, TenantId};
use crate::kernel::{Error, Result};
use crate::parties::{organisations, units};
use crate::people::accounts;
use crate::people::policy::{Action, Authorized, District, Subject, authorize};
use crate::people::{Actor, Role};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The account is another expert's.
    ACCOUNT_TAKEN = "expert_account_taken", 409, "该账户已属于另一位专家", "The account is another expert's",
        "一个账户只能对应一位专家。",
        "One account belongs to one expert.";
}

/// May the actor take experts in?
pub fn may_create(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CREATE, District(actor.tenant))
}

/// May the actor do this to the expert? An expert who keeps nothing sees only itself.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: ExpertId) -> Result<Authorized<ExpertRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor end the tie?
pub fn may_end(db: &mut Db, actor: &Actor, id: ExpertTieId) -> Result<Authorized<TieFile>> {
    let file = store::tie(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::END_TIE, file)
}

/// The expert with fields and ties.
pub fn file_of(db: &mut Db, row: ExpertRow) -> Result<ExpertFile> {
    store::files(db, vec![row])?.pop().ok_or_else(|| error::NOT_FOUND.error())
}

/// Takes an expert in.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<District>, new: &NewExpert) -> Result<ExpertFile> {
    rules::check_new(new)?;
    let tenant = granted.subject().0;
    if let Some(account) = new.account {
        check_account(tx, tenant, account, None)?;
    }
    let row = ExpertRow {
        id: tx.new_id(),
        tenant_id: tenant,
        name: new.name.trim().to_owned(),
        account_id: new.account,
        state: ExpertState::Active,
        state_reason: None,
        version: 1,
        created_by: granted.by(),
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    store::replace_fields(tx, granted, row.id, &new.fields)?;
    for (index, tie) in new.ties.iter().enumerate() {
        add_tie(tx, granted, &row, tie).map_err(|fault| fault.pointing(|pointer| format!("/ties/{index}{pointer}")))?;
    }
    record(tx, "expert.created", &row, json!({"fields": new.fields, "ties": new.ties.len()}))?;
    file_of(tx, row)
}

/// Changes name, account or fields.
pub fn change(tx: &mut Tx<'_>, granted: &Authorized<ExpertRow>, change: &ExpertChange) -> Result<ExpertFile> {
    rules::check_change(change)?;
    let before = granted.subject();
    if let Some(account) = change.account {
        check_account(tx, before.tenant_id, account, Some(before.id))?;
    }
    if let Some(codes) = &change.fields {
        store::replace_fields(tx, granted, before.id, codes)?;
    }
    let row = ExpertRow {
        name: change.name.as_deref().map_or_else(|| before.name.clone(), |name| name.trim().to_owned()),
        account_id: change.account.or(before.account_id),
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    store::save(tx, granted, &row)?;
    record(tx, "expert.changed", &row, json!({"fields": change.fields, "account_id": row.account_id}))?;
    file_of(tx, row)
}

/// Suspends or reinstates.
pub fn set_state(tx: &mut Tx<'_>, granted: &Authorized<ExpertRow>, state: ExpertState, reason: &str) -> Result<ExpertFile> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, 500);
    fields.finish()?;
    let before = granted.subject();
    let state_reason = Some(reason.trim().to_owned());
    let row = ExpertRow { state, state_reason, version: before.version.saturating_add(1), ..before.clone() };
    store::save(tx, granted, &row)?;
    let action = if state == ExpertState::Suspended { "expert.suspended" } else { "expert.reinstated" };
    record(tx, action, &row, json!({"reason": reason.trim()}))?;
    file_of(tx, row)
}

/// Declares a tie.
pub fn declare(tx: &mut Tx<'_>, granted: &Authorized<ExpertRow>, new: &NewTie) -> Result<TieRow> {
    rules::check_tie(new)?;
    let expert = granted.subject();
    let known = file_of(tx, expert.clone())?.ties.len();
    if known >= rules::TIES_MAX {
        return Err(error::CONFLICT.because(words!("已有 {known} 条申报", "{known} ties are declared already")));
    }
    let row = add_tie(tx, granted, expert, new)?;
    record(tx, "expert.tie_declared", expert, json!({"tie_id": row.id, "kind": row.kind}))?;
    Ok(row)
}

/// Says since when a tie is over; what was declared stays on file.
pub fn end_tie(tx: &mut Tx<'_>, granted: &Authorized<TieFile>, until: chrono::NaiveDate) -> Result<TieRow> {
    let TieFile { expert, tie } = granted.subject();
    let today = tx.now().date_in_shanghai();
    let mut fields = Fields::default();
    fields.require(until <= today && tie.from_on.is_none_or(|from| from <= until), "/until_on", || {
        words!("须在起始日之后且不晚于今天", "must lie between its first day and today")
    });
    fields.finish()?;
    if tie.until_on.is_some() {
        return Err(error::WRONG_STATE.because(words!("该关系已经终止", "the tie has ended already")));
    }
    store::end_tie(tx, granted, until)?;
    record(tx, "expert.tie_ended", expert, json!({"tie_id": tie.id, "until_on": until}))?;
    Ok(TieRow { until_on: Some(until), ..tie.clone() })
}

fn add_tie<T: Subject>(tx: &mut Tx<'_>, granted: &Authorized<T>, expert: &ExpertRow, new: &NewTie) -> Result<TieRow> {
    let tenant = expert.tenant_id;
    if let Some(id) = new.organisation
        && organisations::find(tx, tenant, id)?.is_none()
    {
        return Err(Error::field("/organisation_id", words!("没有该组织", "there is no such organisation")));
    }
    if let Some(id) = new.unit
        && units::store::find(tx, tenant, id)?.is_none()
    {
        return Err(Error::field("/unit_id", words!("没有该单位", "there is no such unit")));
    }
    let row = TieRow {
        id: tx.new_id(),
        tenant_id: tenant,
        expert_id: expert.id,
        kind: new.kind,
        organisation_id: new.organisation,
        unit_id: new.unit,
        uscc: new.uscc.clone(),
        name: new.name.trim().to_owned(),
        from_on: new.from,
        until_on: new.until,
        declared_by: granted.by(),
        declared_at: tx.now(),
    };
    store::insert_tie(tx, granted, &row)?;
    Ok(row)
}

fn check_account(tx: &mut Tx<'_>, tenant: TenantId, account: AccountId, own: Option<ExpertId>) -> Result<()> {
    let known = accounts::store::find(tx, tenant, account)?.is_some();
    if !known || !accounts::store::roles_of(tx, account)?.contains(&Role::Evaluator) {
        return Err(Error::field("/account_id", words!("不是评审人员账户", "not an account of an evaluator")));
    }
    match store::by_account(tx, tenant, account)? {
        Some(other) if Some(other.id) != own => Err(ACCOUNT_TAKEN.error()),
        _ => Ok(()),
    }
}

/// Names and employers stay out of the journal, because they may have to be erased.
fn record(tx: &mut Tx<'_>, action: &str, row: &ExpertRow, content: Value) -> Result<()> {
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "expert", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
