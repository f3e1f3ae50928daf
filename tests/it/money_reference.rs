//! The ledger against a reference model: random operations of every kind, sequential and concurrent, on both databases give what plain
//! arithmetic gives: the same answer to each, the same legs, the same balances. The model below knows nothing of holds, postings or SQL.

use std::collections::BTreeMap;

use baiyi::db::{Facts, Tx};
use baiyi::kernel::id::{AccountId, FundId, TenantId, UnitId};
use baiyi::kernel::{Error, Fen, Result};
use baiyi::money::funding::{self, LineState, NewLine, Owner};
use baiyi::money::funds::model::{AppropriationKind, NewAppropriation};
use baiyi::money::funds::{self, Purpose, Stream};
use baiyi::money::ledger::{self, Cause, Slip};
use baiyi::people::actor;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::money::officer;
use crate::support::chain::run_sql;
use crate::support::{Backend, TestApp, run};

/// Operations in all, four fifths one after the other and the rest of many writers at once. `BAIYI_TEST_OPERATIONS` names another number: CI and
/// whoever touches the ledger run 200 000, a plain `cargo test` a quarter of it.
fn operations() -> u32 {
    std::env::var("BAIYI_TEST_OPERATIONS").map_or(50_000, |number| number.parse().expect("BAIYI_TEST_OPERATIONS is a number"))
}

fn sequential() -> u32 {
    operations() / 5 * 4
}

/// How many operations of the sequential part share a transaction, and how many of a writer.
const BATCH: u32 = 400;
const SMALL_BATCH: u32 = 5;
const WRITERS: u64 = 8;
/// Separate sets of funds and owners: what happens in one is in one order, that of its clock.
const CELLS: usize = 12;

/// One random operation; owners and funds are named by number, whether they are there or not.
#[derive(Debug, Clone, Copy)]
enum Op {
    Appropriate(usize, i64),
    Reduce(usize, i64),
    Transfer(usize, usize, i64),
    Reserve(u32, [(usize, i64); 2], i64),
    Release(u32),
    Commit(u32, i64),
    Fulfil(u32),
    Accept(u32, i64),
    Advance(u32, i64),
    Pay(u32, i64),
    Bounce(u32, i64),
    BounceAdvance(u32, i64),
    Refund(u32, i64),
    Resource(u32, usize),
    Carry(u32),
    GiveBack(usize, i64),
    Restore(usize, i64),
}

/// What an operation answered: a refusal's code, or the amounts by the line's position.
type Answer = std::result::Result<Vec<(i32, i64)>, &'static str>;

// ---------------------------------------------------------------------------------------------------------------- the dice

/// A small generator with a fixed seed (splitmix64), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn fen(&mut self, most: u64) -> i64 {
        i64::try_from(self.roll(most)).unwrap() + 1
    }

    fn fund(&mut self) -> usize {
        usize::try_from(self.roll(4)).unwrap()
    }

    /// `age` operations were rolled in the cell before; new owners come up as it grows.
    fn op(&mut self, age: u32) -> Op {
        // The newest owners are the busiest, and one in the future is not there yet.
        let newest = u64::from(age / 25 + 4);
        let owner = u32::try_from(newest.saturating_sub(self.roll(10))).unwrap();
        match self.roll(100) {
            0..=4 => Op::Appropriate(self.fund(), self.fen(2_000)),
            5 => Op::Reduce(self.fund(), self.fen(900)),
            6 => Op::Transfer(0, 2, self.fen(300)),
            7..=18 => {
                let second = if self.roll(2) == 0 { self.fen(400) } else { 0 };
                let future = if self.roll(4) == 0 { self.fen(200) } else { 0 };
                let first = self.fund();
                Op::Reserve(owner, [(first, self.fen(400)), ((first + 1) % 4, second)], future)
            }
            19..=21 => Op::Release(owner),
            22..=33 => Op::Commit(owner, self.fen(700)),
            34..=36 => Op::Fulfil(owner),
            37..=54 => Op::Accept(owner, self.fen(250)),
            55..=62 => Op::Advance(owner, self.fen(90)),
            63..=82 => Op::Pay(owner, self.fen(200)),
            83..=86 => Op::Bounce(owner, self.fen(60)),
            87..=88 => Op::BounceAdvance(owner, self.fen(60)),
            89..=92 => Op::Refund(owner, self.fen(60)),
            93..=94 => Op::Resource(owner, self.fund()),
            95..=96 => Op::Carry(owner),
            97..=98 => Op::GiveBack(self.fund(), self.fen(40)),
            _ => Op::Restore(self.fund(), self.fen(40)),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------- the model

/// The funds of a cell: fiscal 2026, lottery 2026, fiscal 2026 with a monthly ceiling, fiscal 2025, fiscal 2027.
const STREAMS: [(&str, i32); 5] = [("fiscal", 2026), ("lottery", 2026), ("fiscal", 2026), ("fiscal", 2025), ("fiscal", 2027)];
const NEXT_YEAR: usize = 4;
const CAPPED: usize = 2;
const CEILING: i64 = 60_000;
const FIRST_MONEY: i64 = 20_000;

#[derive(Debug, Clone, Default)]
struct Purse {
    authority: i64,
    free: i64,
    returned: i64,
    paid_out: i64,
    /// What each reduction still waits for.
    waiting: Vec<i64>,
}

impl Purse {
    fn gain(&mut self, fen: i64) {
        self.free += fen;
        self.settle();
    }

    fn settle(&mut self) {
        for waiting in &mut self.waiting {
            let taken = self.free.min(*waiting);
            *waiting -= taken;
            self.free -= taken;
            self.authority -= taken;
        }
        self.waiting.retain(|waiting| *waiting > 0);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Reserved,
    Planned,
    Bound,
    Future,
    Gone,
}

#[derive(Debug, Clone)]
struct Line {
    position: i32,
    fund: usize,
    standing: Standing,
    whole: i64,
    bound: i64,
    payable: i64,
    advanced: i64,
    paid: i64,
    /// Whether anything ever left `bound` for good.
    drawn: i64,
}

impl Line {
    fn new(position: i32, fund: usize, standing: Standing, whole: i64) -> Self {
        Self { position, fund, standing, whole, bound: 0, payable: 0, advanced: 0, paid: 0, drawn: 0 }
    }

    fn bound(position: i32, fund: usize, whole: i64) -> Self {
        Self { bound: whole, ..Self::new(position, fund, Standing::Bound, whole) }
    }
}

#[derive(Debug, Clone, Default)]
struct Model {
    purses: Vec<Purse>,
    lots: BTreeMap<u32, Vec<Line>>,
    contracts: BTreeMap<u32, Vec<Line>>,
}

/// The largest remainder, written for people: everybody gets the whole part, then the biggest fraction one more, the first of equals first.
fn share(amount: i64, room: &[i64]) -> std::result::Result<Vec<i64>, &'static str> {
    let total: i64 = room.iter().sum();
    if amount > total {
        return Err("funding_exceeded");
    }
    let mut parts: Vec<i64> = room.iter().map(|one| amount * one / total).collect();
    let mut rests: Vec<i64> = room.iter().map(|one| amount * one % total).collect();
    while parts.iter().sum::<i64>() < amount {
        let best = (0..rests.len()).rev().max_by_key(|place| rests[*place]).unwrap();
        parts[best] += 1;
        rests[best] = -1;
    }
    Ok(parts)
}

impl Model {
    fn new() -> Self {
        let purse = Purse { authority: FIRST_MONEY, free: FIRST_MONEY, ..Purse::default() };
        Self { purses: vec![purse; STREAMS.len()], ..Self::default() }
    }

    /// What must be answered; a refusal changes nothing.
    fn expect(&mut self, op: Op) -> Answer {
        let owner = match op {
            Op::Reserve(n, ..) | Op::Release(n) | Op::Commit(n, _) | Op::Fulfil(n) | Op::Accept(n, _) | Op::Advance(n, _) => Some(n),
            Op::Pay(n, _) | Op::Bounce(n, _) | Op::BounceAdvance(n, _) | Op::Refund(n, _) | Op::Resource(n, _) | Op::Carry(n) => Some(n),
            _ => None,
        };
        let kept =
            (self.purses.clone(), owner.and_then(|n| self.lots.get(&n).cloned()), owner.and_then(|n| self.contracts.get(&n).cloned()));
        let answer = self.take(op);
        if let (Err(_), Some(n)) = (&answer, owner) {
            self.lots.insert(n, kept.1.unwrap_or_default());
            self.contracts.insert(n, kept.2.unwrap_or_default());
        }
        if answer.is_err() {
            self.purses = kept.0;
        }
        answer
    }

    fn take(&mut self, op: Op) -> Answer {
        match op {
            Op::Appropriate(fund, fen) => {
                self.purses[fund].authority += fen;
                self.purses[fund].gain(fen);
                Ok(vec![])
            }
            Op::Reduce(fund, fen) => {
                let purse = &mut self.purses[fund];
                if fen > purse.authority - purse.waiting.iter().sum::<i64>() {
                    return Err("reduction_too_large");
                }
                purse.waiting.push(fen);
                purse.settle();
                Ok(vec![])
            }
            Op::Transfer(from, to, fen) => {
                self.spend(from, fen)?;
                self.purses[from].authority -= fen;
                self.purses[to].authority += fen;
                self.purses[to].gain(fen);
                Ok(vec![])
            }
            Op::Reserve(owner, lines, future) => self.reserve(owner, lines, future),
            Op::Release(owner) => {
                for line in self.lots.entry(owner).or_default() {
                    if line.standing == Standing::Reserved {
                        self.purses[line.fund].gain(line.whole);
                    }
                    line.standing = Standing::Gone;
                }
                Ok(vec![])
            }
            Op::Commit(owner, price) => self.commit(owner, price),
            Op::Fulfil(owner) => {
                let lines = self.contracts.entry(owner).or_default();
                let Some(place) = lines.iter().position(|line| line.standing == Standing::Future) else { return Ok(vec![]) };
                let (position, whole) = (lines[place].position, lines[place].whole);
                lines[place] = Line::bound(position, NEXT_YEAR, whole);
                self.hold(NEXT_YEAR, whole)?;
                Ok(vec![])
            }
            Op::Accept(owner, fen) => self.spread(
                owner,
                fen,
                |line| line.bound + line.advanced,
                |line, part| {
                    let cleared = part.min(line.advanced);
                    line.advanced -= cleared;
                    line.paid += cleared;
                    line.bound -= part - cleared;
                    line.drawn += part - cleared;
                    line.payable += part - cleared;
                },
            ),
            Op::Advance(owner, fen) => {
                let legs = self.spread(
                    owner,
                    fen,
                    |line| line.bound,
                    |line, part| {
                        line.bound -= part;
                        line.drawn += part;
                        line.advanced += part;
                    },
                )?;
                self.cash(owner, &legs)?;
                Ok(legs)
            }
            Op::Pay(owner, fen) => {
                let legs = self.spread(
                    owner,
                    fen,
                    |line| line.payable,
                    |line, part| {
                        line.payable -= part;
                        line.paid += part;
                    },
                )?;
                self.cash(owner, &legs)?;
                Ok(legs)
            }
            Op::Bounce(owner, fen) => {
                let legs = self.spread(
                    owner,
                    fen,
                    |line| line.paid,
                    |line, part| {
                        line.paid -= part;
                        line.payable += part;
                    },
                )?;
                self.uncash(owner, &legs);
                Ok(legs)
            }
            Op::BounceAdvance(owner, fen) => {
                let legs = self.spread(
                    owner,
                    fen,
                    |line| line.advanced,
                    |line, part| {
                        line.advanced -= part;
                        line.drawn -= part;
                        line.bound += part;
                    },
                )?;
                self.uncash(owner, &legs);
                Ok(legs)
            }
            Op::Refund(owner, fen) => {
                let legs = self.spread(owner, fen, |line| line.paid, |line, part| line.paid -= part)?;
                for (position, part) in &legs {
                    let fund = self.fund_of(owner, *position);
                    if STREAMS[fund].1 >= 2026 {
                        self.purses[fund].gain(*part);
                    } else {
                        self.purses[fund].returned += part;
                    }
                }
                Ok(legs)
            }
            Op::Resource(owner, to) => {
                let Some((from, moved)) = self.leave(owner) else { return Ok(vec![]) };
                if STREAMS[to].1 < 2026 {
                    return Err("fund_restricted");
                }
                if moved == 0 {
                    return Err("funding_exceeded");
                }
                self.purses[from].gain(moved);
                self.hold(to, moved)?;
                self.arrive(owner, to, moved)
            }
            Op::Carry(owner) => {
                let Some((from, moved)) = self.leave(owner) else { return Ok(vec![]) };
                if STREAMS[from].0 != STREAMS[NEXT_YEAR].0 {
                    return Err("internal");
                }
                if from == NEXT_YEAR {
                    return Err("document_number_taken");
                }
                if moved == 0 {
                    return Err("hold_exceeded");
                }
                self.purses[from].authority -= moved;
                self.purses[NEXT_YEAR].authority += moved;
                self.arrive(owner, NEXT_YEAR, moved)
            }
            Op::GiveBack(fund, fen) => {
                self.spend(fund, fen)?;
                self.purses[fund].returned += fen;
                Ok(vec![])
            }
            Op::Restore(fund, fen) if fen > self.purses[fund].returned => Err("internal"),
            Op::Restore(fund, fen) => {
                self.purses[fund].returned -= fen;
                self.purses[fund].gain(fen);
                Ok(vec![])
            }
        }
    }

    fn spend(&mut self, fund: usize, fen: i64) -> std::result::Result<(), &'static str> {
        if fen > self.purses[fund].free {
            return Err("insufficient_funds");
        }
        self.purses[fund].free -= fen;
        Ok(())
    }

    fn hold(&mut self, fund: usize, fen: i64) -> std::result::Result<(), &'static str> {
        if self.purses[fund].waiting.is_empty() { self.spend(fund, fen) } else { Err("reduction_pending") }
    }

    fn reserve(&mut self, owner: u32, lines: [(usize, i64); 2], future: i64) -> Answer {
        let had = self.lots.entry(owner).or_default().clone();
        let contracted = self.contracts.get(&owner).is_some_and(|lines| !lines.is_empty());
        if contracted || had.iter().any(|line| line.standing == Standing::Reserved) {
            return Err("wrong_state");
        }
        let mut position = had.iter().map(|line| line.position).max().unwrap_or(0);
        let mut made = Vec::new();
        for (fund, fen) in lines.into_iter().filter(|(_, fen)| *fen > 0) {
            self.hold(fund, fen)?;
            position += 1;
            made.push(Line::new(position, fund, Standing::Reserved, fen));
        }
        if future > 0 {
            made.push(Line::new(position + 1, NEXT_YEAR, Standing::Planned, future));
        }
        self.lots.entry(owner).or_default().extend(made);
        Ok(vec![])
    }

    fn commit(&mut self, owner: u32, price: i64) -> Answer {
        let lot = self.lots.entry(owner).or_default();
        let live = |line: &&mut Line| matches!(line.standing, Standing::Reserved | Standing::Planned);
        let room: Vec<i64> = lot.iter_mut().filter(live).map(|line| line.whole).collect();
        let parts = share(price, &room)?;
        let mut position = 0;
        let contract = self.contracts.entry(owner).or_default();
        let mut legs = Vec::new();
        for (line, part) in lot.iter_mut().filter(live).zip(parts) {
            if part > 0 {
                position += 1;
                legs.push((position, part));
                contract.push(if line.standing == Standing::Reserved {
                    Line::bound(position, line.fund, part)
                } else {
                    Line::new(position, NEXT_YEAR, Standing::Future, part)
                });
            }
            if line.standing == Standing::Reserved {
                self.purses[line.fund].gain(line.whole - part);
            }
            line.standing = Standing::Gone;
        }
        Ok(legs)
    }

    fn spread(&mut self, owner: u32, fen: i64, room: fn(&Line) -> i64, take: fn(&mut Line, i64)) -> Answer {
        let lines = self.contracts.entry(owner).or_default();
        let mut bound: Vec<&mut Line> = lines.iter_mut().filter(|line| line.standing == Standing::Bound).collect();
        let rooms: Vec<i64> = bound.iter().map(|line| room(line)).collect();
        let parts = share(fen, &rooms)?;
        let mut legs = Vec::new();
        for (line, part) in bound.iter_mut().zip(parts).filter(|(_, part)| *part > 0) {
            take(line, part);
            legs.push((line.position, part));
        }
        Ok(legs)
    }

    fn fund_of(&self, owner: u32, position: i32) -> usize {
        self.contracts[&owner].iter().find(|line| line.position == position && line.standing == Standing::Bound).unwrap().fund
    }

    fn cash(&mut self, owner: u32, legs: &[(i32, i64)]) -> std::result::Result<(), &'static str> {
        for (position, part) in legs {
            let fund = self.fund_of(owner, *position);
            if fund == CAPPED && self.purses[fund].paid_out + part > CEILING {
                return Err("monthly_ceiling");
            }
            self.purses[fund].paid_out += part;
        }
        Ok(())
    }

    fn uncash(&mut self, owner: u32, legs: &[(i32, i64)]) {
        for (position, part) in legs {
            let fund = self.fund_of(owner, *position);
            self.purses[fund].paid_out -= part;
        }
    }

    /// The first bound line gives up what it has left.
    fn leave(&mut self, owner: u32) -> Option<(usize, i64)> {
        let lines = self.contracts.entry(owner).or_default();
        let line = lines.iter_mut().find(|line| line.standing == Standing::Bound)?;
        let moved = std::mem::take(&mut line.bound);
        if line.drawn == 0 {
            line.standing = Standing::Gone;
        }
        Some((line.fund, moved))
    }

    fn arrive(&mut self, owner: u32, fund: usize, moved: i64) -> Answer {
        let lines = self.contracts.entry(owner).or_default();
        let position = lines.iter().map(|line| line.position).max().unwrap_or(0) + 1;
        lines.push(Line::bound(position, fund, moved));
        Ok(vec![(position, moved)])
    }

    /// Authority, free, reserved, committed, payable, advanced, paid, returned of a fund.
    fn balances(&self, fund: usize) -> [i64; 8] {
        let purse = &self.purses[fund];
        let held = self.lots.values().flatten().filter(|line| line.fund == fund && line.standing == Standing::Reserved);
        let mut found = [purse.authority, purse.free, held.map(|line| line.whole).sum(), 0, 0, 0, 0, purse.returned];
        // A line that moved away keeps nothing but what it paid.
        for line in self.contracts.values().flatten().filter(|line| line.fund == fund && line.standing != Standing::Future) {
            for (place, fen) in [(3, line.bound), (4, line.payable), (5, line.advanced), (6, line.paid)] {
                found[place] += fen;
            }
        }
        found
    }
}

// ---------------------------------------------------------------------------------------------------------------- the real one

#[derive(Clone)]
struct Cell {
    number: u128,
    by: AccountId,
    tenant: TenantId,
    unit: UnitId,
    funds: Vec<FundId>,
}

impl Cell {
    fn cause(&self, kind: &'static str, number: u32) -> Cause<'static> {
        Cause { kind, id: Uuid::from_u128((self.number << 64) | (u128::from(number) << 8) | 7).into() }
    }

    fn owner(&self, kind: &'static str, number: u32) -> Owner<'static> {
        let case = Uuid::from_u128((self.number << 64) | u128::from(number)).into();
        Owner { tenant: self.tenant, unit: self.unit, case, cause: self.cause(kind, number) }
    }

    fn enter(&self, tx: &mut Tx<'_>, fund: usize, kind: AppropriationKind, fen: i64, op: u32, to: Option<usize>) -> Result<()> {
        let person = actor::of_account(tx, self.by)?;
        let granted = funds::service::may(tx, &person, &funds::policy::APPROPRIATE, self.funds[fund])?;
        let class = if STREAMS[fund].0 == "lottery" { "2296002" } else { "2081006" };
        let new = NewAppropriation {
            kind,
            document_number: format!("文{op}"),
            amount: Fen::new(fen),
            functional_class: class.into(),
            economic_class: "30227".into(),
            project_code: None,
            nature: None,
            to: to.map(|to| self.funds[to]),
        };
        funds::service::appropriate(tx, &granted, &new).map(drop)
    }

    /// The first committed line of a contract.
    fn first_bound(&self, tx: &mut Tx<'_>, owner: u32) -> Result<Option<funding::LineRow>> {
        let lines = funding::lines(tx, self.tenant, self.cause("contract", owner))?;
        Ok(lines.into_iter().find(|line| line.state == LineState::Committed))
    }

    /// Legs by position.
    fn told(&self, tx: &mut Tx<'_>, owner: u32, legs: &[funding::Leg]) -> Result<Vec<(i32, i64)>> {
        let lines = funding::lines(tx, self.tenant, self.cause("contract", owner))?;
        Ok(legs.iter().map(|leg| (lines.iter().find(|line| line.id == leg.0).unwrap().position, leg.1.get())).collect())
    }

    /// Legs of money that comes back, spread over what is there.
    fn back(&self, tx: &mut Tx<'_>, owner: u32, fen: i64, there: fn(&ledger::Position) -> Fen) -> Result<Vec<funding::Leg>> {
        let totals = funding::totals(tx, self.tenant, self.cause("contract", owner))?;
        let room: Vec<funding::Leg> = totals.iter().map(|(line, position)| (*line, there(position))).collect();
        funding::rules::spread(Fen::new(fen), &room, None)
    }

    fn perform(&self, tx: &mut Tx<'_>, op: Op, number: u32) -> Result<Vec<(i32, i64)>> {
        let (by, tenant) = (self.by, self.tenant);
        let slip = Slip { cause: self.cause("event", number), reference: None };
        let contract = |owner| self.cause("contract", owner);
        let legs = match op {
            Op::Appropriate(fund, fen) => {
                self.enter(tx, fund, AppropriationKind::Supplementary, fen, number, None).map(|()| (0, vec![]))?
            }
            Op::Reduce(fund, fen) => self.enter(tx, fund, AppropriationKind::Reduction, fen, number, None).map(|()| (0, vec![]))?,
            Op::Transfer(from, to, fen) => {
                self.enter(tx, from, AppropriationKind::Transfer, fen, number, Some(to)).map(|()| (0, vec![]))?
            }
            Op::Reserve(owner, lines, future) => self.reserve(tx, owner, lines, future).map(|()| (0, vec![]))?,
            Op::Release(owner) => funding::release(tx, by, &self.owner("lot", owner)).map(|_| (0, vec![]))?,
            Op::Commit(owner, price) => {
                let (from, to) = (self.owner("lot", owner), self.owner("contract", owner));
                let lines = funding::commit(tx, by, &from, &to, Fen::new(price), None, None)?;
                return Ok(lines.iter().map(|line| (line.position, line.amount.get())).collect());
            }
            Op::Fulfil(owner) => {
                let lines = funding::lines(tx, tenant, contract(owner))?;
                if let Some(line) = lines.iter().find(|line| line.state == LineState::Future) {
                    funding::fulfil(tx, by, line, self.funds[NEXT_YEAR], None)?;
                }
                (0, vec![])
            }
            Op::Accept(owner, fen) => (owner, funding::accept(tx, by, tenant, contract(owner), Fen::new(fen), slip.cause, None)?.legs),
            Op::Advance(owner, fen) => (owner, funding::advance(tx, by, tenant, contract(owner), Fen::new(fen), slip, None)?),
            Op::Pay(owner, fen) => (owner, funding::pay(tx, by, tenant, contract(owner), Fen::new(fen), slip, None)?),
            Op::Bounce(owner, fen) => {
                let legs = self.back(tx, owner, fen, |position| position.paid)?;
                funding::bounce(tx, by, tenant, contract(owner), slip, &legs, false)?;
                (owner, legs)
            }
            Op::BounceAdvance(owner, fen) => {
                let legs = self.back(tx, owner, fen, |position| position.advanced)?;
                funding::bounce(tx, by, tenant, contract(owner), slip, &legs, true)?;
                (owner, legs)
            }
            Op::Refund(owner, fen) => {
                let legs = self.back(tx, owner, fen, |position| position.paid)?;
                funding::refund(tx, by, tenant, contract(owner), slip, &legs)?;
                (owner, legs)
            }
            Op::Resource(owner, to) => match self.first_bound(tx, owner)? {
                None => (0, vec![]),
                Some(line) => {
                    let made = funding::resource(tx, by, &line, self.funds[to], slip.cause)?;
                    return Ok(vec![(made.position, made.amount.get())]);
                }
            },
            Op::Carry(owner) => return self.carry(tx, owner, number),
            Op::GiveBack(fund, fen) => {
                ledger::give_back(tx, by, tenant, self.funds[fund], Fen::new(fen), slip.cause).map(|_| (0, vec![]))?
            }
            Op::Restore(fund, fen) => ledger::restore(tx, by, tenant, self.funds[fund], Fen::new(fen), slip.cause).map(|_| (0, vec![]))?,
        };
        if legs.1.is_empty() { Ok(vec![]) } else { self.told(tx, legs.0, &legs.1) }
    }

    fn reserve(&self, tx: &mut Tx<'_>, owner: u32, lines: [(usize, i64); 2], future: i64) -> Result<()> {
        let of = |fund: usize| (STREAMS[fund].0.parse::<Stream>().unwrap(), STREAMS[fund].1);
        let mut new: Vec<NewLine> = lines
            .into_iter()
            .filter(|(_, fen)| *fen > 0)
            .map(|(fund, fen)| NewLine { fund: Some(self.funds[fund]), stream: of(fund).0, year: of(fund).1, amount: Fen::new(fen) })
            .collect();
        if future > 0 {
            new.push(NewLine { fund: None, stream: of(NEXT_YEAR).0, year: of(NEXT_YEAR).1, amount: Fen::new(future) });
        }
        let lot = self.owner("lot", owner);
        funding::plan(tx, &lot, &new)?;
        let purpose = Purpose { catalogue_code: "A0402".into(), area: None, on: "2025-06-01".parse().unwrap() };
        funding::reserve(tx, self.by, &lot, &purpose).map(drop)
    }

    fn carry(&self, tx: &mut Tx<'_>, owner: u32, number: u32) -> Result<Vec<(i32, i64)>> {
        let Some(line) = self.first_bound(tx, owner)? else { return Ok(vec![]) };
        let (hold, to) = (line.hold_id.unwrap(), self.funds[NEXT_YEAR]);
        let amount = ledger::hold(tx, self.tenant, hold)?.unwrap().remaining()?;
        let (source, target) = (funds::find(tx, self.tenant, line.fund_id.unwrap())?.unwrap(), funds::find(tx, self.tenant, to)?.unwrap());
        let (out, into) = funds::carry_over(tx, self.by, &source, &target, &format!("结{number}"), amount)?;
        let document = |id| Cause { kind: ledger::APPROPRIATION, id };
        let (new, moved) = ledger::carry(tx, self.by, self.tenant, hold, to, (document(out.id.any()), document(into.id.any())))?;
        let made = funding::carried(tx, self.tenant, hold, to, new, moved)?.unwrap();
        Ok(vec![(made.position, made.amount.get())])
    }

    /// Runs an operation under a savepoint: a refusal leaves nothing behind.
    fn attempt(&self, tx: &mut Tx<'_>, op: Op, number: u32) -> Result<Answer> {
        tx.batch_execute("SAVEPOINT op")?;
        let answer = match self.perform(tx, op, number) {
            Ok(legs) => Ok(legs),
            Err(Error::Retry(words)) => return Err(Error::Retry(words)),
            Err(refused) => {
                tx.batch_execute("ROLLBACK TO SAVEPOINT op")?;
                Err(refused.code())
            }
        };
        tx.batch_execute("RELEASE SAVEPOINT op")?;
        Ok(answer)
    }

    /// Ticks the cell's clock: transactions of one cell are in the order of what this gives.
    fn tick(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let cell = i64::try_from(self.number).unwrap();
        diesel::sql_query(format!("UPDATE reference_clock SET tick = tick + 1 WHERE cell = {cell}")).execute(&mut **tx)?;
        let now: Tick = diesel::sql_query(format!("SELECT tick FROM reference_clock WHERE cell = {cell}")).get_result(&mut **tx)?;
        Ok(now.tick)
    }
}

#[derive(QueryableByName)]
struct Tick {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    tick: i64,
}

async fn cells(app: &TestApp) -> Vec<Cell> {
    let mut clocks = vec!["CREATE TABLE reference_clock (cell BIGINT NOT NULL PRIMARY KEY, tick BIGINT NOT NULL)".to_owned()];
    clocks.extend((1..=CELLS).map(|cell| format!("INSERT INTO reference_clock (cell, tick) VALUES ({cell}, 0)")));
    run_sql(app, clocks).await;
    let mut made = Vec::new();
    let (cai, unit) = officer(app).await;
    for number in 0..CELLS {
        let mut funds = Vec::new();
        for (place, (stream, year)) in STREAMS.iter().enumerate() {
            let body = json!({"unit_id": unit.to_string(), "stream": stream, "year": year, "name_zh": format!("账户 {number}-{place}"), "custodian": "treasury"});
            let path = cai.client.post("/api/v1/funds").json(body).await.is(201).header("location");
            let class = if *stream == "lottery" { "2296002" } else { "2081006" };
            let document = json!({"kind": "initial", "document_number": "年初", "amount": {"amount_fen": FIRST_MONEY, "currency": "CNY"},
                "functional_class": class, "economic_class": "30227"});
            cai.client.post(&format!("{path}/appropriations")).json(document).await.is(201);
            if place == CAPPED {
                let terms = json!({"monthly_ceiling": {"amount_fen": CEILING, "currency": "CNY"}});
                cai.client.post(&format!("{path}/terms")).json(terms).await.is(200);
            }
            funds.push(path.rsplit('/').next().unwrap().parse().unwrap());
        }
        made.push(Cell { number: u128::try_from(number).unwrap() + 1, by: cai.account, tenant: app.tenant, unit, funds });
    }
    made
}

fn numbered(ops: &[Op], first: u32) -> Vec<(Op, u32)> {
    ops.iter().copied().zip(first..).collect()
}

async fn one_after_the_other(app: &TestApp, cells: &[Cell], models: &mut [Model], ages: &mut [u32], dice: &mut Dice) -> usize {
    let mut refused = 0;
    for batch in 0..sequential() / BATCH {
        let place = usize::try_from(batch).unwrap() % cells.len();
        let ops: Vec<Op> = (0..BATCH).map(|step| dice.op(ages[place] + step)).collect();
        ages[place] += BATCH;
        let expected: Vec<Answer> = ops.iter().map(|op| models[place].expect(*op)).collect();
        let (cell, work) = (cells[place].clone(), numbered(&ops, batch * BATCH));
        let facts = Facts::on_behalf_of(app.clock.now(), cell.by).unwrap();
        let answers: Vec<Answer> = app
            .db
            .write(facts, move |tx| work.iter().map(|(op, number)| cell.attempt(tx, *op, *number)).collect::<Result<Vec<_>>>())
            .await
            .unwrap();
        for ((op, expected), answer) in ops.iter().zip(&expected).zip(&answers) {
            assert_eq!(answer, expected, "{op:?} in cell {place}, batch {batch}");
            refused += usize::from(answer.is_err());
        }
    }
    refused
}

/// A committed transaction of a writer: the cell's clock, what was asked and what was answered.
type Done = (usize, i64, Vec<Op>, Vec<Answer>);

async fn writer(app: &TestApp, cells: &[Cell], ages: &[u32], number: u64) -> Vec<Done> {
    let mut dice = Dice(77_000 + number);
    let mut done = Vec::new();
    let rounds = operations() / 5 / SMALL_BATCH / u32::try_from(WRITERS).unwrap();
    for round in 0..rounds {
        let place = usize::try_from(dice.roll(u64::try_from(cells.len()).unwrap())).unwrap();
        let age = ages[place] + round * SMALL_BATCH * u32::try_from(WRITERS).unwrap() / u32::try_from(cells.len()).unwrap();
        let ops: Vec<Op> = (0..SMALL_BATCH).map(|_| dice.op(age)).collect();
        let first = sequential() + (u32::try_from(number).unwrap() * rounds + round) * SMALL_BATCH;
        // A transaction that lost its race too often is asked again, as a client would.
        let (clock, answers) = loop {
            let (cell, work) = (cells[place].clone(), numbered(&ops, first));
            let facts = Facts::on_behalf_of(app.clock.now(), cell.by).unwrap();
            let answer = app.db.write(facts, move |tx| {
                let clock = cell.tick(tx)?;
                let answers = work.iter().map(|(op, number)| cell.attempt(tx, *op, *number)).collect::<Result<Vec<_>>>()?;
                Ok((clock, answers))
            });
            match answer.await {
                Ok(done) => break done,
                Err(refused) => assert_eq!(refused.code(), "unavailable", "{refused}"),
            }
        };
        done.push((place, clock, ops, answers));
    }
    done
}

async fn all_at_once(app: &TestApp, cells: &[Cell], models: &mut [Model], ages: &[u32]) -> usize {
    let writers = (0..WRITERS).map(|number| writer(app, cells, ages, number));
    let mut done: Vec<Done> = futures_util::future::join_all(writers).await.into_iter().flatten().collect();
    done.sort_by_key(|(place, clock, ..)| (*place, *clock));
    let mut ticks = vec![0; cells.len()];
    let mut refused = 0;
    for (place, clock, ops, answers) in done {
        ticks[place] += 1;
        assert_eq!(clock, ticks[place], "the transactions of a cell have one order");
        for (op, answer) in ops.iter().zip(answers) {
            assert_eq!(answer, models[place].expect(*op), "{op:?} in cell {place} at {clock}");
            refused += usize::from(answer.is_err());
        }
    }
    refused
}

async fn agree(app: &TestApp) {
    let cells = cells(app).await;
    let mut models = vec![Model::new(); cells.len()];
    let (mut ages, mut dice) = (vec![0; cells.len()], Dice(20_260_302));
    let begun = std::time::Instant::now();
    let refused = one_after_the_other(app, &cells, &mut models, &mut ages, &mut dice).await;
    let halfway = begun.elapsed();
    let refused = refused + all_at_once(app, &cells, &mut models, &ages).await;
    println!("sequential {halfway:?}, concurrent {:?}, refused {refused}", begun.elapsed() - halfway);
    let all = usize::try_from(operations()).unwrap();
    assert!(refused > all / 20 && refused < all * 3 / 4, "{refused} refusals tell little");
    for (cell, model) in cells.iter().zip(&models) {
        for (place, fund) in cell.funds.iter().copied().enumerate() {
            let now = app.read(move |db| ledger::balances(db, fund).unwrap()).await;
            let found = [now.free, now.reserved, now.committed, now.payable, now.advanced, now.paid, now.returned].map(Fen::get);
            let mut all = vec![-now.authority.get()];
            all.extend(found);
            assert_eq!(all, model.balances(place), "cell {}, fund {place}", cell.number);
        }
    }
}

#[test]
fn random_operations_of_every_kind_agree_with_a_reference_on_sqlite() {
    run(Backend::Sqlite, |app| Box::pin(agree(app)));
}

#[test]
fn random_operations_of_every_kind_agree_with_a_reference_on_postgres() {
    run(Backend::Postgres, |app| Box::pin(agree(app)));
}
