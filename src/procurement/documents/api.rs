//! Terms, lint and the list of forbidden words over HTTP.

use actix_web::{get, post, put};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::lint::Fault;
use super::model::read;
use super::terms::{LotTerms, TenderTerms};
use super::views::{LintFinding, LintReport, LotTermsView, TenderTermsView};
use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::id::{LotId, TenderId};
use crate::kernel::{Result, UtcInstant, error};
use crate::people::{self, Viewer};
use crate::procurement::tenders::model::INSIDERS;
use crate::procurement::tenders::{self, TenderRow, lots};
use crate::web::limits::IMPORT_BYTES;
use crate::web::table::Imported;
use crate::web::{Answer, Body, Call, Id, Params, RawBody, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(write_tender_terms)
        .service(get_tender_terms)
        .service(write_lot_terms)
        .service(get_lot_terms)
        .service(get_lint)
        .service(overrule_finding)
        .service(import_forbidden_words);
}

fn findings(db: &mut Db, tender: &TenderRow, now: UtcInstant) -> Result<Vec<LintFinding>> {
    Ok(service::lint(db, tender, now.date_in_shanghai())?.into_iter().map(LintFinding::from).collect())
}

/// What the lint found, for people who see the tender's inside.
fn findings_for(db: &mut Db, tender: &TenderRow, viewer: &Viewer, now: UtcInstant) -> Result<Vec<LintFinding>> {
    let inside = viewer.actor.as_ref().is_some_and(|actor| actor.sees(INSIDERS, tender));
    if inside { findings(db, tender, now) } else { Ok(Vec::new()) }
}

fn tender_view(db: &mut Db, tender: &TenderRow, amendment: i32, findings: Vec<LintFinding>) -> Result<TenderTermsView> {
    let row = store::tender_terms(db, tender.id, amendment)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(TenderTermsView { tender_id: tender.id, amendment: row.amendment, terms: read(row.terms)?, written_at: row.written_at, findings })
}

fn lot_view(db: &mut Db, lot: LotId, amendment: i32, findings: Vec<LintFinding>) -> Result<LotTermsView> {
    let row = store::lot_terms(db, lot, amendment)?.ok_or_else(|| error::NOT_FOUND.error())?;
    Ok(LotTermsView { lot_id: lot, amendment: row.amendment, terms: read(row.terms)?, written_at: row.written_at, findings })
}

/// Which version of the terms.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TermsAsOf {
    /// As of this amendment; those in force when absent.
    #[param(minimum = 0, maximum = 1000, example = 0)]
    amendment: Option<i32>,
}

/// Write the terms of a tender
///
/// Replaces what all lots share: the period in which the documents are given out, contract, consortia, subcontracting, custody. In a draft or
/// a returned tender. The answer lists what the lint finds.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = TenderTerms,
    responses((status = 200, description = "Written", body = TenderTermsView)),
    extensions(("x-action" = json!(policy::WRITE_TERMS.name))), security(("bearer" = [])))]
#[put("/tenders/{tender_id}/terms")]
async fn write_tender_terms(call: Call, id: Id<TenderId>, body: Body<TenderTerms>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| tenders::service::may(tx, actor, &policy::WRITE_TERMS, id.0),
        move |tx, granted| {
            let row = service::write_tender_terms(tx, &granted, body.get()?)?;
            let (now, amendment) = (tx.now(), row.amendment);
            let findings = findings(tx, &row, now)?;
            Ok(Reply::ok(&tender_view(tx, &row, amendment, findings)?)?.tagged(row.version))
        },
    )
    .await
}

/// Read the terms of a tender
///
/// Public with the tender; before that for people of the unit. Older versions by `amendment`.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender"), TermsAsOf),
    responses((status = 200, description = "The terms", body = TenderTermsView)))]
#[get("/tenders/{tender_id}/terms")]
async fn get_tender_terms(call: Call, id: Id<TenderId>, params: Params<TermsAsOf>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let tender = service::seen(snapshot, viewer, id.0)?;
        let amendment = params.get()?.amendment.unwrap_or(tender.amendment).min(tender.amendment);
        let findings = findings_for(snapshot, &tender, viewer, now)?;
        Ok(Reply::ok(&tender_view(snapshot, &tender, amendment, findings)?)?.tagged(tender.version))
    })
    .await
}

/// Write the terms of a lot
///
/// Replaces requirements, service standards, qualifications, price rule and bonds. `If-Match` names the version of the tender. The answer lists
/// what the lint finds; with a finding that blocks, the tender cannot go to review.
#[utoipa::path(tag = "documents", params(("lot_id" = LotId, Path, description = "The lot")), request_body = LotTerms,
    responses((status = 200, description = "Written", body = LotTermsView)),
    extensions(("x-action" = json!(policy::WRITE_TERMS.name))), security(("bearer" = [])))]
#[put("/lots/{lot_id}/terms")]
async fn write_lot_terms(call: Call, id: Id<LotId>, body: Body<LotTerms>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_at_lot(tx, actor, &policy::WRITE_TERMS, id.0),
        move |tx, granted| {
            let row = service::write_lot_terms(tx, &granted, id.0, body.get()?)?;
            let (now, amendment) = (tx.now(), row.amendment);
            let findings = findings(tx, &row, now)?;
            Ok(Reply::ok(&lot_view(tx, id.0, amendment, findings)?)?.tagged(row.version))
        },
    )
    .await
}

/// Read the terms of a lot
///
/// Public with its tender; before that for people of the unit. The ETag is the tender's version.
#[utoipa::path(tag = "documents", params(("lot_id" = LotId, Path, description = "The lot"), TermsAsOf),
    responses((status = 200, description = "The terms", body = LotTermsView)))]
#[get("/lots/{lot_id}/terms")]
async fn get_lot_terms(call: Call, id: Id<LotId>, params: Params<TermsAsOf>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let tender = lots::load(snapshot, viewer.tenant, id.0)?.tender;
        if !tenders::api::visible(&tender, viewer) {
            return Err(error::NOT_FOUND.error());
        }
        let amendment = params.get()?.amendment.unwrap_or(tender.amendment).min(tender.amendment);
        let findings = findings_for(snapshot, &tender, viewer, now)?;
        Ok(Reply::ok(&lot_view(snapshot, id.0, amendment, findings)?)?.tagged(tender.version))
    })
    .await
}

/// Read what the lint finds in a tender
///
/// Forbidden criteria with the words found, rule and article, and what finance overruled. For people of the unit, supervisors, auditors.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The findings", body = LintReport)),
    extensions(("x-action" = json!(policy::READ_LINT.name))), security(("bearer" = [])))]
#[get("/tenders/{tender_id}/lint")]
async fn get_lint(call: Call, id: Id<TenderId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let granted = tenders::service::may(snapshot, viewer.person()?, &policy::READ_LINT, id.0)?;
        let items = findings(snapshot, granted.subject(), now)?;
        Ok(Reply::ok(&LintReport { items })?.tagged(granted.subject().version))
    })
    .await
}

/// That a finding is wrong.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverruleFinding {
    /// What was found.
    pub fault: Fault,
    /// The criterion exactly as the finding gives it.
    #[schema(min_length = 1, max_length = 10_000, example = "组织社区注册志愿者的方案")]
    pub criterion: String,
    /// Why it is lawful.
    #[schema(min_length = 10, max_length = 1000, example = "此处指服务对象的注册志愿者，与供应商的注册地无关。")]
    pub reason: String,
}

/// Overrule a finding
///
/// The finance officer, never the drafter, holds a finding for wrong with a reason. It stays marked in the lint and as a warning of the
/// submission; another wording of the criterion is judged anew.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = OverruleFinding,
    responses((status = 200, description = "Overruled", body = LintReport)),
    extensions(("x-action" = json!(policy::OVERRULE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/tenders/{tender_id}/overrulings")]
async fn overrule_finding(call: Call, id: Id<TenderId>, body: Body<OverruleFinding>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| tenders::service::may(tx, actor, &policy::OVERRULE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::overrule(tx, &granted, asked.fault, &asked.criterion, &asked.reason)?;
            let now = tx.now();
            let items = findings(tx, &row, now)?;
            Ok(Reply::ok(&LintReport { items })?.tagged(row.version))
        },
    )
    .await
}

/// Import forbidden words
///
/// Replaces what the district adds to the list that comes with the service. A UTF-8 CSV with the columns
/// `pattern,kind,rule,article,example,counter_example`; `*` in a pattern stands for up to eight characters of one clause. Each pattern must
/// find its example and must not find its counter-example.
#[utoipa::path(tag = "documents", request_body(content = String, content_type = "text/csv", description = "The table, at most 2 MiB"),
    responses((status = 200, description = "Imported", body = Imported)),
    extensions(("x-action" = json!(policy::IMPORT_WORDS.name)), ("x-problems" = json!(["unsupported_media_type"])),
        ("x-body-example" = json!("pattern,kind,rule,article,example,counter_example\n须在*街道登记,location,R043,,须在月河街道登记,熟悉街道情况\n"))),
    security(("bearer" = [])))]
#[post("/forbidden-words/import")]
async fn import_forbidden_words(call: Call, body: RawBody<IMPORT_BYTES>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        |_, actor| service::may_import(actor),
        move |tx, granted| {
            if body.media_type != "text/csv" {
                return Err(error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 text/csv", "expected text/csv")));
            }
            Reply::ok(&service::import_words(tx, &granted, body.get()?)?)
        },
    )
    .await
}
