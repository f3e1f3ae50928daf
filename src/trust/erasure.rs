//! Erasing the text of a journal entry where a person's right or a court asks for it (个人信息保护法, article 47): text and salt go, the leaf stays in the
//! tree, and an entry says which one was erased and why.

use diesel::prelude::*;

use super::recheck;
use super::{journal, keychain};
use crate::db::Tx;
use crate::db::schema::journal_entries as entries;
use crate::kernel::id::{JournalEntryId, TenantId};
use crate::kernel::{Error, Result};

/// Kinds of resources whose entries tell of persons and hold up nothing else: no receipt, opening, ranking, contract or posting is checked against them.
pub const KINDS: &[&str] =
    &["account", "account_invitation", "account_recovery", "api_token", "expert", "second_factor", "session", "social_worker", "unit_post"];

/// Shortest reason, in characters.
const REASON_MIN: usize = 5;

/// Erases text and salt of an entry; gives its index. Refused for an entry that has no place in the tree yet, is erased already, or is of a kind that
/// others are checked against.
pub fn erase(tx: &mut Tx<'_>, tenant: TenantId, id: JournalEntryId, reason: &str) -> Result<i64> {
    if reason.trim().chars().count() < REASON_MIN {
        return Err(Error::internal(format!("a reason of at least {REASON_MIN} characters is needed")));
    }
    let found: Option<(Option<i64>, String, String, Option<String>)> = entries::table
        .filter(entries::tenant_id.eq(tenant).and(entries::id.eq(id)))
        .select((entries::sequence, entries::resource_kind, entries::action, entries::content))
        .first(&mut **tx)
        .optional()?;
    let (index, kind, action, text) = found.ok_or_else(|| Error::internal(format!("this district's journal has no entry {id}")))?;
    let index = index.ok_or_else(|| Error::internal("the entry has no place in the tree yet: wait for the next checkpoint"))?;
    if text.is_none() {
        return Err(Error::internal("the entry is erased already"));
    }
    if !KINDS.contains(&kind.as_str()) || keychain::KeyOf::of_entry(&action, &kind).is_some() {
        return Err(Error::internal(format!("{action} on a {kind} is not erased: other facts are checked against it")));
    }
    journal::record(tx, &recheck::erasure(tenant, id, index, reason.trim()))?;
    diesel::update(entries::table.find(id))
        .set((entries::content.eq(None::<String>), entries::salt.eq(None::<Vec<u8>>)))
        .execute(&mut **tx)?;
    Ok(index)
}
