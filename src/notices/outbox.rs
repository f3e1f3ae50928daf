//! The outbox: a message row on the caller's transaction, claimed and delivered later by the runner, at least once.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};

use crate::db::schema::outbox;
use crate::db::{Db, Tx, claim_due_sql};
use crate::kernel::id::{MessageId, TenantId};
use crate::kernel::sql::Uid;
use crate::kernel::{Result, UtcInstant};

/// Attempts before a message is given up and left for the operator.
pub const ATTEMPTS_MAX: i32 = 8;
/// How long a runner may take to deliver what it claimed, in seconds.
const CLAIM_SECONDS: i64 = 120;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// Mail address of the recipient.
    pub recipient: &'a str,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A stored message.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub struct MessageRow {
    /// Id.
    pub id: MessageId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// `mail`, or `secret_mail` whose text is forgotten once it is delivered.
    pub kind: String,
    /// Address.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When it was written.
    pub created_at: UtcInstant,
    /// When it may be tried next.
    pub due_at: UtcInstant,
    /// How often it was tried.
    pub attempts: i32,
    /// Until when a runner holds it.
    pub claimed_until: Option<UtcInstant>,
    /// When it was delivered.
    pub sent_at: Option<UtcInstant>,
    /// When it was given up.
    pub abandoned_at: Option<UtcInstant>,
    /// The last failure.
    pub last_error: Option<String>,
}

/// The kind of a message that holds a secret.
const SECRET: &str = "secret_mail";

/// Writes a message on the caller's transaction.
pub fn enqueue(tx: &mut Tx<'_>, message: Message<'_>) -> Result<()> {
    write(tx, message, "mail").map(drop)
}

/// Writes a message that holds a secret (a link that sets a password): its text is forgotten once it is delivered.
pub fn enqueue_secret(tx: &mut Tx<'_>, message: Message<'_>) -> Result<()> {
    write(tx, message, SECRET).map(drop)
}

/// Writes a message and takes it back in the same transaction: nobody sees it, and the commit has something to put on the disk.
pub fn write_in_vain(tx: &mut Tx<'_>, message: Message<'_>) -> Result<()> {
    let id = write(tx, message, SECRET)?;
    diesel::delete(outbox::table.find(id)).execute(&mut **tx)?;
    Ok(())
}

fn write(tx: &mut Tx<'_>, message: Message<'_>, kind: &str) -> Result<MessageId> {
    let now = UtcInstant::machine_now();
    let row = MessageRow {
        id: tx.new_id(),
        tenant_id: message.tenant,
        kind: kind.to_owned(),
        recipient: message.recipient.to_owned(),
        subject: message.subject,
        body: message.body,
        created_at: tx.now(),
        // Delivery runs on the machine's clock: a demo that moves the business clock must not hold mail back.
        due_at: now,
        attempts: 0,
        claimed_until: None,
        sent_at: None,
        abandoned_at: None,
        last_error: None,
    };
    diesel::insert_into(outbox::table).values(&row).execute(&mut **tx)?;
    Ok(row.id)
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = Uid)]
    id: MessageId,
}

/// Claims up to `limit` due messages for this runner.
pub fn claim(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<MessageRow>> {
    let now = UtcInstant::machine_now();
    let sql = claim_due_sql(tx);
    let ids: Vec<Claimed> = diesel::sql_query(sql)
        .bind::<Timestamp, _>(now)
        .bind::<Timestamp, _>(now.plus_seconds(CLAIM_SECONDS))
        .bind::<BigInt, _>(limit)
        .load(&mut **tx)?;
    let ids: Vec<MessageId> = ids.into_iter().map(|row| row.id).collect();
    Ok(outbox::table.filter(outbox::id.eq_any(ids)).order(outbox::id).load(&mut **tx)?)
}

/// Notes a delivery.
pub fn mark_sent(tx: &mut Tx<'_>, id: MessageId) -> Result<()> {
    diesel::update(outbox::table.find(id))
        .set((outbox::sent_at.eq(Some(UtcInstant::machine_now())), outbox::claimed_until.eq(None::<UtcInstant>)))
        .execute(&mut **tx)?;
    diesel::update(outbox::table.filter(outbox::id.eq(id).and(outbox::kind.eq(SECRET)))).set(outbox::body.eq("")).execute(&mut **tx)?;
    Ok(())
}

/// Notes a failure: tried again after a pause that doubles, given up after [`ATTEMPTS_MAX`].
pub fn mark_failed(tx: &mut Tx<'_>, message: &MessageRow, reason: &str) -> Result<()> {
    let now = UtcInstant::machine_now();
    let exponent = u32::try_from(message.attempts.clamp(0, 12)).unwrap_or(0);
    let pause = 15_i64.saturating_mul(2_i64.saturating_pow(exponent));
    let abandoned = (message.attempts >= ATTEMPTS_MAX).then_some(now);
    diesel::update(outbox::table.find(message.id))
        .set((
            outbox::due_at.eq(now.plus_seconds(pause)),
            outbox::claimed_until.eq(None::<UtcInstant>),
            outbox::abandoned_at.eq(abandoned),
            outbox::last_error.eq(Some(reason.chars().take(500).collect::<String>())),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Messages neither delivered nor given up.
pub fn waiting(db: &mut Db) -> Result<i64> {
    Ok(outbox::table.filter(outbox::sent_at.is_null().and(outbox::abandoned_at.is_null())).count().get_result(db)?)
}
