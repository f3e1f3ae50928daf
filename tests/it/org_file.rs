//! The organisation file: entered by the organisation, verified by somebody else, never edited, counted only while it is in force.

use baiyi::db::schema::{journal_entries, outbox};
use baiyi::jobs;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::{AccountId, OrganisationId};
use baiyi::people::Role;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::chain::give_role;
use crate::support::http::Answer;
use crate::support::story::{Bidder, Chain};
use crate::support::{Client, TestApp, on_both};

const PDF: &[u8] = b"%PDF-1.7\nscan";

async fn cast(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain
}

fn path(bidder: &Bidder, what: &str) -> String {
    format!("/api/v1/organisations/{}/{what}", bidder.id)
}

fn certificate(number: &str, to: Value, replaces: Value) -> Value {
    json!({"certificate_kind": "registration", "number": number, "issuer": "湖州市吴兴区民政局", "valid_from": "2024-03-02", "valid_to": to,
        "replaces_id": replaces})
}

fn rating(grade: &str, from: &str, to: Value) -> Value {
    json!({"grade": grade, "issuer": "湖州市吴兴区民政局", "valid_from": from, "valid_to": to})
}

async fn scan(client: &Client, entry: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    client.post(&format!("{entry}/scan?filename=证书.pdf")).body("application/octet-stream", bytes.into()).send().await
}

async fn decide(client: &Client, entry: &str, how: &str, reason: &str) -> Answer {
    let body = if how == "verification" { json!({}) } else { json!({"reason": reason}) };
    client.act(&format!("{entry}/{how}"), body).await
}

/// Enters, scans and has verified; gives where the entry is.
pub async fn verified(chain: &Chain, bidder: &Bidder, what: &str, body: Value) -> String {
    let entry = bidder.client.post(&path(bidder, what)).json(body).await.is(201).header("location");
    scan(&bidder.client, &entry, PDF).await.is(201);
    decide(&chain.admin, &entry, "verification", "").await.is(200);
    entry
}

async fn file(client: &Client, bidder: &Bidder) -> Value {
    client.get(&path(bidder, "file")).send().await.is(200).value()
}

async fn letters(app: &TestApp, about: &'static str) -> usize {
    let all: Vec<String> = app.read(|db| outbox::table.select(outbox::subject).load(db).unwrap()).await;
    all.iter().filter(|one| one.contains(about)).count()
}

on_both! {
    async fn an_entry_is_scanned_verified_by_another_and_replaced_but_never_edited(app: &TestApp) {
        let chain = cast(app).await;
        let (own, rival) = (&chain.bidders[0], &chain.bidders[1]);
        let at = path(own, "certificates");
        let body = certificate("吴民证字第1号", json!("2028-03-01"), json!(null));
        rival.client.post(&at).json(body.clone()).await.refused(403, "forbidden");
        chain.admin.post(&at).json(body.clone()).await.refused(403, "forbidden");
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        foreign.get(&path(own, "records")).send().await.refused(404, "not_found");
        let late = json!({"certificate_kind": "food", "number": " ", "issuer": "局", "valid_from": "2026-03-03", "valid_to": "2026-03-02"});
        assert_eq!(own.client.post(&at).json(late).await.refused(422, "invalid").bad_fields(), ["/number", "/issuer", "/valid_from", "/valid_to"]);
        let made = own.client.post(&at).json(body.clone()).await.is(201);
        let entry = made.header("location");
        assert_eq!((made.text_at("/state").as_str(), &made.value()["counts"]), ("entered", &json!(false)));

        // The scan: by the organisation, of an allowed type, bounded, hashed.
        decide(&chain.admin, &entry, "verification", "").await.refused(409, "scan_missing");
        scan(&rival.client, &entry, PDF).await.refused(404, "not_found");
        scan(&chain.admin, &entry, PDF).await.refused(403, "forbidden");
        scan(&own.client, &entry, b"MZ\x90\x00 a program".as_slice()).await.refused(415, "document_type_not_allowed");
        let mut huge = PDF.to_vec();
        huge.resize(20 * 1024 * 1024 + 1, b' ');
        scan(&own.client, &entry, huge).await.refused(413, "too_large");
        chain.purchaser.client.get(&format!("{entry}/scan")).send().await.refused(404, "not_found");
        let stored = scan(&own.client, &entry, PDF).await.is(201);
        assert_eq!(chain.purchaser.client.get(&format!("{entry}/scan")).send().await.is(200).bytes, PDF);
        foreign.get(&format!("{entry}/scan")).send().await.refused(404, "not_found");
        rival.client.get(&format!("{entry}/scan")).send().await.refused(404, "not_found");

        // Somebody outside the organisation verifies; then nothing changes it any more.
        own.client.act(&format!("{entry}/verification"), json!({})).await.refused(403, "forbidden");
        chain.purchaser.client.act(&format!("{entry}/verification"), json!({})).await.refused(403, "forbidden");
        chain.incubator.post(&format!("{entry}/verification")).if_match("\"1\"").send().await.refused(412, "stale");
        let done = decide(&chain.incubator, &entry, "verification", "").await.is(200);
        assert_eq!((done.text_at("/document_sha256"), &done.value()["counts"]), (stored.text_at("/sha256"), &json!(true)));
        scan(&own.client, &entry, PDF).await.refused(409, "wrong_state");
        decide(&chain.admin, &entry, "refusal", "再看一次").await.refused(409, "wrong_state");

        // The next version counts from its verification on, and only then the former does not.
        let other_kind = json!({"grade": "3a", "issuer": "民政局", "valid_from": "2026-03-02", "replaces_id": done.text_at("/id")});
        assert_eq!(own.client.post(&path(own, "ratings")).json(other_kind).await.refused(422, "invalid").bad_fields(), ["/replaces_id"]);
        let next = certificate("吴民证字第1号", json!("2030-03-01"), done.value()["id"].clone());
        rival.client.post(&path(rival, "certificates")).json(next.clone()).await.refused(422, "invalid");
        let newer = own.client.post(&at).json(next).await.is(201).header("location");
        scan(&own.client, &newer, b"%PDF-1.7\nnewer".as_slice()).await.is(201);
        assert_eq!(own.client.get(&entry).send().await.is(200).value()["counts"], json!(true));
        decide(&chain.admin, &newer, "verification", "").await.is(200);
        assert_eq!(own.client.get(&entry).send().await.is(200).text_at("/state"), "replaced");
        let shown = file(&own.client, own).await;
        let kept: Vec<&Value> = shown["records"].as_array().unwrap().iter().map(|one| &one["valid_to"]).collect();
        assert_eq!(kept, [&json!("2030-03-01")]);

        // Taken away by its issuer, it counts no longer; every step is journalled and told.
        decide(&chain.incubator, &newer, "revocation", "登记机关已撤销").await.refused(403, "forbidden");
        let gone = decide(&chain.admin, &newer, "revocation", "登记机关已撤销").await.is(200);
        assert_eq!((gone.text_at("/decide_reason").as_str(), &gone.value()["counts"]), ("登记机关已撤销", &json!(false)));
        let actions: Vec<String> = app
            .read(|db| journal_entries::table.filter(journal_entries::resource_kind.eq("organisation_record")).select(journal_entries::action).load(db).unwrap())
            .await;
        for (action, times) in [("entered", 2), ("scanned", 2), ("verified", 2), ("replaced", 1), ("revoked", 1)] {
            let found = actions.iter().filter(|one| **one == format!("organisation_record.{action}")).count();
            assert_eq!(found, times, "{action}");
        }
        assert_eq!(letters(app, "Baiyi: your file").await, 3);
    }

    async fn a_rating_lasts_as_long_as_the_rule_allows_and_an_expired_one_is_none(app: &TestApp) {
        let chain = cast(app).await;
        let own = &chain.bidders[0];
        let at = path(own, "ratings");
        let long = own.client.post(&at).json(rating("4a", "2021-03-10", json!("2026-03-11"))).await.refused(422, "invalid");
        assert_eq!((long.bad_fields(), &long.value()["rule"]), (vec!["/valid_to".to_owned()], &json!("R090")));
        let entry = own.client.post(&at).json(rating("4a", "2021-03-10", json!(null))).await.is(201);
        assert_eq!(entry.text_at("/valid_to"), "2026-03-10", "five years by R090");
        let entry = entry.header("location");
        scan(&own.client, &entry, PDF).await.is(201);
        assert_eq!(file(&own.client, own).await["rating"], json!(null), "nobody has verified it");
        // A base does not confirm what the registration authority finds.
        decide(&chain.incubator, &entry, "verification", "").await.refused(403, "forbidden");
        decide(&chain.admin, &entry, "verification", "").await.is(200);
        let now = file(&chain.purchaser.client, own).await;
        assert_eq!((&now["rating"], &now["records"][0]["days_left"], &now["records"][0]["expired"]), (&json!("4a"), &json!(8), &json!(false)));
        assert_eq!((&now["warnings"][0]["days_left"], &now["warnings"][0]["title"]["en"]), (&json!(8), &json!("rating 4A")));
        app.clock.advance_to(UtcInstant::parse("2026-03-10T15:59:59Z").unwrap());
        assert_eq!(file(&own.client, own).await["rating"], json!("4a"), "the last second of its last day");
        app.clock.advance_to(UtcInstant::parse("2026-03-10T16:00:00Z").unwrap());
        let after = file(&own.client, own).await;
        assert_eq!((&after["rating"], &after["records"][0]["expired"], &after["records"][0]["counts"]), (&json!(null), &json!(true), &json!(false)));
        assert_eq!(after["warnings"][0]["days_left"], json!(-1));
        assert_eq!(own.client.get(&entry).send().await.is(200).value()["expired"], json!(true));
    }

    async fn a_mail_warns_once_before_an_entry_expires(app: &TestApp) {
        let chain = cast(app).await;
        let own = &chain.bidders[0];
        verified(&chain, own, "certificates", certificate("1", json!("2026-04-02"), json!(null))).await;
        let unseen = own.client.post(&path(own, "certificates")).json(certificate("2", json!("2026-04-02"), json!(null))).await.is(201);
        assert_eq!(unseen.text_at("/days_left"), "31");
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 0), "a day too early");
        app.clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 1));
        assert_eq!(jobs::follow_the_calendar(&app.db, &app.clock).await.unwrap(), (0, 0), "once");
        assert_eq!(letters(app, "an entry of your file expires").await, 1, "what nobody verified is not warned of");
    }

    async fn a_year_has_one_check_and_what_stands_against_a_rating_is_named(app: &TestApp) {
        let chain = cast(app).await;
        let own = &chain.bidders[0];
        let at = path(own, "annual-checks");
        let check = |year: i32, result: &str, replaces: Value| {
            let on = format!("{}-02-20", year + 1);
            json!({"year": year, "result": result, "issuer": "湖州市吴兴区民政局", "checked_on": on, "replaces_id": replaces})
        };
        let obstacles = async || file(&own.client, own).await["rating_obstacles"].as_array().unwrap().clone();
        assert_eq!(obstacles().await[0]["en"], json!("year 2025 is not checked"));
        let this_year = json!({"year": 2026, "result": "passed", "issuer": "民政局", "checked_on": "2026-03-02"});
        assert_eq!(own.client.post(&at).json(this_year).await.refused(422, "invalid").bad_fields(), ["/year", "/checked_on"]);
        let enter = async |body: Value| own.client.post(&at).json(body).await.is(201).header("location");
        let (first, second) = (enter(check(2025, "basically_passed", json!(null))).await, enter(check(2025, "passed", json!(null))).await);
        decide(&chain.admin, &first, "verification", "").await.is(200);
        decide(&chain.admin, &second, "verification", "").await.refused(409, "year_checked");
        decide(&chain.admin, &second, "refusal", "该年度已有记录").await.is(200);
        own.client.post(&at).json(check(2025, "passed", json!(null))).await.refused(409, "year_checked");
        assert!(obstacles().await.is_empty());
        let before = enter(check(2024, "basically_passed", json!(null))).await;
        decide(&chain.admin, &before, "verification", "").await.is(200);
        assert_eq!(obstacles().await[0]["en"], json!("2 years in a row only basically passed"));
        // A correction takes the place of the former finding.
        let former = first.rsplit('/').next().unwrap().to_owned();
        let corrected = enter(check(2025, "passed", json!(former))).await;
        decide(&chain.admin, &corrected, "verification", "").await.is(200);
        assert!(obstacles().await.is_empty());
        let list = own.client.get(&path(own, "records?kind=annual_check&state=verified")).send().await.is(200).value();
        let mut years: Vec<i64> = list["items"].as_array().unwrap().iter().map(|one| one["year"].as_i64().unwrap()).collect();
        years.sort_unstable();
        assert_eq!(years, [2024, 2025]);
        let page = own.client.get(&path(own, "records?limit=3")).send().await.is(200);
        let rest = own.client.get(&format!("{}&after={}", path(own, "records?limit=3"), page.text_at("/next"))).send().await.is(200).value();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    }

    async fn nobody_judges_the_file_of_the_own_organisation(app: &TestApp) {
        let chain = cast(app).await;
        let own = &chain.bidders[0];
        let organisation: OrganisationId = own.id.parse().unwrap();
        let inside = app.person_of(app.tenant, "Liang Mian", &[Role::OrgAdmin], None, Some(organisation)).await;
        // A second role that somebody gave by mistake.
        give_role(app, inside.account, "supervisor").await;
        let entry = own.client.post(&path(own, "certificates")).json(certificate("1", json!(null), json!(null))).await.is(201).header("location");
        scan(&own.client, &entry, PDF).await.is(201);
        for how in ["verification", "refusal"] {
            decide(&inside.client, &entry, how, "自行处理").await.refused(403, "duties_not_separate");
        }
        let me: AccountId = own.client.get("/api/v1/me").send().await.is(200).text_at("/id").parse().unwrap();
        give_role(app, me, "platform_admin").await;
        let mine = app.client_of(app.tenant, me).await;
        decide(&mine, &entry, "verification", "").await.refused(403, "duties_not_separate");
    }

    async fn the_file_shows_everything_to_those_who_judge_and_nothing_to_a_rival(app: &TestApp) {
        let mut chain = cast(app).await;
        let own = chain.bidders[0].clone();
        verified(&chain, &own, "ratings", rating("3a", "2024-06-01", json!(null))).await;
        let declaration = json!({"kind": "sound_accounts", "statement": "财务制度健全。", "valid_from": "2026-03-02", "valid_to": "2026-03-20"});
        own.client.post(&path(&own, "declarations")).json(declaration).await.is(201);
        let standing = json!({"kind": "abnormal", "reason": "未按规定报送年报", "source": "区民政局公告"});
        chain.admin.post(&path(&own, "standings")).json(standing).await.is(201);
        for reader in [&own.client, &chain.purchaser.client, &chain.incubator, &chain.third_party, &chain.auditor, &chain.admin] {
            let shown = file(reader, &own).await;
            assert_eq!((&shown["rating"], &shown["can_be_paid"], &shown["incubations"][0]["state"]), (&json!("3a"), &json!(false), &json!("incubating")));
            assert_eq!((&shown["standings"][0]["kind"], &shown["declarations"][0]["days_left"]), (&json!("abnormal"), &json!(18)));
            assert_eq!((&shown["warnings"][0]["title"]["en"], shown["warnings"].as_array().unwrap().len()), (&json!("declaration sound_accounts"), 1));
        }
        let rival = chain.bidders.remove(1);
        rival.client.get(&path(&own, "file")).send().await.refused(403, "forbidden");
        rival.client.get(&path(&own, "records")).send().await.refused(403, "forbidden");
        app.public().get(&path(&own, "file")).send().await.refused(401, "unauthenticated");
    }
}
