//! Facts from the award on: result, contract, bonds, remedies, acceptance, records.

use chrono::NaiveDate;

use crate::kernel::Fen;

/// From the evaluation's end to the notice of the result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Award {
    /// The evaluation ended.
    pub evaluation_ended_on: Option<NaiveDate>,
    /// The report went to the purchaser.
    pub report_on: Option<NaiveDate>,
    /// The purchaser decided.
    pub decided_on: Option<NaiveDate>,
    /// The award notice went to the winner.
    pub notified_on: Option<NaiveDate>,
    /// The result was published.
    pub published_on: Option<NaiveDate>,
    /// Ranked suppliers who declined or fell away.
    pub declined: Option<i64>,
    /// Rank of the supplier who is awarded.
    pub awarded_rank: Option<i64>,
}

/// An enquiry (询问).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enquiry {
    /// Asked.
    pub asked_on: Option<NaiveDate>,
    /// Answered.
    pub answered_on: Option<NaiveDate>,
}

/// A challenge (质疑).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The supplier knew or should have known of the harm (实施条例 第53条).
    pub known_on: Option<NaiveDate>,
    /// Filed.
    pub filed_on: Option<NaiveDate>,
    /// Answered.
    pub answered_on: Option<NaiveDate>,
}

/// A complaint (投诉).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// Last day on which the challenge had to be answered, whenever it was answered (R060).
    pub answer_due_on: Option<NaiveDate>,
    /// Filed.
    pub filed_on: Option<NaiveDate>,
    /// Received by the supervisor; the day of filing when absent.
    pub received_on: Option<NaiveDate>,
    /// Decided.
    pub decided_on: Option<NaiveDate>,
    /// The supervisor suspended the purchase.
    pub suspended_on: Option<NaiveDate>,
    /// The suspension ended.
    pub resumed_on: Option<NaiveDate>,
}

/// The contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contract {
    /// Signed by the last party.
    pub signed_on: Option<NaiveDate>,
    /// Published.
    pub published_on: Option<NaiveDate>,
    /// Filed with the finance bureau.
    pub filed_on: Option<NaiveDate>,
    /// Price of the original contract.
    pub price: Option<Fen>,
    /// Sum of all supplements, the one that is judged included.
    pub additions: Option<Fen>,
    /// The supplier handed the project on to another (转包).
    pub handed_on: Option<bool>,
    /// The purchaser guarantees the supplier's financing.
    pub purchaser_guarantees: Option<bool>,
}

/// Bid and performance bonds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bond {
    /// Bid bond of the lot.
    pub bid_bond: Option<Fen>,
    /// Bonds of those who did not win given back, the last of them.
    pub losers_returned_on: Option<NaiveDate>,
    /// Bond of the winner given back.
    pub winner_returned_on: Option<NaiveDate>,
    /// Performance bond as an amount.
    pub performance_bond: Option<Fen>,
    /// Performance bond as the documents ask for it, a share of the price.
    pub performance_bond_bp: Option<i64>,
}

/// Acceptance and evaluation of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// Beneficiaries took part and gave their opinion.
    pub beneficiaries_asked: Option<bool>,
    /// The result was told to the public; `None` while the acceptance is being written.
    pub published: Option<bool>,
    /// The regular performance evaluation was made; `None` while it is not due.
    pub performance_evaluated: Option<bool>,
    /// The supplier keeps a project ledger and hands over its papers.
    pub project_ledger_kept: Option<bool>,
}

/// What is published of the purchase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// How many of content, mode, supplier, amount, yearly funds, term and performance evaluation are public.
    pub items_published: Option<i64>,
}

/// Archive and recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// The purchase ended.
    pub ended_on: Option<NaiveDate>,
    /// The documents are kept until this day.
    pub kept_until: Option<NaiveDate>,
    /// Opening and evaluation were recorded in sound and picture.
    pub recorded: Option<bool>,
}

/// A penalty that is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sanction {
    /// Amount of the purchase.
    pub purchase_amount: Option<Fen>,
    /// Fine.
    pub fine: Option<Fen>,
    /// First day of the ban.
    pub banned_from: Option<NaiveDate>,
    /// Last day of the ban.
    pub banned_until: Option<NaiveDate>,
}

crate::text_enum! {
    /// Days that a period counts.
    pub enum PeriodUnit {
        /// Working days.
        WorkingDay = "working_day",
        /// Calendar days.
        CalendarDay = "calendar_day",
    }
}

/// A period that somebody counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day, which is not counted.
    pub starts_on: NaiveDate,
    /// Number of days.
    pub length: u32,
    /// Which days.
    pub unit: PeriodUnit,
    /// The last day that was named.
    pub ends_on: NaiveDate,
}

crate::text_enum! {
    /// A bound of a statute (财政部令第87号 第86条).
    pub enum Bound {
        /// 以上: the number or more.
        AtLeast = "at_least",
        /// 以内、以下: the number or less.
        Within = "within",
        /// 不足: less than the number.
        ShortOf = "short_of",
    }
}

/// A number that somebody compared with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The number.
    pub number: i64,
    /// The word of the statute.
    pub bound: Bound,
    /// The number of the statute.
    pub limit: i64,
    /// Whether it was said to lie within the bound.
    pub said: bool,
}
