//! The laws of the ledger's rules: random stories against an independent reference.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::model::{Balances, HoldKind, HoldRow, LedgerAccount};
use super::rules::{Movement, apply, draw, has, let_go};
use crate::kernel::UtcInstant;
use crate::kernel::fen::MAX_FEN;
use crate::kernel::id::{AnyId, CaseId, FundId, HoldId, TenantId};
use crate::kernel::{Fen, Result};

/// One step of a random story. Holds are named by their place in the list, wrapping around.
#[derive(Debug, Clone, Copy)]
enum Step {
    Appropriate(i64),
    Reserve(i64),
    Commit(usize, i64),
    Release(usize),
    Accept(usize, i64),
    Pay(usize, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1..50_i64, Just(0), Just(-3), 1..500_i64];
    prop_oneof![
        2 => amount().prop_map(|fen| Step::Appropriate(fen * 4)),
        1 => Just(Step::Appropriate(MAX_FEN)),
        4 => amount().prop_map(Step::Reserve),
        4 => (0..12_usize, amount()).prop_map(|(hold, fen)| Step::Commit(hold, fen)),
        2 => (0..12_usize).prop_map(Step::Release),
        4 => (0..12_usize, amount()).prop_map(|(hold, fen)| Step::Accept(hold, fen)),
        4 => (0..12_usize, amount()).prop_map(|(hold, fen)| Step::Pay(hold, fen)),
    ]
}

fn hold(kind: HoldKind, amount: Fen) -> HoldRow {
    HoldRow {
        id: HoldId::new(Uuid::nil()),
        tenant_id: TenantId::new(Uuid::nil()),
        fund_id: FundId::new(Uuid::nil()),
        case_id: CaseId::new(Uuid::nil()),
        kind,
        cause_kind: "thing".into(),
        cause_id: AnyId::new(Uuid::nil()),
        amount,
        used: Fen::ZERO,
        released: Fen::ZERO,
        created_at: UtcInstant::parse("2026-03-02T01:00:00Z").unwrap(),
    }
}

/// The rules at work on one fund, as the service puts them together.
#[derive(Default)]
struct Book {
    balances: Balances,
    holds: Vec<(HoldRow, Fen)>,
}

impl Book {
    fn take(&mut self, step: Step) -> Result<()> {
        let place = |wanted: usize| wanted % self.holds.len().max(1);
        match step {
            Step::Appropriate(fen) => self.balances = apply(&self.balances, &Movement::appropriation(Fen::new(fen))?)?,
            Step::Reserve(fen) => {
                self.balances = apply(&self.balances, &Movement::reservation(Fen::new(fen))?)?;
                self.holds.push((hold(HoldKind::Reservation, Fen::new(fen)), Fen::ZERO));
            }
            Step::Commit(wanted, fen) => {
                let (place, movement) = (place(wanted), Movement::commitment(Fen::new(fen))?);
                let after = draw(&self.holds[place].0, HoldKind::Reservation, movement.amount)?;
                self.balances = apply(&self.balances, &movement)?;
                self.holds[place].0 = after;
                self.holds.push((hold(HoldKind::Commitment, movement.amount), Fen::ZERO));
            }
            Step::Release(wanted) => {
                let place = place(wanted);
                let (after, remainder) = let_go(&self.holds[place].0)?;
                if remainder > Fen::ZERO {
                    self.balances = apply(&self.balances, &Movement::release(after.kind, remainder)?)?;
                }
                self.holds[place].0 = after;
            }
            Step::Accept(wanted, fen) => {
                let (place, movement) = (place(wanted), Movement::acceptance(Fen::new(fen))?);
                let after = draw(&self.holds[place].0, HoldKind::Commitment, movement.amount)?;
                self.balances = apply(&self.balances, &movement)?;
                self.holds[place].0 = after;
            }
            Step::Pay(wanted, fen) => {
                let (place, movement) = (place(wanted), Movement::payment(Fen::new(fen))?);
                has(&self.holds[place].0, self.holds[place].0.used.minus(self.holds[place].1)?, movement.amount)?;
                self.balances = apply(&self.balances, &movement)?;
                self.holds[place].1 = self.holds[place].1.plus(movement.amount)?;
            }
        }
        Ok(())
    }
}

/// The reference: what became of every fen of a hold is kept in a map, and every total is counted afresh from there.
#[derive(Default)]
struct Reference {
    appropriated: i64,
    holds: Vec<BTreeMap<&'static str, i64>>,
}

impl Reference {
    fn total(&self, place: &str) -> i64 {
        self.holds.iter().filter_map(|hold| hold.get(place)).sum()
    }

    fn free(&self) -> i64 {
        self.appropriated - ["reserved", "committed", "payable", "paid"].map(|place| self.total(place)).iter().sum::<i64>()
    }

    /// Moves fen of a hold from one place to another if they are there.
    fn shift(hold: &mut BTreeMap<&'static str, i64>, from: &'static str, to: &'static str, fen: i64) -> bool {
        let there = hold.get(from).copied().unwrap_or(0);
        if fen <= 0 || there < fen {
            return false;
        }
        hold.insert(from, there - fen);
        *hold.entry(to).or_default() += fen;
        true
    }

    fn take(&mut self, step: Step) -> bool {
        let (count, free) = (self.holds.len().max(1), self.free());
        match step {
            Step::Appropriate(fen) => {
                let legal = fen > 0 && self.appropriated + fen <= 1_000_000_000_000;
                self.appropriated += if legal { fen } else { 0 };
                legal
            }
            Step::Reserve(fen) => {
                let legal = fen > 0 && fen <= free;
                if legal {
                    self.holds.push(BTreeMap::from([("reserved", fen)]));
                }
                legal
            }
            Step::Commit(wanted, fen) => {
                let legal = Self::shift(&mut self.holds[wanted % count], "reserved", "elsewhere", fen);
                if legal {
                    self.holds.push(BTreeMap::from([("committed", fen)]));
                }
                legal
            }
            Step::Release(wanted) => {
                let hold = &mut self.holds[wanted % count];
                hold.remove("reserved");
                hold.remove("committed");
                true
            }
            Step::Accept(wanted, fen) => Self::shift(&mut self.holds[wanted % count], "committed", "payable", fen),
            Step::Pay(wanted, fen) => Self::shift(&mut self.holds[wanted % count], "payable", "paid", fen),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn random_stories_agree_with_a_reference_and_keep_the_equations(steps in prop::collection::vec(step(), 1..120)) {
        let (mut book, mut reference) = (Book::default(), Reference::default());
        for step in steps {
            if book.holds.is_empty() && !matches!(step, Step::Appropriate(_) | Step::Reserve(_)) {
                continue;
            }
            let before = book.balances;
            let legal = book.take(step).is_ok();
            prop_assert_eq!(legal, reference.take(step), "{:?}", step);
            if !legal {
                prop_assert_eq!(book.balances, before, "a refusal changes nothing");
            }
            let now = book.balances;
            prop_assert_eq!(now.authority.get(), -reference.appropriated);
            prop_assert_eq!(now.free.get(), reference.free());
            for (account, place) in [
                (now.reserved, "reserved"), (now.committed, "committed"), (now.payable, "payable"), (now.paid, "paid"),
            ] {
                prop_assert_eq!(account.get(), reference.total(place), "{}", place);
            }
            let all = LedgerAccount::ALL.iter().map(|account| now.of(*account));
            prop_assert_eq!(Fen::total(all.clone()).unwrap(), Fen::ZERO);
            prop_assert!(all.skip(1).all(|balance| balance >= Fen::ZERO));
            prop_assert!(book.holds.iter().all(|(hold, paid)| hold.remaining().unwrap() >= Fen::ZERO && *paid <= hold.used));
        }
    }
}

#[test]
fn one_fen_more_than_there_is_is_refused_and_the_last_fen_is_not() {
    let filled = apply(&Balances::default(), &Movement::appropriation(Fen::new(500)).unwrap()).unwrap();
    let refused = apply(&filled, &Movement::reservation(Fen::new(501)).unwrap()).unwrap_err();
    assert_eq!(refused.code(), "insufficient_funds");
    assert!(refused.to_string().contains("5.00") && refused.to_string().contains("5.01"), "{refused}");
    assert_eq!(apply(&filled, &Movement::reservation(Fen::new(500)).unwrap()).unwrap().free, Fen::ZERO);
    assert_eq!(draw(&hold(HoldKind::Reservation, Fen::new(5)), HoldKind::Reservation, Fen::new(6)).unwrap_err().code(), "hold_exceeded");
    assert_eq!(draw(&hold(HoldKind::Reservation, Fen::new(5)), HoldKind::Commitment, Fen::new(5)).unwrap_err().code(), "internal");
    assert_eq!(has(&hold(HoldKind::Commitment, Fen::new(5)), Fen::ZERO, Fen::new(1)).unwrap_err().code(), "hold_exceeded");
    for nothing in [0, -1] {
        assert_eq!(Movement::reservation(Fen::new(nothing)).unwrap_err().code(), "invalid");
    }
    assert_eq!(apply(&filled, &Movement::appropriation(Fen::new(MAX_FEN)).unwrap()).unwrap_err().code(), "fund_limit");
}
