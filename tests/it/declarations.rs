//! Declarations: entered once, listed with their days, reused while they hold, warned of before they expire.

use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::OrganisationId;
use baiyi::parties::declarations::{DeclarationKind, valid_on};
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

async fn cast(app: &TestApp) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    let path = format!("/api/v1/organisations/{}/declarations", chain.bidders[0].id);
    (chain, path)
}

fn declared(kind: &str, to: Value) -> Value {
    json!({"kind": kind, "statement": "本组织对此承诺负责。", "valid_from": "2026-03-02", "valid_to": to})
}

async fn count(app: &TestApp, chain: &Chain, on: &str) -> usize {
    let (tenant, day) = (app.tenant, on.parse().unwrap());
    let id: OrganisationId = chain.bidders[0].id.parse().unwrap();
    let kinds = [DeclarationKind::NoMajorViolation, DeclarationKind::SoundAccounts];
    app.read(move |db| valid_on(db, tenant, id, &kinds, day).unwrap().len()).await
}

async fn letters(app: &TestApp) -> usize {
    use baiyi::db::schema::outbox::dsl::{outbox, subject};
    use diesel::prelude::*;
    let all: Vec<String> = app.read(|db| outbox.select(subject).load(db).unwrap()).await;
    all.iter().filter(|one| one.contains("a declaration expires")).count()
}

on_both! {
    async fn an_organisation_declares_once_and_reuses_it_while_it_holds(app: &TestApp) {
        let (chain, path) = cast(app).await;
        let own = &chain.bidders[0].client;
        chain.bidders[1].client.post(&path).json(declared("sound_accounts", json!(null))).await.refused(403, "forbidden");
        chain.purchaser.client.post(&path).json(declared("sound_accounts", json!(null))).await.refused(403, "forbidden");
        let no_sme = own.post(&path).header("accept-language", "en").json(declared("small_or_medium_enterprise", json!(null))).await.refused(422, "invalid");
        assert_eq!(no_sme.bad_fields(), ["/kind"]);
        assert!(no_sme.text.contains("R079"));
        assert_eq!(own.post(&path).json(declared("certificate", json!("2026-03-01"))).await.refused(422, "invalid").bad_fields(), ["/valid_to", "/valid_to"]);
        let first = own.post(&path).json(declared("no_major_violation", json!("2026-04-01"))).await.is(201);
        assert_eq!((&first.value()["expires_in_days"], &first.value()["valid"]), (&json!(30), &json!(true)));
        own.post(&path).json(declared("sound_accounts", json!(null))).await.is(201);
        own.post(&path).json(declared("certificate", json!("2026-12-31"))).await.is(201);
        assert_eq!((count(app, &chain, "2026-03-01").await, count(app, &chain, "2026-04-01").await, count(app, &chain, "2026-04-02").await), (0, 2, 1));
        let soon = chain.purchaser.client.get(&format!("{path}?expires_in_days=30")).send().await.is(200).value();
        assert_eq!((soon["items"].as_array().unwrap().len(), &soon["items"][0]["kind"]), (1, &json!("no_major_violation")));
        assert_eq!(own.get(&format!("{path}?expires_in_days=29")).send().await.is(200).value()["items"], json!([]));
        own.get(&format!("{path}?expires_in_days=367")).send().await.refused(422, "invalid");
        let page = own.get(&format!("{path}?limit=2")).send().await.is(200);
        let rest = own.get(&format!("{path}?limit=2&after={}", page.text_at("/next"))).send().await.is(200).value();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        // What a bid of a later day may reuse.
        let reusable = async |day: &str| own.get(&format!("{path}?valid_on={day}")).send().await.is(200).value()["items"].as_array().unwrap().len();
        assert_eq!((reusable("2026-03-01").await, reusable("2026-04-01").await, reusable("2026-04-02").await, reusable("2027-01-01").await), (0, 3, 2, 1));
        own.get(&format!("{path}?valid_on=2026-04-01&valid=true")).send().await.refused(422, "invalid");
        // A rival reads nothing of it.
        chain.bidders[1].client.get(&path).send().await.refused(403, "forbidden");
        app.public().get(&path).send().await.refused(401, "unauthenticated");
        let withdrawal = format!("/api/v1/declarations/{}/withdrawal", first.text_at("/id"));
        chain.bidders[1].client.post(&withdrawal).if_match("\"1\"").json(json!({"reason": "换发"})).await.refused(404, "not_found");
        own.post(&withdrawal).if_match("\"1\"").json(json!({"reason": "换发"})).await.is(200);
        own.post(&withdrawal).if_match("\"2\"").json(json!({"reason": "换发"})).await.refused(409, "wrong_state");
        assert_eq!(count(app, &chain, "2026-03-02").await, 1);
    }

    async fn a_mail_warns_once_thirty_days_before_the_last_day(app: &TestApp) {
        let (chain, path) = cast(app).await;
        chain.bidders[0].client.post(&path).json(declared("certificate", json!("2026-04-02"))).await.is(201);
        let gone = chain.bidders[0].client.post(&path).json(declared("other", json!("2026-04-02"))).await.is(201);
        let withdrawal = format!("/api/v1/declarations/{}/withdrawal", gone.text_at("/id"));
        chain.bidders[0].client.post(&withdrawal).if_match("\"1\"").json(json!({"reason": "换发"})).await.is(200);
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 0), "a day too early");
        app.clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 1));
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 0), "once");
        assert_eq!(letters(app).await, 1);
    }
}
