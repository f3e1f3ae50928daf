//! Social workers over HTTP: DTOs, handlers, routes. Who works for which project is in `linkage`.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{
    Certificate, CertificateLevel, FactState, GrowthKind, GrowthRow, NewGrowth, Registration, WorkerData, WorkerFact, WorkerRow,
};
use super::{linkage, policy, rules, service, store};
use crate::kernel::id::{GrowthEntryId, OrganisationId, SocialWorkerId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Subject};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Why a reading is logged.
const SHOWS: &str = people::readings::PERSONAL_DATA;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_social_workers)
        .service(enter_social_worker)
        .service(get_social_worker)
        .service(change_social_worker)
        .service(verify_social_worker)
        .service(get_growth_card)
        .service(write_growth_card)
        .configure(linkage::routes);
}

/// A social worker.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SocialWorkerView {
    /// Id.
    pub id: SocialWorkerId,
    /// Organisation that employs it.
    pub organisation_id: OrganisationId,
    /// Name.
    #[schema(example = "夏员")]
    pub name: String,
    /// Level of its certificate.
    pub certificate_level: Option<CertificateLevel>,
    /// Number of its certificate, all but the last four characters hidden in lists.
    #[schema(example = "******0001")]
    pub certificate_number: Option<String>,
    /// When it was issued.
    pub certificate_issued_on: Option<NaiveDate>,
    /// Where the certificate stands.
    pub certificate_state: FactState,
    /// Where it is registered.
    #[schema(example = "湖州市民政局")]
    pub registration_authority: Option<String>,
    /// Last day of the registration.
    pub registration_until: Option<NaiveDate>,
    /// Where the registration stands.
    pub registration_state: FactState,
    /// Whether it counts as certified today.
    #[schema(example = true)]
    pub certified: bool,
    /// Whether it is registered today.
    #[schema(example = true)]
    pub registered: bool,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was entered.
    pub created_at: UtcInstant,
}

fn view(row: WorkerRow, today: NaiveDate, whole: bool) -> SocialWorkerView {
    SocialWorkerView {
        certified: rules::is_certified(&row, today),
        registered: rules::is_registered(&row, today),
        id: row.id,
        organisation_id: row.organisation_id,
        name: row.name,
        certificate_level: row.certificate_level,
        certificate_number: row.certificate_number.map(|number| if whole { number } else { rules::masked(&number) }),
        certificate_issued_on: row.certificate_issued_on,
        certificate_state: row.certificate_state,
        registration_authority: row.registration_authority,
        registration_until: row.registration_until,
        registration_state: row.registration_state,
        version: row.version,
        created_at: row.created_at,
    }
}

fn shown(row: WorkerRow, today: NaiveDate) -> Result<Reply> {
    let version = row.version;
    Ok(Reply::ok(&view(row, today, true))?.tagged(version))
}

/// Filter and page of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListWorkers {
    /// Only of this organisation.
    organisation_id: Option<OrganisationId>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List social workers
///
/// An organisation sees its own; those who verify and auditors see all. The reading is logged.
#[utoipa::path(tag = "social workers", params(ListWorkers), responses((status = 200, description = "A page of workers", body = Page<SocialWorkerView>)),
    security(("bearer" = [])))]
#[get("/social-workers")]
async fn list_social_workers(call: Call, params: Params<ListWorkers>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        if !actor.has_any(policy::READERS) {
            return Err(error::FORBIDDEN.error());
        }
        let asked = params.get()?;
        let of = if actor.reaches(policy::READERS, None, Some(OrganisationId::new(uuid::Uuid::nil()))) {
            asked.organisation_id
        } else {
            actor.organisation
        };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("social-workers {of:?}"))?;
        let rows = store::list(snapshot, viewer.tenant, of, request.after_instant()?, request.rows())?;
        let page = request.page(rows, |row| (row.created_at.to_string(), row.id.uuid()), |row| view(row, today, false));
        Ok(Reply::page(&page, &params.path, &params.raw)?.logged(SHOWS))
    })
    .await
}

/// Read a social worker
///
/// For its organisation, those who verify, and auditors. The reading is logged.
#[utoipa::path(tag = "social workers", params(("worker_id" = SocialWorkerId, Path, description = "The worker")),
    responses((status = 200, description = "The worker", body = SocialWorkerView)), security(("bearer" = [])))]
#[get("/social-workers/{worker_id}")]
async fn get_social_worker(call: Call, id: Id<SocialWorkerId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = service::find(snapshot, viewer.tenant, id.0)?;
        if !row.visible_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        Ok(shown(row, today)?.logged(SHOWS))
    })
    .await
}

/// A certificate (社会工作者职业水平证书).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateEntry {
    /// Level.
    pub level: CertificateLevel,
    /// Number.
    #[schema(min_length = 4, max_length = 100, example = "20230933058")]
    pub number: String,
    /// When it was issued.
    pub issued_on: NaiveDate,
}

/// A registration (社会工作者登记).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationEntry {
    /// Authority.
    #[schema(min_length = 1, max_length = 100, example = "湖州市民政局")]
    pub authority: String,
    /// Last day.
    pub until: NaiveDate,
}

/// What is entered of a worker.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterWorker {
    /// Name.
    #[schema(min_length = 1, max_length = 64, example = "夏员")]
    pub name: String,
    /// Certificate, if there is one.
    #[serde(default)]
    pub certificate: Option<CertificateEntry>,
    /// Registration, if there is one.
    #[serde(default)]
    pub registration: Option<RegistrationEntry>,
}

impl From<&EnterWorker> for WorkerData {
    fn from(asked: &EnterWorker) -> Self {
        let certificate = |one: &CertificateEntry| Certificate { level: one.level, number: one.number.clone(), issued_on: one.issued_on };
        let registration = |one: &RegistrationEntry| Registration { authority: one.authority.clone(), until: one.until };
        Self {
            name: asked.name.clone(),
            certificate: asked.certificate.as_ref().map(certificate),
            registration: asked.registration.as_ref().map(registration),
        }
    }
}

/// Enter a social worker
///
/// An administrator of the organisation enters one of its workers. Certificate and registration are separate facts; each counts once a public body saw it.
#[utoipa::path(tag = "social workers", request_body = EnterWorker, responses((status = 201, description = "Entered", body = SocialWorkerView)),
    extensions(("x-action" = json!(policy::ENTER.name)), ("x-problems" = json!(["certificate_taken"]))), security(("bearer" = [])))]
#[post("/social-workers")]
async fn enter_social_worker(call: Call, body: Body<EnterWorker>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |_, actor| service::may_enter(actor),
        move |tx, granted| {
            let row = service::enter(tx, &granted, &WorkerData::from(body.get()?))?;
            let location = format!("/api/v1/social-workers/{}", row.id);
            let today = tx.now().date_in_shanghai();
            Ok(Reply { status: 201, location: Some(location), ..shown(row, today)? })
        },
    )
    .await
}

/// Change a social worker
///
/// All that is entered, anew. A fact that changed is to be verified anew.
#[utoipa::path(tag = "social workers", params(("worker_id" = SocialWorkerId, Path, description = "The worker")), request_body = EnterWorker,
    responses((status = 200, description = "Changed", body = SocialWorkerView)),
    extensions(("x-action" = json!(policy::CHANGE.name)), ("x-problems" = json!(["certificate_taken"]))), security(("bearer" = [])))]
#[post("/social-workers/{worker_id}/change")]
async fn change_social_worker(call: Call, id: Id<SocialWorkerId>, body: Body<EnterWorker>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::CHANGE, id.0),
        move |tx, granted| {
            let row = service::change(tx, &granted, &WorkerData::from(body.get()?))?;
            let today = tx.now().date_in_shanghai();
            shown(row, today)
        },
    )
    .await
}

/// What a public body saw.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyWorker {
    /// Which of the two facts.
    pub fact: WorkerFact,
    /// Whether the paper says so.
    pub holds: bool,
}

/// Verify a fact of a social worker
///
/// The platform or an incubation base saw the paper of the certificate or of the registration, or refuses it.
#[utoipa::path(tag = "social workers", params(("worker_id" = SocialWorkerId, Path, description = "The worker")), request_body = VerifyWorker,
    responses((status = 200, description = "Noted", body = SocialWorkerView)),
    extensions(("x-action" = json!(policy::VERIFY.name)), ("x-problems" = json!(["nothing_to_verify"]))), security(("bearer" = [])))]
#[post("/social-workers/{worker_id}/verification")]
async fn verify_social_worker(call: Call, id: Id<SocialWorkerId>, body: Body<VerifyWorker>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::VERIFY, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::verify(tx, &granted, asked.fact, asked.holds)?;
            let today = tx.now().date_in_shanghai();
            shown(row, today)
        },
    )
    .await
}

/// An entry of a growth card.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GrowthEntryView {
    /// Id.
    pub id: GrowthEntryId,
    /// When it happened.
    pub happened_on: NaiveDate,
    /// What it tells.
    pub kind: GrowthKind,
    /// How long it took, in minutes.
    #[schema(example = 180)]
    pub minutes: Option<i32>,
    /// In words.
    #[schema(example = "参加老年社会工作督导。")]
    pub text: String,
}

impl From<GrowthRow> for GrowthEntryView {
    fn from(row: GrowthRow) -> Self {
        Self { id: row.id, happened_on: row.happened_on, kind: row.kind, minutes: row.minutes, text: row.text }
    }
}

/// A growth card (成长纪实卡).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GrowthCardView {
    /// Newest first, at most 500.
    #[schema(max_items = 500)]
    pub items: Vec<GrowthEntryView>,
}

/// Read a growth card
///
/// For the worker's organisation, those who verify, and auditors. The reading is logged.
#[utoipa::path(tag = "social workers", params(("worker_id" = SocialWorkerId, Path, description = "The worker")),
    responses((status = 200, description = "The card", body = GrowthCardView)), security(("bearer" = [])))]
#[get("/social-workers/{worker_id}/growth-card")]
async fn get_growth_card(call: Call, id: Id<SocialWorkerId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let row = service::find(snapshot, viewer.tenant, id.0)?;
        if !row.visible_to(actor) {
            return Err(error::NOT_FOUND.error());
        }
        let items = store::growth_of(snapshot, viewer.tenant, row.id)?.into_iter().map(GrowthEntryView::from).collect();
        Ok(Reply::ok(&GrowthCardView { items })?.logged(SHOWS))
    })
    .await
}

/// What is written into a growth card.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteGrowth {
    /// When it happened.
    pub happened_on: NaiveDate,
    /// What it tells.
    pub kind: GrowthKind,
    /// How long it took, in minutes.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 44640, example = 180)]
    pub minutes: Option<i32>,
    /// In words.
    #[schema(min_length = 1, max_length = 1000, example = "参加老年社会工作督导。")]
    pub text: String,
}

/// Write into a growth card
///
/// The organisation's administrator or one of its social workers adds an entry; entries are not changed.
#[utoipa::path(tag = "social workers", params(("worker_id" = SocialWorkerId, Path, description = "The worker")), request_body = WriteGrowth,
    responses((status = 201, description = "Written", body = GrowthEntryView)),
    extensions(("x-action" = json!(policy::GROW.name))), security(("bearer" = [])))]
#[post("/social-workers/{worker_id}/growth-card")]
async fn write_growth_card(call: Call, id: Id<SocialWorkerId>, body: Body<WriteGrowth>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::GROW, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewGrowth { happened_on: asked.happened_on, kind: asked.kind, minutes: asked.minutes, text: asked.text.clone() };
            let row = service::grow(tx, &granted, &new)?;
            Reply::created(format!("/api/v1/social-workers/{}/growth-card", row.worker_id), &GrowthEntryView::from(row))
        },
    )
    .await
}
