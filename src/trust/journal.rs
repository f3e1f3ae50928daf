//! The journal (存证日志): one entry per state change, written in its transaction, with its own salt and leaf hash.
//!
//! `leaf_hash = SHA-256(0x00 ‖ salt ‖ JCS(entry))` with the leaf prefix of RFC 6962 and RFC 8785 canonical JSON. Content and salt can be
//! erased later; the leaf stays. Entries are unsequenced (`sequence` is null) until a sequencer integrates them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{kinds, rows};
use crate::db::schema::journal_entries as entries;
use crate::db::{Backend, Db, Tx};
use crate::kernel::id::{AccountId, AnyId, CaseId, JournalEntryId, TenantId};
use crate::kernel::{Error, Result, UtcInstant};

/// Domain separation of a leaf (RFC 6962, section 2.1).
const LEAF_PREFIX: u8 = 0x00;

/// The field of an entry's content that tells how the rows of its resource stood.
pub const ROW: &str = "row";

/// What happened.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// Tenant of the resource.
    pub tenant: TenantId,
    /// Such as `tender.published`.
    pub action: &'a str,
    /// Kind of the resource, such as `tender`.
    pub kind: &'a str,
    /// The resource.
    pub resource: AnyId,
    /// Its version after the change.
    pub version: i64,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Facts of the change. Integers only; never a secret, never a sealed bid's content.
    pub content: Value,
}

#[derive(Serialize)]
struct Leaf<'a> {
    id: JournalEntryId,
    tenant_id: TenantId,
    at: UtcInstant,
    actor_id: Option<AccountId>,
    action: &'a str,
    resource_kind: &'a str,
    resource_id: AnyId,
    resource_version: i64,
    case_id: Option<CaseId>,
    content: &'a Value,
}

#[derive(Insertable)]
#[diesel(table_name = entries, treat_none_as_default_value = false)]
struct NewEntry<'a> {
    id: JournalEntryId,
    tenant_id: TenantId,
    at: UtcInstant,
    actor_id: Option<AccountId>,
    action: &'a str,
    resource_kind: &'a str,
    resource_id: AnyId,
    resource_version: i64,
    case_id: Option<CaseId>,
    content: Option<&'a str>,
    salt: Option<&'a [u8]>,
    leaf_hash: &'a [u8],
    sequence: Option<i64>,
}

/// The facts of a change with the state that the row has after it, which an audit holds against the row.
pub fn stating(mut content: Value, state: &impl std::fmt::Display) -> Value {
    if let Some(facts) = content.as_object_mut() {
        facts.insert("state".to_owned(), state.to_string().into());
    }
    content
}

/// Writes the entry of one change, after the change. Who acted for somebody else, or under an exception, is told by `acting` in the content; how the rows of
/// the resource stand now is told by `row` in it, digests that an audit makes again from the rows it finds.
pub fn record(tx: &mut Tx<'_>, event: &Event<'_>) -> Result<JournalEntryId> {
    let id = tx.new_id();
    record_as(tx, id, event)?;
    Ok(id)
}

/// The same under an id that a row of the resource names already.
pub fn record_as(tx: &mut Tx<'_>, id: JournalEntryId, event: &Event<'_>) -> Result<()> {
    let salt = tx.salt();
    let mut content = event.content.clone();
    if let (Some(capacity), Some(facts)) = (tx.capacity(), content.as_object_mut()) {
        facts.insert("acting".to_owned(), capacity.clone());
    }
    let standing = match kinds::kind_of(event.kind) {
        Some(kind) => rows::of(tx, kind, event.resource)?.map(|rows| rows.digests(kind, &salt)).transpose()?,
        None => None,
    };
    if let (Some(digests), Some(facts)) = (standing, content.as_object_mut()) {
        facts.insert(ROW.to_owned(), digests.into_iter().map(|(name, digest)| (name, Value::from(digest))).collect::<Map<_, _>>().into());
    }
    let leaf = Leaf {
        id,
        tenant_id: event.tenant,
        at: tx.now(),
        actor_id: tx.account(),
        action: event.action,
        resource_kind: event.kind,
        resource_id: event.resource,
        resource_version: event.version,
        case_id: event.case,
        content: &content,
    };
    let text = serde_json_canonicalizer::to_string(&leaf).map_err(|e| Error::internal(format!("journal entry: {e}")))?;
    let hash = leaf_hash(&salt, &text);
    let row = NewEntry {
        id,
        tenant_id: event.tenant,
        at: tx.now(),
        actor_id: tx.account(),
        action: event.action,
        resource_kind: event.kind,
        resource_id: event.resource,
        resource_version: event.version,
        case_id: event.case,
        content: Some(&text),
        salt: Some(&salt),
        leaf_hash: &hash,
        sequence: None,
    };
    diesel::insert_into(entries::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

/// The hash of a leaf.
pub fn leaf_hash(salt: &[u8], canonical: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([LEAF_PREFIX]);
    hash.update(salt);
    hash.update(canonical.as_bytes());
    hash.finalize().into()
}

/// One entry as an auditor reads it.
#[derive(Debug, Clone, Queryable)]
pub struct EntryRow {
    /// Id.
    pub id: JournalEntryId,
    /// When.
    pub at: UtcInstant,
    /// Who.
    pub actor_id: Option<AccountId>,
    /// What.
    pub action: String,
    /// To what kind of resource.
    pub resource_kind: String,
    /// To which resource.
    pub resource_id: AnyId,
    /// Its version after the change.
    pub resource_version: i64,
    /// The leaf.
    pub leaf_hash: Vec<u8>,
}

/// Whether something happened in a case of the tenant.
pub fn knows_case(db: &mut Db, tenant: TenantId, case: CaseId) -> Result<bool> {
    let of_case = entries::table.filter(entries::tenant_id.eq(tenant).and(entries::case_id.eq(Some(case))));
    Ok(of_case.select(entries::id).first::<JournalEntryId>(db).optional()?.is_some())
}

/// Whether something happened to a resource of the tenant.
pub fn knows_resource(db: &mut Db, tenant: TenantId, resource: AnyId) -> Result<bool> {
    let of_resource = entries::table.filter(entries::tenant_id.eq(tenant).and(entries::resource_id.eq(resource)));
    Ok(of_resource.select(entries::id).first::<JournalEntryId>(db).optional()?.is_some())
}

/// The entries of a case in the order they happened, at most `limit`.
pub fn of_case(db: &mut Db, tenant: TenantId, case: CaseId, limit: i64) -> Result<Vec<EntryRow>> {
    Ok(entries::table
        .filter(entries::tenant_id.eq(tenant).and(entries::case_id.eq(Some(case))))
        .order((entries::at, entries::id))
        .limit(limit)
        .select((
            entries::id,
            entries::at,
            entries::actor_id,
            entries::action,
            entries::resource_kind,
            entries::resource_id,
            entries::resource_version,
            entries::leaf_hash,
        ))
        .load(db)?)
}

/// One entry of the feed.
#[derive(Debug, Clone, Queryable)]
pub struct FeedRow {
    /// Index in the tree.
    pub sequence: Option<i64>,
    /// Id.
    pub id: JournalEntryId,
    /// When.
    pub at: UtcInstant,
    /// Who.
    pub actor_id: Option<AccountId>,
    /// What.
    pub action: String,
    /// To what kind of resource.
    pub resource_kind: String,
    /// To which.
    pub resource_id: AnyId,
    /// Its version after the change.
    pub resource_version: i64,
    /// The case.
    pub case_id: Option<CaseId>,
    /// The leaf.
    pub leaf_hash: Vec<u8>,
}

/// Integrated entries of a tenant from an index on, at most `limit`; only of one case when it is given.
pub fn feed(db: &mut Db, tenant: TenantId, case: Option<CaseId>, from: i64, limit: i64) -> Result<Vec<FeedRow>> {
    let mut query = entries::table.filter(entries::tenant_id.eq(tenant).and(entries::sequence.ge(from))).into_boxed::<Backend>();
    if let Some(case) = case {
        query = query.filter(entries::case_id.eq(case));
    }
    Ok(query
        .order(entries::sequence)
        .limit(limit)
        .select((
            entries::sequence,
            entries::id,
            entries::at,
            entries::actor_id,
            entries::action,
            entries::resource_kind,
            entries::resource_id,
            entries::resource_version,
            entries::case_id,
            entries::leaf_hash,
        ))
        .load(db)?)
}

/// What proves an entry to whoever may know of it.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Id.
    pub id: JournalEntryId,
    /// Canonical text.
    pub text: String,
    /// Salt.
    pub salt: Vec<u8>,
    /// Index in the tree; none while it waits.
    pub index: Option<i64>,
}

type StoredEvidence = (JournalEntryId, Option<String>, Option<Vec<u8>>, Option<i64>);

/// The first entry of an action on a resource; `None` when there is none, or its text is erased.
pub fn evidence(db: &mut Db, tenant: TenantId, action: &str, resource: AnyId) -> Result<Option<Evidence>> {
    let found: Option<StoredEvidence> = entries::table
        .filter(entries::tenant_id.eq(tenant).and(entries::resource_id.eq(resource)).and(entries::action.eq(action)))
        .order((entries::at, entries::id))
        .select((entries::id, entries::content, entries::salt, entries::sequence))
        .first(db)
        .optional()?;
    Ok(found.and_then(|(id, text, salt, index)| Some(Evidence { id, text: text?, salt: salt?, index })))
}

/// Text and salt of an entry of a tenant; `None` when there is no such entry or they were erased.
pub fn text_and_salt(db: &mut Db, tenant: TenantId, id: JournalEntryId) -> Result<Option<(String, Vec<u8>)>> {
    let found: Option<(Option<String>, Option<Vec<u8>>)> = entries::table
        .filter(entries::tenant_id.eq(tenant).and(entries::id.eq(id)))
        .select((entries::content, entries::salt))
        .first(db)
        .optional()?;
    Ok(found.and_then(|(text, salt)| text.zip(salt)))
}

/// The instant of the latest entry.
pub fn latest(db: &mut Db) -> Result<Option<UtcInstant>> {
    Ok(entries::table.select(diesel::dsl::max(entries::at)).first(db)?)
}

/// An entry with everything that is stored of it, as text; hashes and salts in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Index in the tree; none while it waits.
    pub index: Option<i64>,
    /// Id.
    pub id: String,
    /// Tenant.
    pub tenant_id: String,
    /// When.
    pub at: String,
    /// Who.
    pub actor_id: Option<String>,
    /// What.
    pub action: String,
    /// To what kind of resource.
    pub resource_kind: String,
    /// To which.
    pub resource_id: String,
    /// Its version after the change.
    pub resource_version: i64,
    /// The case.
    pub case_id: Option<String>,
    /// The canonical text; none once erased.
    pub text: Option<String>,
    /// The salt; none once erased.
    pub salt: Option<String>,
    /// The leaf.
    pub leaf_hash: String,
}

type StoredEntry = (
    (JournalEntryId, TenantId, UtcInstant, Option<AccountId>, String),
    (String, AnyId, i64, Option<CaseId>),
    (Option<String>, Option<Vec<u8>>, Vec<u8>, Option<i64>),
);

/// Up to `limit` entries after `after`, in the order of their ids, with everything that is stored of them.
pub fn page(db: &mut Db, after: Option<JournalEntryId>, limit: i64) -> Result<Vec<(JournalEntryId, Entry)>> {
    let mut query = entries::table.into_boxed();
    if let Some(after) = after {
        query = query.filter(entries::id.gt(after));
    }
    let rows: Vec<StoredEntry> = query
        .order(entries::id)
        .limit(limit)
        .select((
            (entries::id, entries::tenant_id, entries::at, entries::actor_id, entries::action),
            (entries::resource_kind, entries::resource_id, entries::resource_version, entries::case_id),
            (entries::content, entries::salt, entries::leaf_hash, entries::sequence),
        ))
        .load(db)?;
    Ok(rows.into_iter().map(as_text).collect())
}

/// The entries of these ids, in the order of their ids, with everything that is stored of them.
pub fn of_ids(db: &mut Db, ids: &[JournalEntryId]) -> Result<Vec<Entry>> {
    let mut found = Vec::with_capacity(ids.len());
    // A statement takes a bounded number of values.
    for part in ids.chunks(500) {
        let rows: Vec<StoredEntry> = entries::table
            .filter(entries::id.eq_any(part))
            .order(entries::id)
            .select((
                (entries::id, entries::tenant_id, entries::at, entries::actor_id, entries::action),
                (entries::resource_kind, entries::resource_id, entries::resource_version, entries::case_id),
                (entries::content, entries::salt, entries::leaf_hash, entries::sequence),
            ))
            .load(db)?;
        found.extend(rows.into_iter().map(|row| as_text(row).1));
    }
    Ok(found)
}

fn as_text(row: StoredEntry) -> (JournalEntryId, Entry) {
    let ((id, tenant, at, actor, action), (kind, resource, version, case), (text, salt, leaf, index)) = row;
    let entry = Entry {
        index,
        id: id.to_string(),
        tenant_id: tenant.to_string(),
        at: at.to_string(),
        actor_id: actor.map(|actor| actor.to_string()),
        action,
        resource_kind: kind,
        resource_id: resource.to_string(),
        resource_version: version,
        case_id: case.map(|case| case.to_string()),
        text,
        salt: salt.map(|salt| STANDARD.encode(salt)),
        leaf_hash: STANDARD.encode(leaf),
    };
    (id, entry)
}
