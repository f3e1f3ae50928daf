//! Questions and document receipts over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{QuestionFile, QuestionRow};
use super::views::{DocumentReceipt, QuestionView, question_view, receipt_view};
use super::{policy, questions, receipts, service, store};
use crate::kernel::UtcInstant;
use crate::kernel::id::{QuestionId, TenderId};
use crate::people::{self, Viewer};
use crate::procurement::tenders::model::INSIDERS;
use crate::procurement::tenders::{self};
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ask_question)
        .service(list_questions)
        .service(get_question)
        .service(answer_question)
        .service(obtain_documents)
        .service(list_document_receipts);
}

/// A question.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskQuestion {
    /// The question, without naming oneself.
    #[schema(min_length = 1, max_length = 4000, example = "服务对象是否包括失能老人？")]
    pub question: String,
}

fn view(row: QuestionRow, viewer: &Viewer, now: UtcInstant, decided: bool) -> QuestionView {
    let own = viewer.actor.as_ref().is_some_and(|actor| actor.organisation == Some(row.organisation_id));
    let shown = questions::shows_asker(viewer, &row, decided);
    question_view(row, now, shown, own)
}

/// Ask a question
///
/// A verified organisation asks about the documents until the time that they set before the deadline. The answer is due in three working days
/// (R058) and goes to everybody; nobody is shown who asked.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")), request_body = AskQuestion,
    responses((status = 201, description = "Asked", body = QuestionView)),
    extensions(("x-action" = json!(policy::ASK.name)), ("x-problems" = json!(["questions_closed", "supplier_not_admitted", "calendar_not_loaded"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/questions")]
async fn ask_question(call: Call, id: Id<TenderId>, body: Body<AskQuestion>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| receipts::may(tx, actor, &policy::ASK, id.0),
        move |tx, granted| {
            let row = questions::ask(tx, &granted, &body.get()?.question)?;
            let (now, path, version) = (tx.now(), format!("/api/v1/questions/{}", row.id), row.version);
            Ok(Reply::created(path, &question_view(row, now, true, true))?.tagged(version))
        },
    )
    .await
}

/// Page of the questions.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuestions {
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the questions on a tender
///
/// Everybody reads what is answered, the asker also its own that is not, people of the unit all. Oldest first.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender"), ListQuestions),
    responses((status = 200, description = "A page of questions", body = Page<QuestionView>)))]
#[get("/tenders/{tender_id}/questions")]
async fn list_questions(call: Call, id: Id<TenderId>, params: Params<ListQuestions>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let tender = service::seen(snapshot, viewer, id.0)?;
        let asked = params.get()?;
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), "questions")?;
        let after = request.after_instant()?.map(|(at, id)| (at, QuestionId::new(id)));
        let actor = viewer.actor.as_ref();
        let all = actor.is_some_and(|actor| actor.sees(INSIDERS, &tender));
        let own = actor.and_then(|actor| actor.organisation);
        let decided = questions::is_decided(snapshot, &tender)?;
        let rows = store::questions(snapshot, tender.id, all, own, after, request.rows())?;
        let key = |row: &QuestionRow| (row.asked_at.to_string(), row.id.uuid());
        Reply::page(&request.page(rows, key, |row| view(row, viewer, now, decided)), &params.path, &params.raw)
    })
    .await
}

/// Read a question
///
/// Answered ones are public; before that, its asker and people of the unit read it.
#[utoipa::path(tag = "documents", params(("question_id" = QuestionId, Path, description = "The question")),
    responses((status = 200, description = "The question", body = QuestionView)))]
#[get("/questions/{question_id}")]
async fn get_question(call: Call, id: Id<QuestionId>) -> Answer {
    let now = call.desk.clock.now();
    people::query(call, move |snapshot, viewer| {
        let QuestionFile { question, tender } = questions::seen(snapshot, viewer, id.0)?;
        let decided = questions::is_decided(snapshot, &tender)?;
        let version = question.version;
        Ok(Reply::ok(&view(question, viewer, now, decided))?.tagged(version))
    })
    .await
}

/// An answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    /// The answer.
    #[schema(min_length = 1, max_length = 4000, example = "包括，名单由社区提供。")]
    pub answer: String,
    /// The question as published, where its own words would give the asker away.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 4000, example = "服务对象的范围？")]
    pub published_as: Option<String>,
}

/// Answer a question
///
/// Publishes question and answer for everybody and mails them to all who have the documents, without the asker's name.
#[utoipa::path(tag = "documents", params(("question_id" = QuestionId, Path, description = "The question")), request_body = AnswerQuestion,
    responses((status = 200, description = "Answered", body = QuestionView)),
    extensions(("x-action" = json!(policy::ANSWER.name))), security(("bearer" = [])))]
#[post("/questions/{question_id}/answer")]
async fn answer_question(call: Call, id: Id<QuestionId>, body: Body<AnswerQuestion>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| questions::may_answer(tx, actor, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let QuestionFile { question, .. } = questions::answer(tx, &granted, asked.published_as.as_deref(), &asked.answer)?;
            let (now, version) = (tx.now(), question.version);
            Ok(Reply::ok(&question_view(question, now, false, false))?.tagged(version))
        },
    )
    .await
}

/// Obtain the documents
///
/// Records that the organisation obtained the documents: it hears of every answer and amendment, and its time for a challenge begins (R059).
/// A second time gives the first receipt again. Neither rivals nor, before the opening, the purchaser learn of it.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 201, description = "Recorded", body = DocumentReceipt)),
    extensions(("x-action" = json!(policy::OBTAIN.name)), ("x-problems" = json!(["documents_not_offered", "supplier_not_admitted", "calendar_not_loaded"]))),
    security(("bearer" = [])))]
#[post("/tenders/{tender_id}/document-receipts")]
async fn obtain_documents(call: Call, id: Id<TenderId>) -> Answer {
    people::command(
        call,
        [0; 32],
        move |tx, actor| receipts::may(tx, actor, &policy::OBTAIN, id.0),
        move |tx, granted| {
            let row = receipts::obtain(tx, &granted)?;
            let until = receipts::challenge_until(tx, &granted.subject().tender, row.obtained_at.date_in_shanghai())?;
            Reply::created(format!("/api/v1/tenders/{}/document-receipts", row.tender_id), &receipt_view(&row, until))
        },
    )
    .await
}

/// Receipts of a tender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReceiptList {
    /// Receipts, oldest first.
    #[schema(max_items = 10_000)]
    pub items: Vec<DocumentReceipt>,
}

/// List who obtained the documents
///
/// An organisation reads its own receipt. People of the unit, supervisors and auditors read all once the bids are opened, and none before.
#[utoipa::path(tag = "documents", params(("tender_id" = TenderId, Path, description = "The tender")),
    responses((status = 200, description = "The receipts", body = ReceiptList)),
    extensions(("x-action" = json!(policy::READ_RECEIPTS.name))), security(("bearer" = [])))]
#[get("/tenders/{tender_id}/document-receipts")]
async fn list_document_receipts(call: Call, id: Id<TenderId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let actor = viewer.person()?;
        let granted = tenders::service::may(snapshot, actor, &policy::READ_RECEIPTS, id.0)?;
        let tender = granted.subject();
        let all = tender.opened_at.is_some() && actor.sees(INSIDERS, tender);
        let mut items = Vec::new();
        for row in store::receipts(snapshot, tender.id)? {
            if all || actor.organisation == Some(row.organisation_id) {
                let until = receipts::challenge_until(snapshot, tender, row.obtained_at.date_in_shanghai())?;
                items.push(receipt_view(&row, until));
            }
        }
        Reply::ok(&ReceiptList { items })
    })
    .await
}
