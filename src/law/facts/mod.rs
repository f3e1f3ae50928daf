//! Facts about one case, lot, organisation, fund or year, as the rules need them. What is not known is `None`, and then nothing is judged.
//!
//! Dates are days in Shanghai, money is fen, shares are basis points. A slice fills what it knows and leaves the rest at its default.

use chrono::NaiveDate;

use super::{Procedure, Thresholds};
use crate::kernel::Fen;

mod after;
mod parties;

pub use after::{Acceptance, Award, Bond, Challenge, Complaint, Contract, Disclosure, Enquiry, Period, PeriodUnit, Records, Sanction};
pub use after::{Bound, Comparison};
pub use parties::{Bid, Bidders, CollusionSign, InvalidGround, Organisation, Panel, Supplier, Tie, TieKind, Worker, WorkerLevel};

/// All that is known, by subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What is bought and how.
    pub purchase: Purchase,
    /// Thresholds of the year and level.
    pub thresholds: Option<Thresholds>,
    /// The catalogue it is bought from.
    pub catalogue: Catalogue,
    /// Notice and documents.
    pub notice: Notice,
    /// Qualification and scoring criteria.
    pub criteria: Criteria,
    /// All who take part in a lot.
    pub bidders: Bidders,
    /// One bid.
    pub bid: Bid,
    /// The supplier who bids or is to be awarded.
    pub supplier: Supplier,
    /// The panel.
    pub panel: Panel,
    /// Prices and ranking of a lot.
    pub prices: Prices,
    /// From the evaluation's end to the notice of the result.
    pub award: Award,
    /// An enquiry (询问).
    pub enquiry: Enquiry,
    /// A challenge (质疑).
    pub challenge: Challenge,
    /// A complaint (投诉).
    pub complaint: Complaint,
    /// The contract.
    pub contract: Contract,
    /// Bid and performance bonds.
    pub bond: Bond,
    /// Acceptance and evaluation of the service.
    pub acceptance: Acceptance,
    /// What is published of the purchase.
    pub disclosure: Disclosure,
    /// Archive and recordings.
    pub records: Records,
    /// A penalty that is recorded.
    pub sanction: Sanction,
    /// A period that somebody counted.
    pub period: Option<Period>,
    /// A number that somebody compared with a bound.
    pub comparison: Option<Comparison>,
    /// The money of a stream.
    pub fund: Fund,
    /// An organisation's standing.
    pub organisation: Organisation,
    /// A social worker's certificate.
    pub worker: Worker,
    /// The district's year.
    pub yearly: Yearly,
}

crate::text_enum! {
    /// What may not be bought as a public service (财政部令第102号 第10条, 财预〔2017〕87号 二).
    pub enum Prohibited {
        /// Not a duty of the government.
        OutsideGovernment = "outside_government",
        /// A duty that the government must perform itself.
        OwnDuty = "own_duty",
        /// Goods.
        Goods = "goods",
        /// Construction works.
        Works = "works",
        /// Works packaged with services.
        WorksBundle = "works_bundle",
        /// Financing.
        Financing = "financing",
        /// Recruitment, labour dispatch, public-welfare posts.
        Staffing = "staffing",
        /// Forbidden by another law.
        OtherByLaw = "other_by_law",
    }
}

/// What is bought and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purchase {
    /// Procedure.
    pub procedure: Option<Procedure>,
    /// For an imported purchase: the procedure it was run by on the statutory platform.
    pub external_procedure: Option<Procedure>,
    /// A statutory inquiry (询价) on the platform; the service itself offers none.
    pub is_inquiry: Option<bool>,
    /// Goods rather than services; unknown reads as services, which is all that the catalogue holds.
    pub is_goods: Option<bool>,
    /// Construction works.
    pub is_works: Option<bool>,
    /// A public service, whose users are the public.
    pub is_public_service: Option<bool>,
    /// Technically complex or of large social effect.
    pub is_complex: Option<bool>,
    /// The buyer may buy services: it is no public institution of class one and no fully funded mass organisation.
    pub purchaser_eligible: Option<bool>,
    /// Budget or ceiling of what is judged, the lot or the whole.
    pub budget: Option<Fen>,
    /// Appropriated money held for it.
    pub funded: Option<Fen>,
    /// The item is in the published guiding catalogue.
    pub catalogue_listed: Option<bool>,
    /// The finance bureau approved buying off the catalogue; it has an approval number.
    pub finance_approval: Option<bool>,
    /// Kinds of forbidden content found; empty when it was looked at and none was.
    pub prohibited: Option<Vec<Prohibited>>,
    /// Length of the contract in months, rounded up.
    pub term_months: Option<i64>,
    /// All four conditions of a term above one year are declared: fixed content, continuity, steady funds and prices, budget.
    pub recurring_conditions: Option<bool>,
    /// Performance objectives were evaluated beforehand (事前绩效评估).
    pub objectives_evaluated: Option<bool>,
    /// The public was asked about the requirement.
    pub public_consulted: Option<bool>,
    /// Fiscal and other money cannot be told apart in it.
    pub mixed_money: Option<bool>,
    /// The whole amount, other money included, is counted against the thresholds.
    pub whole_amount_counted: Option<bool>,
    /// The finance bureau approved another procedure than an open tender.
    pub other_procedure_approved: Option<bool>,
    /// What the unit bought of the same item in the budget year other than by open tender, this purchase included.
    pub item_total_in_year: Option<Fen>,
    /// Bought from the former supplier for consistency (单一来源 添购).
    pub is_addition: Option<bool>,
    /// All additions to the former contract, this one included.
    pub additions: Option<Fen>,
    /// The former contract.
    pub original_contract: Option<Fen>,
    /// Suitable for small and medium enterprises.
    pub sme_suitable: Option<bool>,
    /// Reserved for small and medium enterprises, as an amount.
    pub sme_reserved: Option<Fen>,
    /// Reserved for small and micro enterprises, as an amount.
    pub micro_reserved: Option<Fen>,
}

impl Purchase {
    /// The procedure whose rules bind: an imported purchase is bound by those of the procedure it was run by.
    pub fn bound_as(&self) -> Option<Procedure> {
        match (self.procedure, self.external_procedure) {
            (Some(Procedure::External), Some(run_by)) => Some(run_by),
            (procedure, _) => procedure,
        }
    }
}

/// The catalogue that is bought from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Tier of the body that keeps it: 1 the centre, 2 the province, 3 the city, 4 the district.
    pub keeper_tier: Option<i64>,
    /// A tier below the province was authorised from above.
    pub authorised_from_above: Option<bool>,
    /// It is published.
    pub is_published: Option<bool>,
}

/// Notice and documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// The notice went out; for a single source, the publicity began.
    pub published_on: Option<NaiveDate>,
    /// Last day of the notice or of the publicity.
    pub ends_on: Option<NaiveDate>,
    /// First day on which the documents are given out.
    pub documents_from: Option<NaiveDate>,
    /// Last day on which the documents are given out.
    pub documents_to: Option<NaiveDate>,
    /// Day of the bid deadline or of the deadline for first responses.
    pub deadline_on: Option<NaiveDate>,
    /// Day of the last clarification or amendment.
    pub amended_on: Option<NaiveDate>,
    /// The amendment affects how bids are written; unknown reads as yes.
    pub amendment_material: Option<bool>,
    /// There is a prequalification.
    pub prequalification: Option<bool>,
    /// Prequalification documents given out.
    pub prequalification_from: Option<NaiveDate>,
    /// Last day for applications.
    pub prequalification_to: Option<NaiveDate>,
}

crate::text_enum! {
    /// A criterion that may be neither qualification nor score.
    pub enum Forbidden {
        /// A qualification used as a score (87号令 第55条).
        QualificationScored = "qualification_scored",
        /// Registered capital (87号令 第17条).
        RegisteredCapital = "registered_capital",
        /// Total assets (87号令 第17条).
        Assets = "assets",
        /// Revenue (87号令 第17条).
        Revenue = "revenue",
        /// Number of staff (87号令 第17条).
        Headcount = "headcount",
        /// Profit (87号令 第17条).
        Profit = "profit",
        /// Tax paid (87号令 第17条).
        Tax = "tax",
        /// Seat or registration in an area (实施条例 第20条).
        Location = "location",
        /// Awards or records of a certain area or trade (实施条例 第20条).
        LocalRecord = "local_record",
        /// Form of organisation (实施条例 第20条).
        OrganisationForm = "organisation_form",
        /// Ownership (实施条例 第20条).
        Ownership = "ownership",
        /// A list of suppliers as a qualification (实施条例 第20条).
        SupplierList = "supplier_list",
    }
}

/// Qualification and scoring criteria.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Weight of the price.
    pub price_weight_bp: Option<i64>,
    /// The price is fixed or set by the state, so it is not scored.
    pub fixed_price: Option<bool>,
    /// The finance bureau agreed to a price weight above the upper bound (consultation only).
    pub weight_approved: Option<bool>,
    /// Forbidden criteria found; empty when they were looked at and none was. `criteria::forbidden_in` finds them in words.
    pub forbidden: Option<Vec<Forbidden>>,
    /// Price deduction for small and micro enterprises.
    pub micro_deduction_bp: Option<i64>,
    /// Price deduction for a consortium or subcontract with small and micro enterprises.
    pub consortium_deduction_bp: Option<i64>,
}

/// A ranked offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Price that is scored: the offer after deductions.
    pub price: Fen,
    /// Points of the price on the scale of R040, in hundredths of a point.
    pub price_points: i64,
    /// Points of all, in hundredths of a point.
    pub total_points: i64,
    /// Rank from 1; equal ranks stand side by side.
    pub rank: i64,
}

/// Prices and ranking of a lot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices {
    /// Raw prices of every bid that passed the responsiveness check.
    pub passed: Option<Vec<Fen>>,
    /// Ceiling of the lot, or its budget where there is none.
    pub ceiling: Option<Fen>,
    /// Share of the ceiling below which the documents call a price abnormally low.
    pub low_share_bp: Option<i64>,
    /// The offers as ranked.
    pub ranking: Option<Vec<Ranked>>,
}

crate::text_enum! {
    /// What money of the lottery fund is spent on.
    pub enum FundUse {
        /// The purposes of the fund: the old, the disabled, orphans, the poor (扶老、助残、救孤、济困) and like public welfare.
        Welfare = "welfare",
        /// Pay of staff.
        Staff = "staff",
        /// Running an administration.
        Administration = "administration",
        /// Working expenses.
        WorkExpenses = "work_expenses",
        /// Rewards to persons.
        PersonalReward = "personal_reward",
        /// Equity investment or business.
        Business = "business",
        /// Balancing the general budget.
        GeneralBudget = "general_budget",
        /// Something else that is no welfare.
        Other = "other",
    }
}

/// Money of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fund {
    /// It is lottery money (福利彩票公益金).
    pub is_lottery: Option<bool>,
    /// It is lottery money of the city, which has rules of its own.
    pub is_city_lottery: Option<bool>,
    /// What it is spent on.
    pub uses: Option<Vec<FundUse>>,
    /// The project carries the mark of the lottery fund.
    pub labelled: Option<bool>,
    /// Money for one project.
    pub per_project: Option<Fen>,
    /// The recipient is registered; `false` for a community group that is only on file (备案类).
    pub recipient_registered: Option<bool>,
}

/// The district's year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Yearly {
    /// The year that is accounted for.
    pub year: Option<i32>,
    /// New public-service spending that is bought.
    pub new_spending: Option<Fen>,
    /// Its part bought from social organisations.
    pub to_social_organisations: Option<Fen>,
    /// Reports on lottery money published for the year.
    pub lottery_reports: Option<i64>,
    /// Day of the report on lottery money.
    pub lottery_published_on: Option<NaiveDate>,
    /// Distinct social workers with a valid certificate on the day of service.
    pub distinct_workers: Option<i64>,
    /// Distinct verified projects.
    pub distinct_projects: Option<i64>,
}
