//! Endpoints of the system itself: health, readiness, metrics, key set, the API document, problems, the demo's clock.

use actix_web::{HttpResponse, get, put, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use super::telemetry;
use crate::db::migrate::{self, SchemaState};
use crate::kernel::{Error, Result, UtcInstant, error};
use crate::people::tokens::Mint;
use crate::trust::documents::DocumentStore;
use crate::web::problem::ProblemTable;
use crate::web::{Answer, Body, Call, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(healthz)
        .service(readyz)
        .service(metrics_text)
        .service(key_set)
        .service(openapi_document)
        .service(list_problems)
        .service(demo_clock);
}

/// Whether `/metrics` answers anybody.
pub struct Exposure {
    /// Otherwise only callers on this machine.
    pub public_metrics: bool,
}

/// Whether the clock may be moved over HTTP (only in the demo).
pub struct MovableClock(pub bool);

/// The finished API document as text.
pub struct RenderedDocument(String);

impl RenderedDocument {
    /// Renders it once.
    pub fn new(document: &Value) -> Result<Self> {
        serde_json::to_string(document).map(Self).map_err(|e| Error::internal(format!("OpenAPI: {e}")))
    }
}

/// A sign of life.
#[derive(Serialize, utoipa::ToSchema)]
struct Alive {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Is the process alive
///
/// Answers without touching anything.
#[utoipa::path(tag = "system", responses((status = 200, description = "Alive", body = Alive)))]
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(Alive { status: "alive" })
}

/// What the process depends on.
#[derive(Serialize, utoipa::ToSchema)]
struct Readiness {
    /// Whether calls can be served.
    #[schema(example = true)]
    ready: bool,
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    backend: &'static str,
    /// `ok` or what is wrong.
    #[schema(example = "ok")]
    database: String,
    /// `current`, `behind` or `ahead` of this binary.
    #[schema(example = "current")]
    schema: &'static str,
    /// `ok` or what is wrong.
    #[schema(example = "ok")]
    documents: String,
}

/// Can calls be served
///
/// Checks the database, its migrations (a newer schema is refused) and the object store; 503 when one of them fails.
#[utoipa::path(tag = "system", responses((status = 200, description = "Ready", body = Readiness), (status = 503, description = "Not ready", body = Readiness)))]
#[get("/readyz")]
async fn readyz(call: Call, documents: web::Data<DocumentStore>) -> HttpResponse {
    let schema = call.desk.db.read(|snapshot| migrate::state(snapshot)).await;
    let store = documents.probe().await;
    let words = |result: std::result::Result<(), String>| result.err().unwrap_or_else(|| "ok".to_owned());
    let ready = matches!(schema, Ok(SchemaState::Current)) && store.is_ok();
    let readiness = Readiness {
        ready,
        backend: call.desk.db.target().name(),
        database: words(schema.as_ref().map(|_| ()).map_err(|e| e.code().to_owned())),
        schema: match schema {
            Ok(SchemaState::Current) => "current",
            Ok(SchemaState::Behind) => "behind",
            Ok(SchemaState::Ahead) => "ahead",
            Err(_) => "unknown",
        },
        documents: words(store.map_err(|e| e.code().to_owned())),
    };
    if ready { HttpResponse::Ok().json(readiness) } else { HttpResponse::ServiceUnavailable().json(readiness) }
}

/// Metrics
///
/// Prometheus text format. Only callers on this machine are answered unless `http.public_metrics` is set.
#[utoipa::path(tag = "system", responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")),
    extensions(("x-answer-example" = json!("baiyi_http_requests_total{method=\"GET\",route=\"/api/v1/areas\",status=\"200\"} 1\n")), ("x-problems" = json!(["not_found"]))))]
#[get("/metrics")]
async fn metrics_text(call: Call, exposure: web::Data<Exposure>) -> Answer {
    if !exposure.public_metrics && !call.client.is_loopback() {
        return Err(error::NOT_FOUND.error().into());
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::render()))
}

/// Public keys of access tokens
///
/// A JWK set (RFC 7517) with the Ed25519 key that signs access tokens, and with those before it whose tokens have not all expired.
#[utoipa::path(tag = "system", responses((status = 200, description = "The key set", body = Value)),
    extensions(("x-answer-example" = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "0f1e2d3c4b5a6978", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}))))]
#[get("/.well-known/jwks.json")]
async fn key_set(mint: web::Data<Mint>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "public, max-age=300")).json(mint.key_set())
}

/// This document
///
/// The OpenAPI 3.1 document that the handlers generate.
#[utoipa::path(tag = "system", responses((status = 200, description = "The document", body = Value)), extensions(("x-answer-example" = json!({"openapi": "3.1.0"}))))]
#[get("/api/v1/openapi.json")]
async fn openapi_document(document: web::Data<RenderedDocument>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").insert_header(("cache-control", "public, max-age=300")).body(document.0.clone())
}

/// A kind of problem.
#[derive(Serialize, utoipa::ToSchema)]
struct ProblemView {
    /// Stable code.
    #[schema(example = "stale")]
    code: &'static str,
    /// HTTP status.
    #[schema(example = 412)]
    status: u16,
    /// Title, 中文.
    #[schema(example = "数据已被他人修改")]
    title_zh: &'static str,
    /// Title, English.
    #[schema(example = "Changed by somebody else meanwhile")]
    title_en: &'static str,
    /// What happened and what to do, 中文.
    #[schema(example = "请重新读取后再改。")]
    about_zh: &'static str,
    /// What happened and what to do, English.
    #[schema(example = "Read again, then change.")]
    about_en: &'static str,
}

/// Every kind of problem.
#[derive(Serialize, utoipa::ToSchema)]
struct ProblemList {
    /// By code.
    #[schema(max_items = 1000)]
    items: Vec<ProblemView>,
}

/// List problem codes
///
/// Every code that a problem document can carry, with its titles; each has a page under `/problems/{code}`.
#[utoipa::path(tag = "system", responses((status = 200, description = "The codes", body = ProblemList)))]
#[get("/api/v1/problems")]
async fn list_problems(problems: web::Data<ProblemTable>) -> HttpResponse {
    let view = |p: &'static crate::kernel::Problem| ProblemView {
        code: p.code,
        status: p.status,
        title_zh: p.title_zh,
        title_en: p.title_en,
        about_zh: p.about_zh,
        about_en: p.about_en,
    };
    HttpResponse::Ok()
        .insert_header(("cache-control", "public, max-age=300"))
        .json(ProblemList { items: problems.iter().map(view).collect() })
}

/// Where the demo's clock is to go.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    /// A later instant; a clock never goes back.
    now: UtcInstant,
}

/// The business clock.
#[derive(Serialize, utoipa::ToSchema)]
struct ClockView {
    /// The present business instant.
    now: UtcInstant,
}

/// Move the demo's clock
///
/// Moves the business clock forward so that a deadline passes. Only the demo has it; elsewhere the answer is 404.
#[utoipa::path(tag = "system", request_body = MoveClock, responses((status = 200, description = "The clock", body = ClockView)),
    extensions(("x-problems" = json!(["not_found"]))))]
#[put("/api/v1/demo/clock")]
async fn demo_clock(call: Call, movable: web::Data<MovableClock>, body: Body<MoveClock>) -> Answer {
    if !movable.0 {
        return Err(error::NOT_FOUND.error().into());
    }
    call.desk.clock.advance_to(body.get()?.now);
    Ok(Reply::ok(&ClockView { now: call.desk.clock.now() })?.into_response(&call))
}
