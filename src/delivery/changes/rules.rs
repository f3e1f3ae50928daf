//! Decisions on changes: what a proposal must say, and what the price was before all supplements. Pure.

use super::model::{ChangeKind, ChangeRow, ChangeState, NewChange};
use crate::delivery::agreements::rules::{MILESTONES_MAX, TITLE_MAX};
use crate::delivery::agreements::{ContractRow, MilestoneRow, MilestoneState};
use crate::kernel::error::{Fields, problems};
use crate::kernel::fen::MAX_FEN;
use crate::kernel::{Fen, Result};
use crate::words;

problems! {
    /// A change waits.
    CHANGE_OPEN = "change_open", 409, "已有待审批的变更", "A change waits already",
        "同一合同同时只有一项待审批的变更。请等待其审批。",
        "A contract has one undecided change at a time. Wait until it is decided.";
    /// No change waits.
    NO_OPEN_CHANGE = "no_open_change", 409, "没有待审批的变更", "No change waits",
        "该合同没有待审批的变更。",
        "The contract has no change that waits for a decision.";
    /// Advanced money is not worked off.
    ADVANCE_OUTSTANDING = "advance_outstanding", 409, "预付款尚未冲抵", "An advance is outstanding",
        "尚未冲抵的预付款超过结算金额，或有预付款正在支付。请先收回预付款（登记退票）或撤回其申请，再终止合同。",
        "More was advanced than is settled, or an advance is under way. Let it come back (enter it as bounced) or return its claim before the contract ends.";
    /// The supplier did not consent.
    CONSENT_MISSING = "consent_missing", 409, "承接主体尚未同意", "The supplier has not consented",
        "变更须经承接主体同意后再审批；因公共利益单方终止的，须在提出时写明依据。",
        "A change needs the supplier's consent before it is approved. A termination without it states its ground when it is proposed.";
    /// The supplements make another contract of it.
    SUPPLEMENTS_TOO_LARGE = "supplements_too_large", 422, "补充合同累计超过原合同的十分之一", "The supplements exceed a tenth",
        "合同的补充金额累计不得超过原合同金额的百分之十；超出部分须另行采购。",
        "All increases of a contract together are at most a tenth of its first price; what goes beyond is bought anew.";
    /// The supplier consented before.
    CONSENTED_ALREADY = "consented_already", 409, "已同意该变更", "Consented already",
        "同一变更同意一次。",
        "A change is consented to once.";
}

/// Longest reason or note, in characters.
pub const REASON_MAX: usize = 500;
/// Shortest ground of a termination without consent, in characters.
pub const GROUND_MIN: usize = 10;

/// Whether a change may be approved: by agreement (Civil Code, article 543), or a termination whose ground is stated (Government Procurement Law, article 50:
/// going on would harm the public interest).
pub fn check_consent(change: &ChangeRow) -> Result<()> {
    if change.consented_by.is_some() || change.unilateral_ground.is_some() { Ok(()) } else { Err(CONSENT_MISSING.error()) }
}

/// Checks a proposal against the contract and its schedule.
pub fn check(new: &NewChange, contract: &ContractRow, milestones: &[MilestoneRow]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.reason, "/reason", 1, REASON_MAX);
    let least = if new.kind == ChangeKind::Termination { 0 } else { 1 };
    fields.require((least..=MAX_FEN).contains(&new.amount.get()), "/amount", || words!("金额不可用", "the amount cannot be used"));
    if let Some(ground) = &new.unilateral_ground {
        fields.text(ground, "/unilateral_ground", GROUND_MIN, REASON_MAX);
        fields.require(new.kind == ChangeKind::Termination, "/unilateral_ground", || {
            words!("只有终止可以不经同意", "only a termination can do without consent")
        });
    }
    let named = milestones.iter().find(|milestone| Some(milestone.id) == new.milestone);
    match new.kind {
        ChangeKind::Increase => check_increase(&mut fields, new, contract, milestones),
        ChangeKind::Decrease => {
            let open = named.filter(|one| matches!(one.state, MilestoneState::Planned | MilestoneState::Rejected));
            fields.require(open.is_some(), "/milestone_id", || {
                words!("须为本合同未交付的里程碑", "must be a milestone of the contract that is not delivered")
            });
            fields.require(open.is_none_or(|one| new.amount < one.amount_fen), "/amount", || {
                words!("须小于该里程碑的金额", "must be less than the milestone's amount")
            });
        }
        ChangeKind::Termination => {
            let open = named.filter(|one| one.state != MilestoneState::Accepted);
            let settles = new.amount > Fen::ZERO;
            fields.require(open.is_some() == settles && new.milestone.is_some() == settles, "/milestone_id", || {
                words!(
                    "有结算金额时须指明未验收的里程碑，否则不填",
                    "must name a milestone that is not accepted exactly when money is settled"
                )
            });
            fields.require(open.is_none_or(|one| new.amount <= one.amount_fen), "/amount", || {
                words!("不得超过该里程碑的金额", "must be at most the milestone's amount")
            });
        }
    }
    fields.finish()
}

fn check_increase(fields: &mut Fields, new: &NewChange, contract: &ContractRow, milestones: &[MilestoneRow]) {
    fields.text(new.title.as_deref().unwrap_or_default(), "/title", 1, TITLE_MAX);
    fields.require(new.fund.is_some(), "/fund_id", || words!("须指明资金账户", "must name the fund that pays"));
    let in_term = new.due_on.is_some_and(|day| (contract.starts_on..=contract.ends_on).contains(&day));
    fields.require(in_term, "/due_on", || {
        let (from, to) = (contract.starts_on, contract.ends_on);
        words!("须在合同期 {from} 至 {to} 内", "must lie in the term from {from} to {to}")
    });
    fields.require(milestones.len() < MILESTONES_MAX, "/title", || {
        words!("里程碑已满 {MILESTONES_MAX} 个", "the contract has {MILESTONES_MAX} milestones already")
    });
}

/// The price before every supplement, and the sum of all supplements with `more`. Decreases do not make room for supplements: the law
/// compares the supplements with the original contract (R056).
pub fn supplements(price: Fen, changes: &[ChangeRow], more: Fen) -> Result<(Fen, Fen)> {
    let (mut original, mut additions) = (price, more);
    for change in changes.iter().filter(|change| change.state == ChangeState::Approved) {
        match change.kind {
            ChangeKind::Increase => {
                original = original.minus(change.amount_fen)?;
                additions = additions.plus(change.amount_fen)?;
            }
            ChangeKind::Decrease => original = original.plus(change.amount_fen)?,
            ChangeKind::Termination => {}
        }
    }
    Ok((original, additions))
}

/// The tenth that holds for every contract where no rule of its purchase says otherwise: more would be a purchase that nobody competed for.
pub fn check_tenth(original: Fen, additions: Fen) -> Result<()> {
    if additions.get().saturating_mul(10) <= original.get() {
        return Ok(());
    }
    Err(SUPPLEMENTS_TOO_LARGE
        .because(words!("累计 {additions} 元，原合同 {original} 元", "{additions} yuan in all, the first price {original} yuan")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::UtcInstant;
    use crate::kernel::id::{AccountId, CaseId, ContractChangeId, ContractId, TenantId};
    use uuid::Uuid;

    fn change(kind: ChangeKind, amount: i64, state: ChangeState) -> ChangeRow {
        let nil = Uuid::nil();
        ChangeRow {
            id: ContractChangeId::new(nil),
            tenant_id: TenantId::new(nil),
            case_id: CaseId::new(nil),
            contract_id: ContractId::new(nil),
            number: 1,
            kind,
            amount_fen: Fen::new(amount),
            fund_id: None,
            milestone_id: None,
            title: None,
            due_on: None,
            reason: String::new(),
            beneficiaries_opinion: None,
            state,
            proposed_by: AccountId::new(nil),
            decided_by: None,
            decided_at: None,
            decision_note: None,
            released_fen: Fen::ZERO,
            unilateral_ground: None,
            consented_by: None,
            consented_at: None,
            created_at: UtcInstant::start_of_shanghai_day("2026-03-01".parse().unwrap()),
        }
    }

    #[test]
    fn supplements_add_up_against_the_first_price_and_decreases_make_no_room() {
        let changes = [
            change(ChangeKind::Increase, 60, ChangeState::Approved),
            change(ChangeKind::Increase, 500, ChangeState::Rejected),
            change(ChangeKind::Decrease, 200, ChangeState::Approved),
        ];
        // 1000 + 60 - 200.
        assert_eq!(supplements(Fen::new(860), &changes, Fen::new(40)).unwrap(), (Fen::new(1_000), Fen::new(100)));
        assert_eq!(supplements(Fen::new(1_000), &[], Fen::new(1)).unwrap(), (Fen::new(1_000), Fen::new(1)));
    }

    #[test]
    fn a_tenth_passes_and_a_fen_more_does_not() {
        assert!(check_tenth(Fen::new(1_000), Fen::new(100)).is_ok());
        assert!(check_tenth(Fen::new(1_000), Fen::new(101)).is_err() && check_tenth(Fen::new(1_009), Fen::new(101)).is_err());
    }
}
