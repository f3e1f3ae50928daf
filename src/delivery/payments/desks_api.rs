//! "Where is my money" over HTTP: the desks that a payment lay on.

use actix_web::get;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::desks::{self, Desk, StayRow};
use super::model::PaymentState;
use super::service;
use crate::kernel::id::PaymentId;
use crate::kernel::{UtcInstant, error};
use crate::law::WorkCalendar;
use crate::parties::regulations;
use crate::people::{self, Subject};
use crate::web::{Answer, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_desks);
}

/// A stay on a desk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StayView {
    /// Whose desk.
    pub desk: Desk,
    /// The payment's state there.
    pub state: PaymentState,
    /// Why it came back; null when it went on.
    #[schema(example = "收款账号户名不符")]
    pub reason: Option<String>,
    /// Since when.
    pub entered_at: UtcInstant,
    /// Until when; null while it lies there.
    pub left_at: Option<UtcInstant>,
    /// Working days that it lay there, until today while it does; null when a year of the calendar is not loaded.
    #[schema(example = 3)]
    pub working_days: Option<i64>,
}

impl StayView {
    fn new(row: StayRow, calendar: &WorkCalendar, today: NaiveDate) -> Self {
        let until = row.left_at.map_or(today, UtcInstant::date_in_shanghai);
        Self {
            working_days: desks::working_days(calendar, row.entered_at.date_in_shanghai(), until),
            desk: row.desk,
            state: row.state,
            reason: row.reason,
            entered_at: row.entered_at,
            left_at: row.left_at,
        }
    }
}

/// Where a payment is and was.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DesksView {
    /// Whose desk it is on; null once it is paid.
    pub desk: Option<Desk>,
    /// Since when; null once it is paid.
    pub since: Option<UtcInstant>,
    /// When it was paid.
    pub paid_at: Option<UtcInstant>,
    /// Within how many working days of its claim the contract has it paid; null where none was agreed.
    #[schema(example = 20)]
    pub payment_term_days: Option<i32>,
    /// How many of them are left today, or were on the day of the receipt; negative when overdue. Null without a term, after a return, and when a year of the
    /// calendar is not loaded.
    #[schema(example = 7)]
    pub working_days_left: Option<i64>,
    /// Every stay, oldest first.
    #[schema(max_items = 1000)]
    pub stays: Vec<StayView>,
}

/// See where a payment is
///
/// Whose desk it is on, since when, how many working days of the contract's payment term are left, and every desk before with the reason for which it came back;
/// for those who may read the payment.
#[utoipa::path(tag = "payments", params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, description = "The desks", body = DesksView)), security(("bearer" = [])))]
#[get("/payments/{payment_id}/desks")]
async fn list_desks(call: Call, id: Id<PaymentId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::file(snapshot, viewer.tenant, id.0)?;
        if !file.visible_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        let calendar = regulations::calendar(snapshot, viewer.tenant)?;
        let stays = desks::of_payment(snapshot, viewer.tenant, id.0)?;
        let here = stays.last().filter(|stay| stay.left_at.is_none());
        let (desk, since) = (here.map(|stay| stay.desk), here.map(|stay| stay.entered_at));
        let stays = stays.into_iter().map(|row| StayView::new(row, &calendar, today)).collect();
        let (term, payment) = (file.contract.payment_term_days, &file.payment);
        let working_days_left = desks::days_left(&calendar, term, payment, today);
        Reply::ok(&DesksView { desk, since, paid_at: payment.paid_at, payment_term_days: term, working_days_left, stays })
    })
    .await
}
