//! Closings and contributions: the exact set of bids is journalled under a root, openers contribute to that root, and enough of them make an identity.

use std::sync::Arc;

use serde_json::json;

use super::model::{CeremonyFile, ClosingRow, ContributionRow, ContributionState, OpenedWith};
use super::{ceremonies, policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::error::Fields;
use crate::kernel::id::TenderId;
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::{Action, Actor, Authorized};
use crate::procurement::tenders::{self, TenderRow};
use crate::trust::journal::{self, Event};
use crate::trust::quorum::messages::{Member, Transcript};
use crate::trust::quorum::opening::{CLOSING, Closing, Contribution, check_contribution, root_of};
use crate::trust::quorum::{Contributed, Fault, Point, QuorumIdentity};
use crate::words;

/// May the actor close this tender or contribute to its opening? Contributing is for its openers only.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, tender: TenderId) -> Result<Authorized<TenderRow>> {
    let granted = tenders::service::may(db, actor, action, tender)?;
    if action.name == policy::CONTRIBUTE.name
        && let Some(file) = store::alive(db, tender)?
    {
        file.seat(actor.account)?;
    }
    Ok(granted)
}

/// The complete ceremony of a tender; `None` when the server holds its key.
pub fn custody(db: &mut Db, tender: TenderId) -> Result<Option<CeremonyFile>> {
    match store::alive(db, tender)? {
        Some(file) if file.row.transcript.is_none() => Err(rules::CEREMONY_INCOMPLETE.error()),
        file => Ok(file),
    }
}

/// The complete ceremony of a tender; a refusal when the server holds its key.
pub fn ceremony(db: &mut Db, tender: TenderId) -> Result<CeremonyFile> {
    custody(db, tender)?.ok_or_else(|| rules::NO_QUORUM.error())
}

/// Whether the set of bids of a tender is final.
pub fn is_closed(db: &mut Db, tender: TenderId) -> Result<bool> {
    Ok(store::closing(db, tender)?.is_some())
}

/// Refuses before the closing.
pub fn require_closed(db: &mut Db, tender: TenderId) -> Result<()> {
    if is_closed(db, tender)? { Ok(()) } else { Err(rules::NOT_CLOSED.error()) }
}

fn transcript(file: &CeremonyFile) -> Result<Transcript> {
    let text = file.row.transcript.as_deref().unwrap_or_default();
    serde_json::from_str(text).map_err(|e| Error::internal(format!("transcript of ceremony {}: {e}", file.row.id)))
}

/// A closing without its lots, as the ceremony gives it, or the server's own recipient where there was none.
pub fn blank(file: Option<&CeremonyFile>, tender: &TenderRow, least: usize, of_server: &str) -> Result<Closing> {
    let transcript = file.map(transcript).transpose()?;
    Ok(Closing {
        format: CLOSING.to_owned(),
        tender_id: tender.id,
        ceremony_id: file.map(|file| file.row.id),
        transcript_sha256: transcript.as_ref().map(Transcript::hash).transpose().map_err(|e| rules::refused(&e))?,
        recipient: transcript.map_or_else(|| of_server.to_owned(), |transcript| transcript.recipient),
        deadline: tender.bid_deadline.ok_or_else(|| rules::NOT_CLOSED.error())?,
        least,
        lots: Vec::new(),
    })
}

/// Publishes a closing: from now no bid comes in, and openers may contribute. For whoever may close the tender, or the runner when its time has come.
pub fn publish(tx: &mut Tx<'_>, tender: &TenderRow, closing: &Closing) -> Result<ClosingRow> {
    let fault = |e: Fault| Error::internal(format!("closing: {e}"));
    let content = closing.text().map_err(fault)?;
    let (root, points) = (root_of(&content), closing.points().map_err(fault)?.len());
    let bids: usize = closing.lots.iter().map(|lot| lot.bids.len()).sum();
    let said = json!({"root": root, "bids": bids, "points": points, "recipient": closing.recipient, "deadline": closing.deadline});
    let entry_id = tx.new_id();
    let row = ClosingRow {
        tender_id: tender.id,
        tenant_id: tender.tenant_id,
        ceremony_id: closing.ceremony_id,
        content,
        root,
        entry_id,
        closed_at: tx.now(),
        reserves_called_at: None,
        lost_at: None,
        lost_because: None,
    };
    store::insert_closing(tx, &row)?;
    let event = Event {
        tenant: tender.tenant_id,
        action: "tender.closed",
        kind: "tender",
        resource: tender.id.any(),
        version: tender.version,
        case: Some(tender.case_id),
        content: said,
    };
    journal::record_as(tx, entry_id, &event)?;
    if points > 0 {
        let file = ceremony(tx, tender.id)?;
        let text = format!(
            "「{}」已截止，请用 baiyi opener open 提交解密份额。\nThe bidding of this tender is closed; contribute with baiyi opener open.\n",
            tender.title
        );
        ceremonies::tell(tx, &file, Some(false), &format!("请提交解密份额 Contribute: {}", tender.title), &text)?;
    }
    Ok(row)
}

/// Tenders whose bids were due by an instant and which are not closed; at most `limit`.
pub fn unclosed(db: &mut Db, due: UtcInstant, limit: i64) -> Result<Vec<TenderRow>> {
    store::unclosed(db, due, limit)
}

/// What a contribution is checked against.
pub struct Desk {
    member: Member,
    verifying: Vec<u8>,
    closing: Closing,
    root: String,
}

/// Where the actor contributes; refused before the closing.
pub fn desk(db: &mut Db, actor: &Actor, tender: TenderId) -> Result<Desk> {
    let file = ceremony(db, tender)?;
    let member = file.seat(actor.account)?.named()?;
    let row = store::closing(db, tender)?.ok_or_else(|| rules::NOT_CLOSED.error())?;
    let fault = |e: Fault| Error::internal(format!("closing of tender {tender}: {e}"));
    let verifying = transcript(&file)?.verifying_share(member.position).map_err(fault)?;
    Ok(Desk { member, verifying, closing: Closing::parse(&row.content).map_err(fault)?, root: row.root })
}

/// Checks signature and proofs, which is slow. `Ok(Some(…))` says what is wrong with a contribution that its sender signed.
pub fn check(desk: &Desk, contribution: &Contribution) -> Result<Option<String>, Fault> {
    let checked = check_contribution(&desk.member, &desk.verifying, &desk.closing, &desk.root, contribution)?;
    Ok(checked.err().map(|wrong| wrong.to_string()))
}

/// Keeps a contribution that was checked against this root. A wrong one is kept and journalled with its sender's signature, and may be sent again.
pub fn contribute(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, sent: &Contribution, wrong: Option<&str>) -> Result<ContributionRow> {
    let tender = granted.subject();
    let file = ceremony(tx, tender.id)?;
    let seat = file.seat(granted.by())?;
    let closing = store::closing(tx, tender.id)?.ok_or_else(|| rules::NOT_CLOSED.error())?;
    if closing.root != sent.root {
        return Err(rules::CEREMONY_REFUSED.because(words!("不是该截止清单的份额", "a contribution to another closing")));
    }
    let before = store::contributions(tx, tender.id)?;
    if before.iter().any(|one| one.position == seat.position && one.state == ContributionState::Accepted) {
        return Err(rules::ALREADY_SENT.error());
    }
    if let Some(at) = tender.opened_at {
        return Err(rules::CONTRIBUTION_TOO_LATE.because(match closing.lost_at {
            None => words!("已于 {at} 开启", "opened at {at}"),
            Some(lost) => words!(
                "开标员已于 {lost} 被公告缺失，响应已于 {at} 凭响应人揭示开启；当时未揭示的响应仍无法解密",
                "the openers were given up at {lost} and the bids opened at {at}; those that were not revealed by then stay unreadable"
            ),
        }));
    }
    let row = ContributionRow {
        tender_id: tender.id,
        position: seat.position,
        account_id: granted.by(),
        state: if wrong.is_some() { ContributionState::Wrong } else { ContributionState::Accepted },
        wrong_because: wrong.map(str::to_owned),
        partials: sent.partials.clone(),
        signature: sent.signature.clone(),
        contributed_at: tx.now(),
    };
    store::keep_contribution(tx, granted, &row)?;
    let action = if wrong.is_some() { "opening.contribution_wrong" } else { "opening.contributed" };
    let content =
        json!({"root": sent.root, "position": seat.position, "opener": seat.name, "wrong_because": wrong, "signature": sent.signature});
    tenders::service::record(tx, action, tender, content)?;
    // Openers who were given up are enough after all: from now the opening is theirs again.
    let enough = accepted(&store::contributions(tx, tender.id)?) == usize::from(file.threshold()?);
    if closing.lost_at.is_some() && wrong.is_none() && enough {
        tenders::service::record(tx, "tender.openers_returned", tender, json!({"root": sent.root, "lost_at": closing.lost_at}))?;
    }
    Ok(row)
}

/// Contributions that hold.
fn accepted(contributions: &[ContributionRow]) -> usize {
    contributions.iter().filter(|one| one.state == ContributionState::Accepted).count()
}

/// Whose keys open the bids of a tender.
pub fn opened_with(db: &mut Db, tender: TenderId) -> Result<OpenedWith> {
    let complete = store::alive(db, tender)?.filter(|file| file.row.transcript.is_some());
    let Some((file, closing)) = complete.zip(store::closing(db, tender)?) else { return Ok(OpenedWith::Server) };
    let enough = accepted(&store::contributions(db, tender)?) >= usize::from(file.threshold()?);
    Ok(if closing.lost_at.is_some() && !enough { OpenedWith::Reveals } else { OpenedWith::Openers })
}

/// When the openers of a tender were given up.
pub fn given_up_at(db: &mut Db, tender: TenderId) -> Result<Option<UtcInstant>> {
    Ok(store::closing(db, tender)?.and_then(|closing| closing.lost_at))
}

/// Everything from which the identity of an opening is made.
pub struct Gathered {
    file: CeremonyFile,
    closing: ClosingRow,
    contributions: Vec<ContributionRow>,
}

/// What was gathered for the opening of a tender; `None` when the server holds its key. Refused before its closing and while openers are missing.
pub fn gathered(db: &mut Db, tender: TenderId) -> Result<Option<Gathered>> {
    let Some(file) = store::alive(db, tender)?.filter(|file| file.row.transcript.is_some()) else { return Ok(None) };
    let closing = store::closing(db, tender)?.ok_or_else(|| rules::NOT_CLOSED.error())?;
    let contributions = store::contributions(db, tender)?;
    let gathered = Gathered { file, closing, contributions };
    // Where no lot has enough bids, nothing is opened and nobody need contribute; where the openers were given up, bidders reveal.
    if gathered.lost_at().is_none() && !gathered.points()?.is_empty() {
        gathered.require_enough(&[])?;
    }
    Ok(Some(gathered))
}

/// Whether openers are still needed: something is opened, and too few contributed what holds.
fn needs_openers(db: &mut Db, file: &CeremonyFile, closing: &ClosingRow) -> Result<bool> {
    let fault = |e: Fault| Error::internal(format!("closing of tender {}: {e}", closing.tender_id));
    if Closing::parse(&closing.content).and_then(|closing| closing.points()).map_err(fault)?.is_empty() {
        return Ok(false);
    }
    Ok(accepted(&store::contributions(db, file.row.tender_id)?) < usize::from(file.threshold()?))
}

/// Calls the reserves of closings to which too few contributed in time, at most `limit`; returns how many closings.
pub fn call_reserves(tx: &mut Tx<'_>, limit: i64) -> Result<usize> {
    let mut called = 0_usize;
    for (row, title) in store::uncalled(tx, limit)? {
        let file = ceremony(tx, row.tender_id)?;
        if tx.now() < after_hours(row.closed_at, file.row.reserve_after_hours) || !needs_openers(tx, &file, &row)? {
            continue;
        }
        store::mark_called(tx, row.tender_id)?;
        let names: Vec<&str> = file.members.iter().filter(|member| member.reserve).map(|member| member.name.as_str()).collect();
        let event = Event {
            tenant: row.tenant_id,
            action: "opening.reserves_called",
            kind: "opener_ceremony",
            resource: file.row.id.any(),
            version: file.row.version,
            case: Some(file.row.case_id),
            content: json!({"tender_id": row.tender_id, "root": row.root, "reserves": names}),
        };
        journal::record(tx, &event)?;
        let text = format!(
            "「{title}」截止后提交份额的开标员不足，请后备开标员用 baiyi opener open 提交解密份额。\nToo few openers of this tender contributed; reserves, contribute with baiyi opener open.\n"
        );
        ceremonies::tell(tx, &file, Some(true), &format!("请后备开标员提交解密份额 Reserve openers: {title}"), &text)?;
        called = called.saturating_add(1);
    }
    Ok(called)
}

fn after_hours(from: UtcInstant, hours: i32) -> UtcInstant {
    from.plus_seconds(i64::from(hours).saturating_mul(3600))
}

/// Gives the openers up: too few contributed in twice the time for reserves. From now bidders reveal.
pub fn give_up(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, reason: &str) -> Result<ClosingRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 5, 500);
    fields.finish()?;
    let tender = granted.subject();
    let file = ceremony(tx, tender.id)?;
    let row = store::closing(tx, tender.id)?.ok_or_else(|| rules::NOT_CLOSED.error())?;
    let due = after_hours(row.closed_at, file.row.reserve_after_hours.saturating_mul(2));
    if tender.opened_at.is_some() || row.lost_at.is_some() || tx.now() < due || !needs_openers(tx, &file, &row)? {
        return Err(rules::QUORUM_NOT_LOST.because(words!("最早 {due}", "at {due} at the earliest")));
    }
    let row = store::mark_lost(tx, granted, reason.trim())?;
    tenders::service::record(tx, "tender.openers_given_up", tender, json!({"root": row.root, "reason": reason.trim()}))?;
    Ok(row)
}

impl Gathered {
    /// When the openers were given up.
    pub const fn lost_at(&self) -> Option<UtcInstant> {
        self.closing.lost_at
    }

    /// Whether enough openers contributed, in time or after they were given up.
    pub fn is_enough(&self) -> Result<bool> {
        Ok(accepted(&self.contributions) >= usize::from(self.file.threshold()?))
    }

    /// The closing.
    pub fn closing(&self) -> Result<Closing> {
        Closing::parse(&self.closing.content).map_err(|e| Error::internal(format!("closing of tender {}: {e}", self.closing.tender_id)))
    }

    fn points(&self) -> Result<Vec<Point>> {
        self.closing()?.points().map_err(|e| Error::internal(format!("closing of tender {}: {e}", self.closing.tender_id)))
    }

    /// Refuses with whoever has not contributed, and with whose contribution is wrong.
    fn require_enough(&self, found_wrong: &[Fault]) -> Result<()> {
        let accepted =
            |position: i32| self.contributions.iter().any(|one| one.position == position && one.state == ContributionState::Accepted);
        let count = self.file.members.iter().filter(|member| accepted(member.position)).count().saturating_sub(found_wrong.len());
        let needed = usize::from(self.file.threshold()?);
        if count >= needed {
            return Ok(());
        }
        let absent: Vec<&str> =
            self.file.members.iter().filter(|member| !accepted(member.position)).map(|member| member.name.as_str()).collect();
        let wrong: Vec<String> = self
            .file
            .members
            .iter()
            .filter(|member| {
                let found =
                    found_wrong.iter().any(|fault| matches!(fault, Fault::Of { position, .. } if i32::from(*position) == member.position));
                found || self.contributions.iter().any(|one| one.position == member.position && one.state == ContributionState::Wrong)
            })
            .map(|member| member.name.clone())
            .collect();
        let (absent, wrong) = (absent.join("、"), if wrong.is_empty() { "-".to_owned() } else { wrong.join("、") });
        Err(rules::CONTRIBUTIONS_MISSING.because(words!(
            "已有 {count} 份有效份额，须有 {needed} 份；尚缺：{absent}；份额有误：{wrong}",
            "{count} of {needed} valid contributions; without one: {absent}; wrong: {wrong}"
        )))
    }

    /// Verifies every contribution again and combines them, which is slow: runs outside every transaction.
    pub fn combine(&self) -> Result<Arc<QuorumIdentity>> {
        let fault = |e: Fault| Error::internal(format!("closing of tender {}: {e}", self.closing.tender_id));
        let (closing, transcript, points) = (self.closing()?, transcript(&self.file)?, self.points()?);
        let group = hex::decode(&transcript.group_key).map_err(|_| Error::internal("a group key is not hex"))?;
        if points.is_empty() {
            return QuorumIdentity::shut(&group).map(Arc::new).map_err(fault);
        }
        let (mut good, mut wrong) = (Vec::<Contributed>::new(), Vec::new());
        for one in self.contributions.iter().filter(|one| one.state == ContributionState::Accepted) {
            let Some(member) = self.file.members.iter().find(|member| member.position == one.position) else { continue };
            let member = member.named()?;
            let verifying = transcript.verifying_share(member.position).map_err(fault)?;
            let sent = Contribution { root: self.closing.root.clone(), partials: one.partials.clone(), signature: one.signature.clone() };
            match check_contribution(&member, &verifying, &closing, &self.closing.root, &sent) {
                Ok(Ok(contributed)) => good.push(contributed),
                Ok(Err(fault)) => wrong.push(fault),
                Err(fault) => wrong.push(Fault::of(member.position, fault.to_string())),
            }
        }
        self.require_enough(&wrong)?;
        QuorumIdentity::combine(&group, self.file.threshold()?, &points, &good).map(Arc::new).map_err(fault)
    }
}

/// What opens the bids of a tender that is opened already, where openers held its key.
pub fn reopened(db: &mut Db, tender: TenderId) -> Result<Option<Gathered>> {
    match store::closing(db, tender)? {
        None => Ok(None),
        Some(_) => gathered(db, tender),
    }
}

/// The closing of a tender for those who may see it.
pub fn find(db: &mut Db, tender: TenderId) -> Result<ClosingRow> {
    store::closing(db, tender)?.ok_or_else(|| error::NOT_FOUND.error())
}

/// What the closing of a tender names; refused before it.
pub fn named(db: &mut Db, tender: TenderId) -> Result<Closing> {
    let row = store::closing(db, tender)?.ok_or_else(|| rules::NOT_CLOSED.error())?;
    Closing::parse(&row.content).map_err(|e| Error::internal(format!("closing of tender {tender}: {e}")))
}
