//! The ways that cases of the living district go: what happens after how many days, and how each ends. Pure.

/// What happens in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    PlanDraft,
    PlanSubmit,
    PlanSendBack,
    PlanApprove,
    PlanPublish,
    PlanCancel,
    Draft,
    Submit,
    SendBack,
    Approve,
    Cancel,
    Publish,
    /// The bidder at this place of the case bids.
    Bid(usize),
    /// It bids above the highest price.
    Overbid(usize),
    /// It puts another bid in the place of its first.
    Replace(usize),
    /// It takes its bid back.
    Withdraw(usize),
    Open,
    Review,
    Appoint(usize),
    /// The experts of an open tender's panel are drawn.
    Draw,
    Score(usize),
    Rank,
    Fail,
    Propose,
    DirectAward,
    Confirm,
    Decline,
    Challenge,
    WithdrawChallenge,
    RejectChallenge,
    AcceptChallenge,
    Complain,
    RefuseComplaint,
    AdmitComplaint,
    WithdrawComplaint,
    DismissComplaint,
    UpholdComplaint,
    Contract,
    Countersign,
    SignOrganisation,
    SignPurchaser,
    /// The contract is published and filed.
    File,
    Suspend,
    Terminate,
    AskMore,
    AskLess,
    Consent,
    AgreeChange,
    RefuseChange,
    Subcontract,
    AgreeSubcontract,
    RefuseSubcontract,
    Project,
    Select,
    Link,
    Hold,
    Dispute,
    Deliver(usize),
    Reject(usize),
    Accept(usize),
    /// A part of the first milestone is claimed before it is delivered; its payment has the number [`ADVANCE`].
    Advance,
    Claim(usize),
    Check(usize),
    Agree(usize),
    Release(usize),
    Instruct(usize),
    Receipt(usize),
    Bounce(usize),
    Correct(usize),
    Refund(usize),
    GiveBack(usize),
    Judge,
    Report,
    ReturnReport,
    Resubmit,
    Verify,
    AcceptReport,
    Honour,
    Drop,
}

/// The number of an advance among the payments of a case; the others have that of their milestone.
pub const ADVANCE: usize = 2;

/// How the supplier of a case is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Direct,
    Quotes,
    Selection,
    Consultation,
    OpenTender,
}

impl Route {
    /// Whether suppliers compete.
    pub const fn competes(self) -> bool {
        !matches!(self, Self::Direct)
    }

    /// How many evaluate.
    pub const fn evaluators(self) -> usize {
        if matches!(self, Self::OpenTender) { 5 } else { 2 }
    }

    /// Days from the award to the contract: below the statutory thresholds the result is public for some working days first.
    const fn award_days(self) -> u64 {
        if matches!(self, Self::Selection | Self::Quotes) { 17 } else { 9 }
    }

    /// Days from the draft of the tender to its deadline: twenty days at least for the bidders of an open tender, and no holiday in the way.
    pub const fn deadline_days(self) -> u64 {
        if matches!(self, Self::OpenTender) { 33 } else { 16 }
    }
}

/// Days from the draft of a plan to that of its tender: its intention is public for thirty of them.
pub const PLAN_DAYS: u64 = 35;

/// How a case ends: the last step of the usual way, what happens after it, each so many days after the step before, and how many days it has rested since.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    pub last: Step,
    pub then: &'static [(u64, Step)],
    pub rest: u64,
    /// The route, where it matters.
    pub route: Option<Route>,
    /// Whether the case begins with a plan.
    pub planned: bool,
    /// Whether a part is paid in advance.
    pub advance: bool,
}

const fn at(last: Step) -> Ending {
    Ending { last, then: &[], rest: 0, route: None, planned: false, advance: false }
}

const fn then(last: Step, then: &'static [(u64, Step)]) -> Ending {
    Ending { then, ..at(last) }
}

impl Ending {
    const fn by(self, route: Route) -> Self {
        Self { route: Some(route), ..self }
    }

    const fn planned(self) -> Self {
        Self { planned: true, ..self }
    }

    const fn advanced(self) -> Self {
        Self { advance: true, ..self }
    }

    const fn rested(self, rest: u64) -> Self {
        Self { rest, ..self }
    }
}

use Route::{Consultation, OpenTender, Quotes, Selection};
use Step::*;

/// Where the cases of this spring stand: each once.
pub static SPRING: &[Ending] = &[
    at(PlanDraft).planned(),
    at(PlanSubmit).planned(),
    then(PlanSubmit, &[(1, PlanSendBack)]).planned(),
    at(PlanApprove).planned(),
    at(PlanPublish).planned(),
    then(PlanPublish, &[(5, PlanCancel)]).planned(),
    at(Draft),
    at(Draft).by(Selection).planned(),
    at(Submit),
    then(Submit, &[(1, SendBack)]),
    at(Approve),
    then(Approve, &[(1, Cancel)]),
    at(Publish).by(Consultation),
    at(Bid(2)).by(Selection),
    at(Bid(2)).by(Consultation).rested(8),
    then(Bid(2), &[(1, Replace(1)), (1, Withdraw(2))]).by(Consultation),
    then(Bid(0), &[(0, Open)]).by(OpenTender),
    then(Bid(1), &[(1, Overbid(2)), (0, Open)]).by(Consultation),
    at(Open).by(OpenTender),
    at(Review).by(Consultation),
    at(Score(0)).by(Selection),
    then(Rank, &[(1, Fail)]).by(Consultation),
    at(Rank).by(Quotes),
    at(Rank).by(Selection),
    at(Propose).by(Consultation),
    at(Confirm).by(OpenTender),
    at(Confirm).by(Consultation),
    then(Confirm, &[(1, Challenge)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (2, WithdrawChallenge)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, AcceptChallenge)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain), (2, RefuseComplaint)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain), (2, AdmitComplaint)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain), (2, AdmitComplaint), (2, WithdrawComplaint)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain), (2, AdmitComplaint), (5, DismissComplaint)]).by(Consultation),
    then(Confirm, &[(1, Challenge), (3, RejectChallenge), (2, Complain), (2, AdmitComplaint), (5, UpholdComplaint)]).by(Consultation),
    then(Confirm, &[(1, Decline)]).by(Consultation),
    at(Contract),
    at(Countersign),
    at(SignOrganisation),
    at(SignPurchaser),
    then(File, &[(2, Suspend)]),
    then(File, &[(2, Terminate)]),
    then(File, &[(2, AskMore)]),
    then(File, &[(2, AskMore), (1, Consent), (1, AgreeChange)]).by(Consultation),
    then(File, &[(2, AskLess), (1, Consent), (1, AgreeChange)]).by(Consultation),
    then(File, &[(2, AskMore), (1, RefuseChange)]),
    then(File, &[(2, Subcontract)]).by(Consultation),
    then(File, &[(2, Subcontract), (1, AgreeSubcontract)]).by(Consultation),
    then(File, &[(2, Subcontract), (1, RefuseSubcontract)]).by(Consultation),
    at(Project),
    at(Select),
    then(Select, &[(1, Drop)]),
    at(Link),
    then(Link, &[(1, Hold)]),
    then(Link, &[(1, Hold), (1, Dispute)]),
    at(Advance).advanced().by(Selection),
    at(Deliver(0)),
    then(Deliver(0), &[(1, Reject(0))]),
    at(Accept(0)),
    at(Claim(0)),
    then(Claim(0), &[(1, GiveBack(0))]),
    at(Check(0)),
    at(Agree(0)),
    at(Release(0)),
    at(Instruct(0)),
    at(Receipt(0)),
    then(Receipt(0), &[(1, Bounce(0))]),
    then(Receipt(0), &[(1, Bounce(0)), (2, Correct(0)), (1, Receipt(0))]),
    then(Receipt(0), &[(1, Report)]),
];

/// How the cases of the years before ended, over and over.
pub static FORMER: &[Ending] = &[
    at(Honour).planned(),
    at(Honour).by(OpenTender).planned(),
    then(Verify, &[(4, AcceptReport), (6, Honour)]).by(Consultation),
    at(Honour).advanced(),
    at(Verify),
    at(Honour).by(Selection).planned().advanced(),
    then(Report, &[(3, ReturnReport)]),
    at(Honour),
    then(Verify, &[(4, AcceptReport)]).by(OpenTender),
    at(Honour).by(Quotes),
    then(Bid(0), &[(0, Open)]).by(OpenTender),
    at(Honour).planned(),
    then(Report, &[(3, ReturnReport), (4, Resubmit), (3, Verify), (9, Honour)]),
    at(Honour).by(Consultation),
    at(Judge),
    at(Honour).advanced(),
    then(Judge, &[(8, Refund(1))]),
    at(Honour).by(Selection),
    then(Approve, &[(1, Cancel)]).planned(),
];

/// The usual way of a case: days after its first.
fn way(ending: &Ending, route: Route) -> Vec<(u64, Step)> {
    let mut way = Vec::new();
    if ending.planned {
        way.extend([(0, PlanDraft), (1, PlanSubmit), (2, PlanApprove), (3, PlanPublish)]);
    }
    let begun = if ending.planned { PLAN_DAYS } else { 0 };
    let waits = if route.competes() { route.deadline_days().saturating_sub(16) } else { 0 };
    let early = |day: u64| day.saturating_add(begun);
    let late = |day: u64| day.saturating_add(begun).saturating_add(waits);
    way.extend([(early(0), Draft), (early(1), Submit), (early(2), Approve), (early(3), Publish)]);
    if route.competes() {
        way.extend([(early(8), Bid(0)), (early(9), Bid(1)), (early(10), Bid(2)), (late(17), Open)]);
        if route == OpenTender {
            way.push((late(18), Draw));
        } else {
            way.extend([(late(18), Appoint(0)), (late(18), Appoint(1))]);
        }
        way.push((late(18), Review));
        way.extend((0..route.evaluators()).map(|place| (late(19), Score(place))));
        way.extend([(late(19), Rank), (late(20), Propose), (late(21), Confirm)]);
    } else {
        way.extend([(early(4), DirectAward), (early(5), Confirm)]);
    }
    let signed = |day: u64| late(day).saturating_add(route.award_days()).saturating_sub(9);
    way.extend([
        (signed(30), Contract),
        (signed(31), Countersign),
        (signed(32), SignOrganisation),
        (signed(32), SignPurchaser),
        (signed(33), File),
    ]);
    if ending.advance {
        way.extend([(signed(33), Advance), (signed(33), Check(ADVANCE)), (signed(34), Agree(ADVANCE)), (signed(34), Release(ADVANCE))]);
        way.extend([(signed(35), Instruct(ADVANCE)), (signed(35), Receipt(ADVANCE))]);
    }
    way.extend([(signed(35), Project), (signed(35), Select), (signed(35), Link)]);
    for (part, day) in [(0, 36_u64), (1, 120)] {
        way.extend([
            (signed(day), Deliver(part)),
            (signed(day).saturating_add(1), Accept(part)),
            (signed(day).saturating_add(2), Claim(part)),
        ]);
        way.extend([(signed(day).saturating_add(2), Check(part)), (signed(day).saturating_add(3), Agree(part))]);
        way.extend([(signed(day).saturating_add(4), Release(part)), (signed(day).saturating_add(5), Instruct(part))]);
        way.push((signed(day).saturating_add(5), Receipt(part)));
    }
    way.extend([(signed(128), Judge), (signed(130), Report), (signed(135), Verify), (signed(150), Honour)]);
    way
}

/// Days from the first of a case to the deadline of its bids.
pub fn deadline_day(ending: &Ending, route: Route) -> u64 {
    route.deadline_days().saturating_add(if ending.planned { PLAN_DAYS } else { 0 })
}

/// The steps of a case that ends so: days after its first.
pub fn steps(ending: &Ending, route: Route) -> Vec<(u64, Step)> {
    let mut steps = Vec::new();
    for (day, step) in way(ending, route) {
        steps.push((day, step));
        if step == ending.last {
            break;
        }
    }
    for (days, step) in ending.then {
        let day = steps.last().map_or(0, |(day, _)| *day).saturating_add(*days);
        // An opening waits for the deadline, whoever came.
        let earliest = if *step == Open { deadline_day(ending, route).saturating_add(1) } else { 0 };
        steps.push((day.max(earliest), *step));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_reaches_its_end_in_the_order_of_its_days() {
        for ending in SPRING.iter().chain(FORMER) {
            for route in [Route::Direct, Quotes, Selection, Consultation, OpenTender] {
                if ending.route.is_some_and(|forced| forced != route) {
                    continue;
                }
                let steps = steps(ending, route);
                assert!(steps.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{ending:?} {steps:?}");
                let end = ending.then.last().map_or(ending.last, |(_, step)| *step);
                let competes_only = matches!(ending.last, Bid(_) | Open | Review | Score(_) | Rank | Propose);
                assert!(route == Route::Direct && competes_only || steps.last().unwrap().1 == end, "{ending:?} {route:?}");
            }
        }
    }
}
