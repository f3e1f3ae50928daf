//! Checks the money of a bundle: postings against the journal and their legs, balances against legs, holds against postings. Pure. What needs other tables
//! than these (contracts, payments, the streams' rules) the server itself is asked: `GET /api/v1/ledger/integrity`.

use std::collections::{BTreeMap, BTreeSet};

use super::Bundle;

/// The account that may be negative: authority is the other side of everything.
const AUTHORITY: &str = "authority";
/// Accounts of a fund.
const ACCOUNTS: usize = 8;

/// What is wrong with the money, postings first.
pub fn faults(bundle: &Bundle) -> Vec<String> {
    let mut faults = postings(bundle);
    faults.extend(balances(bundle));
    faults.extend(signs(bundle));
    faults.extend(holds(bundle));
    faults
}

/// Each posting is in the journal and each journalled one is a posting; each has legs, at least two; and no cause is posted twice in one way on one hold.
fn postings(bundle: &Bundle) -> Vec<String> {
    let known: BTreeSet<&str> =
        bundle.journal.iter().filter(|entry| entry.resource_kind == "posting").map(|entry| entry.resource_id.as_str()).collect();
    let stored: BTreeSet<&str> = bundle.postings.iter().map(|posting| posting.id.as_str()).collect();
    let mut legs: BTreeMap<&str, usize> = BTreeMap::new();
    for leg in &bundle.legs {
        let count = legs.entry(leg.posting_id.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    let mut faults: Vec<String> = stored.difference(&known).map(|id| format!("posting {id}: the journal does not know of it")).collect();
    faults.extend(known.difference(&stored).map(|id| format!("posting {id}: the journal knows of it, and the ledger has not")));
    let few = bundle.postings.iter().filter(|posting| legs.get(posting.id.as_str()).is_none_or(|count| *count < 2));
    faults.extend(few.map(|posting| format!("posting {}: it has fewer than two legs", posting.id)));
    let mut causes = BTreeSet::new();
    // A reduction is taken bit by bit.
    for posting in bundle.postings.iter().filter(|posting| posting.kind != "reduction") {
        if !causes.insert((&posting.fund_id, &posting.kind, &posting.cause_kind, &posting.cause_id, &posting.hold_id)) {
            faults.push(format!("posting {}: its cause was posted before", posting.id));
        }
    }
    faults
}

/// No account but authority is negative, and authority is never positive; each fund has all its accounts, and they add up to zero.
fn signs(bundle: &Bundle) -> Vec<String> {
    let mut funds: BTreeMap<&str, (BTreeSet<&str>, i128)> = BTreeMap::new();
    let mut faults = Vec::new();
    for balance in &bundle.balances {
        let (accounts, sum) = funds.entry(balance.fund_id.as_str()).or_default();
        if !accounts.insert(balance.account.as_str()) {
            faults.push(format!("fund {}, {}: a second balance", balance.fund_id, balance.account));
        }
        *sum = sum.saturating_add(i128::from(balance.balance_fen));
        if (balance.account == AUTHORITY && balance.balance_fen > 0) || (balance.account != AUTHORITY && balance.balance_fen < 0) {
            faults.push(format!("fund {}, {}: a balance of {} fen", balance.fund_id, balance.account, balance.balance_fen));
        }
    }
    for (fund, (accounts, sum)) in funds {
        if accounts.len() != ACCOUNTS {
            faults.push(format!("fund {fund}: {} accounts, and not {ACCOUNTS}", accounts.len()));
        }
        if sum != 0 {
            faults.push(format!("fund {fund}: its balances add up to {sum} fen"));
        }
    }
    faults
}

/// No hold is used and released beyond its amount; what was used and released is what was posted; the remainders are the reserved and committed balances.
fn holds(bundle: &Bundle) -> Vec<String> {
    let mut amounts: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for leg in &bundle.legs {
        let sum = amounts.entry((leg.posting_id.as_str(), leg.account.as_str())).or_default();
        *sum = sum.saturating_add(i128::from(leg.amount_fen));
    }
    let account = |kind: &str| if kind == "reservation" { "reserved" } else { "committed" };
    let kinds: BTreeMap<&str, &str> = bundle.holds.iter().map(|hold| (hold.id.as_str(), account(&hold.kind))).collect();
    let (mut used, mut released): (BTreeMap<&str, i128>, BTreeMap<&str, i128>) = (BTreeMap::new(), BTreeMap::new());
    for posting in &bundle.postings {
        let Some((hold, account)) = posting.hold_id.as_deref().and_then(|hold| kinds.get_key_value(hold)) else { continue };
        if matches!(posting.kind.as_str(), "reservation" | "direct_commitment" | "carry_in") {
            continue;
        }
        let taken = amounts.get(&(posting.id.as_str(), *account)).copied().unwrap_or_default().saturating_neg();
        let sum = if matches!(posting.kind.as_str(), "release" | "carry_out") { &mut released } else { &mut used };
        let sum = sum.entry(hold).or_default();
        *sum = sum.saturating_add(taken);
    }
    let mut faults = Vec::new();
    let mut remainders: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    for hold in &bundle.holds {
        let (amount, of_used, of_released) = (i128::from(hold.amount_fen), i128::from(hold.used_fen), i128::from(hold.released_fen));
        let rest = amount.saturating_sub(of_used).saturating_sub(of_released);
        if amount <= 0 || of_used < 0 || of_released < 0 || rest < 0 {
            faults.push(format!("hold {}: used and released beyond its amount", hold.id));
        }
        let posted = |sums: &BTreeMap<&str, i128>| sums.get(hold.id.as_str()).copied().unwrap_or_default();
        if posted(&used) != of_used || posted(&released) != of_released {
            faults.push(format!("hold {}: what was used and released of it is not what was posted", hold.id));
        }
        let sum = remainders.entry((hold.fund_id.as_str(), account(&hold.kind))).or_default();
        *sum = sum.saturating_add(rest);
    }
    for balance in bundle.balances.iter().filter(|balance| matches!(balance.account.as_str(), "reserved" | "committed")) {
        let sum = remainders.get(&(balance.fund_id.as_str(), balance.account.as_str())).copied().unwrap_or_default();
        if sum != i128::from(balance.balance_fen) {
            faults.push(format!("fund {}, {}: balance {} fen, holds {sum} fen", balance.fund_id, balance.account, balance.balance_fen));
        }
    }
    faults
}

/// Every posting adds up to zero, in one fund, and every balance is the sum of its legs.
fn balances(bundle: &Bundle) -> Vec<String> {
    let mut postings: BTreeMap<&str, (&str, i128)> = BTreeMap::new();
    let mut accounts: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut faults = Vec::new();
    for leg in &bundle.legs {
        let amount = i128::from(leg.amount_fen);
        let (fund, sum) = postings.entry(leg.posting_id.as_str()).or_insert((leg.fund_id.as_str(), 0));
        *sum = sum.saturating_add(amount);
        if *fund != leg.fund_id {
            faults.push(format!("posting {}: it has legs in two funds", leg.posting_id));
        }
        let account = accounts.entry((leg.fund_id.as_str(), leg.account.as_str())).or_default();
        *account = account.saturating_add(amount);
    }
    faults.extend(
        postings.iter().filter(|(_, (_, sum))| *sum != 0).map(|(id, (_, sum))| format!("posting {id}: its legs add up to {sum} fen")),
    );
    for balance in &bundle.balances {
        let sum = accounts.remove(&(balance.fund_id.as_str(), balance.account.as_str())).unwrap_or_default();
        if sum != i128::from(balance.balance_fen) {
            faults.push(format!("fund {}, {}: balance {} fen, legs {sum} fen", balance.fund_id, balance.account, balance.balance_fen));
        }
    }
    faults.extend(
        accounts.iter().filter(|(_, sum)| **sum != 0).map(|((fund, account), _)| format!("fund {fund}, {account}: legs without a balance")),
    );
    faults
}
