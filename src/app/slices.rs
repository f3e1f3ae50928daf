//! The registry of slices: every slice's actions, problems and routes, top storey first.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::{Problem, error};
use crate::people::{self, Action};
use crate::web::idempotency;
use crate::{delivery, disclosure, law, market, money, outcomes, parties, procurement, trust};

/// Every slice's actions: the source of the policy matrix and of the roles in the API document.
pub static ACTIONS: &[&[&Action]] = &[
    disclosure::case_file::policy::ACTIONS,
    disclosure::journal::policy::ACTIONS,
    disclosure::reports::policy::ACTIONS,
    disclosure::papers::policy::ACTIONS,
    procurement::imports::policy::ACTIONS,
    procurement::frameworks::policy::ACTIONS,
    procurement::sourcing::policy::ACTIONS,
    procurement::direct::policy::ACTIONS,
    procurement::challenges::policy::ACTIONS,
    procurement::awards::policy::ACTIONS,
    procurement::evaluation::policy::ACTIONS,
    procurement::review::policy::ACTIONS,
    procurement::experts::policy::ACTIONS,
    procurement::opening::policy::ACTIONS,
    procurement::bids::policy::ACTIONS,
    procurement::bonds::policy::ACTIONS,
    procurement::documents::policy::ACTIONS,
    procurement::tenders::policy::ACTIONS,
    procurement::plans::policy::ACTIONS,
    delivery::changes::policy::ACTIONS,
    delivery::payments::policy::ACTIONS,
    delivery::milestones::policy::ACTIONS,
    delivery::agreements::policy::ACTIONS,
    outcomes::reports::policy::ACTIONS,
    outcomes::projects::policy::ACTIONS,
    money::matching::policy::ACTIONS,
    money::reconciliations::policy::ACTIONS,
    money::year_ends::policy::ACTIONS,
    money::resourcings::policy::ACTIONS,
    money::funding::policy::ACTIONS,
    money::funds::policy::ACTIONS,
    money::ledger::policy::ACTIONS,
    market::incubation::policy::ACTIONS,
    market::catalogues::policy::ACTIONS,
    parties::mandates::policy::ACTIONS,
    parties::exceptions::policy::ACTIONS,
    parties::declarations::policy::ACTIONS,
    parties::regulations::policy::ACTIONS,
    parties::organisations::standings::policy::ACTIONS,
    parties::organisations::policy::ACTIONS,
    parties::units::policy::ACTIONS,
    parties::areas::policy::ACTIONS,
    people::delegations::policy::ACTIONS,
    people::accounts::policy::ACTIONS,
    people::sessions::service::ACTIONS,
];

/// Every slice's problems.
pub static PROBLEMS: &[&[&Problem]] = &[
    disclosure::journal::PROBLEMS,
    disclosure::papers::PROBLEMS,
    procurement::direct::PROBLEMS,
    procurement::challenges::PROBLEMS,
    procurement::awards::PROBLEMS,
    procurement::evaluation::PROBLEMS,
    procurement::review::PROBLEMS,
    procurement::evaluation::panel::PROBLEMS,
    procurement::evaluation::discussion::PROBLEMS,
    procurement::evaluation::report::PROBLEMS,
    procurement::evaluation::own_scores::PROBLEMS,
    procurement::experts::PROBLEMS,
    procurement::opening::PROBLEMS,
    procurement::opening::sessions::PROBLEMS,
    procurement::bids::PROBLEMS,
    procurement::bonds::PROBLEMS,
    procurement::documents::PROBLEMS,
    procurement::tenders::PROBLEMS,
    procurement::plans::PROBLEMS,
    procurement::frameworks::PROBLEMS,
    procurement::imports::PROBLEMS,
    procurement::tenders::invitations::PROBLEMS,
    delivery::changes::PROBLEMS,
    delivery::payments::PROBLEMS,
    delivery::agreements::PROBLEMS,
    delivery::agreements::suspensions::PROBLEMS,
    delivery::agreements::ending::PROBLEMS,
    outcomes::reports::PROBLEMS,
    outcomes::projects::PROBLEMS,
    money::reconciliations::PROBLEMS,
    money::year_ends::PROBLEMS,
    money::funding::PROBLEMS,
    money::funds::PROBLEMS,
    money::ledger::PROBLEMS,
    market::incubation::PROBLEMS,
    market::catalogues::PROBLEMS,
    parties::regulations::configure::PROBLEMS,
    parties::exceptions::PROBLEMS,
    parties::regulations::PROBLEMS,
    parties::organisations::PROBLEMS,
    parties::units::PROBLEMS,
    parties::areas::PROBLEMS,
    people::policy::PROBLEMS,
    people::delegations::PROBLEMS,
    people::accounts::service::PROBLEMS,
    people::sessions::api::PROBLEMS,
    trust::documents::PROBLEMS,
    trust::sealed_files::PROBLEMS,
    law::PROBLEMS,
    idempotency::PROBLEMS,
    error::PROBLEMS,
];

/// Every slice's routes under `/api/v1`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(people::sessions::api::routes)
        .configure(people::accounts::api::routes)
        .configure(people::accounts::password_api::routes)
        .configure(people::delegations::api::routes)
        .configure(parties::areas::api::routes)
        .configure(parties::units::api::routes)
        .configure(parties::organisations::api::routes)
        .configure(parties::regulations::api::routes)
        .configure(parties::regulations::change_api::routes)
        .configure(parties::regulations::thresholds_api::routes)
        .configure(parties::declarations::api::routes)
        .configure(parties::exceptions::api::routes)
        .configure(parties::mandates::api::routes)
        .configure(market::catalogues::api::routes)
        .configure(market::incubation::api::routes)
        .configure(money::ledger::api::routes)
        .configure(money::funds::api::routes)
        .configure(money::funding::api::routes)
        .configure(money::resourcings::api::routes)
        .configure(money::year_ends::api::routes)
        .configure(money::reconciliations::api::routes)
        .configure(money::matching::api::routes)
        .configure(outcomes::projects::api::routes)
        .configure(outcomes::reports::api::routes)
        .configure(delivery::agreements::api::routes)
        .configure(delivery::milestones::api::routes)
        .configure(delivery::payments::api::routes)
        .configure(delivery::changes::api::routes)
        .configure(procurement::plans::api::routes)
        .configure(procurement::plans::purchases_api::routes)
        .configure(procurement::plans::settings_api::routes)
        .configure(procurement::tenders::api::routes)
        .configure(procurement::tenders::papers_api::routes)
        .configure(procurement::documents::api::routes)
        .configure(procurement::documents::submission_api::routes)
        .configure(procurement::documents::questions_api::routes)
        .configure(procurement::documents::visits_api::routes)
        .configure(procurement::documents::amendments_api::routes)
        .configure(procurement::bonds::api::routes)
        .configure(procurement::bids::api::routes)
        .configure(procurement::opening::api::routes)
        .configure(procurement::review::api::routes)
        .configure(procurement::experts::api::routes)
        .configure(procurement::evaluation::api::routes)
        .configure(procurement::evaluation::panel_api::routes)
        .configure(procurement::evaluation::report_api::routes)
        .configure(procurement::awards::api::routes)
        .configure(procurement::sourcing::api::routes)
        .configure(procurement::imports::csv_api::routes)
        .configure(procurement::imports::api::routes)
        .configure(procurement::frameworks::api::routes)
        .configure(procurement::frameworks::calls_api::routes)
        .configure(procurement::direct::api::routes)
        .configure(procurement::legality::api::routes)
        .configure(procurement::challenges::api::routes)
        .configure(disclosure::case_file::api::routes)
        .configure(disclosure::journal::api::routes)
        .configure(disclosure::reports::api::routes)
        .configure(disclosure::papers::api::routes);
}
