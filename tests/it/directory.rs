//! The directory of capable organisations: called, applied for, assessed by others, shown, published; and then a purchase is open to who is in it.

use baiyi::db::schema::outbox;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::{CatalogueItemId, OrganisationId};
use baiyi::market::directory::is_open_to;
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::org_file::verified;
use crate::support::chain::give_role;
use crate::support::http::Answer;
use crate::support::story::{Bidder, Chain};
use crate::support::{Client, TestApp, on_both};

/// A district with a keeper of the directory, and an item of the catalogue in use.
struct Stage {
    chain: Chain,
    editor: Client,
    item: String,
    code: String,
    other_item: String,
}

async fn stage(app: &TestApp) -> Stage {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    let editor = app.person("Mu Lu", &[Role::CatalogueEditor]).await.client;
    let items = app.public().get("/api/v1/catalogue-items?level=4&limit=2").send().await.is(200);
    let (item, code, other_item) = (items.text_at("/items/0/id"), items.text_at("/items/0/code"), items.text_at("/items/1/id"));
    Stage { chain, editor, item, code, other_item }
}

fn call(edition: &str, year: i32, min_grade: Value) -> Value {
    json!({"edition": edition, "year": year, "criteria": "有三名以上专职社工。", "min_grade": min_grade, "opens_on": "2026-03-02",
        "closes_on": "2026-03-04", "publicity_days": 3})
}

fn certificate() -> Value {
    json!({"certificate_kind": "registration", "number": "吴民证字第1号", "issuer": "湖州市吴兴区民政局", "valid_from": "2024-03-02", "valid_to": "2026-12-31"})
}

fn rating(grade: &str, from: &str) -> Value {
    json!({"grade": grade, "issuer": "湖州市吴兴区民政局", "valid_from": from})
}

fn id_of(location: &str) -> String {
    location.rsplit('/').next().unwrap().to_owned()
}

async fn apply(bidder: &Bidder, call: &str, item: &str, evidence: &[String]) -> Answer {
    let body = json!({"catalogue_item_id": item, "statement": "有五名专职社工。", "evidence": evidence});
    bidder.client.post(&format!("{call}/applications")).json(body).await
}

async fn assess(client: &Client, application: &str, accepted: bool) -> Answer {
    // Every assessor reads the application first.
    let etag = client.get(application).send().await.etag();
    client.post(&format!("{application}/assessment")).if_match(&etag).json(json!({"accepted": accepted, "reason": "与征集条件对照"})).await
}

async fn to_day(app: &TestApp, day: u32) {
    app.clock.advance_to(UtcInstant::parse(&format!("2026-03-{day:02}T01:00:00Z")).unwrap());
}

async fn open_to(app: &TestApp, bidder: &Bidder, item: &str, day: &str) -> bool {
    let (tenant, day) = (app.tenant, day.parse().unwrap());
    let (organisation, item): (OrganisationId, CatalogueItemId) = (bidder.id.parse().unwrap(), item.parse().unwrap());
    app.read(move |db| is_open_to(db, tenant, organisation, item, day).unwrap()).await
}

async fn entries(app: &TestApp, query: &str) -> Vec<Value> {
    app.public().get(&format!("/api/v1/directory-entries?{query}")).send().await.is(200).value()["items"].as_array().unwrap().clone()
}

/// An entrustment of the item to whom it may concern, published; bids are taken until the deadline.
async fn entrustment(app: &TestApp, stage: &mut Stage, deadline: &str) -> String {
    let chain = &mut stage.chain;
    chain.fund().await;
    let (unit, money) = (chain.id("fund_id").to_owned(), json!({"amount_fen": 20_000_000, "currency": "CNY"}));
    let body = json!({"catalogue_item_id": stage.item, "fund_id": unit, "title": "月河街道居家养老委托", "description": "每周两次上门服务。",
        "mode": "entrustment", "procedure": "consultation", "plain_offers": true,
        "lots": [{"title": "上门服务", "ceiling": money, "criteria": [
            {"name": "服务方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]}]});
    let drafted = chain.purchaser.client.post("/api/v1/tenders").json(body).await.is(201);
    let (tender, lot) = (format!("/api/v1/tenders/{}", drafted.text_at("/id")), drafted.text_at("/lots/0/id"));
    let paper = format!("{tender}/documents?filename=needs.pdf&purpose=procurement_document");
    chain.purchaser.client.post(&paper).body("application/pdf", b"%PDF-1.7\nneeds".to_vec()).send().await.is(201);
    chain.purchaser.client.act(&format!("{tender}/submission"), json!({})).await.is(200);
    chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
    chain.purchaser.client.act(&format!("{tender}/publication"), json!({"bid_deadline": deadline})).await.is(200);
    assert_eq!(app.public().get(&tender).send().await.is(200).text_at("/mode"), "entrustment");
    format!("/api/v1/lots/{lot}")
}

async fn bid(bidder: &Bidder, lot: &str) -> Answer {
    let offer = json!({"offer": {"price": {"amount_fen": 19_000_000, "currency": "CNY"}, "text": "每周两次"}});
    bidder.client.post(&format!("{lot}/bids")).json(offer).await
}

on_both! {
    async fn an_edition_is_called_applied_for_assessed_shown_and_published(app: &TestApp) {
        let mut stage = stage(app).await;
        let lot = entrustment(app, &mut stage, "2026-03-27T01:00:00Z").await;
        let (chain, editor) = (&stage.chain, &stage.editor);
        let (applicant, rival) = (&chain.bidders[1], &chain.bidders[2]);
        bid(applicant, &lot).await.refused(409, "bidder_not_eligible");

        // Who may call, and what a call must be.
        chain.admin.post("/api/v1/directory-calls").json(call("2026", 2026, json!(null))).await.refused(403, "forbidden");
        let mut bad = call("2026", 2028, json!(null));
        bad["publicity_days"] = json!(2);
        assert_eq!(editor.post("/api/v1/directory-calls").json(bad).await.refused(422, "invalid").bad_fields(), ["/year", "/publicity_days"]);
        let called = editor.post("/api/v1/directory-calls").json(call("2026", 2026, json!("3a"))).await.is(201);
        editor.post("/api/v1/directory-calls").json(call("2026", 2026, json!(null))).await.refused(409, "directory_edition_taken");
        let at = called.header("location");
        assert_eq!(app.public().get(&at).send().await.is(200).value()["takes_applications"], json!(true));
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::CatalogueEditor], None, None).await.client;
        foreign.get(&at).send().await.refused(404, "not_found");

        // Evidence comes from one's own file, an item from the catalogue in use, and one applies once.
        let proof = id_of(&verified(chain, applicant, "certificates", certificate()).await);
        let theirs = id_of(&verified(chain, rival, "certificates", certificate()).await);
        assert_eq!(apply(applicant, &at, &stage.item, std::slice::from_ref(&theirs)).await.refused(422, "invalid").bad_fields(), ["/evidence"]);
        assert_eq!(apply(applicant, &at, &applicant.id, std::slice::from_ref(&proof)).await.refused(422, "invalid").bad_fields(), ["/catalogue_item_id"]);
        assert_eq!(apply(applicant, &at, &stage.item, &[]).await.refused(422, "invalid").bad_fields(), ["/evidence"]);
        editor.post(&format!("{at}/applications")).json(json!({})).await.refused(403, "forbidden");
        let applied = apply(applicant, &at, &stage.item, std::slice::from_ref(&proof)).await.is(201).header("location");
        apply(applicant, &at, &stage.item, std::slice::from_ref(&proof)).await.refused(409, "already_applied");
        let second = apply(rival, &at, &stage.item, std::slice::from_ref(&theirs)).await.is(201).header("location");
        let taken_back = apply(rival, &at, &stage.other_item, std::slice::from_ref(&theirs)).await.is(201).header("location");
        applicant.client.act_owned(format!("{applied}/removal"), json!({"reason": "试一试"})).await.refused(403, "forbidden");
        rival.client.get(&applied).send().await.refused(404, "not_found");
        foreign.get(&applied).send().await.refused(404, "not_found");
        rival.client.act(&format!("{taken_back}/withdrawal"), json!({})).await.is(200);
        assert_eq!(entries(app, "").await, [json!(null); 0], "nothing is public yet");

        // Assessed by others, against what counts on the day.
        assess(&chain.third_party, &applied, true).await.refused(409, "criteria_not_met");
        let old = verified(chain, applicant, "ratings", rating("5a", "2020-01-10")).await;
        assert_eq!(applicant.client.get(&old).send().await.is(200).value()["expired"], json!(true));
        let expired = assess(&chain.third_party, &applied, true).await.refused(409, "criteria_not_met");
        assert!(expired.text.contains("3A"), "{}", expired.text);
        verified(chain, applicant, "ratings", rating("3a", "2025-01-10")).await;
        let accepted = assess(&chain.third_party, &applied, true).await.is(200);
        assert_eq!((accepted.text_at("/state").as_str(), accepted.text_at("/counted_grade").as_str()), ("accepted", "3a"));
        assess(&chain.third_party, &applied, false).await.refused(409, "wrong_state");

        // The publicity waits for the last day and the last assessment, the edition for the end of the publicity.
        let waits = editor.act(&format!("{at}/publicity"), json!({})).await.refused(409, "applications_not_assessed");
        assert!(waits.text.contains("2026-03-04"));
        to_day(app, 5).await;
        assert_eq!(apply(rival, &at, &stage.other_item, std::slice::from_ref(&theirs)).await.refused(409, "applications_closed").status, 409);
        editor.act(&format!("{at}/publicity"), json!({})).await.refused(409, "applications_not_assessed");
        assess(&chain.third_party, &second, false).await.is(200);
        chain.admin.act(&format!("{at}/publication"), json!({})).await.refused(409, "wrong_state");
        let shown = editor.act(&format!("{at}/publicity"), json!({})).await.is(200);
        assert_eq!(shown.text_at("/publicity_until"), "2026-03-08");
        let public = entries(app, &format!("item_code={}", stage.code)).await;
        assert_eq!((public.len(), &public[0]["state"], &public[0]["in_force"], &public[0]["organisation_id"]), (1, &json!("accepted"), &json!(false), &json!(applicant.id)));
        to_day(app, 8).await;
        chain.admin.act(&format!("{at}/publication"), json!({})).await.refused(409, "directory_publicity_runs");
        assert!(!open_to(app, applicant, &stage.item, "2026-03-08").await);
        to_day(app, 9).await;
        editor.act(&format!("{at}/publication"), json!({})).await.refused(403, "forbidden");
        chain.admin.act(&format!("{at}/publication"), json!({})).await.is(200);

        // In force for exactly the item and the year.
        for (item, day, open) in [
            (&stage.item, "2026-03-09", true),
            (&stage.item, "2026-12-31", true),
            (&stage.item, "2027-01-01", false),
            (&stage.other_item, "2026-03-09", false),
        ] {
            assert_eq!(open_to(app, applicant, item, day).await, open, "{day}");
        }
        assert!(!open_to(app, rival, &stage.item, "2026-03-09").await, "rejected");
        assert!(open_to(app, &chain.bidders[0], &stage.other_item, "2030-01-01").await, "incubated, whatever the directory says");
        let listed = entries(app, &format!("year=2026&listed=true&organisation_id={}", applicant.id)).await;
        assert_eq!((listed.len(), &listed[0]["edition"], &listed[0]["in_force"]), (1, &json!("2026"), &json!(true)));
        assert!(entries(app, "year=2025").await.is_empty() && entries(app, "item_code=A").await.is_empty());
        let own = applicant.client.get(&format!("/api/v1/organisations/{}/file", applicant.id)).send().await.is(200).value();
        assert_eq!((&own["listings"][0]["item_code"], &own["listings"][0]["in_force"]), (&json!(stage.code), &json!(true)));

        // A purchase that is kept for known organisations is open to it, until it is taken out.
        bid(applicant, &lot).await.is(201);
        bid(rival, &lot).await.refused(409, "bidder_not_eligible");
        chain.incubator.act(&format!("{applied}/removal"), json!({"reason": "业绩不实"})).await.refused(403, "forbidden");
        let out = chain.admin.act(&format!("{applied}/removal"), json!({"reason": "查实业绩不实"})).await.is(200);
        assert_eq!(out.text_at("/state"), "removed");
        bid(applicant, &lot).await.refused(409, "bidder_not_eligible");
        let gone = entries(app, "").await;
        assert_eq!((&gone[0]["state"], &gone[0]["removal_reason"], &gone[0]["in_force"]), (&json!("removed"), &json!("查实业绩不实"), &json!(false)));
        let told: Vec<String> = app.read(|db| outbox::table.select(outbox::subject).load(db).unwrap()).await;
        assert_eq!(told.iter().filter(|one| one.contains("directory of capable")).count(), 3, "rejected, listed, removed");
    }

    async fn nobody_assesses_whom_the_own_base_incubates_and_who_assessed_does_not_publish(app: &TestApp) {
        let stage = stage(app).await;
        let (chain, editor) = (&stage.chain, &stage.editor);
        let at = editor.post("/api/v1/directory-calls").json(call("2026", 2026, json!(null))).await.is(201).header("location");
        let (incubated, other) = (&chain.bidders[0], &chain.bidders[1]);
        let mut made = Vec::new();
        for bidder in [incubated, other] {
            let proof = id_of(&verified(chain, bidder, "certificates", certificate()).await);
            made.push(apply(bidder, &at, &stage.item, &[proof]).await.is(201).header("location"));
        }
        incubated.client.act(&format!("{}/assessment", made[0]), json!({"accepted": true, "reason": "自评"})).await.refused(403, "forbidden");
        assess(&chain.incubator, &made[0], true).await.refused(403, "duties_not_separate");
        let organisation: OrganisationId = other.id.parse().unwrap();
        let inside = app.person_of(app.tenant, "Liang Mian", &[Role::OrgAdmin], None, Some(organisation)).await;
        give_role(app, inside.account, "third_party_evaluator").await;
        assess(&inside.client, &made[1], true).await.refused(403, "duties_not_separate");
        assess(&chain.incubator, &made[1], true).await.is(200);

        // Somebody who is administrator as well assesses the other, and so may not publish.
        let both = app.person("Liang Jian", &[Role::PlatformAdmin]).await;
        give_role(app, both.account, "third_party_evaluator").await;
        assess(&both.client, &made[0], true).await.is(200);
        to_day(app, 5).await;
        editor.act(&format!("{at}/publicity"), json!({})).await.is(200);
        // An objection during the publicity is answered by taking it out.
        chain.admin.act(&format!("{}/removal", made[1]), json!({"reason": "公示期内查实业绩不实"})).await.is(200);
        to_day(app, 9).await;
        both.client.act(&format!("{at}/publication"), json!({})).await.refused(403, "duties_not_separate");
        chain.admin.act(&format!("{at}/publication"), json!({})).await.is(200);
        let mut states: Vec<String> = entries(app, "").await.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect();
        states.sort_unstable();
        assert_eq!(states, ["listed", "removed"]);
    }

    async fn evidence_that_is_not_verified_or_is_over_does_not_count_and_a_stopped_organisation_is_not_accepted(app: &TestApp) {
        let stage = stage(app).await;
        let (chain, editor) = (&stage.chain, &stage.editor);
        let at = editor.post("/api/v1/directory-calls").json(call("2026", 2026, json!(null))).await.is(201).header("location");
        let (own, stopped) = (&chain.bidders[1], &chain.bidders[2]);
        let good = verified(chain, own, "certificates", certificate()).await;
        let mut short = certificate();
        short["valid_to"] = json!("2026-03-03");
        let short = verified(chain, own, "certificates", short).await;
        let application = apply(own, &at, &stage.item, &[id_of(&good), id_of(&short)]).await.is(201).header("location");
        let proof = id_of(&verified(chain, stopped, "certificates", certificate()).await);
        let theirs = apply(stopped, &at, &stage.item, &[proof]).await.is(201).header("location");
        to_day(app, 4).await;
        let file = chain.third_party.get(&application).send().await.is(200).value();
        let counting: Vec<&Value> = file["evidence"].as_array().unwrap().iter().filter(|one| one["counts"] == true).map(|one| &one["id"]).collect();
        assert_eq!(counting, [&json!(id_of(&good))]);
        assert_eq!(file["evidence"].as_array().unwrap().len(), 2);
        assess(&chain.third_party, &application, true).await.refused(409, "criteria_not_met");
        assess(&chain.third_party, &application, false).await.is(200);
        let suspension = json!({"reason": "合同款项去向正在核查"});
        chain.admin.act(&format!("/api/v1/organisations/{}/suspension", stopped.id), suspension).await.is(200);
        assess(&chain.third_party, &theirs, true).await.refused(409, "criteria_not_met");
        let cancelled = editor.act(&format!("{at}/cancellation"), json!({"reason": "征集条件有误"})).await.is(200);
        assert_eq!(cancelled.text_at("/cancel_reason"), "征集条件有误");
        assess(&chain.third_party, &theirs, false).await.refused(409, "wrong_state");
        apply(own, &at, &stage.other_item, &[id_of(&good)]).await.refused(409, "applications_closed");
    }
}
