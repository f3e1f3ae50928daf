//! Use cases of confirmations.

use super::store::{self, ConfirmationRow};
use crate::db::Tx;
use crate::kernel::error::problems;
use crate::kernel::id::{OrganisationId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::notices::outbox::{self, Message};
use crate::people::accounts::{self, AccountRow, NewAccount};
use crate::people::tokens::{secret, token_hash};

problems! {
    /// The token of the mail does not serve.
    CONFIRMATION_REFUSED = "confirmation_refused", 422, "确认码无效", "The confirmation is not valid",
        "确认码不存在、已使用或已过期，或该邮箱已有账户。请用重置密码登录已有账户，或请平台发出邀请。",
        "It does not exist, was used, has expired, or the address has an account. Reset the password of that account, or ask the platform for an invitation.";
}

/// Life of a confirmation, in seconds: seven days.
const CONFIRMATION_SECONDS: i64 = 7 * 86_400;

/// Lets an account of an organisation wait for its confirmation and mails the token. When the address has an account, nothing waits, and the mail says so to whom
/// the address belongs.
pub fn ask(tx: &mut Tx<'_>, tenant: TenantId, new: &NewAccount, organisation: OrganisationId) -> Result<()> {
    accounts::service::check_roles(new)?;
    let email = new.email.trim().to_lowercase();
    let token = secret(tx);
    let subject = "确认邮箱 Confirm your address".to_owned();
    let body = if accounts::by_email(tx, tenant, &email)?.is_some() {
        "有人用本邮箱注册了一个组织，但本邮箱已有账户，未另建账户。如系本人，请联系平台；如非本人，请忽略。\n\n\
         Somebody registered an organisation with this address, which has an account already; no other was made. If it was you, ask the platform; if not, ignore this mail.\n"
            .to_owned()
    } else {
        let now = UtcInstant::machine_now();
        let row = ConfirmationRow {
            id: tx.new_id(),
            tenant_id: tenant,
            email: email.clone(),
            name: new.name.trim().to_owned(),
            password_hash: new.password_hash.clone(),
            roles: new.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
            organisation_id: organisation,
            token_hash: token_hash(&token).to_vec(),
            expires_at: now.plus_seconds(CONFIRMATION_SECONDS),
            used_at: None,
            created_at: now,
        };
        store::insert(tx, &row)?;
        format!(
            "有人用本邮箱注册了一个组织。如系本人，请在七天内用以下确认码启用账户，只能使用一次；如非本人，请忽略。\n\n{token}\n\n\
             Somebody registered an organisation with this address. If it was you, the code above opens your account, once, within seven days. If not, ignore this mail.\n"
        )
    };
    outbox::enqueue_secret(tx, Message { tenant, recipient: &email, subject, body })
}

/// Makes the account that waited.
pub fn confirm(tx: &mut Tx<'_>, token: &str) -> Result<AccountRow> {
    let open = |row: &ConfirmationRow| row.used_at.is_none() && row.expires_at > UtcInstant::machine_now();
    let row = store::by_hash(tx, &token_hash(token))?.filter(open).ok_or_else(|| CONFIRMATION_REFUSED.error())?;
    if accounts::by_email(tx, row.tenant_id, &row.email)?.is_some() {
        return Err(CONFIRMATION_REFUSED.error());
    }
    store::use_up(tx, row.id)?;
    let new = NewAccount {
        email: row.email,
        name: row.name,
        password_hash: row.password_hash,
        roles: row.roles.split(' ').filter_map(|word| word.parse().ok()).collect(),
        unit_id: None,
        organisation_id: Some(row.organisation_id),
    };
    accounts::service::create(tx, row.tenant_id, &new)
}
