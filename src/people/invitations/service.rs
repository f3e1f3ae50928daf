//! Use cases of invitations.

use serde_json::json;

use super::model::{InvitationRow, InvitationState, NewInvitation};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, problems};
use crate::kernel::id::AccountInvitationId;
use crate::kernel::{Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::{self, AccountRow, NewAccount};
use crate::people::policy::{District, authorize};
use crate::people::tokens::{secret, token_hash};
use crate::people::{Actor, Authorized};
use crate::trust::journal::{self, Event};

problems! {
    /// The token of the mail does not serve.
    INVITATION_REFUSED = "invitation_refused", 422, "邀请无效", "The invitation is not valid",
        "邀请不存在、已使用、已撤回或已过期，或该邮箱已有账户。请联系邀请人。",
        "It does not exist, was used, taken back, has expired, or the address has an account. Ask whoever invited you.";
}

/// Life of an invitation, in seconds: seven days.
const INVITATION_SECONDS: i64 = 7 * 86_400;

/// May the actor invite for these roles?
pub fn may_create(actor: &Actor) -> Result<Authorized<District>> {
    authorize(actor, &policy::CREATE, District(actor.tenant))
}

/// May the actor take this invitation back? Its inviter and the administrator.
pub fn may_revoke(db: &mut Db, actor: &Actor, id: AccountInvitationId) -> Result<Authorized<InvitationRow>> {
    let row = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::REVOKE, row)
}

/// Invites. Whether the address has an account already is not said here, or an invitation would tell.
pub fn create(tx: &mut Tx<'_>, granted: &Authorized<District>, inviter: &Actor, new: &NewInvitation) -> Result<InvitationRow> {
    rules::check(inviter, new)?;
    accounts::service::check_roles(&account_of(new, "", ""))?;
    accounts::service::check_place(tx, granted.subject().0, new.unit_id, new.organisation_id)?;
    let token = secret(tx);
    let row = InvitationRow {
        id: tx.new_id(),
        tenant_id: granted.subject().0,
        email: new.email.trim().to_lowercase(),
        roles: new.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
        unit_id: new.unit_id,
        organisation_id: new.organisation_id,
        token_hash: token_hash(&token).to_vec(),
        state: InvitationState::Open,
        invited_by: granted.by(),
        expires_at: UtcInstant::machine_now().plus_seconds(INVITATION_SECONDS),
        account_id: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    let subject = "百益邀请 Invitation to Baiyi".to_owned();
    let body = format!(
        "您受邀加入百益。邀请码七天内有效，只能使用一次：\n\n{token}\n\n\
         You are invited to Baiyi. The code above makes your account, once, within seven days.\n"
    );
    outbox::enqueue_secret(tx, Message { tenant: row.tenant_id, recipient: &row.email, subject, body })?;
    record(tx, "account_invitation.made", &row)?;
    Ok(row)
}

fn account_of(new: &NewInvitation, name: &str, hash: &str) -> NewAccount {
    NewAccount {
        email: new.email.clone(),
        name: name.to_owned(),
        password_hash: hash.to_owned(),
        roles: new.roles.clone(),
        unit_id: new.unit_id,
        organisation_id: new.organisation_id,
    }
}

/// The open invitation of a token, when its address has no account yet.
pub fn by_token(db: &mut Db, token: &str) -> Result<InvitationRow> {
    let open = |row: &InvitationRow| row.state == InvitationState::Open && row.expires_at > UtcInstant::machine_now();
    let row = store::by_hash(db, &token_hash(token))?.filter(open).ok_or_else(|| INVITATION_REFUSED.error())?;
    match accounts::service::by_email(db, row.tenant_id, &row.email)? {
        Some(_) => Err(INVITATION_REFUSED.error()),
        None => Ok(row),
    }
}

/// Makes the account that the invitation offers.
pub fn accept(tx: &mut Tx<'_>, token: &str, name: &str, hash: &str) -> Result<AccountRow> {
    let invitation = by_token(tx, token)?;
    let offered = NewInvitation {
        email: invitation.email.clone(),
        roles: invitation.roles(),
        unit_id: invitation.unit_id,
        organisation_id: invitation.organisation_id,
    };
    let account = accounts::service::create(tx, invitation.tenant_id, &account_of(&offered, name, hash))?;
    let row = store::close(tx, invitation.id, InvitationState::Accepted, Some(account.id))?;
    record(tx, "account_invitation.accepted", &row)?;
    Ok(account)
}

/// Takes an invitation back.
pub fn revoke(tx: &mut Tx<'_>, granted: &Authorized<InvitationRow>) -> Result<InvitationRow> {
    let row = store::close(tx, granted.subject().id, InvitationState::Revoked, None)?;
    record(tx, "account_invitation.revoked", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &InvitationRow) -> Result<()> {
    let content = json!({
        "roles": row.roles(), "unit_id": row.unit_id, "organisation_id": row.organisation_id, "state": row.state, "account_id": row.account_id,
    });
    journal::record(
        tx,
        &Event {
            tenant: row.tenant_id,
            action,
            kind: "account_invitation",
            resource: row.id.any(),
            version: row.version,
            case: None,
            content,
        },
    )?;
    Ok(())
}
