//! Use cases of accounts.

use std::collections::BTreeSet;

use serde_json::json;

use super::model::{AccountRow, AccountState, NewAccount};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, OrganisationId, SessionId, TenantId, UnitId};
use crate::notices::outbox::{self, Message};
use crate::people::policy::{District, authorize};
use crate::people::role::Reach;
use crate::people::{Actor, Authorized, Role, api_tokens, sessions};
use crate::trust::journal::{self, Event};
use crate::words;

problems! {
    /// The login name is taken.
    EMAIL_TAKEN = "email_taken", 409, "该邮箱已有账户", "The e-mail address has an account",
        "同一地区内一个邮箱只能有一个账户。",
        "One address has one account in a district.";
}

/// May the actor make accounts?
pub fn may_create(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CREATE, District(actor.tenant))
}

/// May the actor change this account?
pub fn may_change(db: &mut Db, actor: &Actor, id: AccountId) -> Result<Authorized<AccountRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::CHANGE, row)
}

/// The account of a login name.
pub fn by_email(db: &mut Db, tenant: TenantId, email: &str) -> Result<Option<AccountRow>> {
    store::by_email(db, tenant, email)
}

/// Checks that roles fit where the person belongs: unit roles need a unit, organisation roles an organisation.
pub fn check_roles(new: &NewAccount) -> Result<()> {
    let mut fields = Fields::default();
    let distinct: BTreeSet<_> = new.roles.iter().collect();
    fields.require(!new.roles.is_empty() && distinct.len() == new.roles.len(), "/roles", || {
        words!("至少一个且不重复", "at least one, none twice")
    });
    let needs = |reach: Reach| new.roles.iter().any(|role| role.reach() == reach);
    fields.require(!needs(Reach::Unit) || new.unit_id.is_some(), "/unit_id", || words!("该角色须属于单位", "the role needs a unit"));
    fields.require(!needs(Reach::Organisation) || new.organisation_id.is_some(), "/organisation_id", || {
        words!("该角色须属于组织", "the role needs an organisation")
    });
    fields.require(new.unit_id.is_none() || new.organisation_id.is_none(), "/unit_id", || {
        words!("一个账户不能同时属于单位和组织", "an account belongs to a unit or to an organisation, not to both")
    });
    fields.finish()
}

/// Checks that the unit and the organisation are the tenant's: those of another district are as unknown as those that nobody has.
pub fn check_place(db: &mut Db, tenant: TenantId, unit: Option<UnitId>, organisation: Option<OrganisationId>) -> Result<()> {
    let mut fields = Fields::default();
    if let Some(id) = unit {
        fields.require(store::has_unit(db, tenant, id)?, "/unit_id", || words!("没有该单位", "there is no such unit"));
    }
    if let Some(id) = organisation {
        let known = store::has_organisation(db, tenant, id)?;
        fields.require(known, "/organisation_id", || words!("没有该组织", "there is no such organisation"));
    }
    fields.finish()
}

/// Makes an account; used by the administrator and by a registration.
pub fn create(tx: &mut Tx<'_>, tenant: TenantId, new: &NewAccount) -> Result<AccountRow> {
    check_roles(new)?;
    check_place(tx, tenant, new.unit_id, new.organisation_id)?;
    let email = new.email.trim().to_lowercase();
    if store::by_email(tx, tenant, &email)?.is_some() {
        return Err(EMAIL_TAKEN.error());
    }
    let row = AccountRow {
        id: tx.new_id(),
        tenant_id: tenant,
        email,
        name: new.name.trim().to_owned(),
        password_hash: new.password_hash.clone(),
        state: AccountState::Active,
        unit_id: new.unit_id,
        organisation_id: new.organisation_id,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &row, &new.roles)?;
    let content = json!({"roles": new.roles, "unit_id": new.unit_id, "organisation_id": new.organisation_id});
    journal::record(
        tx,
        &Event { tenant, action: "account.created", kind: "account", resource: row.id.any(), version: 1, case: None, content },
    )?;
    Ok(row)
}

/// Stores a new password's hash, ends every session of the account but this one and every token, and tells the person.
pub fn change_password(tx: &mut Tx<'_>, granted: &Authorized<AccountRow>, hash: &str, session: SessionId) -> Result<()> {
    let row = store::change_password(tx, granted, hash)?;
    sessions::store::revoke_others(tx, row.id, session, "password_changed")?;
    api_tokens::service::end_all(tx, row.id, "password_changed")?;
    let subject = "密码已更改 Password changed".to_owned();
    let body = "您的账户密码刚被更改，其他登录和接口令牌已全部失效。如非本人操作，请立即联系管理员。\n\
                The password of your account was changed just now; every other session and every token has ended. If it was not you, tell the administrator at once.\n"
        .to_owned();
    outbox::enqueue(tx, Message { tenant: row.tenant_id, recipient: &row.email, subject, body })?;
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action: "account.password_changed",
            kind: "account",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content: json!({}),
        },
    )?;
    Ok(())
}

/// Changes roles or state; a suspension ends every session and token at once, and a reactivation brings none back.
pub fn change(
    tx: &mut Tx<'_>,
    granted: &Authorized<AccountRow>,
    state: Option<AccountState>,
    roles: Option<&[Role]>,
) -> Result<AccountRow> {
    let before = granted.subject();
    if let Some(roles) = roles {
        check_roles(&NewAccount {
            email: String::new(),
            name: String::new(),
            password_hash: String::new(),
            roles: roles.to_vec(),
            unit_id: before.unit_id,
            organisation_id: before.organisation_id,
        })?;
    }
    let row = store::change(tx, granted, state.unwrap_or(before.state), roles)?;
    if row.state == AccountState::Suspended {
        sessions::service::revoke_all(tx, row.id, "account_suspended")?;
        api_tokens::service::end_all(tx, row.id, "account_suspended")?;
    }
    let content = json!({"state": row.state, "roles": roles});
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action: "account.changed",
            kind: "account",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content,
        },
    )?;
    Ok(row)
}
