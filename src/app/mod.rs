//! The composition root: joins every slice's routes, problems and policies, and builds the server.

mod methods;
mod pages;
pub mod reference;
mod security;
mod slices;
mod system;
mod telemetry;

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use serde_json::Value;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::disclosure::papers::Templates;
use crate::kernel::{Error, Result};
use crate::people::api_tokens::Scopes;
use crate::people::tokens::Mint;
use crate::procurement::bids::receipts_api::ReceiptWait;
use crate::trust::cadence::Rhythm;
use crate::trust::checkpoint::JournalKey;
use crate::trust::documents::DocumentStore;
use crate::trust::held::Held;
use crate::trust::receipt::ReceiptKey;
use crate::trust::sealing::SealingKey;
use crate::trust::seals::SealServices;
use crate::trust::vault::Vault;
use crate::web::Desk;
use crate::web::limits::Throttle;
use crate::web::openapi::{ActionFacts, finish};
use crate::web::problem::{ProblemDocument, ProblemField, ProblemTable, write_problems};

pub use slices::{ACTIONS, PROBLEMS};
pub use telemetry::init_metrics;

/// What the server is built from.
#[derive(Clone)]
pub struct State {
    /// The desk of the HTTP storey.
    pub desk: web::Data<Desk>,
    /// Access tokens.
    pub mint: Arc<Mint>,
    /// Login limits.
    pub throttle: Arc<Throttle>,
    /// Seals the seeds of one-time passwords.
    pub vault: Arc<Vault>,
    /// The sealing key.
    pub sealing: Arc<SealingKey>,
    /// The journal's key.
    pub journal: Arc<JournalKey>,
    /// Whether the journal has a cadence, and is public.
    pub rhythm: Rhythm,
    /// How long a submission waits for its receipt when its sender does not say.
    pub receipt_wait: ReceiptWait,
    /// The key of receipts.
    pub receipts: Arc<Held<ReceiptKey>>,
    /// Sealing services that count.
    pub seals: Arc<SealServices>,
    /// Documents.
    pub documents: DocumentStore,
    /// Templates of papers.
    pub templates: Templates,
    /// Whether `/metrics` answers anybody.
    pub public_metrics: bool,
    /// Whether the demo's clock may be moved over HTTP.
    pub movable_clock: bool,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Baiyi 百益",
        description = "The marketplace through which a city district buys public services from social organisations. \
            Money is integer fen, instants are UTC, dates are read in Asia/Shanghai, lists are keyset pages, changes need If-Match, \
            refusals are RFC 9457 problem documents in Chinese or English.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemDocument, ProblemField)),
    tags(
        (name = "sessions", description = "Signing in and out"),
        (name = "accounts", description = "People and their roles"),
        (name = "duties", description = "Delegations, mandates and marked exceptions"),
        (name = "areas", description = "Districts, subdistricts, communities, grids"),
        (name = "units", description = "Public bodies"),
        (name = "organisations", description = "Suppliers: registration, verification, suspension"),
        (name = "organisation file", description = "Certificates, ratings and annual checks of an organisation"),
        (name = "regulations", description = "The law as data: rules, calendars, budget subjects"),
        (name = "catalogues", description = "The guiding catalogue: editions and items"),
        (name = "incubations", description = "Organisations at incubation bases"),
        (name = "directory", description = "The directory of capable organisations, by catalogue item and year"),
        (name = "funds", description = "Funds, appropriations, balances by stream"),
        (name = "funding", description = "Funding lines of lots and contracts, future commitments, re-sourcing"),
        (name = "year-ends", description = "Year ends: preview, execution, reversal, confirmation"),
        (name = "reconciliations", description = "Monthly reconciliation with the treasury's book"),
        (name = "matching", description = "Matching money: pledged, evidenced, verified"),
        (name = "ledger", description = "The double-entry ledger and its invariants"),
        (name = "plans", description = "Purchase plans, public intentions, what a unit buys in a year"),
        (name = "frameworks", description = "Framework agreements, orders and competitions under them"),
        (name = "external tenders", description = "Purchases run on the statutory platform and imported with their award"),
        (name = "tenders", description = "Tenders and lots, from draft to publication"),
        (name = "documents", description = "Tender documents: terms, lint, questions, site visits, amendments"),
        (name = "bonds", description = "Bid and performance bonds with their books"),
        (name = "bids", description = "Sealed bids of one's own organisation"),
        (name = "openers", description = "Openers who hold a tender's key together: keys, ceremonies, closing, contributions"),
        (name = "opening", description = "The opening and its public record"),
        (name = "review", description = "Qualification and responsiveness before scoring, and low prices"),
        (name = "draws", description = "Draws of experts and of tied bids, which anybody can recompute"),
        (name = "experts", description = "The pool of evaluation experts"),
        (name = "evaluation", description = "Evaluators, score sheets, ranking"),
        (name = "awards", description = "Awards and the contracts drafted from them"),
        (name = "challenges", description = "Challenges to the purchaser and complaints to the supervisor"),
        (name = "contracts", description = "Contracts, their signatures and documents"),
        (name = "milestones", description = "What a contract delivers, accepted with the beneficiaries' opinion"),
        (name = "payments", description = "Claims of payees, from invoice to bank receipt"),
        (name = "projects", description = "The hundred projects and their indicators"),
        (name = "social workers", description = "Workers with certificate, registration and growth card"),
        (name = "service sessions", description = "What both sides say took place"),
        (name = "outcome reports", description = "What the projects reached, verified by somebody else"),
        (name = "cases", description = "The auditor's file of one case"),
        (name = "journal", description = "Checkpoints and proofs of the journal"),
        (name = "reports", description = "Funding, contracts and the hundred projects, also as tables"),
        (name = "papers", description = "Documents to print and sign, made from templates"),
        (name = "system", description = "Health, keys, problems")
    )
)]
struct Document;

/// The OpenAPI document, finished; an error lists every operation that declares something wrongly.
pub fn openapi() -> Result<Value> {
    let (_, generated) = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(system::routes)
        .service(utoipa_actix_web::scope("/api/v1").configure(slices::routes))
        .split_for_parts();
    let mut document = serde_json::to_value(generated).map_err(|e| Error::internal(format!("OpenAPI: {e}")))?;
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert(
            "securitySchemes".to_owned(),
            serde_json::json!({"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Access token of POST /api/v1/sessions"}}),
        );
    }
    let facts: Vec<ActionFacts> = ACTIONS
        .iter()
        .flat_map(|table| table.iter())
        .map(|action| ActionFacts {
            name: action.name,
            roles: action.roles.iter().map(|role| role.as_str()).collect(),
            states: action.states,
            versioned: action.versioned,
            stepped_up: action.stepped_up,
        })
        .collect();
    finish(document, &facts, &problems()?).map_err(|faults| Error::internal(format!("OpenAPI: {}", faults.join("; "))))
}

/// The joined problem table.
pub fn problems() -> Result<ProblemTable> {
    ProblemTable::join(PROBLEMS).map_err(Error::internal)
}

/// Builds the server on a bound listener. `workers` is one per core when absent.
pub fn serve(state: State, listener: TcpListener, workers: Option<usize>) -> Result<Server> {
    let document = openapi()?;
    let problems = web::Data::new(problems()?);
    let rendered = web::Data::new(system::RenderedDocument::new(&document)?);
    let methods = web::Data::new(methods::MethodTable::of(&document));
    let mut server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .map(|app| {
                app.wrap(from_fn(write_problems))
                    .wrap(from_fn(security::headers))
                    .wrap(Compress::default())
                    .wrap(from_fn(methods::head))
                    .wrap(from_fn(telemetry::measure))
                    .wrap(TracingLogger::default())
            })
            .app_data(state.desk.clone())
            .app_data(web::Data::from(state.mint.clone()))
            .app_data(web::Data::from(state.throttle.clone()))
            .app_data(web::Data::from(state.vault.clone()))
            .app_data(web::Data::from(state.sealing.clone()))
            .app_data(web::Data::new(Scopes::of(ACTIONS)))
            .app_data(web::Data::from(state.journal.clone()))
            .app_data(web::Data::new(state.rhythm))
            .app_data(web::Data::new(state.receipt_wait))
            .app_data(web::Data::from(state.receipts.clone()))
            .app_data(web::Data::from(state.seals.clone()))
            .app_data(web::Data::new(state.documents.clone()))
            .app_data(web::Data::new(state.templates.clone()))
            .app_data(web::Data::new(system::Exposure { public_metrics: state.public_metrics }))
            .app_data(web::Data::new(system::MovableClock(state.movable_clock)))
            .app_data(problems.clone())
            .app_data(rendered.clone())
            .app_data(methods.clone())
            .configure(system::routes)
            .service(utoipa_actix_web::scope("/api/v1").configure(slices::routes))
            .into_app()
            .default_service(web::to(methods::otherwise))
            .configure(pages::routes)
            .service(SwaggerUi::new("/docs/{_:.*}").external_url_unchecked("/api/v1/openapi.json", document.clone()))
    })
    .client_request_timeout(std::time::Duration::from_secs(15))
    .shutdown_timeout(20);
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener).map_err(|e| Error::internal(format!("cannot listen: {e}")))?.run())
}
