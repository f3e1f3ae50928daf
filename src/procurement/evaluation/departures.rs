//! Use cases of members who leave: declined or removed, and who takes the seat.

use serde_json::json;

use super::conflicts::Bench;
use super::model::{Capacity, EvaluationRow, MemberRow, MemberState};
use super::panel::{eligible_person, next_of_the_draw, note_turn, pool_entry, seat};
use super::service::{Progress, progress, record};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{AccountId, LotId};
use crate::kernel::{Error, Result};
use crate::people::policy::{Authorized, Subject, authorize};
use crate::people::{Actor, Role};
use crate::procurement::draws::Outcome;
use crate::procurement::tenders::lots;
use crate::procurement::tenders::model::LotFile;
use crate::words;

/// May the actor record a departure: its own, its unit's, or as supervisor? Whoever is not a member of the lot is not found.
pub fn may_depart(db: &mut Db, actor: &Actor, lot: LotId, account: AccountId) -> Result<Authorized<LotFile>> {
    let file = lots::load(db, actor.tenant, lot)?;
    let member = store::members(db, lot)?.into_iter().find(|row| row.account_id == account && row.sits());
    if !file.visible_to(actor) || member.is_none() {
        return Err(error::NOT_FOUND.error());
    }
    let office = actor.reaches(&[Role::Purchaser, Role::PurchaserLead, Role::Supervisor], Some(file.tender.unit_id), None);
    if actor.account != account && !office {
        return Err(error::FORBIDDEN.error());
    }
    authorize(actor, &policy::DEPART, file)
}

/// Why a member leaves.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Declined or removed.
    pub state: MemberState,
    /// Why.
    pub reason: String,
    /// Who takes the seat of a representative or reviewer; experts are replaced from the draw.
    pub replacement: Option<AccountId>,
}

/// Takes a member off. An expert is followed by the next of the draw who has no conflict; its sheet no longer counts, and a discussion begins anew.
pub fn depart(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, account: AccountId, departure: &Departure) -> Result<Option<AccountId>> {
    let mut fields = Fields::default();
    fields.text(&departure.reason, "/reason", 2, 1000);
    fields.finish()?;
    let file = granted.subject();
    let progress = progress(tx, file)?;
    if progress.evaluation.ranked_at.is_some() {
        return Err(error::WRONG_STATE.because(words!("已经排序", "ranked already")));
    }
    let member = progress.sitting.iter().find(|row| row.account_id == account).ok_or_else(|| error::NOT_FOUND.error())?;
    let drawn = member.capacity == Capacity::Expert;
    if drawn && departure.replacement.is_some() {
        return Err(Error::field("/replacement_account_id", words!("专家按抽取顺序递补", "an expert is followed by the next of the draw")));
    }
    let row = MemberRow {
        state: departure.state,
        state_reason: Some(departure.reason.trim().to_owned()),
        is_chair: false,
        left_at: Some(tx.now()),
        ..member.clone()
    };
    store::save_member(tx, granted, &row)?;
    if let Some(expert) = member.expert_id.filter(|_| drawn) {
        let outcome = if departure.state == MemberState::Declined { Outcome::Declined } else { Outcome::Removed };
        note_turn(tx, granted, expert, outcome)?;
    }
    let bench = Bench::today(tx, file)?;
    let next = match departure.replacement {
        None if drawn => next_of_the_draw(tx, granted, &bench)?,
        None => None,
        Some(other) => {
            let row = eligible_person(tx, file, &bench, other, member.capacity, "/replacement_account_id")?;
            let expert = if member.capacity == Capacity::Reviewer { pool_entry(tx, file, other)? } else { None };
            seat(tx, granted, &row, member.capacity, expert.as_ref())?;
            Some(other)
        }
    };
    restart_discussion(tx, granted, &progress)?;
    let content = json!({"account_id": account, "state": departure.state, "reason": departure.reason.trim(), "next": next});
    record(tx, "lot.member_left", file, content)?;
    Ok(next)
}

fn restart_discussion(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, progress: &Progress) -> Result<()> {
    if progress.evaluation.discussion_opened_at.is_none() {
        return Ok(());
    }
    store::clear_outliers(tx, granted, &progress.sheets)?;
    let row = EvaluationRow { discussion_opened_at: None, discussion_closed_at: None, ..progress.evaluation.clone() };
    store::save_evaluation(tx, granted, &row)
}
