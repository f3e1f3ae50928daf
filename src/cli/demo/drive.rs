//! Drives the cases of the plan through the services that people use, each step by the person who does it, at its own instant.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{Buyer, Cast, Supplier};
use super::plan::{Case, Event, Plan, Step};
use super::stage::Stage;
use crate::kernel::id::{
    AccountId, AwardId, CatalogueItemId, ContractId, FundId, IndicatorId, LotId, MilestoneId, OutcomeReportId, PaymentId, ProjectId,
    TenderId,
};
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::money::funds::model::{AppropriationKind, NewAppropriation, NewFund};
use crate::money::funds::{self, Custodian, Stream};
use crate::trust::sealing::SealingKey;

/// What a case has brought about so far.
#[derive(Default, Clone)]
pub struct Made {
    pub tender: Option<TenderId>,
    pub lot: Option<LotId>,
    pub award: Option<AwardId>,
    pub contract: Option<ContractId>,
    pub milestones: Vec<MilestoneId>,
    pub payments: BTreeMap<usize, PaymentId>,
    pub project: Option<ProjectId>,
    pub indicator: Option<IndicatorId>,
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

    /// A name for what is bought.
    pub fn subject(&self) -> &'static str {
        const SUBJECTS: [&str; 8] = [
            "独居老人探访",
            "困境儿童陪伴",
            "残疾人居家康复",
            "社区助餐",
            "社会救助对象帮扶",
            "失能老人照护",
            "青少年课后托管",
            "退役军人关爱",
        ];
        SUBJECTS.iter().cycle().nth(self.case.number).copied().unwrap_or("社区服务")
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

type Pot = (usize, Stream, i32);

/// Plays the whole plan.
pub async fn play(stage: &Stage, cast: &Cast, key: &SealingKey, plan: &Plan) -> Result<()> {
    let funds = endow(stage, cast, plan).await?;
    let mut made: BTreeMap<usize, Made> = BTreeMap::new();
    let mut numbers: BTreeMap<i32, i32> = BTreeMap::new();
    for Event { at, case, step } in &plan.events {
        let case = plan.cases.get(*case).ok_or_else(|| missing("a case"))?;
        let buyer = cast.buyers.get(case.unit).copied().ok_or_else(|| missing("a unit"))?;
        let scene = Scene { stage, cast, key, case, buyer, at: *at };
        stage.at(*at);
        let made = made.entry(case.number).or_default();
        let told = |e: Error| Error::internal(format!("the demo's case {} at {step:?}: {e}", case.number));
        match step {
            Step::Draft => {
                let fund = *funds.get(&(case.unit, case.stream, case.year)).ok_or_else(|| missing("a fund"))?;
                super::buying::draft(&scene, made, fund).await.map_err(told)?;
            }
            Step::Select => {
                let number = numbers.entry(case.year).or_insert(0);
                *number = number.saturating_add(1);
                super::results::select(&scene, made, *number).await.map_err(told)?;
            }
            step => perform(&scene, made, *step).await.map_err(told)?,
        }
    }
    Ok(())
}

async fn perform(scene: &Scene<'_>, made: &mut Made, step: Step) -> Result<()> {
    match step {
        Step::Draft | Step::Select => Ok(()),
        Step::Submit | Step::SendBack | Step::Approve | Step::Cancel | Step::Publish => super::buying::tender(scene, made, step).await,
        Step::Bid(place) => super::buying::bid(scene, made, place).await,
        Step::Open => super::buying::open(scene, made).await,
        Step::Review | Step::Appoint(_) | Step::Score(_) | Step::Rank => super::judging::evaluate(scene, made, step).await,
        Step::Fail | Step::Propose | Step::DirectAward | Step::Confirm | Step::Decline | Step::Challenge => {
            super::judging::award(scene, made, step).await
        }
        Step::Contract => super::delivering::contract(scene, made).await,
        Step::Countersign | Step::SignOrganisation | Step::SignPurchaser => super::delivering::sign(scene, made, step).await,
        Step::Suspend | Step::Terminate => super::delivering::halt(scene, made, step).await,
        Step::Deliver(part) | Step::Reject(part) | Step::Accept(part) => super::delivering::milestone(scene, made, step, part).await,
        Step::Claim(part) => super::delivering::claim(scene, made, part).await,
        Step::Check(part)
        | Step::Agree(part)
        | Step::Release(part)
        | Step::Instruct(part)
        | Step::Receipt(part)
        | Step::Bounce(part)
        | Step::GiveBack(part) => super::delivering::payment(scene, made, step, part).await,
        Step::Project => super::results::propose(scene, made).await,
        Step::Link => super::results::link(scene, made).await,
        Step::Honour | Step::Drop => super::results::end(scene, made, step).await,
        Step::Report | Step::ReturnReport | Step::Verify => super::results::report(scene, made, step).await,
    }
}

/// Every fund that the plan draws on, and the four of each unit in the current year, with its first appropriation.
async fn endow(stage: &Stage, cast: &Cast, plan: &Plan) -> Result<BTreeMap<Pot, FundId>> {
    let pots: BTreeSet<(i32, usize, &'static str)> = plan.cases.iter().map(|case| (case.year, case.unit, case.stream.as_str())).collect();
    let mut funds = BTreeMap::new();
    for (number, (year, unit, name)) in (1_usize..).zip(pots) {
        let buyer = cast.buyers.get(unit).copied().ok_or_else(|| missing("a unit"))?;
        let stream = Stream::ALL.iter().copied().find(|stream| stream.as_str() == name).ok_or_else(|| missing("a stream"))?;
        stage.at(UtcInstant::parse(&format!("{year}-01-05T01:00:00Z")).map_err(|e| Error::internal(e.to_string()))?);
        funds.insert((unit, stream, year), fund(stage, cast.finance, buyer, stream, year, number).await?);
    }
    Ok(funds)
}

async fn fund(stage: &Stage, by: AccountId, buyer: Buyer, stream: Stream, year: i32, number: usize) -> Result<FundId> {
    let (name, custodian, amount) = match stream {
        Stream::Fiscal => ("购买服务专项", Custodian::Treasury, 800_000_000),
        Stream::Lottery => ("福彩公益金项目", Custodian::Treasury, 150_000_000),
        Stream::SpecialFund => ("社会组织专项发展基金", Custodian::UnitAccount, 180_000_000),
        Stream::Social => ("社会捐赠", Custodian::CharityOrFoundation, 120_000_000),
    };
    // Lottery money stands in the budget of government funds (R082).
    let functional_class = if stream == Stream::Lottery { "2296002" } else { "2081006" };
    let unit = buyer.unit;
    stage
        .act(by, move |tx, actor| {
            let granted = funds::service::may_create(tx, actor, Some(unit))?;
            let new = NewFund { stream, year, name_zh: name.to_owned(), custodian };
            let fund = funds::service::create(tx, &granted, &new)?.id;
            let granted = funds::service::may(tx, actor, &funds::policy::APPROPRIATE, fund)?;
            let new = NewAppropriation {
                kind: AppropriationKind::Initial,
                document_number: format!("吴财预〔{year}〕{number}号"),
                amount: Fen::new(amount),
                functional_class: functional_class.to_owned(),
                economic_class: "30227".to_owned(),
                project_code: None,
                nature: None,
                to: None,
            };
            funds::service::appropriate(tx, &granted, &new)?;
            Ok(fund)
        })
        .await
}
