//! Use cases of ceremonies: openers are named, the server relays what they send and computes the same transcript; it learns no share.

use serde_json::{Value, json};

use super::model::{CeremonyFile, CeremonyRow, CeremonyState, MemberRow, ShareRow, narrow};
use super::rules::{self, Candidate};
use super::{policy, store};
use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, CeremonyId, JournalEntryId, TenderId};
use crate::kernel::{Error, Fen, Result, error};
use crate::notices::outbox::{self, Message};
use crate::parties::units;
use crate::people::accounts::{self, model::AccountState};
use crate::people::policy::authorize;
use crate::people::{Action, Actor, Authorized, Role};
use crate::procurement::tenders::{self, TenderRow, TenderState};
use crate::trust::journal::{self, Event};
use crate::trust::quorum::dkg::{self, Packages};
use crate::trust::quorum::messages::{
    FirstPackage, SealedShare, Transcript, decode, first_text, is_signed, round1_hash, share_text, transcript_text,
};
use crate::words;

/// May the actor name the openers of this tender?
pub fn may_name(db: &mut Db, actor: &Actor, tender: TenderId) -> Result<Authorized<TenderRow>> {
    tenders::service::may(db, actor, &policy::NAME, tender)
}

/// May the actor do this in the ceremony? Sending and signing is for its openers only.
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, id: CeremonyId) -> Result<Authorized<CeremonyFile>> {
    let file = store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    let granted = authorize(actor, action, file)?;
    let open_to_others =
        action.name == policy::READ.name || (action.name == policy::ABANDON.name && actor.leads(granted.subject().row.unit_id));
    if !open_to_others {
        granted.subject().seat(actor.account)?;
    }
    Ok(granted)
}

/// Who the openers of a tender are to be.
#[derive(Debug, Clone)]
pub struct Openers {
    /// In the order of their positions.
    pub accounts: Vec<AccountId>,
    /// Those of them who are called only when others stay away.
    pub reserves: Vec<AccountId>,
    /// Needed to open.
    pub threshold: usize,
    /// Hours after the closing in which too few contributed before reserves are called.
    pub reserve_after_hours: i32,
}

/// Names the openers of a tender that is not published yet.
pub fn name(tx: &mut Tx<'_>, granted: &Authorized<TenderRow>, openers: &Openers) -> Result<CeremonyFile> {
    let (tender, accounts, threshold) = (granted.subject(), &openers.accounts, openers.threshold);
    rules::check_reserves(accounts, &openers.reserves, threshold, openers.reserve_after_hours)?;
    if store::alive(tx, tender.id)?.is_some() {
        return Err(rules::CEREMONY_EXISTS.error());
    }
    let id = tx.new_id();
    let (mut candidates, mut members) = (Vec::new(), Vec::<MemberRow>::new());
    for (account, position) in accounts.iter().take(rules::OPENERS_MAX.saturating_add(1)).zip(1_i32..) {
        let found = accounts::store::find(tx, tender.tenant_id, *account)?;
        let roles = accounts::store::roles_of(tx, *account)?;
        let key = store::confirmed_key(tx, tender.tenant_id, *account)?;
        let unit = found.as_ref().and_then(|account| account.unit_id);
        let active = found.as_ref().is_some_and(|account| account.state == AccountState::Active);
        let once = !members.iter().any(|member| member.account_id == *account);
        let ready = once && active && roles.contains(&Role::Opener) && key.is_some();
        let line = unit.map_or(Ok(Vec::new()), |unit| units::line_of(tx, tender.tenant_id, unit))?;
        candidates.push(Candidate { line, operator: roles.contains(&Role::PlatformAdmin), ready });
        if let (Some(found), Some(unit), Some(key)) = (found, unit, key) {
            members.push(MemberRow {
                ceremony_id: id,
                position,
                key_id: key.id,
                account_id: *account,
                unit_id: unit,
                name: found.name,
                signing_key: key.signing_key,
                recipient: key.recipient,
                package: None,
                package_signature: None,
                transcript_signature: None,
                reserve: openers.reserves.contains(account),
            });
        }
    }
    rules::check_openers(&candidates, threshold)?;
    let row = CeremonyRow {
        id,
        tenant_id: tender.tenant_id,
        tender_id: tender.id,
        case_id: tender.case_id,
        unit_id: tender.unit_id,
        threshold: i32::try_from(threshold).map_err(|_| Error::internal("a threshold out of range"))?,
        state: CeremonyState::Packages,
        recipient: None,
        transcript: None,
        named_by: granted.by(),
        abandoned_because: None,
        version: 1,
        created_at: tx.now(),
        completed_at: None,
        reserve_after_hours: openers.reserve_after_hours,
    };
    let file = CeremonyFile { row, members };
    store::insert(tx, granted, &file)?;
    let statement = file.statement()?;
    let content =
        json!({"tender_id": tender.id, "statement_sha256": statement.hash().map_err(|e| rules::refused(&e))?, "statement": statement});
    record(tx, "ceremony.named", &file.row, content)?;
    let text = format!(
        "您被指定为「{}」的开标员，请用 baiyi opener join 参加密钥仪式 {}。\nYou are named an opener; take part with baiyi opener join.\n",
        tender.title, id
    );
    tell(tx, &file, None, &format!("密钥仪式 Key ceremony: {}", tender.title), &text)?;
    Ok(file)
}

/// Writes to every opener of a ceremony, or only to those who are reserves or are not.
pub(super) fn tell(tx: &mut Tx<'_>, file: &CeremonyFile, reserves: Option<bool>, subject: &str, body: &str) -> Result<()> {
    for member in file.members.iter().filter(|member| reserves.is_none_or(|wanted| member.reserve == wanted)) {
        if let Some(account) = accounts::store::find(tx, file.row.tenant_id, member.account_id)? {
            let message =
                Message { tenant: file.row.tenant_id, recipient: &account.email, subject: subject.to_owned(), body: body.to_owned() };
            outbox::enqueue(tx, message)?;
        }
    }
    Ok(())
}

/// Takes an opener's first package.
pub fn send_package(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, sent: &FirstPackage) -> Result<CeremonyFile> {
    let file = granted.subject();
    let seat = file.seat(granted.by())?;
    if seat.package.is_some() {
        return Err(rules::ALREADY_SENT.error());
    }
    let (position, ceremony) = (narrow(seat.position)?, hash_of(file)?);
    let package = decode(&sent.package).map_err(|e| rules::refused(&e))?;
    if !is_signed(&seat.signing_key, &first_text(&ceremony, position, &package), &sent.signature) {
        return Err(rules::CEREMONY_REFUSED.because(words!("签名不符", "the signature does not hold")));
    }
    dkg::check_first(position, file.threshold()?, &package).map_err(|e| rules::refused(&e))?;
    let member = MemberRow { package: Some(sent.package.clone()), package_signature: Some(sent.signature.clone()), ..seat.clone() };
    store::save_member(tx, granted, &member)?;
    let last = file.members.iter().filter(|one| one.package.is_none()).count() == 1;
    let state = if last { CeremonyState::Shares } else { CeremonyState::Packages };
    step(tx, granted, "ceremony.package", state, json!({"position": position, "package": sent}))
}

/// Takes an opener's sealed shares, one for each of the others.
pub fn send_shares(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, sent: &[SealedShare]) -> Result<CeremonyFile> {
    let file = granted.subject();
    let seat = file.seat(granted.by())?;
    let before = store::shares(tx, file.row.id)?;
    if before.iter().any(|share| share.sender == seat.position) {
        return Err(rules::ALREADY_SENT.error());
    }
    let position = narrow(seat.position)?;
    let (ceremony, round1) = (hash_of(file)?, round1_hash(&packages(file)?).map_err(|e| rules::refused(&e))?);
    let mut expected: Vec<u16> = file.members.iter().map(|one| narrow(one.position)).collect::<Result<_>>()?;
    expected.retain(|to| *to != position);
    let mut receivers: Vec<u16> = sent.iter().map(|share| share.to).collect();
    receivers.sort_unstable();
    if receivers != expected || sent.iter().any(|share| share.from != position) {
        return Err(rules::CEREMONY_REFUSED.because(words!("须给其他每位开标员各一份", "one share for each of the other openers")));
    }
    for share in sent {
        let ciphertext = decode(&share.ciphertext).map_err(|e| rules::refused(&e))?;
        if !is_signed(&seat.signing_key, &share_text(&ceremony, &round1, position, share.to, &ciphertext), &share.signature) {
            return Err(rules::CEREMONY_REFUSED.because(words!("签名不符", "the signature does not hold")));
        }
        let row = ShareRow {
            ceremony_id: file.row.id,
            sender: seat.position,
            receiver: i32::from(share.to),
            ciphertext: share.ciphertext.clone(),
            signature: share.signature.clone(),
        };
        store::insert_share(tx, granted, &row)?;
    }
    let all = file.members.len().saturating_mul(file.members.len().saturating_sub(1));
    let last = before.len().saturating_add(sent.len()) == all;
    let state = if last { CeremonyState::Signatures } else { CeremonyState::Shares };
    step(tx, granted, "ceremony.shares", state, json!({"position": position, "round1_sha256": round1, "receivers": receivers}))
}

/// Takes an opener's signature of the transcript, which must be the one that the server relayed. With the last one the key is the tender's.
pub fn sign(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, named: &str, signature: &str) -> Result<CeremonyFile> {
    let file = granted.subject();
    let seat = file.seat(granted.by())?;
    if seat.transcript_signature.is_some() {
        return Err(rules::ALREADY_SENT.error());
    }
    let position = narrow(seat.position)?;
    let transcript = transcript(tx, file)?;
    let hash = transcript.hash().map_err(|e| rules::refused(&e))?;
    if named != hash {
        return Err(rules::CEREMONY_REFUSED
            .because(words!("所签记录与服务器转发的不同：{hash}", "another transcript than the one relayed here: {hash}")));
    }
    if !is_signed(&seat.signing_key, &transcript_text(&hash, position), signature) {
        return Err(rules::CEREMONY_REFUSED.because(words!("签名不符", "the signature does not hold")));
    }
    let member = MemberRow { transcript_signature: Some(signature.to_owned()), ..seat.clone() };
    store::save_member(tx, granted, &member)?;
    let last = file.members.iter().filter(|one| one.transcript_signature.is_none()).count() == 1;
    let content = json!({"position": position, "transcript_sha256": hash, "signature": signature});
    let signed = step(tx, granted, "ceremony.signed", CeremonyState::Signatures, content)?;
    if !last {
        return Ok(signed);
    }
    let text = serde_json_canonicalizer::to_string(&transcript).map_err(|e| Error::internal(format!("transcript: {e}")))?;
    let complete = CeremonyRow {
        state: CeremonyState::Complete,
        recipient: Some(transcript.recipient.clone()),
        transcript: Some(text),
        completed_at: Some(tx.now()),
        ..signed.row
    };
    let row = store::save(tx, granted, &complete)?;
    record(tx, "ceremony.completed", &row, json!({"tender_id": row.tender_id, "transcript_sha256": hash, "recipient": row.recipient}))?;
    reload(tx, &row)
}

/// The journal's entry of a ceremony's end.
pub fn entry_of_end(db: &mut Db, row: &CeremonyRow) -> Result<Option<JournalEntryId>> {
    if row.transcript.is_none() {
        return Ok(None);
    }
    Ok(journal::evidence(db, row.tenant_id, "ceremony.completed", row.id.any())?.map(|entry| entry.id))
}

/// Gives a ceremony up before its tender is published; another may begin.
pub fn abandon(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, reason: &str) -> Result<CeremonyFile> {
    let before = &granted.subject().row;
    let tender = tenders::store::find(tx, before.tenant_id, before.tender_id)?.ok_or_else(|| error::NOT_FOUND.error())?;
    if tender.state == TenderState::Published {
        return Err(error::WRONG_STATE.because(words!("项目已发布，密钥不可更换", "the tender is published; its key stays")));
    }
    let row = CeremonyRow { state: CeremonyState::Abandoned, abandoned_because: Some(reason.trim().to_owned()), ..before.clone() };
    let row = store::save(tx, granted, &row)?;
    record(tx, "ceremony.abandoned", &row, json!({"reason": row.abandoned_because}))?;
    reload(tx, &row)
}

fn hash_of(file: &CeremonyFile) -> Result<String> {
    file.statement()?.hash().map_err(|e| rules::refused(&e))
}

fn packages(file: &CeremonyFile) -> Result<Packages> {
    let mut packages = Packages::new();
    for member in &file.members {
        let package = member.package.as_deref().ok_or_else(|| Error::internal("a first package is missing"))?;
        packages.insert(narrow(member.position)?, decode(package).map_err(|e| rules::refused(&e))?);
    }
    Ok(packages)
}

fn transcript(db: &mut Db, file: &CeremonyFile) -> Result<Transcript> {
    let shares = store::shares(db, file.row.id)?.into_iter().map(relayed).collect::<Result<Vec<_>>>()?;
    Transcript::of(&file.statement()?, &packages(file)?, &shares).map(|(transcript, _)| transcript).map_err(|e| rules::refused(&e))
}

/// A stored share as it is relayed.
pub fn relayed(row: ShareRow) -> Result<SealedShare> {
    Ok(SealedShare { from: narrow(row.sender)?, to: narrow(row.receiver)?, ciphertext: row.ciphertext, signature: row.signature })
}

/// Moves a ceremony on and journals the step.
fn step(tx: &mut Tx<'_>, granted: &Authorized<CeremonyFile>, action: &str, state: CeremonyState, content: Value) -> Result<CeremonyFile> {
    let row = store::save(tx, granted, &CeremonyRow { state, ..granted.subject().row.clone() })?;
    record(tx, action, &row, content)?;
    reload(tx, &row)
}

fn reload(tx: &mut Tx<'_>, row: &CeremonyRow) -> Result<CeremonyFile> {
    store::find(tx, row.tenant_id, row.id)?.ok_or_else(|| error::NOT_FOUND.error())
}

fn record(tx: &mut Tx<'_>, action: &str, row: &CeremonyRow, content: Value) -> Result<()> {
    let (resource, case) = (row.id.any(), Some(row.case_id));
    let event = Event { tenant: row.tenant_id, action, kind: "opener_ceremony", resource, version: row.version, case, content };
    journal::record(tx, &event)?;
    Ok(())
}

/// The recipient that bids of a tender are sealed to: its openers' where it has any, the server's otherwise.
pub fn recipient(db: &mut Db, tender: &TenderRow, of_server: &str) -> Result<String> {
    match store::alive(db, tender.id)? {
        None => Ok(of_server.to_owned()),
        Some(file) => file.row.recipient.ok_or_else(|| rules::CEREMONY_INCOMPLETE.error()),
    }
}

/// Refuses the publication of a tender whose openers have not all signed the same transcript, and of one that takes bids of a value which asks for
/// openers and has none.
pub fn require_ready(tx: &mut Tx<'_>, tender: &TenderRow, takes_bids: bool, quorum_from: Option<Fen>) -> Result<()> {
    match store::alive(tx, tender.id)? {
        Some(file) if file.row.state == CeremonyState::Complete => Ok(()),
        Some(_) => Err(rules::CEREMONY_INCOMPLETE.error()),
        None => {
            let lots = tenders::store::lots_of(tx, tender.id)?;
            let value = Fen::total(lots.iter().map(|lot| lot.ceiling_fen))?;
            if takes_bids && rules::needs_quorum(value, quorum_from) { Err(rules::OPENERS_REQUIRED.error()) } else { Ok(()) }
        }
    }
}
