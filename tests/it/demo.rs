//! The demo's district: every state the plan promises, true books, and the same story for the same seed.

use std::collections::BTreeSet;

use baiyi::cli::demo;
use baiyi::delivery::agreements::{ContractState, MilestoneState};
use baiyi::delivery::changes::model::ChangeState;
use baiyi::delivery::payments::PaymentState;
use baiyi::delivery::subcontracts::model::SubcontractState;
use baiyi::disclosure::bundle::{check, export};
use baiyi::jobs;
use baiyi::market::incubation::model::IncubationState;
use baiyi::money::funds::Stream;
use baiyi::outcomes::projects::model::ProjectState;
use baiyi::outcomes::reports::ReportState;
use baiyi::outcomes::sessions::model::SessionState;
use baiyi::parties::organisations::model::OrganisationState;
use baiyi::people::Role;
use baiyi::procurement::awards::AwardState;
use baiyi::procurement::bids::BidState;
use baiyi::procurement::challenges::model::{ChallengeState, ComplaintState};
use baiyi::procurement::plans::model::PlanState;
use baiyi::procurement::tenders::{LotState, TenderState};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::{Backend, TestApp, on_both, run};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let query = format!("SELECT COUNT(*) AS n FROM {table}");
    app.db.read(move |snapshot| Ok(diesel::sql_query(query).get_result::<Count>(&mut **snapshot)?.n)).await.unwrap()
}

async fn words(app: &TestApp, query: &str) -> Vec<String> {
    let query = query.to_owned();
    let rows = app.db.read(move |snapshot| Ok(diesel::sql_query(query).load::<Word>(&mut **snapshot)?)).await.unwrap();
    rows.into_iter().map(|row| row.word).collect()
}

async fn states(app: &TestApp, table: &str) -> BTreeSet<String> {
    words(app, &format!("SELECT DISTINCT state AS word FROM {table}")).await.into_iter().collect()
}

/// Every state of a machine, by the words of its enumeration, so that a new state is missed at once.
async fn holds(app: &TestApp, table: &str, promised: impl Iterator<Item = &'static str>) {
    let found = states(app, table).await;
    let missing: Vec<&str> = promised.filter(|state| !found.contains(*state)).collect();
    assert!(missing.is_empty(), "no {missing:?} among {table}: {found:?}");
}

macro_rules! all_of {
    ($app:ident, $($table:literal: $state:ty),+ $(,)?) => {
        $(holds($app, $table, <$state>::ALL.iter().map(|state| state.as_str())).await;)+
    };
}

/// The steps of the journal without what every run draws anew: the tenant of the test and the ciphertext of a bid.
async fn story(app: &TestApp) -> Vec<String> {
    let query = "SELECT action || ' ' || CAST(resource_id AS TEXT) || ' ' || CAST(at AS TEXT) AS word FROM journal_entries ORDER BY at, id";
    let district = app.tenant.to_string();
    words(app, query).await.into_iter().map(|word| word.replace(&district, "district")).collect()
}

on_both! {
    async fn a_small_living_district_keeps_true_books(app: &TestApp) {
        demo::live(app.db.clone(), app.tenant, app.documents.clone(), &app.sealing, 7, 12).await.unwrap();
        assert_eq!(count(app, "units WHERE kind = 'subdistrict'").await, 12);
        assert_eq!(count(app, "organisations").await, 40);
        assert_eq!((count(app, "plans").await, count(app, "tenders").await), (7, 6));
    }
}

#[test]
fn the_whole_district_has_every_state_that_it_promises() {
    run(Backend::Sqlite, |app| {
        Box::pin(async move {
            demo::live(app.db.clone(), app.tenant, app.documents.clone(), &app.sealing, 330_502, 150).await.unwrap();
            assert_eq!(count(app, "units WHERE kind = 'subdistrict'").await, 12);
            assert_eq!(count(app, "organisations").await, 40);
            let purchases = count(app, "tenders").await + count(app, "plans WHERE state <> 'used'").await;
            assert!(purchases >= 150, "{purchases} cases");
            all_of!(app,
                "plans": PlanState, "tenders": TenderState, "lots": LotState, "bids": BidState, "awards": AwardState, "challenges": ChallengeState,
                "complaints": ComplaintState, "contracts": ContractState, "contract_changes": ChangeState, "subcontracts": SubcontractState,
                "milestones": MilestoneState, "payments": PaymentState, "projects": ProjectState, "service_sessions": SessionState,
                "outcome_reports": ReportState, "organisations": OrganisationState, "incubations": IncubationState,
            );
            let streams = "SELECT DISTINCT stream AS word FROM funds";
            assert_eq!(words(app, streams).await.len(), Stream::ALL.len());
            let mixed = "SELECT CAST(owner_id AS TEXT) AS word FROM funding_lines WHERE owner_kind = 'contract' GROUP BY owner_id HAVING COUNT(DISTINCT stream) > 1";
            assert!(words(app, mixed).await.len() > 3);
            assert_eq!(count(app, "year_ends WHERE state = 'confirmed'").await, 24, "two years of twelve units");
            assert!(count(app, "draws WHERE state = 'drawn'").await > 3 && count(app, "performance_reviews").await > 10);
            // A year that is over was largely spent, and the books and the journal of all that are in order.
            let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
            for year in [2024, 2025] {
                let funding = auditor.get(&format!("/api/v1/reports/funding?year={year}")).send().await.is(200).value();
                let execution = funding["total"]["execution_bp"].as_i64().unwrap();
                assert!((6_500..=9_500).contains(&execution), "{year}: {execution}");
            }
            let books = auditor.get("/api/v1/ledger/integrity").send().await.is(200).value();
            assert_eq!(books["holds"], serde_json::json!(true), "{books}");
            jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
            let bundle = app.read(|snapshot| export::read(snapshot).unwrap()).await;
            assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        })
    });
}

#[test]
fn a_seed_tells_the_same_story_twice_and_another_seed_another() {
    let told = |seed: u64| {
        let (tell, heard) = std::sync::mpsc::channel();
        run(Backend::Sqlite, move |app| {
            Box::pin(async move {
                demo::live(app.db.clone(), app.tenant, app.documents.clone(), &app.sealing, seed, 12).await.unwrap();
                tell.send(story(app).await).unwrap();
            })
        });
        heard.recv().unwrap()
    };
    let first = told(7);
    assert!(first.len() > 200, "{} entries", first.len());
    assert_eq!(first, told(7));
    assert_ne!(first, told(8));
}
