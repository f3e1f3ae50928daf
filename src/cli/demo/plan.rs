//! The plan of the living district: which cases there are, what happens to each and when. Pure: the same seed gives the same plan.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::stage::Dice;
use super::ways::{self, Ending, FORMER, Route, SPRING, Step};
use crate::kernel::{Fen, UtcInstant};
use crate::money::funds::Stream;

/// Subdistricts that buy.
pub const SUBDISTRICTS: usize = 12;
/// Organisations.
pub const ORGANISATIONS: usize = 40;
/// Cases of a district in full.
pub const CASES: usize = 150;
/// Organisations that nothing stands against come first; the rest are suspended, abnormal, blacklisted, or not verified yet.
pub const CLEAR: usize = 36;

/// A case of the plan.
#[derive(Debug, Clone)]
pub struct Case {
    pub number: usize,
    pub year: i32,
    pub unit: usize,
    pub item: usize,
    pub stream: Stream,
    /// A second stream that pays for a third of it.
    pub second: Option<Stream>,
    pub route: Route,
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

    /// What each stream pays of the highest price.
    pub fn shares(&self) -> Vec<(Stream, Fen)> {
        let ceiling = self.ceiling.get();
        let second = self.second.map(|stream| (stream, ceiling.checked_div(3).unwrap_or(0)));
        let first = ceiling.saturating_sub(second.map_or(0, |(_, amount)| amount));
        std::iter::once((self.stream, first)).chain(second).map(|(stream, amount)| (stream, Fen::new(amount))).collect()
    }

    /// Whether donors pay for a part of it.
    pub fn is_donated(&self) -> bool {
        self.stream == Stream::Social || self.second == Some(Stream::Social)
    }
}

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    pub at: UtcInstant,
    pub case: usize,
    pub step: Step,
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
    let spring = SPRING.iter().map(|ending| (true, ending));
    let former = FORMER.iter().cycle().map(|ending| (false, ending));
    for (number, (spring, ending)) in spring.chain(former).take(count).enumerate() {
        let route = ending.route.unwrap_or_else(|| route(&mut dice, spring));
        let steps = ways::steps(ending, route);
        let first = if spring {
            let span = steps.last().map_or(0, |(day, _)| *day).saturating_add(ending.rest).saturating_add(3);
            today.checked_sub_days(Days::new(span)).unwrap_or(today)
        } else {
            // Every unit buys in every year.
            let round = number.checked_div(SUBDISTRICTS).unwrap_or(0);
            let year = today.year().saturating_sub(if round.checked_rem(2) == Some(0) { 1 } else { 2 });
            let day = u64::try_from(dice.between(7, 110)).unwrap_or(0);
            NaiveDate::from_ymd_opt(year, 1, 1).map_or(today, |new_year| later(new_year, day))
        };
        let deadline = morning(weekday(later(first, ways::deadline_day(ending, route))), 0);
        plan.cases.push(case(&mut dice, number, (first.year(), deadline), ending, route));
        for (place, (day, step)) in (0_u64..).zip(steps) {
            plan.events.push(Event { at: morning(weekday(later(first, day)), place.saturating_mul(5)), case: number, step });
        }
    }
    plan.events.sort_by_key(|event| event.at);
    plan
}

/// How the supplier is found where it does not matter to the story: as often as it is in a district. An open tender of this spring would have begun last year.
fn route(dice: &mut Dice, spring: bool) -> Route {
    match dice.between(0, if spring { 17 } else { 19 }) {
        0 | 1 => Route::Direct,
        2 | 3 => Route::Quotes,
        4..=10 => Route::Selection,
        11..=17 => Route::Consultation,
        _ => Route::OpenTender,
    }
}

fn case(dice: &mut Dice, number: usize, (year, deadline): (i32, UtcInstant), ending: &Ending, route: Route) -> Case {
    let stream = match dice.between(0, 19) {
        0..=9 => Stream::Fiscal,
        10..=13 => Stream::SpecialFund,
        14..=16 => Stream::Lottery,
        _ => Stream::Social,
    };
    // Whole thousands of yuan: within what the thresholds of the procedure allow.
    let thousands = match route {
        Route::Direct => dice.between(4, 9),
        Route::Quotes => dice.between(14, 48),
        Route::Selection => dice.between(60, 280),
        Route::Consultation => dice.between(310, 620),
        Route::OpenTender => dice.between(520, 960),
    };
    let ceiling = thousands.saturating_mul(100_000);
    let first = dice.place(CLEAR);
    let bidders = [0, 5, 11].map(|step: usize| first.saturating_add(step).checked_rem(CLEAR).unwrap_or(0));
    let prices = [(9_300, 9_500), (9_550, 9_700), (9_750, 9_990)].map(|(low, high)| {
        let share = dice.between(low, high);
        Fen::new(ceiling.saturating_mul(share).checked_div(1_000_000).unwrap_or(0).saturating_mul(100))
    });
    let mixed = route.competes() && !ending.advance && number.checked_rem(7) == Some(4);
    let second = if stream == Stream::Fiscal { Stream::Social } else { Stream::Fiscal };
    Case {
        number,
        year,
        unit: number.checked_rem(SUBDISTRICTS).unwrap_or(0),
        item: dice.place(1_000),
        stream,
        second: mixed.then_some(second),
        route,
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
            assert!(matches!(own[0].step, Step::PlanDraft | Step::Draft), "{case:?}");
            assert_eq!(case.shares().iter().map(|(_, amount)| amount.get()).sum::<i64>(), case.ceiling.get());
        }
    }
}
