//! Where a payment lies: one row for every stay on a desk, written with every move of its state.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{PaymentRow, PaymentState};
use crate::db::schema::payment_desks;
use crate::db::{Db, Tx};
use crate::kernel::id::{PaymentDeskId, PaymentId, TenantId};
use crate::kernel::{Result, UtcInstant};
use crate::law::WorkCalendar;

crate::text_enum! {
    /// Who has to act on a payment.
    pub enum Desk {
        /// Finance: checks the invoice, approves, tells the bank.
        Finance = "finance",
        /// The unit's lead.
        UnitLead = "unit_lead",
        /// The bank or treasury.
        Bank = "bank",
        /// The payee: corrects its account, or claims again.
        Payee = "payee",
    }
}

impl Desk {
    /// The desk of a state; none once it is paid.
    pub const fn of(state: PaymentState) -> Option<Self> {
        match state {
            PaymentState::Claimed | PaymentState::Accepted | PaymentState::Approved => Some(Self::Finance),
            PaymentState::InvoiceChecked => Some(Self::UnitLead),
            PaymentState::Instructed => Some(Self::Bank),
            PaymentState::Bounced | PaymentState::Returned => Some(Self::Payee),
            PaymentState::Paid => None,
        }
    }
}

/// A stay of a payment on a desk.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = payment_desks, treat_none_as_default_value = false)]
pub struct StayRow {
    /// Id.
    pub id: PaymentDeskId,
    /// Tenant.
    pub tenant_id: TenantId,
    /// The payment.
    pub payment_id: PaymentId,
    /// Place among the payment's stays, from 1.
    pub place: i32,
    /// The desk.
    pub desk: Desk,
    /// The payment's state there.
    pub state: PaymentState,
    /// Why it came back; none when it went on.
    pub reason: Option<String>,
    /// Since when.
    pub entered_at: UtcInstant,
    /// Until when.
    pub left_at: Option<UtcInstant>,
}

/// Notes that the payment is in its state now: the stay before ends, another begins unless it is paid. A state that stays is no move. Called by the
/// service, which holds the proof.
pub fn enter(tx: &mut Tx<'_>, payment: &PaymentRow, reason: Option<&str>) -> Result<()> {
    let stays = of_payment(tx, payment.tenant_id, payment.id)?;
    let now = tx.now();
    if let Some(last) = stays.last().filter(|stay| stay.left_at.is_none()) {
        if last.state == payment.state {
            return Ok(());
        }
        diesel::update(payment_desks::table.find(last.id)).set(payment_desks::left_at.eq(Some(now))).execute(&mut **tx)?;
    }
    let Some(desk) = Desk::of(payment.state) else { return Ok(()) };
    let row = StayRow {
        id: tx.new_id(),
        tenant_id: payment.tenant_id,
        payment_id: payment.id,
        place: stays.last().map_or(1, |stay| stay.place.saturating_add(1)),
        desk,
        state: payment.state,
        reason: reason.map(|reason| reason.trim().to_owned()),
        entered_at: now,
        left_at: None,
    };
    diesel::insert_into(payment_desks::table).values(&row).execute(&mut **tx)?;
    Ok(())
}

/// The stays of a payment, oldest first.
pub fn of_payment(db: &mut Db, tenant: TenantId, payment: PaymentId) -> Result<Vec<StayRow>> {
    let of = payment_desks::tenant_id.eq(tenant).and(payment_desks::payment_id.eq(payment));
    Ok(payment_desks::table.filter(of).order(payment_desks::place).load(db)?)
}

/// Since when each of these payments lies where it is.
pub fn since(db: &mut Db, ids: &[PaymentId]) -> Result<BTreeMap<PaymentId, UtcInstant>> {
    let open = payment_desks::payment_id.eq_any(ids).and(payment_desks::left_at.is_null());
    let rows: Vec<(PaymentId, UtcInstant)> =
        payment_desks::table.filter(open).select((payment_desks::payment_id, payment_desks::entered_at)).load(db)?;
    Ok(rows.into_iter().collect())
}

/// Working days from the day after `from` to `to`; none when the calendar of a year is not loaded.
pub fn working_days(calendar: &WorkCalendar, from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let mut days = 0_i64;
    for day in from.iter_days().skip(1).take_while(|day| *day <= to) {
        if calendar.is_working_day(day).ok()? {
            days = days.saturating_add(1);
        }
    }
    Some(days)
}

/// Working days of the payment term that are left on a day, or were on the day of the receipt: counted from the day after the claim, negative when overdue. None
/// without a term, after a return, and when the calendar of a year is not loaded.
pub fn days_left(calendar: &WorkCalendar, term: Option<i32>, payment: &PaymentRow, today: NaiveDate) -> Option<i64> {
    if payment.state == PaymentState::Returned {
        return None;
    }
    let until = payment.paid_at.map_or(today, UtcInstant::date_in_shanghai);
    let gone = working_days(calendar, payment.created_at.date_in_shanghai(), until)?;
    term.map(|days| i64::from(days).saturating_sub(gone))
}
