//! The plan of the living district: which cases there are, what happens to each and when. Pure: the same seed gives the same plan.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::stage::Dice;
use crate::kernel::{Fen, UtcInstant};
use crate::money::funds::Stream;

/// Subdistricts that buy.
pub const SUBDISTRICTS: usize = 12;
/// Organisations.
pub const ORGANISATIONS: usize = 40;
/// Cases of a district in full.
pub const CASES: usize = 150;
/// Organisations that nothing stands against come first; the rest are suspended, abnormal or blacklisted.
pub const CLEAR: usize = 36;

/// Days from the draft of an open tender to its deadline: twenty days at least for the bidders, and no holiday in the way.
const LONELY_DAYS: u64 = 33;

/// What happens in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Draft,
    Submit,
    SendBack,
    Approve,
    Cancel,
    Publish,
    /// The bidder at this place of the case bids.
    Bid(usize),
    Open,
    Review,
    Appoint(usize),
    Score(usize),
    Rank,
    Fail,
    Propose,
    DirectAward,
    Confirm,
    Decline,
    Challenge,
    Contract,
    Countersign,
    SignOrganisation,
    SignPurchaser,
    Suspend,
    Terminate,
    Project,
    Select,
    Link,
    Deliver(usize),
    Reject(usize),
    Accept(usize),
    Claim(usize),
    Check(usize),
    Agree(usize),
    Release(usize),
    Instruct(usize),
    Receipt(usize),
    Bounce(usize),
    GiveBack(usize),
    Report,
    ReturnReport,
    Verify,
    Honour,
    Drop,
}

/// A case of the plan.
#[derive(Debug, Clone)]
pub struct Case {
    pub number: usize,
    pub year: i32,
    pub unit: usize,
    pub item: usize,
    pub stream: Stream,
    pub direct: bool,
    /// An open tender to which one bidder comes: it fails with its bid unopened.
    pub lonely: bool,
    /// Organisations that bid; the first wins.
    pub bidders: [usize; 3],
    /// Highest price.
    pub ceiling: Fen,
    /// What they ask for.
    pub prices: [Fen; 3],
    pub deadline: UtcInstant,
}

impl Case {
    /// The price of the winner, and what each of the two milestones has of it.
    pub fn milestones(&self) -> [Fen; 2] {
        let [price, ..] = self.prices;
        let first = price.get().checked_div(2).unwrap_or(0);
        [Fen::new(first), Fen::new(price.get().saturating_sub(first))]
    }
}

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    pub at: UtcInstant,
    pub case: usize,
    pub step: Step,
}

/// How a case of this spring ends: the last step of the usual way, what happens instead of the next, and how many days it has rested since.
type Ending = (Step, Option<Step>, u64);

static SPRING: &[Ending] = &[
    (Step::Draft, None, 0),
    (Step::Submit, None, 0),
    (Step::Submit, Some(Step::SendBack), 0),
    (Step::Approve, None, 0),
    (Step::Approve, Some(Step::Cancel), 0),
    (Step::Publish, None, 0),
    (Step::Bid(2), None, 0),
    (Step::Bid(2), None, 8),
    (Step::Bid(0), Some(Step::Open), 0),
    (Step::Open, None, 0),
    (Step::Review, None, 0),
    (Step::Score(0), None, 0),
    (Step::Rank, Some(Step::Fail), 0),
    (Step::Rank, None, 0),
    (Step::Propose, None, 0),
    (Step::Confirm, None, 0),
    (Step::Confirm, Some(Step::Challenge), 0),
    (Step::Confirm, Some(Step::Decline), 0),
    (Step::Contract, None, 0),
    (Step::Countersign, None, 0),
    (Step::SignOrganisation, None, 0),
    (Step::SignPurchaser, None, 0),
    (Step::SignPurchaser, Some(Step::Suspend), 0),
    (Step::SignPurchaser, Some(Step::Terminate), 0),
    (Step::Project, None, 0),
    (Step::Select, None, 0),
    (Step::Select, Some(Step::Drop), 0),
    (Step::Link, None, 0),
    (Step::Deliver(0), None, 0),
    (Step::Deliver(0), Some(Step::Reject(0)), 0),
    (Step::Accept(0), None, 0),
    (Step::Claim(0), None, 0),
    (Step::Claim(0), Some(Step::GiveBack(0)), 0),
    (Step::Check(0), None, 0),
    (Step::Agree(0), None, 0),
    (Step::Release(0), None, 0),
    (Step::Instruct(0), None, 0),
    (Step::Receipt(0), None, 0),
    (Step::Receipt(0), Some(Step::Bounce(0)), 0),
    (Step::Receipt(0), Some(Step::Report), 0),
];

static FORMER: &[Ending] = &[
    (Step::Honour, None, 0),
    (Step::Verify, None, 0),
    (Step::Honour, None, 0),
    (Step::Report, Some(Step::ReturnReport), 0),
    (Step::Honour, None, 0),
    (Step::Bid(0), Some(Step::Open), 0),
    (Step::Honour, None, 0),
    (Step::Receipt(1), None, 0),
    (Step::Honour, None, 0),
    (Step::Approve, Some(Step::Cancel), 0),
];

/// The usual way of a case: days after its first.
fn way(direct: bool) -> Vec<(u64, Step)> {
    let mut way = vec![(0, Step::Draft), (1, Step::Submit), (2, Step::Approve), (3, Step::Publish)];
    if direct {
        way.extend([(4, Step::DirectAward), (5, Step::Confirm)]);
    } else {
        way.extend([(8, Step::Bid(0)), (9, Step::Bid(1)), (10, Step::Bid(2)), (17, Step::Open), (18, Step::Appoint(0))]);
        way.extend([(18, Step::Appoint(1)), (18, Step::Review), (19, Step::Score(0)), (19, Step::Score(1)), (19, Step::Rank)]);
        way.extend([(20, Step::Propose), (21, Step::Confirm)]);
    }
    way.extend([(30, Step::Contract), (31, Step::Countersign), (32, Step::SignOrganisation), (32, Step::SignPurchaser)]);
    way.extend([(33, Step::Project), (34, Step::Select), (34, Step::Link)]);
    for (part, day) in [(0, 36_u64), (1, 120)] {
        way.extend([(day, Step::Deliver(part)), (day.saturating_add(1), Step::Accept(part)), (day.saturating_add(2), Step::Claim(part))]);
        way.extend([(day.saturating_add(2), Step::Check(part)), (day.saturating_add(3), Step::Agree(part))]);
        way.extend([(day.saturating_add(4), Step::Release(part)), (day.saturating_add(5), Step::Instruct(part))]);
        way.push((day.saturating_add(5), Step::Receipt(part)));
    }
    way.extend([(130, Step::Report), (135, Step::Verify), (150, Step::Honour)]);
    way
}

/// The steps of a case that ends so.
fn steps(direct: bool, ending: Ending) -> Vec<(u64, Step)> {
    let (last, instead, _) = ending;
    let mut steps = Vec::new();
    for (day, step) in way(direct) {
        steps.push((day, step));
        if step == last {
            break;
        }
    }
    if let Some(instead) = instead {
        let day = steps.last().map_or(0, |(day, _)| *day).saturating_add(1);
        // An opening waits for the deadline, whoever came.
        steps.push((if instead == Step::Open { day.max(LONELY_DAYS.saturating_add(1)) } else { day }, instead));
    }
    steps
}

/// The next working day of the week: nobody works on a weekend.
fn weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => later(day, 2),
        Weekday::Sun => later(day, 1),
        _ => day,
    }
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Nine in the morning in Huzhou and some minutes.
fn morning(day: NaiveDate, minutes: u64) -> UtcInstant {
    let seconds = i64::try_from(minutes).unwrap_or(0).saturating_mul(60).saturating_add(9 * 3600);
    UtcInstant::start_of_shanghai_day(day).plus_seconds(seconds)
}

/// The whole plan: cases, and what happens in the order in which it happens.
#[derive(Debug)]
pub struct Plan {
    pub cases: Vec<Case>,
    pub events: Vec<Event>,
}

/// Makes the plan of `count` cases up to the day `today`.
pub fn make(seed: u64, count: usize, today: NaiveDate) -> Plan {
    let mut dice = Dice::new(seed);
    let mut plan = Plan { cases: Vec::new(), events: Vec::new() };
    let spring = SPRING.iter().map(|ending| (true, *ending));
    let former = FORMER.iter().cycle().map(|ending| (false, *ending));
    for (number, (spring, ending)) in spring.chain(former).take(count).enumerate() {
        let competes_only = matches!(ending.0, Step::Bid(_) | Step::Open | Step::Review | Step::Score(_) | Step::Rank | Step::Propose);
        let direct = !competes_only && ending.1 != Some(Step::Challenge) && dice.between(0, 9) == 0;
        let steps = steps(direct, ending);
        let first = if spring {
            let span = steps.last().map_or(0, |(day, _)| *day).saturating_add(ending.2).saturating_add(3);
            today.checked_sub_days(Days::new(span)).unwrap_or(today)
        } else {
            let year = today.year().saturating_sub(if number.checked_rem(2) == Some(0) { 1 } else { 2 });
            let day = u64::try_from(dice.between(7, 170)).unwrap_or(0);
            NaiveDate::from_ymd_opt(year, 1, 1).map_or(today, |new_year| later(new_year, day))
        };
        let lonely = ending.1 == Some(Step::Open);
        let deadline = morning(weekday(later(first, if lonely { LONELY_DAYS } else { 16 })), 0);
        plan.cases.push(Case { lonely, ..case(&mut dice, number, first.year(), direct, deadline) });
        for (place, (day, step)) in (0_u64..).zip(steps) {
            plan.events.push(Event { at: morning(weekday(later(first, day)), place.saturating_mul(5)), case: number, step });
        }
    }
    plan.events.sort_by_key(|event| event.at);
    plan
}

fn case(dice: &mut Dice, number: usize, year: i32, direct: bool, deadline: UtcInstant) -> Case {
    let stream = match dice.between(0, 19) {
        0..=9 => Stream::Fiscal,
        10..=13 => Stream::SpecialFund,
        14..=16 => Stream::Lottery,
        _ => Stream::Social,
    };
    let thousands = match (direct, stream) {
        (true, _) => dice.between(4, 9),
        (_, Stream::Fiscal) => dice.between(100, 800),
        _ => dice.between(30, 200),
    };
    let ceiling = thousands.saturating_mul(100_000);
    let first = dice.place(CLEAR);
    let bidders = [0, 5, 11].map(|step: usize| first.saturating_add(step).checked_rem(CLEAR).unwrap_or(0));
    let prices = [(9_300, 9_500), (9_550, 9_700), (9_750, 9_990)].map(|(low, high)| {
        let share = dice.between(low, high);
        Fen::new(ceiling.saturating_mul(share).checked_div(1_000_000).unwrap_or(0).saturating_mul(100))
    });
    let unit = number.checked_rem(SUBDISTRICTS).unwrap_or(0);
    Case {
        number,
        year,
        unit,
        item: dice.place(1_000),
        stream,
        direct,
        lonely: false,
        bidders,
        ceiling: Fen::new(ceiling),
        prices,
        deadline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-03-02".parse().unwrap()
    }

    #[test]
    fn a_seed_gives_one_plan_and_nothing_of_it_lies_in_the_future() {
        let plan = make(7, CASES, today());
        assert_eq!(format!("{plan:?}"), format!("{:?}", make(7, CASES, today())));
        assert_ne!(format!("{plan:?}"), format!("{:?}", make(8, CASES, today())));
        assert_eq!(plan.cases.len(), CASES);
        assert!(plan.events.iter().all(|event| event.at < morning(today(), 0)), "{:?}", plan.events.last());
        for case in &plan.cases {
            let own: Vec<_> = plan.events.iter().filter(|event| event.case == case.number).collect();
            assert!(own.iter().all(|event| event.at.date_in_shanghai().year() == case.year), "{case:?}");
            assert_eq!(own.first().map(|event| event.step), Some(Step::Draft));
        }
    }
}
