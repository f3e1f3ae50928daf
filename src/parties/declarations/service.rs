//! Use cases of declarations.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{DeclarationKind, DeclarationRow, NewDeclaration};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{DeclarationId, OrganisationId, TenantId};
use crate::notices::outbox::{self, Message};
use crate::parties::organisations::{self, OrganisationRow};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};

/// May the actor read the file of this organisation, or declare for it?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    let row = organisations::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor withdraw this declaration?
pub fn may_withdraw(db: &mut Db, actor: &Actor, id: DeclarationId) -> Result<Authorized<DeclarationRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::WITHDRAW, row)
}

/// The declarations of these kinds that hold on a day: what a bid reuses.
pub fn valid_on(
    db: &mut Db,
    tenant: TenantId,
    organisation: OrganisationId,
    kinds: &[DeclarationKind],
    day: NaiveDate,
) -> Result<Vec<DeclarationRow>> {
    let rows = store::around(db, tenant, organisation, kinds, day)?;
    Ok(rows.into_iter().filter(|row| rules::holds_on(row, day)).collect())
}

/// The declaration of this id in the file of this organisation.
pub fn own(db: &mut Db, tenant: TenantId, organisation: OrganisationId, id: DeclarationId) -> Result<Option<DeclarationRow>> {
    Ok(store::find(db, tenant, id)?.filter(|row| row.organisation_id == organisation))
}

/// Declares.
pub fn declare(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, new: &NewDeclaration) -> Result<DeclarationRow> {
    let organisation = granted.subject();
    rules::check(new, organisation.kind, tx.now().date_in_shanghai())?;
    let row = DeclarationRow {
        id: tx.new_id(),
        tenant_id: organisation.tenant_id,
        organisation_id: organisation.id,
        kind: new.kind,
        statement: new.statement.trim().to_owned(),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        withdrawn_at: None,
        withdraw_reason: None,
        warned_at: None,
        declared_by: granted.by(),
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "declaration.declared", &row)?;
    Ok(row)
}

/// Withdraws a declaration; bids made before keep what they said.
pub fn withdraw(tx: &mut Tx<'_>, granted: &Authorized<DeclarationRow>, reason: &str) -> Result<DeclarationRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let row = store::withdraw(tx, granted, reason.trim())?;
    record(tx, "declaration.withdrawn", &row)?;
    Ok(row)
}

/// Writes a mail for each declaration that expires within [`rules::WARNING_DAYS`] days, once each. Returns how many.
pub fn warn_expiring(tx: &mut Tx<'_>, rows: i64) -> Result<usize> {
    let today = tx.now().date_in_shanghai();
    let mut warned = 0_usize;
    for row in store::to_be_warned(tx, today, rules::warn_up_to(today), rows)? {
        store::mark_warned(tx, row.id)?;
        let Some(organisation) = organisations::find(tx, row.tenant_id, row.organisation_id)? else { continue };
        let (name, kind) = (&organisation.name_zh, row.kind);
        let last = row.valid_to.map(|day| day.to_string()).unwrap_or_default();
        let body = format!(
            "{name}：\n\n贵组织的声明（{kind}）将于 {last} 到期。过期后不能用于新的响应，请及时更新。\n\n\
             {name}: the declaration ({kind}) expires on {last}. After that day it serves no new bid; renew it in time.\n"
        );
        let subject = "百益：声明即将到期 · Baiyi: a declaration expires".to_owned();
        outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &organisation.contact_email, subject, body })?;
        warned = warned.saturating_add(1);
    }
    Ok(warned)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &DeclarationRow) -> Result<()> {
    let content = json!({
        "organisation_id": row.organisation_id, "kind": row.kind, "statement": row.statement, "valid_from": row.valid_from, "valid_to": row.valid_to,
        "withdraw_reason": row.withdraw_reason,
    });
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "declaration", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
