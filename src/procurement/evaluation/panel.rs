//! Use cases of panels and reviewers: the draw, appointments, departures and replacements, the chair.

use std::ops::RangeInclusive;

use serde_json::json;

use super::conflicts::Bench;
use super::lawful::{self, Composition};
use super::model::{CandidateRow, Capacity, EvaluationKind, EvaluationRow, MemberRow, MemberState};
use super::service::{CONFLICT_OF_INTEREST, progress, record};
use super::{lots_draws, policy, store};
use crate::db::{Db, Tx};
use crate::kernel::error::{self, Fields, problems};
use crate::kernel::id::{AccountId, ExpertId, LotId};
use crate::kernel::{BasisPoints, CatalogueCode, Error, Result};
use crate::law::Finding;
use crate::notices::outbox::{self, Message};
use crate::people::accounts::model::AccountState;
use crate::people::accounts::{self, AccountRow};
use crate::people::policy::{Authorized, Subject, authorize};
use crate::people::{Actor, Role};
use crate::procurement::draws::model::joined;
use crate::procurement::draws::rules::DRAW_DUE;
use crate::procurement::draws::{self, DrawRow, Hindrance, Outcome};
use crate::procurement::experts::{self, ExpertFile, ExpertState};
use crate::procurement::tenders::lots;
use crate::procurement::tenders::model::LotFile;
use crate::words;

/// How many people review where no panel decides.
pub const REVIEWERS: RangeInclusive<usize> = 2..=3;
/// Most experts of a panel, and most representatives.
pub const MEMBERS_MAX: usize = 21;
/// A score that departs from the mean of the others by more than this is discussed, where the panel's making says nothing else.
pub const OUTLIER_SHARE: i32 = 2_000;

problems! {
    /// A panel or reviewers are there already.
    PANEL_FORMED = "evaluation_begun", 409, "评审人员已经确定", "The evaluators are chosen already",
        "该采购包已抽取评审小组或已指定评审人员。如需更换，请登记该成员的退出。",
        "A panel is drawn or reviewers are appointed for this lot. To replace a member, record its departure.";
    /// The pool does not have enough experts without a conflict.
    TOO_FEW_EXPERTS = "too_few_experts", 409, "可抽取的专家不足", "Too few experts can be drawn",
        "该专业在库、有账户且无利害关系的专家不足。请增补专家或调整专业后再抽取；未作任何记录。",
        "The pool has too few active experts of the field with an account and without a conflict. Add experts or widen the field, then draw; nothing was recorded.";
    /// The purchaser's representative does not lead.
    CHAIR_NOT_EXPERT = "chair_not_expert", 422, "组长须为评审专家", "The chair must be an expert",
        "采购人代表不得担任评审小组组长。",
        "A representative of the purchaser never leads the panel.";
    /// Nobody leads the panel.
    CHAIR_MISSING = "chair_missing", 409, "尚未推选组长", "The panel has no chair",
        "请由评审专家中推选组长。",
        "Name one of the experts as the chair.";
    /// Neither two nor three people review.
    REVIEWERS_COUNT = "reviewers_count", 409, "评审人员须为两至三人", "Two or three people review",
        "比选、比价由两至三人评审。",
        "A selection or a comparison of quotes is reviewed by two or three people.";
}

/// What a panel is to be.
#[derive(Debug, Clone)]
pub struct PanelOrder {
    /// Experts to be drawn.
    pub experts: usize,
    /// Field to draw from.
    pub field: CatalogueCode,
    /// The purchaser's own.
    pub representatives: Vec<AccountId>,
    /// By what share of the mean of the others a score must depart to be discussed.
    pub outlier_share: BasisPoints,
}

/// May the actor name the chair: a member, or the purchaser that records the election?
pub fn may_name_chair(db: &mut Db, actor: &Actor, lot: LotId) -> Result<Authorized<LotFile>> {
    let file = lots::load(db, actor.tenant, lot)?;
    if !file.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let office = actor.reaches(&[Role::Purchaser, Role::PurchaserLead], Some(file.tender.unit_id), None);
    if !office && !super::service::sits(db, actor, lot)? {
        return Err(error::FORBIDDEN.error());
    }
    authorize(actor, &policy::NAME_CHAIR, file)
}

fn begin(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, kind: EvaluationKind, order: Option<(&PanelOrder, Option<String>)>) -> Result<()> {
    let share = order.as_ref().map(|(order, _)| order.outlier_share).or_else(|| BasisPoints::new(OUTLIER_SHARE));
    let row = EvaluationRow {
        lot_id: granted.subject().lot.id,
        tenant_id: granted.subject().lot.tenant_id,
        kind,
        field: order.as_ref().map(|(order, _)| order.field.clone()),
        experts: order.as_ref().map_or(0, |(order, _)| i32::try_from(order.experts).unwrap_or(i32::MAX)),
        seed: order.and_then(|(_, seed)| seed),
        outlier_share_bp: share.unwrap_or(BasisPoints::WHOLE),
        made_by: granted.by(),
        made_at: tx.now(),
        discussion_opened_at: None,
        discussion_closed_at: None,
        ranked_at: None,
        finished_at: None,
        commitments_closed_at: None,
    };
    store::insert_evaluation(tx, granted, &row)
}

/// A panel that the law allows, with who can be drawn for it and who represents the purchaser.
pub struct Prepared {
    /// The law's warnings.
    pub warnings: Vec<Finding>,
    /// Experts who can be drawn.
    pub eligible: Vec<(ExpertFile, AccountRow)>,
    /// The purchaser's own.
    pub representatives: Vec<AccountRow>,
}

/// Checks what the law says of a panel's size and who may sit on it.
pub fn prepare(tx: &mut Tx<'_>, file: &LotFile, order: &PanelOrder) -> Result<Prepared> {
    let mut fields = Fields::default();
    fields.require(order.experts <= MEMBERS_MAX, "/experts", || words!("最多 {MEMBERS_MAX} 人", "at most {MEMBERS_MAX}"));
    let seats = order.representatives.len();
    fields.require(seats <= MEMBERS_MAX, "/representatives", || words!("最多 {MEMBERS_MAX} 人", "at most {MEMBERS_MAX}"));
    let mut twice = order.representatives.clone();
    twice.sort_unstable();
    twice.dedup();
    fields.require(twice.len() == seats, "/representatives", || words!("重复", "given twice"));
    fields.finish()?;
    let size = order.experts.saturating_add(seats);
    let warnings = lawful::judge_panel(tx, file, Composition { size, experts: order.experts, purchaser_chairs: None }, Vec::new())?;
    let bench = Bench::today(tx, file)?;
    let eligible = eligible(tx, file, &bench, &order.field, &order.representatives)?;
    let mut representatives = Vec::with_capacity(seats);
    for (index, account) in order.representatives.iter().enumerate() {
        let pointer = format!("/representatives/{index}");
        representatives.push(eligible_person(tx, file, &bench, *account, Capacity::Representative, &pointer)?);
    }
    Ok(Prepared { warnings, eligible, representatives })
}

/// Refuses a draw from fewer experts than are wanted.
pub fn require_enough(wanted: usize, found: usize) -> Result<()> {
    match wanted.checked_sub(found).filter(|missing| *missing > 0) {
        None => Ok(()),
        Some(missing) => Err(TOO_FEW_EXPERTS.because(words!(
            "需要 {wanted} 人，可抽取 {found} 人，缺 {missing} 人",
            "{wanted} are wanted, {found} can be drawn, {missing} are missing"
        ))),
    }
}

/// Forms a panel: checks what the law says of its size, calls the experts in the order that was drawn and seats the representatives. Gives the law's
/// warnings.
pub fn form(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, order: &PanelOrder) -> Result<Vec<Finding>> {
    let file = granted.subject();
    if store::evaluation(tx, file.lot.id)?.is_some() {
        return Err(PANEL_FORMED.error());
    }
    let prepared = prepare(tx, file, order)?;
    let draw = match lots_draws::of_panel(tx, file.lot.id)? {
        Some(draw) => Some(as_drawn(draw, order)?),
        None if order.experts == 0 => {
            lots_draws::refuse_way_around(tx, file.lot.id)?;
            None
        }
        None => {
            require_enough(order.experts, prepared.eligible.len())?;
            return Err(DRAW_DUE.error());
        }
    };
    begin(tx, granted, EvaluationKind::Panel, Some((order, draw.as_ref().and_then(|draw| draw.seed.clone()))))?;
    let mut drawn = Vec::new();
    if let Some(draw) = &draw {
        list_candidates(tx, granted, draw)?;
        let bench = Bench::today(tx, file)?;
        while drawn.len() < order.experts {
            let Some(account) = next_of_the_draw(tx, granted, &bench)? else { break };
            drawn.push(account);
        }
    }
    for account in &prepared.representatives {
        seat(tx, granted, account, Capacity::Representative, None)?;
    }
    let content = json!({"draw_id": draw.as_ref().map(|draw| draw.id), "seed": draw.and_then(|draw| draw.seed), "field": order.field, "drawn": drawn,
        "representatives": order.representatives, "outlier_share_bp": order.outlier_share});
    record(tx, "lot.panel_drawn", file, content)?;
    Ok(prepared.warnings)
}

/// The draw, when it was for this very panel.
fn as_drawn(draw: DrawRow, order: &PanelOrder) -> Result<DrawRow> {
    let mut fields = Fields::default();
    let differs = || words!("与抽取时不一致", "not as it was drawn");
    fields.require(usize::try_from(draw.experts) == Ok(order.experts), "/experts", differs);
    fields.require(draw.field.as_ref() == Some(&order.field), "/field", differs);
    fields.require(draw.representatives == joined(&order.representatives), "/representatives", differs);
    fields.finish()?;
    Ok(draw)
}

fn list_candidates(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, draw: &DrawRow) -> Result<()> {
    let pool = draws::store::pool(tx, draw.id)?;
    draws::service::require_frozen_pool(draw, &pool)?;
    for row in pool {
        let Some(position) = row.turn else { continue };
        let expert_id = ExpertId::new(row.member_id.uuid());
        store::insert_candidate(tx, granted, &CandidateRow { lot_id: draw.lot_id, position, expert_id, called: false })?;
    }
    Ok(())
}

/// The experts of the field who can score and have no conflict, by id.
fn eligible(
    tx: &mut Tx<'_>,
    file: &LotFile,
    bench: &Bench,
    field: &CatalogueCode,
    taken: &[AccountId],
) -> Result<Vec<(ExpertFile, AccountRow)>> {
    let mut found = Vec::new();
    for expert in experts::store::of_field(tx, file.lot.tenant_id, field)? {
        let Some(account) = login(tx, file, &expert)? else { continue };
        if !taken.contains(&account.id) && bench.conflict_of_expert(&account, &expert)?.is_none() {
            found.push((expert, account));
        }
    }
    Ok(found)
}

/// The account with which the expert can score.
fn login(tx: &mut Tx<'_>, file: &LotFile, expert: &ExpertFile) -> Result<Option<AccountRow>> {
    let Some(id) = expert.expert.account_id else { return Ok(None) };
    let row = accounts::store::find(tx, file.lot.tenant_id, id)?.filter(|row| row.state == AccountState::Active);
    let evaluates = accounts::store::roles_of(tx, id)?.contains(&Role::Evaluator);
    Ok(row.filter(|_| evaluates && expert.expert.state == ExpertState::Active))
}

/// Checks somebody whom the purchaser names: the role, no seat yet, no conflict.
pub(super) fn eligible_person(
    tx: &mut Tx<'_>,
    file: &LotFile,
    bench: &Bench,
    id: AccountId,
    capacity: Capacity,
    pointer: &str,
) -> Result<AccountRow> {
    let unfit = || match capacity {
        Capacity::Representative => Error::field(pointer, words!("不是采购单位的在册人员", "not an account of the purchaser's own people")),
        _ => Error::field(pointer, words!("不是评审人员账户", "not an account of an evaluator")),
    };
    let row = accounts::store::find(tx, file.lot.tenant_id, id)?.filter(|row| row.state == AccountState::Active).ok_or_else(unfit)?;
    let roles = accounts::store::roles_of(tx, id)?;
    let holds = |wanted: &[Role]| roles.iter().any(|role| wanted.contains(role));
    let own = row.unit_id == Some(file.tender.unit_id);
    let fits = match capacity {
        Capacity::Representative => own && holds(&[Role::Purchaser, Role::PurchaserLead, Role::Evaluator]),
        _ => holds(&[Role::Evaluator]) || own && holds(&[Role::Purchaser, Role::PurchaserLead]),
    };
    if !fits {
        return Err(unfit());
    }
    if bench.conflict_of(tx, &row)?.is_some() {
        return Err(CONFLICT_OF_INTEREST.error());
    }
    if store::members(tx, file.lot.id)?.iter().any(|member| member.account_id == id) {
        return Err(error::CONFLICT.because(words!("已指定该评审人员", "the evaluator is appointed already")));
    }
    Ok(row)
}

pub(super) fn seat(
    tx: &mut Tx<'_>,
    granted: &Authorized<LotFile>,
    account: &AccountRow,
    capacity: Capacity,
    expert: Option<&ExpertFile>,
) -> Result<()> {
    let file = granted.subject();
    let row = MemberRow {
        lot_id: file.lot.id,
        account_id: account.id,
        expert_id: expert.map(|file| file.expert.id),
        capacity,
        is_chair: false,
        state: MemberState::Sitting,
        state_reason: None,
        appointed_by: granted.by(),
        appointed_at: tx.now(),
        left_at: None,
        signed_at: None,
        agrees: None,
        dissent: None,
    };
    store::insert_member(tx, granted, &row)?;
    let title = &file.lot.title;
    outbox::enqueue(
        tx,
        Message {
            tenant: file.lot.tenant_id,
            recipient: &account.email,
            subject: format!("评审邀请 Evaluation: {title}"),
            body: format!(
                "您已被选为「{title}」的评审人员。如有利害关系或不能参加，请在平台登记退出。\nYou are to evaluate this lot. If you have an interest in it or cannot take part, record your departure on the platform.\n"
            ),
        },
    )
}

/// Appoints one reviewer.
pub fn appoint(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, account: AccountId) -> Result<()> {
    let file = granted.subject();
    match store::evaluation(tx, file.lot.id)? {
        Some(row) if row.kind == EvaluationKind::Panel => return Err(PANEL_FORMED.error()),
        Some(_) => {}
        None => {
            lots_draws::refuse_way_around(tx, file.lot.id)?;
            begin(tx, granted, EvaluationKind::Reviewers, None)?;
        }
    }
    let bench = Bench::today(tx, file)?;
    let row = eligible_person(tx, file, &bench, account, Capacity::Reviewer, "/account_id")?;
    let expert = pool_entry(tx, file, account)?;
    seat(tx, granted, &row, Capacity::Reviewer, expert.as_ref())?;
    record(tx, "lot.evaluator_appointed", file, json!({"evaluator_id": account}))
}

/// A reviewer who is in the pool counts as an expert.
pub(super) fn pool_entry(tx: &mut Tx<'_>, file: &LotFile, account: AccountId) -> Result<Option<ExpertFile>> {
    match experts::store::by_account(tx, file.lot.tenant_id, account)?.filter(|row| row.state == ExpertState::Active) {
        Some(row) => experts::service::file_of(tx, row).map(Some),
        None => Ok(None),
    }
}

/// Appoints the two or three people who review.
pub fn appoint_reviewers(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, reviewers: &[AccountId]) -> Result<()> {
    let count = reviewers.len();
    let mut fields = Fields::default();
    fields.require(REVIEWERS.contains(&count), "/account_ids", || {
        let (least, most) = (REVIEWERS.start(), REVIEWERS.end());
        words!("须为 {least} 至 {most} 人", "{least} to {most} people")
    });
    fields.finish()?;
    if store::evaluation(tx, granted.subject().lot.id)?.is_some() {
        return Err(PANEL_FORMED.error());
    }
    for (index, account) in reviewers.iter().enumerate() {
        appoint(tx, granted, *account).map_err(|fault| fault.pointing(|_| format!("/account_ids/{index}")))?;
    }
    Ok(())
}

pub(super) fn next_of_the_draw(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, bench: &Bench) -> Result<Option<AccountId>> {
    let file = granted.subject();
    for candidate in store::candidates(tx, file.lot.id)?.into_iter().filter(|row| !row.called) {
        store::call_candidate(tx, granted, &candidate)?;
        match fit_candidate(tx, file, bench, candidate.expert_id)? {
            Ok((expert, account)) => {
                note_turn(tx, granted, candidate.expert_id, Outcome::Seated)?;
                seat(tx, granted, &account, Capacity::Expert, Some(&expert))?;
                return Ok(Some(account.id));
            }
            Err(because) => {
                if let Some(draw) = lots_draws::of_panel(tx, file.lot.id)? {
                    draws::service::pass_over(tx, granted, draw.id, candidate.expert_id.any(), because)?;
                }
            }
        }
    }
    Ok(None)
}

/// The expert whose turn has come, or what has come between since the pool was frozen.
fn fit_candidate(
    tx: &mut Tx<'_>,
    file: &LotFile,
    bench: &Bench,
    id: ExpertId,
) -> Result<std::result::Result<(ExpertFile, AccountRow), Hindrance>> {
    let Some(expert) = experts::store::find(tx, file.lot.tenant_id, id)? else { return Ok(Err(Hindrance::Unknown)) };
    let expert = experts::service::file_of(tx, expert)?;
    if expert.expert.state != ExpertState::Active {
        return Ok(Err(Hindrance::Suspended));
    }
    let Some(account) = login(tx, file, &expert)? else { return Ok(Err(Hindrance::NoLogin)) };
    if store::members(tx, file.lot.id)?.iter().any(|member| member.account_id == account.id) {
        return Ok(Err(Hindrance::SeatedAlready));
    }
    let conflict = bench.conflict_of_expert(&account, &expert)?;
    Ok(if conflict.is_some() { Err(Hindrance::Conflict) } else { Ok((expert, account)) })
}

/// Notes in the record of the draw what came of an expert's turn. Panels from before draws were kept have none.
pub(super) fn note_turn(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, expert: ExpertId, outcome: Outcome) -> Result<()> {
    match lots_draws::of_panel(tx, granted.subject().lot.id)? {
        Some(draw) => draws::service::note(tx, granted, draw.id, expert.any(), outcome),
        None => Ok(()),
    }
}

/// Names the chair: an expert who sits. A representative of the purchaser is refused, by R037 where it binds.
pub fn name_chair(tx: &mut Tx<'_>, granted: &Authorized<LotFile>, account: AccountId) -> Result<()> {
    let file = granted.subject();
    let progress = progress(tx, file)?;
    let sits = |row: &&MemberRow| row.account_id == account;
    let member =
        progress.sitting.iter().find(sits).ok_or_else(|| Error::field("/account_id", words!("不是评审小组成员", "not a member")))?;
    let composition = Composition { purchaser_chairs: Some(member.expert_id.is_none()), ..Composition::of(&progress.sitting) };
    lawful::judge_panel(tx, file, composition, Vec::new())?;
    if member.expert_id.is_none() {
        return Err(CHAIR_NOT_EXPERT.error());
    }
    for row in &progress.sitting {
        if row.is_chair != (row.account_id == account) {
            store::save_member(tx, granted, &MemberRow { is_chair: row.account_id == account, ..row.clone() })?;
        }
    }
    record(tx, "lot.chair_named", file, json!({"account_id": account}))
}
