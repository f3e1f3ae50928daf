//! Panels and reviewers over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::departures::{self, Departure};
use super::model::{EvaluationKind, MemberState};
use super::panel::{self, OUTLIER_SHARE, PanelOrder};
use super::report::{ReportMember, members_of};
use super::{lots_draws, policy, service, store};
use crate::db::Db;
use crate::kernel::error;
use crate::kernel::id::{AccountId, DrawId, ExpertId, LotId};
use crate::kernel::{BasisPoints, CatalogueCode, Result, UtcInstant};
use crate::law::Finding;
use crate::people;
use crate::procurement::tenders::model::LotFile;
use crate::procurement::tenders::view::FindingView;
use crate::web::{Answer, Body, Call, Id, Ids, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(form_panel).service(get_panel).service(appoint_reviewers).service(record_departure).service(name_chair);
}

/// Who evaluates a lot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PanelView {
    /// Lot.
    pub lot_id: LotId,
    /// Panel or reviewers.
    pub kind: EvaluationKind,
    /// Members, also those who left.
    #[schema(max_items = 100)]
    pub members: Vec<ReportMember>,
    /// Experts that are still missing because the draw is used up.
    #[schema(example = 0)]
    pub experts_missing: usize,
    /// Sheets that are still to come.
    #[schema(example = 5)]
    pub sheets_missing: usize,
    /// By what share of the mean of the others a score must depart to be discussed.
    pub outlier_share_bp: BasisPoints,
    /// The draw; null for reviewers, and for members of the panel.
    pub draw: Option<PanelDrawView>,
    /// When the discussion was opened.
    pub discussion_opened_at: Option<UtcInstant>,
    /// When it was closed.
    pub discussion_closed_at: Option<UtcInstant>,
    /// Rules that the panel brushed against without being blocked.
    #[schema(max_items = 100)]
    pub warnings: Vec<FindingView>,
}

/// What was drawn; its record (`GET /draws/{draw_id}`) has everything to repeat it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PanelDrawView {
    /// Draw; null for a panel without experts.
    pub draw_id: Option<DrawId>,
    /// Field.
    pub field: Option<CatalogueCode>,
    /// Seed, lower-case hex.
    #[schema(example = "5f7c0d2e9a41b8836f0d1c2b3a4958671122334455667788990aabbccddeeff0")]
    pub seed: Option<String>,
    /// The whole permutation.
    #[schema(max_items = 10_000)]
    pub order: Vec<DrawnView>,
}

/// A place of the permutation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DrawnView {
    /// Expert.
    pub expert_id: ExpertId,
    /// Whether its turn has come.
    pub called: bool,
}

fn view(db: &mut Db, file: &LotFile, with_draw: bool, warnings: Vec<Finding>) -> Result<PanelView> {
    let progress = service::progress(db, file)?;
    let row = progress.evaluation;
    let experts = progress.sitting.iter().filter(|member| member.expert_id.is_some()).count();
    let order = store::candidates(db, file.lot.id)?;
    let draw_id = lots_draws::of_panel(db, file.lot.id)?.map(|draw| draw.id);
    let drawn = with_draw && row.kind == EvaluationKind::Panel;
    Ok(PanelView {
        lot_id: file.lot.id,
        kind: row.kind,
        members: members_of(db, file.lot.tenant_id, file.lot.id)?,
        experts_missing: usize::try_from(row.experts).unwrap_or(0).saturating_sub(experts),
        sheets_missing: progress.missing,
        outlier_share_bp: row.outlier_share_bp,
        draw: drawn.then(|| PanelDrawView {
            draw_id,
            field: row.field,
            seed: row.seed,
            order: order.into_iter().map(|one| DrawnView { expert_id: one.expert_id, called: one.called }).collect(),
        }),
        discussion_opened_at: row.discussion_opened_at,
        discussion_closed_at: row.discussion_closed_at,
        warnings: warnings.into_iter().map(FindingView::from).collect(),
    })
}

/// What panel to form.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormPanel {
    /// Experts to be drawn.
    #[schema(minimum = 0, maximum = 21, example = 4)]
    pub experts: usize,
    /// Field: the catalogue code that they must know.
    pub field: CatalogueCode,
    /// The purchaser's own people who sit; never the drafter.
    #[serde(default)]
    #[schema(max_items = 21)]
    pub representatives: Vec<AccountId>,
    /// By what share of the mean of the others a score must depart to be discussed; 2 000 when absent.
    #[serde(default)]
    pub outlier_share_bp: Option<BasisPoints>,
}

/// Form a panel
///
/// Once its experts are drawn (`POST /lots/{lot_id}/draws`, with the same panel): checks the size, parity and share of experts that the law asks for, calls
/// the experts in the order of the draw, passing over who has a conflict by now (R068), and seats the purchaser's representatives. The rest of the
/// permutation are reserves in its order.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = FormPanel,
    responses((status = 201, description = "Drawn", body = PanelView)),
    extensions(("x-action" = json!(policy::FORM_PANEL.name)),
        ("x-problems" = json!(["evaluation_begun", "draw_due", "draw_binds", "draw_pool_changed", "too_few_experts", "conflict_of_interest", "rule_broken", "calendar_not_loaded", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/panel")]
async fn form_panel(call: Call, id: Id<LotId>, body: Body<FormPanel>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::FORM_PANEL, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let order = PanelOrder {
                experts: asked.experts,
                field: asked.field.clone(),
                representatives: asked.representatives.clone(),
                outlier_share: asked.outlier_share_bp.or_else(|| BasisPoints::new(OUTLIER_SHARE)).unwrap_or(BasisPoints::WHOLE),
            };
            let warnings = panel::form(tx, &granted, &order)?;
            let answer = view(tx, granted.subject(), true, warnings)?;
            Ok(Reply::created(format!("/api/v1/lots/{}/panel", id.0), &answer)?.tagged(granted.subject().lot.version))
        },
    )
    .await
}

/// Read who evaluates
///
/// For the purchaser, supervisors and auditors with the draw, and for the members themselves. Secret to everybody else before the result.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), responses((status = 200, description = "Who evaluates", body = PanelView)),
    extensions(("x-action" = json!(policy::READ_PANEL.name)), ("x-problems" = json!(["conflict_of_interest"]))), security(("bearer" = [])))]
#[get("/lots/{lot_id}/panel")]
async fn get_panel(call: Call, id: Id<LotId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let file = service::may_read(snapshot, actor, &policy::READ_PANEL, id.0, now)?.into_subject();
        let member = service::sits(snapshot, actor, id.0)?;
        Ok(Reply::ok(&view(snapshot, &file, !member, Vec::new())?)?.logged(people::readings::PERSONAL_DATA))
    })
    .await
}

/// Who reviews.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointReviewers {
    /// People of the unit or invited evaluators.
    #[schema(min_items = 2, max_items = 3)]
    pub account_ids: Vec<AccountId>,
}

/// Appoint the reviewers
///
/// The two or three people who review a selection or quotes: of the unit or invited, none of a bidder, never the drafter.
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = AppointReviewers,
    responses((status = 201, description = "Appointed", body = PanelView)),
    extensions(("x-action" = json!(policy::APPOINT_REVIEWERS.name)), ("x-problems" = json!(["evaluation_begun", "draw_binds", "conflict_of_interest", "conflict"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/reviewers")]
async fn appoint_reviewers(call: Call, id: Id<LotId>, body: Body<AppointReviewers>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::APPOINT_REVIEWERS, id.0),
        move |tx, granted| {
            panel::appoint_reviewers(tx, &granted, &body.get()?.account_ids)?;
            let answer = view(tx, granted.subject(), false, Vec::new())?;
            Ok(Reply::created(format!("/api/v1/lots/{}/panel", id.0), &answer)?.tagged(granted.subject().lot.version))
        },
    )
    .await
}

/// A departure.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDeparture {
    /// `declined` when the member does not want to or cannot, `removed` when a conflict was found.
    pub state: DepartedState,
    /// Why.
    #[schema(min_length = 2, max_length = 1000, example = "当日出差，不能参加")]
    pub reason: String,
    /// Who takes the seat of a representative or a reviewer; experts are followed by the next of the draw.
    #[serde(default)]
    pub replacement_account_id: Option<AccountId>,
}

crate::text_enum! {
    /// How a member leaves.
    pub enum DepartedState {
        /// It does not want to or cannot.
        Declined = "declined",
        /// A conflict was found.
        Removed = "removed",
    }
}

impl From<DepartedState> for MemberState {
    fn from(state: DepartedState) -> Self {
        match state {
            DepartedState::Declined => Self::Declined,
            DepartedState::Removed => Self::Removed,
        }
    }
}

/// Record that a member leaves
///
/// By the member itself, or by the purchaser or a supervisor with the reason. An expert is followed by the next of the draw without a conflict;
/// a sheet that the member handed in no longer counts, and an open discussion begins anew.
#[utoipa::path(tag = "evaluation",
    params(("lot_id" = LotId, Path, description = "The lot"), ("account_id" = AccountId, Path, description = "The member's account")),
    request_body = RecordDeparture, responses((status = 200, description = "Recorded", body = PanelView)),
    extensions(("x-action" = json!(policy::DEPART.name)), ("x-problems" = json!(["conflict_of_interest", "conflict", "wrong_state"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/panel/members/{account_id}/departure")]
async fn record_departure(call: Call, ids: Ids<LotId, AccountId>, body: Body<RecordDeparture>) -> Answer {
    let (lot, account) = (ids.0, ids.1);
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| departures::may_depart(tx, actor, lot, account),
        move |tx, granted| {
            let asked = body.get()?;
            let departure =
                Departure { state: asked.state.into(), reason: asked.reason.clone(), replacement: asked.replacement_account_id };
            departures::depart(tx, &granted, account, &departure)?;
            Reply::ok(&view(tx, granted.subject(), false, Vec::new())?)
        },
    )
    .await
}

/// Who leads.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameChair {
    /// An expert of the panel.
    pub account_id: AccountId,
}

/// Name the chair
///
/// The expert whom the panel elected to lead it, recorded by a member or the purchaser. A representative of the purchaser never leads (R037).
#[utoipa::path(tag = "evaluation", params(("lot_id" = LotId, Path, description = "The lot")), request_body = NameChair,
    responses((status = 200, description = "Named", body = PanelView)),
    extensions(("x-action" = json!(policy::NAME_CHAIR.name)), ("x-problems" = json!(["rule_broken", "chair_not_expert", "calendar_not_loaded"]))),
    security(("bearer" = [])))]
#[post("/lots/{lot_id}/panel/chair")]
async fn name_chair(call: Call, id: Id<LotId>, body: Body<NameChair>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| panel::may_name_chair(tx, actor, id.0),
        move |tx, granted| {
            if store::evaluation(tx, id.0)?.is_none() {
                return Err(error::NOT_FOUND.error());
            }
            panel::name_chair(tx, &granted, body.get()?.account_id)?;
            Reply::ok(&view(tx, granted.subject(), false, Vec::new())?)
        },
    )
    .await
}
