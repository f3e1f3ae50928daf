//! The ledger against a reference model: thousands of random operations on the real database give what plain arithmetic gives.

use baiyi::db::Tx;
use baiyi::kernel::id::{AccountId, FundId, HoldId, TenantId};
use baiyi::kernel::{Error, Fen};
use baiyi::money::ledger;

use crate::money::{case, cause, filled_fund, officer, step};
use crate::support::{Backend, run};

/// One random operation of the large story; holds are named by their place in the list, wrapping around.
#[derive(Debug, Clone, Copy)]
enum Op {
    Appropriate(i64),
    Reserve(i64),
    Commit(usize, i64),
    Release(usize),
    Accept(usize, i64),
    Pay(usize, i64),
}

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

    fn op(&mut self, holds: usize) -> Op {
        let fen = i64::try_from(self.roll(400)).unwrap() - 4;
        let sides = u64::try_from(holds.max(1)).unwrap();
        // The newest holds are the busiest.
        let place = holds.saturating_sub(1 + usize::try_from(self.roll(sides.min(40))).unwrap());
        match (self.roll(12), holds) {
            (0, _) => Op::Appropriate(fen * 2),
            (1..=3, _) | (_, 0) => Op::Reserve(fen),
            (4..=5, _) => Op::Commit(place, fen),
            (6, _) => Op::Release(place),
            (7..=9, _) => Op::Accept(place, fen / 2),
            _ => Op::Pay(place, fen / 4),
        }
    }
}

/// A hold of the reference: where each of its fen is now.
#[derive(Debug, Clone, Copy, Default)]
struct Purse {
    id: Option<HoldId>,
    is_commitment: bool,
    waiting: i64,
    payable: i64,
    paid: i64,
}

#[derive(Default)]
struct Model {
    free: i64,
    appropriated: i64,
    purses: Vec<Purse>,
}

impl Model {
    /// What the ledger must answer: `ok` or the refusal's code.
    fn expect(&mut self, op: Op) -> &'static str {
        let positive = |fen: i64| if fen > 0 { "ok" } else { "invalid" };
        match op {
            Op::Appropriate(fen) => {
                let answer = positive(fen);
                if answer == "ok" {
                    (self.free, self.appropriated) = (self.free + fen, self.appropriated + fen);
                }
                answer
            }
            Op::Reserve(fen) if fen > 0 && fen > self.free => "insufficient_funds",
            Op::Reserve(fen) if fen > 0 => {
                self.free -= fen;
                self.purses.push(Purse { waiting: fen, ..Purse::default() });
                "ok"
            }
            Op::Commit(place, fen) if fen > 0 && self.purses[place].is_commitment => "internal",
            Op::Commit(place, fen) if fen > 0 && fen > self.purses[place].waiting => "hold_exceeded",
            Op::Commit(place, fen) if fen > 0 => {
                self.purses[place].waiting -= fen;
                self.purses.push(Purse { is_commitment: true, waiting: fen, ..Purse::default() });
                "ok"
            }
            Op::Release(place) => {
                self.free += std::mem::take(&mut self.purses[place].waiting);
                "ok"
            }
            Op::Accept(place, fen) | Op::Pay(place, fen) if fen > 0 && !self.purses[place].is_commitment => "internal",
            Op::Accept(place, fen) if fen > 0 && fen > self.purses[place].waiting => "hold_exceeded",
            Op::Accept(place, fen) if fen > 0 => {
                self.purses[place].waiting -= fen;
                self.purses[place].payable += fen;
                "ok"
            }
            Op::Pay(place, fen) if fen > 0 && fen > self.purses[place].payable => "hold_exceeded",
            Op::Pay(place, fen) if fen > 0 => {
                self.purses[place].payable -= fen;
                self.purses[place].paid += fen;
                "ok"
            }
            Op::Reserve(_) | Op::Commit(..) | Op::Accept(..) | Op::Pay(..) => "invalid",
        }
    }
}

/// Operations of the large story.
const OPERATIONS: usize = 20_000;
/// How many are queued at once, for the writer to commit together. `join_all` starts up to 30 futures in their order, and so does the model.
const QUEUED: usize = 25;

#[test]
fn twenty_thousand_random_operations_agree_with_a_reference() {
    run(Backend::Sqlite, |app| {
        Box::pin(async move {
            let (cai, unit) = officer(app).await;
            let fund = filled_fund(&cai.client, unit, 10_000).await;
            let (by, tenant) = (cai.account, app.tenant);
            let mut model = Model { free: 10_000, appropriated: 10_000, purses: Vec::new() };
            let (mut dice, mut done, mut refused) = (Dice(20_260_302), 0, 0);
            while done < OPERATIONS {
                // Only holds whose ids are known can be drawn on, so that those of this queue are named in the next.
                let known: Vec<HoldId> = model.purses.iter().map(|purse| purse.id.unwrap()).collect();
                let first_new = known.len();
                let ops: Vec<Op> = (0..QUEUED).map(|_| dice.op(known.len())).collect();
                let expected: Vec<_> = ops.iter().map(|op| model.expect(*op)).collect();
                let jobs = ops.iter().enumerate().map(|(place, op)| {
                    let (op, number, known) = (*op, u128::try_from(done + place).unwrap() + 1, known.clone());
                    step(app, by, move |tx| perform(tx, by, tenant, fund, op, number, &known))
                });
                let mut made = Vec::new();
                for ((op, expected), answer) in ops.iter().zip(expected).zip(futures_util::future::join_all(jobs).await) {
                    assert_eq!(answer.as_ref().err().copied().unwrap_or("ok"), expected, "{op:?}");
                    refused += usize::from(answer.is_err());
                    made.extend(answer.ok().flatten());
                }
                for (purse, id) in model.purses.iter_mut().skip(first_new).zip(made) {
                    purse.id = Some(id);
                }
                done += QUEUED;
            }
            assert!(refused > OPERATIONS / 20 && refused < OPERATIONS * 2 / 3, "{refused} refusals tell little");
            let now = app.read(move |db| ledger::balances(db, fund).unwrap()).await;
            let sum = |of: fn(&Purse) -> i64| model.purses.iter().map(of).sum::<i64>();
            assert_eq!((now.authority.get(), now.free.get()), (-model.appropriated, model.free));
            assert_eq!(now.reserved.get(), sum(|purse| if purse.is_commitment { 0 } else { purse.waiting }));
            assert_eq!(now.committed.get(), sum(|purse| if purse.is_commitment { purse.waiting } else { 0 }));
            assert_eq!((now.payable.get(), now.paid.get()), (sum(|purse| purse.payable), sum(|purse| purse.paid)));
        })
    });
}

fn perform(
    tx: &mut Tx<'_>,
    by: AccountId,
    tenant: TenantId,
    fund: FundId,
    op: Op,
    number: u128,
    known: &[HoldId],
) -> Result<Option<HoldId>, Error> {
    match op {
        Op::Appropriate(fen) => ledger::appropriate(tx, by, tenant, fund, Fen::new(fen), cause("gift", number)).map(|_| None),
        Op::Reserve(fen) => ledger::reserve(tx, by, tenant, fund, case(number), Fen::new(fen), cause("tender", number)).map(Some),
        Op::Commit(place, fen) => ledger::commit(tx, by, tenant, known[place], Fen::new(fen), cause("contract", number)).map(Some),
        Op::Release(place) => ledger::release(tx, by, tenant, known[place], cause("end", number)).map(|_| None),
        Op::Accept(place, fen) => ledger::accept(tx, by, tenant, known[place], Fen::new(fen), cause("milestone", number)).map(|_| None),
        Op::Pay(place, fen) => ledger::pay(tx, by, tenant, known[place], Fen::new(fen), cause("payment", number)).map(|_| None),
    }
}
