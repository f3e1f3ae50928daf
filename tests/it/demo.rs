//! The demo's district: every state the plan promises, true books, and the same story for the same seed.

use std::collections::BTreeSet;

use baiyi::cli::demo;
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

async fn holds(app: &TestApp, table: &str, promised: &[&str]) {
    let found = states(app, table).await;
    for state in promised {
        assert!(found.contains(*state), "no {state} among {table}: {found:?}");
    }
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
        assert_eq!(count(app, "tenders").await, 12);
    }
}

#[test]
fn the_whole_district_has_every_state_that_it_promises() {
    run(Backend::Sqlite, |app| {
        Box::pin(async move {
            demo::live(app.db.clone(), app.tenant, app.documents.clone(), &app.sealing, 330_502, 150).await.unwrap();
            assert_eq!(count(app, "units WHERE kind = 'subdistrict'").await, 12);
            assert_eq!(count(app, "organisations").await, 40);
            assert!(count(app, "tenders").await >= 150);
            holds(app, "tenders", &["draft", "in_review", "returned", "approved", "published", "cancelled"]).await;
            holds(app, "lots", &["open", "opened", "evaluating", "award_proposed", "awarded", "failed", "failed_unopened"]).await;
            holds(app, "awards", &["proposed", "confirmed", "contracting", "declined"]).await;
            holds(app, "contracts", &["drafted", "finance_approved", "active", "suspended", "completed", "terminated"]).await;
            holds(app, "milestones", &["planned", "delivered", "accepted", "rejected"]).await;
            let desks = ["claimed", "invoice_checked", "accepted", "approved", "instructed", "paid", "bounced", "returned"];
            holds(app, "payments", &desks).await;
            holds(app, "projects", &["proposed", "selected", "delivering", "verified", "honoured", "dropped"]).await;
            holds(app, "outcome_reports", &["submitted", "returned", "verified"]).await;
            holds(app, "organisations", &["verified", "suspended", "abnormal", "blacklisted"]).await;
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
