//! The funds of the demo: what the cases of a year need, and a little more.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{Buyer, Cast};
use super::drive::missing;
use super::plan::Plan;
use super::stage::Stage;
use crate::kernel::id::{AccountId, FundId};
use crate::kernel::{Error, Fen, Result, UtcInstant};
use crate::money::funds::model::{AppropriationKind, NewAppropriation, NewFund};
use crate::money::funds::{self, Custodian, Stream};
use crate::money::year_ends;

/// A unit's money of a stream in a year.
pub type Pot = (usize, Stream, i32);

/// Ten thousand yuan, to which appropriations are rounded.
const ROUND: i64 = 1_000_000;

/// Ends the year before, and makes the funds of a year when its first case comes: those that the plan draws on, with their first appropriation.
pub async fn endow(stage: &Stage, cast: &Cast, plan: &Plan, year: i32, made: &mut BTreeMap<Pot, FundId>) -> Result<()> {
    if made.keys().any(|(_, _, of)| *of == year) {
        return Ok(());
    }
    let opens = UtcInstant::parse(&format!("{year}-01-05T01:00:00Z")).map_err(|e| Error::internal(e.to_string()))?;
    stage.at(opens);
    let before = year.saturating_sub(1);
    let ended: BTreeSet<usize> = made.keys().filter(|(_, _, of)| *of == before).map(|(unit, _, _)| *unit).collect();
    for unit in ended {
        end_year(stage, cast, unit, before).await?;
    }
    let mut needed: BTreeMap<(usize, Stream), i64> = BTreeMap::new();
    for case in plan.cases.iter().filter(|case| case.year == year) {
        for (stream, amount) in case.shares() {
            let sum = needed.entry((case.unit, stream)).or_insert(0);
            *sum = sum.saturating_add(amount.get());
        }
    }
    for (number, ((unit, stream), sum)) in (1_usize..).zip(needed) {
        let buyer = cast.buyers.get(unit).copied().ok_or_else(|| missing("a unit"))?;
        // A contract may grow by a tenth, and something is left over.
        let rounds = sum.saturating_mul(11).checked_div(10 * ROUND).unwrap_or(0).saturating_add(1);
        let amount = Fen::new(rounds.saturating_mul(ROUND));
        made.insert((unit, stream, year), fund(stage, cast.finance, buyer, (stream, year, number), amount).await?);
    }
    Ok(())
}

/// What a unit has left of a year goes back; another finance officer confirms it.
async fn end_year(stage: &Stage, cast: &Cast, unit: usize, year: i32) -> Result<()> {
    let buyer = cast.buyers.get(unit).copied().ok_or_else(|| missing("a unit"))?;
    let number = format!("吴财结〔{year}〕{}号", unit.saturating_add(1));
    let run = stage
        .act(cast.finance, move |tx, actor| {
            let granted = year_ends::service::may_preview(tx, actor, Some(buyer.unit))?;
            let run = year_ends::service::preview(tx, &granted, year, &number)?.0.id;
            let granted = year_ends::service::may(tx, actor, &year_ends::policy::EXECUTE, run)?;
            year_ends::service::execute(tx, &granted).map(|_| run)
        })
        .await?;
    stage
        .act(cast.second_finance, move |tx, actor| {
            let granted = year_ends::service::may(tx, actor, &year_ends::policy::CONFIRM, run)?;
            year_ends::service::confirm(tx, &granted).map(drop)
        })
        .await
}

async fn fund(stage: &Stage, by: AccountId, buyer: Buyer, (stream, year, number): (Stream, i32, usize), amount: Fen) -> Result<FundId> {
    let (name, custodian) = match stream {
        Stream::Fiscal => ("购买服务专项", Custodian::Treasury),
        Stream::Lottery => ("福彩公益金项目", Custodian::Treasury),
        Stream::SpecialFund => ("社会组织专项发展基金", Custodian::UnitAccount),
        Stream::Social => ("社会捐赠", Custodian::CharityOrFoundation),
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
                amount,
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
