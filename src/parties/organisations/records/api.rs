//! The organisation file over HTTP: reading it and entering into it.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{CertificateKind, CheckResult, Content, Grade, NewRecord, RecordFilter, RecordKind, RecordRow, RecordState};
use super::{policy, rules, service, store};
use crate::kernel::id::{AccountId, OrganisationId, OrganisationRecordId};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply, Tag};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_records)
        .service(get_record)
        .service(enter_certificate)
        .service(enter_rating)
        .service(enter_annual_check)
        .configure(super::scan_api::routes)
        .configure(super::decision_api::routes);
}

/// An entry of an organisation's file. What does not belong to its kind is null.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecordView {
    /// Id.
    pub id: OrganisationRecordId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What it is.
    pub kind: RecordKind,
    /// Which certificate.
    pub certificate_kind: Option<CertificateKind>,
    /// Number on the paper.
    #[schema(example = "吴民证字第010023号")]
    pub number: Option<String>,
    /// Who issued it.
    #[schema(example = "湖州市吴兴区民政局")]
    pub issuer: String,
    /// Grade of a rating.
    pub grade: Option<Grade>,
    /// Year of an annual check.
    #[schema(example = 2025)]
    pub year: Option<i32>,
    /// What an annual check found.
    pub result: Option<CheckResult>,
    /// First day; of an annual check the day of its result.
    pub valid_from: NaiveDate,
    /// Last day; null when open.
    pub valid_to: Option<NaiveDate>,
    /// Days to the last day, negative when it is over.
    #[schema(example = 300)]
    pub days_left: Option<i64>,
    /// Whether it counts today: verified, begun and not over.
    pub counts: bool,
    /// Whether it was verified and is over.
    pub expired: bool,
    /// The entry whose place it takes.
    pub replaces_id: Option<OrganisationRecordId>,
    /// SHA-256 of the scan, lower-case hex.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_sha256: Option<String>,
    /// State.
    pub state: RecordState,
    /// Who entered it.
    pub entered_by: AccountId,
    /// Who verified, refused or revoked it.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<UtcInstant>,
    /// Why it was refused or revoked.
    #[schema(example = json!(null))]
    pub decide_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was entered.
    pub created_at: UtcInstant,
}

impl RecordView {
    /// The entry as it stands on a day.
    pub fn on(row: RecordRow, today: NaiveDate) -> Self {
        Self {
            days_left: rules::days_left(&row, today),
            counts: rules::counts_on(&row, today),
            expired: rules::expired_on(&row, today),
            id: row.id,
            organisation_id: row.organisation_id,
            kind: row.kind,
            certificate_kind: row.certificate_kind,
            number: row.number,
            issuer: row.issuer,
            grade: row.grade,
            year: row.year,
            result: row.result,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            replaces_id: row.replaces_id,
            document_sha256: row.document_sha256,
            state: row.state,
            entered_by: row.entered_by,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decide_reason: row.decide_reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// Filters and page of a file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRecords {
    /// Only this kind.
    kind: Option<RecordKind>,
    /// Only this state.
    state: Option<RecordState>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the entries of an organisation's file
///
/// Certificates, ratings and annual checks in the order of entering, also those that were replaced: for the organisation's people and for those who judge it.
#[utoipa::path(tag = "organisation file", params(("organisation_id" = OrganisationId, Path, description = "The organisation"), ListRecords),
    responses((status = 200, description = "A page of entries", body = Page<RecordView>)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/organisations/{organisation_id}/records")]
async fn list_records(call: Call, id: Id<OrganisationId>, params: Params<ListRecords>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        service::may(snapshot, actor, &policy::READ, id.0)?;
        let asked = params.get()?;
        let filter = RecordFilter { kind: asked.kind, state: asked.state };
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("records {:?} {filter:?}", id.0))?;
        let after = request.after_instant()?.map(|(at, id)| (at, OrganisationRecordId::new(id)));
        let rows = store::list(snapshot, actor.tenant, id.0, filter, after, request.rows())?;
        let key = |row: &RecordRow| (row.created_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| RecordView::on(row, today)), &params.path, &params.raw)
    })
    .await
}

/// Read an entry of a file
///
/// For the organisation's people and for those who judge it.
#[utoipa::path(tag = "organisation file", params(("record_id" = OrganisationRecordId, Path, description = "The entry")),
    responses((status = 200, description = "The entry", body = RecordView)),
    extensions(("x-action" = json!(policy::READ.name))), security(("bearer" = [])))]
#[get("/organisation-records/{record_id}")]
async fn get_record(call: Call, id: Id<OrganisationRecordId>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        let row = service::may_on(snapshot, viewer.person()?, &policy::READ, id.0)?.into_subject();
        let (version, day) = (row.version, today.to_string());
        // Every day changes what is left, so that the tag names it.
        Ok(Reply::ok(&RecordView::on(row, today))?.tagged(Tag { version, phase: &day, view: "" }))
    })
    .await
}

/// A certificate.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterCertificate {
    /// Which one.
    pub certificate_kind: CertificateKind,
    /// Number on the paper.
    #[schema(min_length = 1, max_length = 100, example = "吴民证字第010023号")]
    pub number: String,
    /// Who issued it.
    #[schema(min_length = 2, max_length = 100, example = "湖州市吴兴区民政局")]
    pub issuer: String,
    /// First day, not in the future.
    pub valid_from: NaiveDate,
    /// Last day; open when absent.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The entry whose place it takes once it is verified.
    #[serde(default)]
    pub replaces_id: Option<OrganisationRecordId>,
}

/// A rating.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterRating {
    /// Grade.
    pub grade: Grade,
    /// Number of the plaque or of the announcement.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "吴民〔2025〕31号")]
    pub number: Option<String>,
    /// Who rated.
    #[schema(min_length = 2, max_length = 100, example = "湖州市吴兴区民政局")]
    pub issuer: String,
    /// Day of the rating, not in the future.
    pub valid_from: NaiveDate,
    /// Last day; when absent, and at the latest, the one that R090 gives.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The entry whose place it takes once it is verified.
    #[serde(default)]
    pub replaces_id: Option<OrganisationRecordId>,
}

/// An annual check.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterAnnualCheck {
    /// The year that was checked.
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: i32,
    /// What was found.
    pub result: CheckResult,
    /// Who checked.
    #[schema(min_length = 2, max_length = 100, example = "湖州市吴兴区民政局")]
    pub issuer: String,
    /// Day of the result, in a later year.
    pub checked_on: NaiveDate,
    /// The entry whose place it takes once it is verified.
    #[serde(default)]
    pub replaces_id: Option<OrganisationRecordId>,
}

impl From<&EnterCertificate> for NewRecord {
    fn from(asked: &EnterCertificate) -> Self {
        Self {
            what: Content::Certificate(asked.certificate_kind),
            number: Some(asked.number.clone()),
            issuer: asked.issuer.clone(),
            valid_from: asked.valid_from,
            valid_to: asked.valid_to,
            replaces: asked.replaces_id,
        }
    }
}

impl From<&EnterRating> for NewRecord {
    fn from(asked: &EnterRating) -> Self {
        Self {
            what: Content::Rating(asked.grade),
            number: asked.number.clone(),
            issuer: asked.issuer.clone(),
            valid_from: asked.valid_from,
            valid_to: asked.valid_to,
            replaces: asked.replaces_id,
        }
    }
}

impl From<&EnterAnnualCheck> for NewRecord {
    fn from(asked: &EnterAnnualCheck) -> Self {
        Self {
            what: Content::AnnualCheck(asked.year, asked.result),
            number: None,
            issuer: asked.issuer.clone(),
            valid_from: asked.checked_on,
            valid_to: None,
            replaces: asked.replaces_id,
        }
    }
}

/// Enters whatever the body describes.
async fn enter<T>(call: Call, id: OrganisationId, body: Body<T>) -> Answer
where
    T: Send + Sync + 'static,
    NewRecord: for<'a> From<&'a T>,
{
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::ENTER, id),
        move |tx, granted| -> Result<Reply> {
            let row = service::enter(tx, &granted, &NewRecord::from(body.get()?))?;
            let (id, version, today) = (row.id, row.version, tx.now().date_in_shanghai());
            Ok(Reply::created(format!("/api/v1/organisation-records/{id}"), &RecordView::on(row, today))?.tagged(version))
        },
    )
    .await
}

/// Enter a certificate
///
/// By an administrator of the organisation; add the scan next. It counts once somebody outside the organisation has verified it. An entry is never changed:
/// enter it again and name the former one, which counts until the new one is verified.
#[utoipa::path(tag = "organisation file", params(("organisation_id" = OrganisationId, Path, description = "One's own organisation")), request_body = EnterCertificate,
    responses((status = 201, description = "Entered", body = RecordView)), extensions(("x-action" = json!(policy::ENTER.name))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/certificates")]
async fn enter_certificate(call: Call, id: Id<OrganisationId>, body: Body<EnterCertificate>) -> Answer {
    enter(call, id.0, body).await
}

/// Enter a rating
///
/// By an administrator of the organisation; add the scan next. It lasts as long as the paper says, and never longer than R090 allows; an expired one says so
/// and counts nowhere.
#[utoipa::path(tag = "organisation file", params(("organisation_id" = OrganisationId, Path, description = "One's own organisation")), request_body = EnterRating,
    responses((status = 201, description = "Entered", body = RecordView)), extensions(("x-action" = json!(policy::ENTER.name))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/ratings")]
async fn enter_rating(call: Call, id: Id<OrganisationId>, body: Body<EnterRating>) -> Answer {
    enter(call, id.0, body).await
}

/// Enter an annual check
///
/// By an administrator of the organisation; whoever verifies it looks it up in the register, so that no scan is needed. One counts per year.
#[utoipa::path(tag = "organisation file", params(("organisation_id" = OrganisationId, Path, description = "One's own organisation")), request_body = EnterAnnualCheck,
    responses((status = 201, description = "Entered", body = RecordView)),
    extensions(("x-action" = json!(policy::ENTER.name)), ("x-problems" = json!(["year_checked"]))), security(("bearer" = [])))]
#[post("/organisations/{organisation_id}/annual-checks")]
async fn enter_annual_check(call: Call, id: Id<OrganisationId>, body: Body<EnterAnnualCheck>) -> Answer {
    enter(call, id.0, body).await
}
