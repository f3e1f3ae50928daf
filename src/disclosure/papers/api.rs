//! Papers over HTTP.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::case_file::store;
use super::context::{Own, Wanted};
use super::model::Paper;
use super::policy::PaperDesk;
use super::templates::{Templates, fill};
use super::{context, docx, markup, policy};
use crate::kernel::error::{self, Error};
use crate::kernel::id::{AnyId, CaseId};
use crate::people;
use crate::people::policy::authorize;
use crate::trust::checkpoint::JournalKey;
use crate::trust::sealing::SealingKey;
use crate::web::openapi::Octets;
use crate::web::{Answer, Call, Failure, Id, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_papers).service(make_paper);
}

/// A paper that can be made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PaperView {
    /// Its word.
    pub paper: Paper,
    /// 中文 name.
    #[schema(example = "合同")]
    pub name_zh: &'static str,
}

/// The papers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PaperList {
    /// In the order of a case.
    #[schema(max_items = 20)]
    pub items: Vec<PaperView>,
}

/// List the papers that can be made
///
/// Each from a template and the data of a case: `GET /cases/{case_id}/paper`.
#[utoipa::path(tag = "papers", responses((status = 200, description = "The papers", body = PaperList)))]
#[get("/papers")]
async fn list_papers(call: Call) -> Answer {
    people::query(call, |_, _| {
        let items = Paper::ALL.iter().map(|paper| PaperView { paper: *paper, name_zh: paper.name_zh() }).collect();
        Ok(Reply::ok(&PaperList { items })?.public(3600))
    })
    .await
}

/// Which paper.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPaper {
    /// The paper.
    #[param(inline)]
    paper: Paper,
    /// The lot, award, contract, milestone or payment that it is about; all of the case when absent.
    #[param(value_type = Option<uuid::Uuid>, format = Uuid, example = "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f")]
    about: Option<AnyId>,
}

/// Make a paper of a case
///
/// A DOCX file from the template of the unit, the district or the program, filled with what is known of the case. A template that is wrong is
/// named with its line. A supplier makes the award notice, contract, acceptance, payment application and completion report of what is its own. An award
/// notice (中标通知书 of a tendering procedure, else 成交通知书) is made only of an award that stands.
#[utoipa::path(tag = "papers", params(("case_id" = CaseId, Path, description = "The case"), WhichPaper),
    responses((status = 200, description = "The file", body = Octets, content_type = "application/octet-stream")),
    extensions(("x-action" = json!(policy::MAKE.name)), ("x-problems" = json!(["template_broken", "award_does_not_stand"])), ("x-answer-example" = json!("PK …"))),
    security(("bearer" = [])))]
#[get("/cases/{case_id}/paper")]
async fn make_paper(
    call: Call,
    id: Id<CaseId>,
    params: Params<WhichPaper>,
    templates: web::Data<Templates>,
    sealing: web::Data<SealingKey>,
    journal: web::Data<JournalKey>,
) -> Answer {
    let (now, own) = (call.desk.clock.now(), Own { recipient: sealing.recipient(), journal: journal.verifier() });
    let (paper, unit, known) = people::desk::fetch(&call, Some(people::readings::BID_CONTENT), move |snapshot, viewer| {
        let actor = viewer.person()?;
        let case = store::case(snapshot, actor.tenant, id.0)?.ok_or_else(|| error::NOT_FOUND.error())?;
        let (suppliers, paper) = (context::suppliers(snapshot, case)?, params.get().ok().map(|asked| asked.paper));
        let granted = authorize(actor, &policy::MAKE, PaperDesk::of(actor, case, paper, &suppliers))?;
        let (PaperDesk { supplier, .. }, asked) = (*granted.subject(), params.get()?);
        let wanted = Wanted { paper: asked.paper, about: asked.about, now, supplier };
        Ok((asked.paper, case.unit, context::read(snapshot, actor, case, wanted, &own)?))
    })
    .await
    .map_err(Failure)?;
    let templates = templates.into_inner();
    let bytes = web::block(move || {
        let (name, source) = templates.source(paper, unit)?;
        docx::write(&markup::read(&fill(&name, &source, &known)?))
    })
    .await
    .map_err(|_| Failure(Error::internal("the writer of papers is gone")))?
    .map_err(Failure)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{paper}.docx\"")))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}
