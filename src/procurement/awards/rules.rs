//! Decisions on awards: who is next, how long the result is public, when a contract may be drafted. Pure.

use chrono::{Days, NaiveDate};

use super::model::{AwardOrigin, AwardRow, AwardState};
use crate::kernel::error::{Fields, problems};
use crate::kernel::id::BidId;
use crate::kernel::{Error, Result};
use crate::law::{MissingYear, WorkCalendar};
use crate::procurement::evaluation::RankingRow;
use crate::procurement::tenders::LotState;
use crate::words;

problems! {
    /// Nothing is ranked yet.
    NOT_RANKED = "not_ranked", 409, "尚未排序", "Not ranked yet",
        "定标按评审排序进行，请先完成排序。",
        "The award follows the ranking; rank the bids first.";
    /// Two bids share the first place.
    TIED = "first_place_tied", 409, "第一名并列", "The first place is tied",
        "并列第一而采购文件未规定时，随机抽取确定（87号令第68条）。请先抽取（POST /lots/{id}/draws），或写明 bid_id 与现场抽签记录 drawing。",
        "A tie at the first place is decided by lot unless the documents say otherwise (Decree 87, article 68). Draw (POST /lots/{id}/draws), or name bid_id and the record of a drawing by hand.";
    /// Nobody is left to be awarded.
    NO_CANDIDATE_LEFT = "no_candidate_left", 409, "没有可递补的候选人", "No candidate is left",
        "排序中的候选人均已放弃或被撤销，请重新采购（POST /lots/{id}/rerun）。",
        "Every ranked candidate declined or was overturned. Run the lot again (POST /lots/{id}/rerun).";
    /// The publicity of the result still runs.
    STANDSTILL = "standstill_runs", 409, "结果公示期未满", "The publicity of the result still runs",
        "限额以下项目的结果公示期满后方可起草合同。",
        "Below the thresholds the contract is drafted once the publicity of the result is over.";
    /// The winner may still sign.
    SIGNING_PERIOD = "signing_period_runs", 409, "签约期限未满", "The time for signing still runs",
        "通知书发出之日起的签约期限届满后，方可记录成交供应商未签约。",
        "That the winner did not sign is recorded once the time for signing is over.";
    /// The lot cannot be run again.
    NOT_TO_BE_RERUN = "not_to_be_rerun", 409, "该采购包不能重新采购", "The lot is not to be run again",
        "只有失败的、或定标已撤销或被放弃的采购包可以重新采购，且只能有一个进行中的重新采购。",
        "A lot is run again when it failed or when its award was overturned or declined, and only once at a time.";
}

/// Working days for which a result below the thresholds is public before the contract, where no rule of the set has a figure `result_publicity`.
/// The district's practice, not a statute.
pub const PUBLICITY_WORKING_DAYS: u32 = 3;

crate::text_enum! {
    /// Why a lot ends before its award notice (政府采购法 第36条, R045).
    pub enum GraveCause {
        /// Fewer suppliers than required respond in substance.
        TooFewResponsive = "too_few_responsive",
        /// A breach of law that touches the fairness of the procedure.
        Unlawful = "unlawful",
        /// Every price is above the budget.
        AllOverBudget = "all_over_budget",
        /// A great change cancels the task.
        TaskCancelled = "task_cancelled",
    }
}

/// How a tie was decided.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// The bid drawn.
    pub bid: BidId,
    /// Record of the drawing: how, when, before whom.
    pub record: String,
}

/// The ranked bids that no ended award was for.
fn left<'r>(ranking: &'r [RankingRow], former: &[AwardRow]) -> Vec<&'r RankingRow> {
    ranking.iter().filter(|row| !former.iter().any(|award| award.bid_id == Some(row.bid_id))).collect()
}

/// The best place at which a bid is left; `None` where none is.
pub fn best_place(ranking: &[RankingRow], former: &[AwardRow]) -> Option<i32> {
    left(ranking, former).iter().map(|row| row.place).min()
}

/// The bid to be awarded: the best that no ended award was for, or the one drawn among several at that place (R057). `drawn` is the order that a draw gave
/// the bids of that place; who declined is followed by the next of it.
pub fn winner<'r>(ranking: &'r [RankingRow], former: &[AwardRow], drawing: Option<&Drawing>, drawn: &[BidId]) -> Result<&'r RankingRow> {
    if ranking.is_empty() {
        return Err(NOT_RANKED.error());
    }
    let best = best_place(ranking, former).ok_or_else(|| NO_CANDIDATE_LEFT.error())?;
    let firsts: Vec<&RankingRow> = left(ranking, former).into_iter().filter(|row| row.place == best).collect();
    let by_draw = drawn.iter().find_map(|bid| firsts.iter().find(|row| row.bid_id == *bid).copied());
    match (firsts.as_slice(), drawing) {
        ([only], None) => Ok(only),
        ([_], Some(_)) => Err(Error::field("/drawing", words!("没有并列，无须抽取", "there is no tie to be drawn"))),
        (_, None) => by_draw.ok_or_else(|| TIED.error()),
        (_, Some(_)) if by_draw.is_some() => Err(Error::field("/drawing", words!("已按抽取确定次序", "the order was drawn already"))),
        (several, Some(drawing)) => {
            let mut fields = Fields::default();
            fields.text(&drawing.record, "/drawing", 10, 1000);
            fields.finish()?;
            let unknown = || Error::field("/bid_id", words!("不在并列之中", "not among those at that place"));
            several.iter().find(|row| row.bid_id == drawing.bid).copied().ok_or_else(unknown)
        }
    }
}

/// The reason that an award after an ended one needs, and that the first one must not have.
pub fn next_reason(former: &[AwardRow], reason: Option<&str>) -> Result<Option<String>> {
    let mut fields = Fields::default();
    match (former.is_empty(), reason) {
        (true, None) => {}
        (true, Some(_)) => fields.require(false, "/reason", || {
            words!("首次定标按排序进行，不需理由", "the first award follows the ranking and needs no reason")
        }),
        (false, given) => fields.text(given.unwrap_or_default(), "/reason", 10, 1000),
    }
    fields.finish()?;
    Ok(reason.map(|text| text.trim().to_owned()))
}

/// Last day of the publicity below the thresholds that begins on `start`: from a rule's figure when there is one.
pub fn publicity_ends(from_rule: Option<NaiveDate>, start: NaiveDate, calendar: &WorkCalendar) -> Result<NaiveDate, MissingYear> {
    match from_rule {
        Some(day) => Ok(day),
        None => calendar.after_working_days(start, PUBLICITY_WORKING_DAYS),
    }
}

/// First day on which the contract may be drafted.
pub fn contract_from(award: &AwardRow) -> Option<NaiveDate> {
    award.standstill_ends.and_then(|last| last.checked_add_days(Days::new(1)))
}

/// Refuses with `standstill_runs` up to the last day of the publicity.
pub fn require_standstill_over(award: &AwardRow, today: NaiveDate) -> Result<()> {
    match (award.standstill_ends, contract_from(award)) {
        (Some(last), Some(from)) if today <= last => Err(STANDSTILL
            .because(words!("公示至 {last}，{from} 起可起草合同", "public until {last}; the contract may be drafted from {from}"))),
        _ => Ok(()),
    }
}

/// What a lot becomes when its award ends: ranked bids wait for the next decision, a lot without bids is where it began.
pub const fn lot_after(origin: AwardOrigin) -> LotState {
    match origin {
        AwardOrigin::Ranked => LotState::Evaluating,
        AwardOrigin::Direct | AwardOrigin::Imported => LotState::Open,
    }
}

/// Whether a lot may be run again: it failed, or its last award ended and no other stands.
pub fn require_rerunnable(lot: LotState, awards: &[AwardRow]) -> Result<()> {
    let failed = matches!(lot, LotState::Failed | LotState::FailedUnopened);
    let ended = awards.last().is_some_and(|award| matches!(award.state, AwardState::Declined | AwardState::Overturned));
    if failed || (ended && matches!(lot, LotState::Evaluating | LotState::Open)) { Ok(()) } else { Err(NOT_TO_BE_RERUN.error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::LotId;
    use uuid::Uuid;

    fn bid(number: u128) -> BidId {
        BidId::new(Uuid::from_u128(number))
    }

    fn ranking(places: &[(u128, i32)]) -> Vec<RankingRow> {
        let lot_id = LotId::new(Uuid::nil());
        places.iter().map(|(number, place)| RankingRow { lot_id, bid_id: bid(*number), place: *place, points_bp: 0 }).collect()
    }

    #[test]
    fn the_best_is_awarded_and_a_tie_needs_its_drawing() {
        assert_eq!(winner(&ranking(&[(7, 1), (8, 2)]), &[], None, &[]).unwrap().bid_id, bid(7));
        let tied = ranking(&[(7, 1), (8, 1), (9, 3)]);
        assert_eq!(winner(&tied, &[], None, &[]).unwrap_err().code(), "first_place_tied");
        let drawn = |number| Drawing { bid: bid(number), record: "2026-03-13 10:00 抽签，抽中一号球。".to_owned() };
        assert_eq!(winner(&tied, &[], Some(&drawn(8)), &[]).unwrap().bid_id, bid(8));
        assert_eq!(winner(&tied, &[], Some(&drawn(9)), &[]).unwrap_err().code(), "invalid");
        assert_eq!(winner(&[], &[], None, &[]).unwrap_err().code(), "not_ranked");
        // A draw decides without words, and no drawing by hand beside it.
        assert_eq!(winner(&tied, &[], None, &[bid(8), bid(7)]).unwrap().bid_id, bid(8));
        assert_eq!(winner(&tied, &[], Some(&drawn(7)), &[bid(8), bid(7)]).unwrap_err().code(), "invalid");
    }

    #[test]
    fn the_publicity_lasts_three_working_days_unless_a_rule_says_otherwise() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calendar = WorkCalendar::new([(day("2026-01-01"), crate::law::DayKind::Off)]);
        assert_eq!(publicity_ends(None, day("2026-03-13"), &calendar), Ok(day("2026-03-18")));
        assert_eq!(publicity_ends(Some(day("2026-03-20")), day("2026-03-13"), &calendar), Ok(day("2026-03-20")));
    }
}
