//! Use cases of organisations.

use serde_json::{Value, json};

use super::model::{OrganisationRow, OrganisationState, Registration};
use super::standings::model::{NewStanding, StandingKind};
use super::{policy, rules, standings, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, problems};
use crate::kernel::id::{OrganisationId, TenantId};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::{self, NewAccount};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Role, confirmations};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The credit code is registered.
    ORGANISATION_REGISTERED = "organisation_registered", 409, "该组织已注册", "The organisation is registered already",
        "同一地区内一个统一社会信用代码只能注册一次。请向本组织的管理员或平台索取账户。",
        "A credit code registers once in a district. Ask the organisation's own administrator or the platform for an account.";
    /// A standing of the same kind holds on one of the days.
    STANDING_IN_FORCE = "standing_in_force", 409, "同类记录尚在有效期内", "A standing of this kind is in force",
        "同一组织同一时间只有一条同类记录。请先解除原记录，或修改起止日期。",
        "An organisation has one standing of a kind at a time. Lift the former one first, or choose other days.";
    /// The four characters are not those of the recorded document.
    HEAD_NOT_CONFIRMED = "head_not_confirmed", 422, "证件末四位不符", "The last four characters do not match",
        "所输入的末四位与组织登记的负责人证件不符，或组织尚未登记负责人证件。请核对证件原件，或请组织更新资料。",
        "The characters are not those of the identity document that the organisation recorded, or it recorded none. Compare the original, or ask the organisation to update its profile.";
}

/// Registers an organisation with its first account, which administers it at once.
pub fn register(tx: &mut Tx<'_>, tenant: TenantId, new: &Registration) -> Result<OrganisationRow> {
    let row = enrol(tx, tenant, new)?;
    accounts::service::create(tx, tenant, &first_account(new, row.id))?;
    Ok(row)
}

/// Registers an organisation; its first account waits until its address is confirmed by mail.
pub fn register_by_mail(tx: &mut Tx<'_>, tenant: TenantId, new: &Registration) -> Result<OrganisationRow> {
    let row = enrol(tx, tenant, new)?;
    confirmations::ask(tx, tenant, &first_account(new, row.id), row.id)?;
    Ok(row)
}

fn first_account(new: &Registration, organisation: OrganisationId) -> NewAccount {
    NewAccount {
        email: new.account_email.clone(),
        name: new.account_name.clone(),
        password_hash: new.password_hash.clone(),
        roles: vec![Role::OrgAdmin],
        unit_id: None,
        organisation_id: Some(organisation),
    }
}

fn enrol(tx: &mut Tx<'_>, tenant: TenantId, new: &Registration) -> Result<OrganisationRow> {
    rules::check(new)?;
    if store::by_uscc(tx, tenant, &new.uscc)?.is_some() {
        return Err(ORGANISATION_REGISTERED.because(words!("统一社会信用代码 {0}", "credit code {0}", new.uscc)));
    }
    let row = OrganisationRow {
        id: tx.new_id(),
        tenant_id: tenant,
        uscc: new.uscc.clone(),
        name_zh: new.name_zh.trim().to_owned(),
        kind: new.kind,
        legal_representative: new.legal_representative.trim().to_owned(),
        contact_email: new.contact_email.trim().to_lowercase(),
        state: OrganisationState::Registered,
        state_reason: None,
        verified_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row)?;
    let content = json!({"uscc": row.uscc, "name_zh": row.name_zh, "kind": row.kind, "legal_representative": row.legal_representative});
    record(tx, "organisation.registered", &row, content)?;
    let body = format!(
        "{name}：\n\n已收到贵组织的注册（{uscc}）。平台核实后会另行通知。如非贵组织所为，请告知平台。\n\n\
         {name}: the registration ({uscc}) has arrived. You will be told when it is verified. If it was not yours, tell the platform.\n",
        name = row.name_zh,
        uscc = row.uscc
    );
    notify(tx, &row, "百益：已收到注册 · Baiyi: registration received", body)?;
    Ok(row)
}

fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, action, row)
}

/// May the actor verify this organisation?
pub fn may_verify(db: &mut Db, actor: &Actor, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    may(db, actor, &policy::VERIFY, id)
}

/// May the actor suspend this organisation?
pub fn may_suspend(db: &mut Db, actor: &Actor, id: OrganisationId) -> Result<Authorized<OrganisationRow>> {
    may(db, actor, &policy::SUSPEND, id)
}

/// Verifies an organisation.
pub fn verify(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>) -> Result<OrganisationRow> {
    let row = store::verify(tx, granted)?;
    record(tx, "organisation.verified", &row, json!({"uscc": row.uscc}))?;
    let body = format!(
        "{name}：\n\n贵组织（{uscc}）已通过核实，可以申请孵化、参与采购。\n\n\
         {name}: the organisation ({uscc}) is verified and may apply for incubation and take part in purchases.\n",
        name = row.name_zh,
        uscc = row.uscc
    );
    notify(tx, &row, "百益：已通过核实 · Baiyi: verified", body)?;
    Ok(row)
}

/// Suspends an organisation for a reason, from today and open-ended.
pub fn suspend(tx: &mut Tx<'_>, granted: &Authorized<OrganisationRow>, reason: &str) -> Result<OrganisationRow> {
    let new = NewStanding {
        kind: StandingKind::Suspended,
        reason: reason.to_owned(),
        source: "平台 · the platform".to_owned(),
        valid_from: None,
        valid_to: None,
        known_on: None,
    };
    standings::service::impose(tx, granted, &new).map(|imposed| imposed.organisation)
}

pub(super) fn notify(tx: &mut Tx<'_>, row: &OrganisationRow, subject: &str, body: String) -> Result<()> {
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &row.contact_email, subject: subject.to_owned(), body })
}

pub(super) fn record(tx: &mut Tx<'_>, action: &str, row: &OrganisationRow, content: Value) -> Result<()> {
    let content = journal::stating(content, &row.state);
    journal::record(
        tx,
        &Event { tenant: row.tenant_id, action, kind: "organisation", resource: row.id.any(), version: row.version, case: None, content },
    )?;
    Ok(())
}
