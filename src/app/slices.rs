//! The registry of slices: every slice's actions, problems and routes, top storey first.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{Problem, error};
use crate::people::{self, Action};
use crate::web::idempotency;
use crate::{delivery, disclosure, market, money, outcomes, parties, procurement, trust};

/// Every slice's actions: the source of the policy matrix and of the roles in the API document.
pub static ACTIONS: &[&[&Action]] = &[
    disclosure::case_file::policy::ACTIONS,
    procurement::awards::policy::ACTIONS,
    procurement::evaluation::policy::ACTIONS,
    procurement::opening::policy::ACTIONS,
    procurement::bids::policy::ACTIONS,
    procurement::tenders::policy::ACTIONS,
    delivery::payments::policy::ACTIONS,
    delivery::milestones::policy::ACTIONS,
    delivery::agreements::policy::ACTIONS,
    outcomes::reports::policy::ACTIONS,
    outcomes::projects::policy::ACTIONS,
    money::funds::policy::ACTIONS,
    money::ledger::policy::ACTIONS,
    market::incubation::policy::ACTIONS,
    market::catalogues::policy::ACTIONS,
    parties::regulations::policy::ACTIONS,
    parties::organisations::policy::ACTIONS,
    parties::units::policy::ACTIONS,
    parties::areas::policy::ACTIONS,
    people::accounts::policy::ACTIONS,
    people::sessions::service::ACTIONS,
];

/// Every slice's problems.
pub static PROBLEMS: &[&[&Problem]] = &[
    procurement::awards::PROBLEMS,
    procurement::evaluation::PROBLEMS,
    procurement::opening::PROBLEMS,
    procurement::bids::PROBLEMS,
    procurement::tenders::PROBLEMS,
    delivery::payments::PROBLEMS,
    delivery::agreements::PROBLEMS,
    outcomes::reports::PROBLEMS,
    outcomes::projects::PROBLEMS,
    money::funds::PROBLEMS,
    money::ledger::PROBLEMS,
    market::incubation::PROBLEMS,
    market::catalogues::PROBLEMS,
    parties::regulations::PROBLEMS,
    parties::organisations::PROBLEMS,
    parties::units::PROBLEMS,
    parties::areas::PROBLEMS,
    people::policy::PROBLEMS,
    people::accounts::service::PROBLEMS,
    people::sessions::api::PROBLEMS,
    trust::documents::PROBLEMS,
    idempotency::PROBLEMS,
    error::PROBLEMS,
];

/// Every slice's routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(people::sessions::api::routes)
        .configure(people::accounts::api::routes)
        .configure(parties::areas::api::routes)
        .configure(parties::units::api::routes)
        .configure(parties::organisations::api::routes)
        .configure(parties::regulations::api::routes)
        .configure(market::catalogues::api::routes)
        .configure(market::incubation::api::routes)
        .configure(money::ledger::api::routes)
        .configure(money::funds::api::routes)
        .configure(outcomes::projects::api::routes)
        .configure(outcomes::reports::api::routes)
        .configure(delivery::agreements::api::routes)
        .configure(delivery::milestones::api::routes)
        .configure(delivery::payments::api::routes)
        .configure(procurement::tenders::api::routes)
        .configure(procurement::bids::api::routes)
        .configure(procurement::opening::api::routes)
        .configure(procurement::evaluation::api::routes)
        .configure(procurement::awards::api::routes)
        .configure(disclosure::case_file::api::routes);
}
