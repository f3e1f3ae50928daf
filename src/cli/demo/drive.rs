//! Drives the cases of the plan through the services that people use, each step by the person who does it, at its own instant.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{Buyer, Cast, Supplier};
use super::endowing::{self, Pot};
use super::plan::{Case, Event, Plan};
use super::stage::Stage;
use super::ways::Step;
use super::{buying, changing, delivering, disputes, drawing, judging, paying, planning, results};
use crate::kernel::id::{
    AccountId, AwardId, CatalogueItemId, ChallengeId, ComplaintId, ContractId, FundId, IndicatorId, LotId, MilestoneId, OutcomeReportId,
    PaymentId, PlanId, ProjectId, ServiceSessionId, SocialWorkerId, SubcontractId, TenderId,
};
use crate::kernel::{Error, Result, UtcInstant};
use crate::money::funds::Stream;
use crate::trust::sealing::SealingKey;

/// What a case has brought about so far.
#[derive(Default, Clone)]
pub struct Made {
    pub plan: Option<PlanId>,
    pub tender: Option<TenderId>,
    pub lot: Option<LotId>,
    pub award: Option<AwardId>,
    pub challenge: Option<ChallengeId>,
    pub complaint: Option<ComplaintId>,
    pub contract: Option<ContractId>,
    pub subcontract: Option<SubcontractId>,
    pub milestones: Vec<MilestoneId>,
    pub payments: BTreeMap<usize, PaymentId>,
    pub project: Option<ProjectId>,
    pub indicators: Vec<IndicatorId>,
    pub worker: Option<SocialWorkerId>,
    pub session: Option<ServiceSessionId>,
    pub report: Option<OutcomeReportId>,
}

/// What a step has at hand.
pub struct Scene<'a> {
    pub stage: &'a Stage,
    pub cast: &'a Cast,
    pub key: &'a SealingKey,
    pub case: &'a Case,
    pub buyer: Buyer,
    pub at: UtcInstant,
    pub funds: &'a BTreeMap<Pot, FundId>,
}

impl Scene<'_> {
    /// The bidder at a place; the first wins.
    pub fn supplier(&self, place: usize) -> Result<Supplier> {
        let number = self.case.bidders.get(place).copied().unwrap_or(0);
        self.cast.suppliers.get(number).copied().ok_or_else(|| missing("a supplier"))
    }

    /// The account of the winner.
    pub fn winner(&self) -> Result<AccountId> {
        self.supplier(0).map(|supplier| supplier.account)
    }

    /// What is bought.
    pub fn item(&self) -> Result<CatalogueItemId> {
        self.cast.items.iter().cycle().nth(self.case.item).copied().ok_or_else(|| missing("a catalogue item"))
    }

    /// The unit's fund of a stream in the year of the case.
    pub fn fund(&self, stream: Stream) -> Result<FundId> {
        self.funds.get(&(self.case.unit, stream, self.case.year)).copied().ok_or_else(|| missing("a fund"))
    }

    /// One of some words, by the number of the case.
    pub fn pick(&self, words: &[&'static str]) -> &'static str {
        words.iter().cycle().nth(self.case.number).copied().unwrap_or_default()
    }

    /// A name for what is bought.
    pub fn subject(&self) -> &'static str {
        self.pick(&[
            "独居老人探访",
            "困境儿童陪伴",
            "残疾人居家康复",
            "社区助餐",
            "社会救助对象帮扶",
            "失能老人照护",
            "青少年课后托管",
            "退役军人关爱",
        ])
    }

    /// The title of the purchase.
    pub fn title(&self) -> String {
        format!("{}服务（{}年第{}号）", self.subject(), self.case.year, self.case.number.saturating_add(1))
    }

    /// What is needed.
    pub fn need(&self) -> String {
        format!("为辖区居民提供{}服务，按月报送台账，接受街道与居民评议。", self.subject())
    }
}

/// What should be there by the order of the plan.
pub fn missing(what: &str) -> Error {
    Error::internal(format!("the demo's plan needs {what} that is not there"))
}

/// What a step needs and an earlier one made.
pub fn need<T: Copy>(made: Option<T>, what: &str) -> Result<T> {
    made.ok_or_else(|| missing(what))
}

/// Plays the whole plan. A case that cannot go on is left where it is and told at the end with the others, so that one look at a plan shows all that is wrong with it.
pub async fn play(stage: &Stage, cast: &Cast, key: &SealingKey, plan: &Plan) -> Result<()> {
    let mut funds = BTreeMap::new();
    let mut made: BTreeMap<usize, Made> = BTreeMap::new();
    let mut numbers: BTreeMap<i32, i32> = BTreeMap::new();
    let (mut stuck, mut faults) = (BTreeSet::new(), Vec::new());
    for Event { at, case, step } in &plan.events {
        let case = plan.cases.get(*case).ok_or_else(|| missing("a case"))?;
        if stuck.contains(&case.number) {
            continue;
        }
        let buyer = cast.buyers.get(case.unit).copied().ok_or_else(|| missing("a unit"))?;
        endowing::endow(stage, cast, plan, case.year, &mut funds).await?;
        let scene = Scene { stage, cast, key, case, buyer, at: *at, funds: &funds };
        stage.at(*at);
        let made = made.entry(case.number).or_default();
        let done = if *step == Step::Select {
            let number = numbers.entry(case.year).or_insert(0);
            *number = number.saturating_add(1);
            results::select(&scene, made, *number).await
        } else {
            perform(&scene, made, *step).await
        };
        if let Err(fault) = done {
            stuck.insert(case.number);
            faults.push(format!("case {} ({:?}) at {step:?}: {fault}", case.number, case.route));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::internal(format!("the demo's cases that cannot go on: {}", faults.join("; ")))) }
}

async fn perform(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    use Step::*;
    match step {
        PlanDraft => planning::draft(scene, made).await,
        PlanSubmit | PlanSendBack | PlanApprove | PlanPublish | PlanCancel => planning::advance(scene, made, step).await,
        Draft => buying::draft(scene, made).await,
        Submit | SendBack | Approve | Cancel | Publish => buying::tender(scene, made, step).await,
        Bid(place) | Overbid(place) | Replace(place) => buying::bid(scene, made, step, place).await,
        Withdraw(place) => buying::withdraw(scene, made, place).await,
        Open => buying::open(scene, made).await,
        Draw => drawing::draw(scene, made).await,
        Review | Appoint(_) | Score(_) | Rank => judging::evaluate(scene, made, step).await,
        Fail | Propose | DirectAward | Confirm | Decline => judging::award(scene, made, step).await,
        Challenge | WithdrawChallenge | RejectChallenge | AcceptChallenge => disputes::challenge(scene, made, step).await,
        Complain | RefuseComplaint | AdmitComplaint | WithdrawComplaint | DismissComplaint | UpholdComplaint => {
            disputes::complaint(scene, made, step).await
        }
        Contract => delivering::contract(scene, made).await,
        Countersign | SignOrganisation | SignPurchaser => delivering::sign(scene, made, step).await,
        File => delivering::file(scene, made).await,
        Judge => delivering::judge(scene, made).await,
        Suspend => changing::suspend(scene, made).await,
        Terminate | AskMore | AskLess | Consent | AgreeChange | RefuseChange => changing::change(scene, made, step).await,
        Subcontract | AgreeSubcontract | RefuseSubcontract => changing::subcontract(scene, made, step).await,
        Deliver(part) | Reject(part) | Accept(part) => delivering::milestone(scene, made, step, part).await,
        Advance => paying::advance(scene, made).await,
        Claim(part) => paying::claim(scene, made, part).await,
        Check(part) | Agree(part) | Release(part) | Instruct(part) | Receipt(part) | Bounce(part) | Correct(part) | Refund(part)
        | GiveBack(part) => paying::payment(scene, made, step, part).await,
        Project => results::propose(scene, made).await,
        Link => results::link(scene, made).await,
        Hold => results::hold(scene, made).await,
        Dispute => results::dispute(scene, made).await,
        Honour | Drop => results::end(scene, made, step).await,
        Report | ReturnReport | Resubmit | Verify | AcceptReport => results::report(scene, made, step).await,
        Select => Ok(()),
    }
}
