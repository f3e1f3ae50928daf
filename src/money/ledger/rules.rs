//! Decisions of the ledger: balances and a movement in, new balances or a refusal out. Pure.

use super::model::{Balances, HoldKind, HoldRow, LedgerAccount, PostingKind, ReductionRow};
use crate::kernel::error::problems;
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Error, Fen, Result};
use crate::words;

problems! {
    /// `free` does not suffice.
    INSUFFICIENT_FUNDS = "insufficient_funds", 409, "资金不足", "Not enough free money",
        "资金账户的可用余额小于所需金额。请追加预算指标，或释放不再需要的预留。",
        "The fund's free balance is less than what is asked. Appropriate more, or release what is no longer needed.";
    /// More than the hold has left.
    HOLD_EXCEEDED = "hold_exceeded", 409, "超出预留或承诺余额", "More than the hold has left",
        "金额超过该预留或承诺尚余的金额。",
        "The amount is more than what the reservation or commitment has left.";
    /// The same cause was posted before.
    ALREADY_POSTED = "already_posted", 409, "已经记账", "Posted already",
        "同一事由在同一预留或承诺上只记一次账。",
        "The same cause is posted once on the same hold.";
    /// A reduction waits for money of this fund.
    REDUCTION_PENDING = "reduction_pending", 409, "有未完成的指标调减", "A reduction is pending",
        "该资金账户有尚未完成的调减或收回，不得新设预留或承诺；此后释放的资金先用于完成调减。",
        "A reduction or recall of this fund is not whole yet: no new reservation or commitment is made, and what becomes free goes to it first.";
    /// More than the fund may pay in a month.
    MONTHLY_CEILING = "monthly_ceiling", 409, "超出当月用款限额", "More than the month's ceiling",
        "该资金账户当月的支付合计不得超过其月度用款限额。请下月支付，或由财政调整限额。",
        "What a fund pays in one month may not exceed its monthly ceiling. Pay next month, or have finance change the ceiling.";
    /// The fund would hold more than the system accepts.
    FUND_LIMIT = "fund_limit", 422, "超出资金账户上限", "More than a fund may hold",
        "资金账户的预算指标合计不得超过 100 亿元。",
        "The appropriations of one fund may not add up to more than 10 billion yuan.";
}

/// A movement of money between two accounts of one fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// What it is.
    pub kind: PostingKind,
    /// The account it takes from.
    pub from: LedgerAccount,
    /// The account it adds to.
    pub to: LedgerAccount,
    /// How much; always positive.
    pub amount: Fen,
}

impl Movement {
    /// authority → free.
    pub fn appropriation(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Appropriation, LedgerAccount::Authority, LedgerAccount::Free, amount)
    }

    /// free → authority.
    pub fn reduction(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Reduction, LedgerAccount::Free, LedgerAccount::Authority, amount)
    }

    /// free → reserved.
    pub fn reservation(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Reservation, LedgerAccount::Free, LedgerAccount::Reserved, amount)
    }

    /// The remainder of a hold → free.
    pub fn release(kind: HoldKind, amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Release, kind.account(), LedgerAccount::Free, amount)
    }

    /// reserved → committed.
    pub fn commitment(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Commitment, LedgerAccount::Reserved, LedgerAccount::Committed, amount)
    }

    /// free → committed.
    pub fn direct_commitment(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::DirectCommitment, LedgerAccount::Free, LedgerAccount::Committed, amount)
    }

    /// committed → payable.
    pub fn acceptance(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Acceptance, LedgerAccount::Committed, LedgerAccount::Payable, amount)
    }

    /// committed → advanced.
    pub fn advance(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Advance, LedgerAccount::Committed, LedgerAccount::Advanced, amount)
    }

    /// advanced → paid.
    pub fn clearing(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Clearing, LedgerAccount::Advanced, LedgerAccount::Paid, amount)
    }

    /// payable → paid.
    pub fn payment(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Payment, LedgerAccount::Payable, LedgerAccount::Paid, amount)
    }

    /// paid → payable.
    pub fn bounce(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Bounce, LedgerAccount::Paid, LedgerAccount::Payable, amount)
    }

    /// advanced → committed.
    pub fn bounce_of_advance(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Bounce, LedgerAccount::Advanced, LedgerAccount::Committed, amount)
    }

    /// committed → authority.
    pub fn carry_out(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::CarryOut, LedgerAccount::Committed, LedgerAccount::Authority, amount)
    }

    /// authority → committed.
    pub fn carry_in(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::CarryIn, LedgerAccount::Authority, LedgerAccount::Committed, amount)
    }

    /// free → returned.
    pub fn giving_back(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::GivingBack, LedgerAccount::Free, LedgerAccount::Returned, amount)
    }

    /// returned → free.
    pub fn restoring(amount: Fen) -> Result<Self> {
        Self::new(PostingKind::Restoring, LedgerAccount::Returned, LedgerAccount::Free, amount)
    }

    /// paid → free within the fund's year; later paid → returned, because an earlier year's money is not spent again.
    pub fn refund(amount: Fen, same_year: bool) -> Result<Self> {
        let to = if same_year { LedgerAccount::Free } else { LedgerAccount::Returned };
        Self::new(PostingKind::Refund, LedgerAccount::Paid, to, amount)
    }

    fn new(kind: PostingKind, from: LedgerAccount, to: LedgerAccount, amount: Fen) -> Result<Self> {
        if amount <= Fen::ZERO {
            return Err(Error::field("/amount", words!("金额须大于零", "the amount must be more than zero")));
        }
        Ok(Self { kind, from, to, amount })
    }

    /// The signed legs; they add up to nothing.
    pub fn legs(&self) -> Result<[(LedgerAccount, Fen); 2]> {
        Ok([(self.from, self.amount.negated()?), (self.to, self.amount)])
    }
}

/// The balances after a movement. Only `authority` may go below zero, and not below the limit of a fund; it never goes above.
pub fn apply(balances: &Balances, movement: &Movement) -> Result<Balances> {
    let mut after = *balances;
    for (account, change) in movement.legs()? {
        after = after.with(account, after.of(account).plus(change)?);
    }
    if after.appropriated()? > Fen::new(MAX_FEN) {
        return Err(FUND_LIMIT.error());
    }
    let left = after.of(movement.from);
    if movement.from == LedgerAccount::Authority || left >= Fen::ZERO {
        return Ok(after);
    }
    if movement.from == LedgerAccount::Free {
        let (free, asked) = (balances.free, movement.amount);
        return Err(
            INSUFFICIENT_FUNDS.because(words!("可用 {free} 元，所需 {asked} 元", "free are {free} yuan, asked for are {asked} yuan"))
        );
    }
    // A hold was checked before, so the account that keeps its remainder cannot lack it.
    Err(Error::internal(format!("account {} would fall to {left}", movement.from)))
}

/// The hold after `amount` of it went on.
pub fn draw(hold: &HoldRow, kind: HoldKind, amount: Fen) -> Result<HoldRow> {
    require_kind(hold, kind)?;
    within(hold.remaining()?, amount)?;
    Ok(HoldRow { used: hold.used.plus(amount)?, ..hold.clone() })
}

/// The commitment after `amount` of what it has left went free.
pub fn let_part_go(hold: &HoldRow, amount: Fen) -> Result<HoldRow> {
    require_kind(hold, HoldKind::Commitment)?;
    within(hold.remaining()?, amount)?;
    Ok(HoldRow { released: hold.released.plus(amount)?, ..hold.clone() })
}

/// The hold after its whole remainder went back, and that remainder.
pub fn let_go(hold: &HoldRow) -> Result<(HoldRow, Fen)> {
    let remainder = hold.remaining()?;
    Ok((HoldRow { released: hold.released.plus(remainder)?, ..hold.clone() }, remainder))
}

/// The hold after a bounced advance came back to it.
pub fn give_back(hold: &HoldRow, amount: Fen) -> Result<HoldRow> {
    require_kind(hold, HoldKind::Commitment)?;
    within(hold.used, amount)?;
    Ok(HoldRow { used: hold.used.minus(amount)?, ..hold.clone() })
}

/// Whether `amount` is at most what a commitment has there: accepted and unpaid, advanced, or paid.
pub fn has(commitment: &HoldRow, there: Fen, amount: Fen) -> Result<()> {
    require_kind(commitment, HoldKind::Commitment)?;
    within(there, amount)
}

/// How much of `free` a reduction takes: never more than there is.
pub fn taken(free: Fen, outstanding: Fen) -> Fen {
    free.min(outstanding).max(Fen::ZERO)
}

/// Refuses a new hold while a reduction waits.
pub fn may_hold(pending: &[ReductionRow]) -> Result<()> {
    match pending.first() {
        None => Ok(()),
        Some(first) => {
            let (number, outstanding) = (&first.document_number, first.outstanding()?);
            Err(REDUCTION_PENDING.because(words!("{number} 尚待收 {outstanding} 元", "{number} still takes {outstanding} yuan")))
        }
    }
}

/// Refuses a payment beyond the month's ceiling of its fund; `paid` left the fund in the month before.
pub fn within_month(ceiling: Option<Fen>, paid: Fen, amount: Fen) -> Result<()> {
    match ceiling {
        Some(ceiling) if paid.plus(amount)? > ceiling => Err(MONTHLY_CEILING.because(words!(
            "当月限额 {ceiling} 元，已付 {paid} 元，本次 {amount} 元",
            "the month's ceiling is {ceiling} yuan, paid are {paid} yuan, asked for are {amount} yuan"
        ))),
        _ => Ok(()),
    }
}

fn within(left: Fen, asked: Fen) -> Result<()> {
    if asked > left {
        return Err(HOLD_EXCEEDED.because(words!("尚余 {left} 元，所需 {asked} 元", "left are {left} yuan, asked for are {asked} yuan")));
    }
    Ok(())
}

fn require_kind(hold: &HoldRow, kind: HoldKind) -> Result<()> {
    if hold.kind == kind { Ok(()) } else { Err(Error::internal(format!("hold {} is a {}, not a {kind}", hold.id, hold.kind))) }
}
