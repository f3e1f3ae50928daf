//! Bids with files, drafts and consortia: what nobody sees before the opening, and what the opening finds.

use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::http::Answer;
use crate::support::story::Chain;
use crate::support::{Client, TestApp, on_both};

const DEADLINE: &str = "2026-03-13T01:00:00Z";

fn offer(fen: i64, text: &str) -> Value {
    json!({"offer": {"price": {"amount_fen": fen, "currency": "CNY"}, "text": text}})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn published(app: &TestApp) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, "consultation", DEADLINE).await;
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    (chain, lot)
}

async fn upload(client: &Client, lot: &str, name: &str, bytes: impl Into<reqwest::Body>) -> Answer {
    client.post(&format!("{lot}/bid-attachments")).header("baiyi-filename", name).body("application/pdf", bytes).send().await
}

async fn upload_sealed(client: &Client, lot: &str, recipient: &str, bytes: &[u8]) -> Answer {
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    let sealed = age::encrypt(&recipient, bytes).unwrap();
    client.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/octet-stream", sealed).send().await
}

/// A payload sealed by the bidder that binds these hashes.
async fn sealed(client: &Client, lot: &str, price: i64, attachments: &[String]) -> String {
    let bind = client.get(&format!("{lot}/sealing")).send().await.is(200).value();
    let mut payload = json!({"nonce": "5f".repeat(32), "price_fen": price, "offer": "自行密封", "attachments": attachments});
    for field in ["format", "tender_id", "lot_id", "amendment", "organisation_id", "sequence", "consortium"] {
        payload[field] = bind[field].clone();
    }
    let recipient: age::x25519::Recipient = bind["recipient"].as_str().unwrap().parse().unwrap();
    age::encrypt_and_armor(&recipient, payload.to_string().as_bytes()).unwrap()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// State and reason of each bid in the record, by bidder.
async fn found(app: &TestApp, chain: &Chain) -> Vec<(String, Value)> {
    let record = app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.is(200).value();
    let bids = record["lots"][0]["bids"].as_array().unwrap().clone();
    chain
        .bidders
        .iter()
        .filter_map(|bidder| bids.iter().find(|bid| bid["organisation_id"] == bidder.id.as_str()))
        .map(|bid| (bid["state"].as_str().unwrap().to_owned(), bid["invalid_because"].clone()))
        .collect()
}

on_both! {
    async fn files_are_sealed_until_the_opening_and_then_read_by_whom_they_concern(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let texts: [&[u8]; 4] = [b"%PDF-1.7\nplan-4471", b"%PDF-1.7\nteam-4472", b"%PDF-1.7\nown-4473", b"%PDF-1.7\ntorn-4474"];
        let [first, second, third] = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        let recipient = first.get(&format!("{lot}/sealing")).send().await.text_at("/recipient");
        let plan = upload(&first, &lot, "%E6%96%B9%E6%A1%88-4475.pdf", texts[0]).await.is(201);
        let team = upload(&first, &lot, "team-4476.pdf", texts[1]).await.is(201);
        assert_eq!((plan.text_at("/sealed_by").as_str(), &plan.value()["opened"]), ("server", &Value::Null));
        let bid = first.post(&format!("{lot}/bids")).json(with(offer(15_000_000, "方案"), "attachment_ids", json!([plan.text_at("/id"), team.text_at("/id")]))).await.is(201);
        let own = upload_sealed(&second, &lot, &recipient, texts[2]).await.is(201);
        assert_eq!(own.text_at("/sealed_by"), "bidder");
        // A file that its bidder sealed cannot go with a plain offer: nobody here may look at it to bind it.
        second.post(&format!("{lot}/bids")).json(with(offer(1, "方案"), "attachment_ids", json!([own.text_at("/id")]))).await.refused(422, "invalid");
        let ciphertext = sealed(&second, &lot, 16_000_000, &[hash(texts[2]).to_uppercase()]).await;
        let its = second.post(&format!("{lot}/bids")).json(json!({"ciphertext": ciphertext, "attachment_ids": [own.text_at("/id")]})).await.is(201);
        let torn = upload(&third, &lot, "torn.pdf", texts[3]).await.is(201);
        third.post(&format!("{lot}/bids")).json(with(offer(17_000_000, "方案"), "attachment_ids", json!([torn.text_at("/id")]))).await.is(201);
        let mut needles: Vec<String> = ["4471", "4472", "4473", "4474", "4475", "team-4476"].iter().map(|tail| (*tail).to_owned()).collect();
        needles[0] = "plan-4471".to_owned();
        needles[1] = "team-4472".to_owned();
        needles[2] = "own-4473".to_owned();
        needles[3] = "torn-4474".to_owned();
        needles[4] = "方案-4475".to_owned();
        needles.extend(texts.iter().map(|text| hash(text)));
        assert_eq!(app.search_everything_stored(&needles).await, Vec::<String>::new());
        let files = format!("/api/v1/bids/{}/attachments", bid.text_at("/id"));
        let file = format!("{files}/{}", plan.text_at("/id"));
        for curious in [&chain.purchaser.client, &chain.auditor, &chain.admin, &second] {
            curious.get(&files).send().await.refused(404, "not_found");
            curious.get(&file).send().await.refused(404, "not_found");
        }
        first.get(&file).send().await.refused(404, "not_found");
        assert_eq!(first.get(&format!("{lot}/bid-attachments")).send().await.is(200).value()["items"].as_array().unwrap().len(), 2);
        assert_eq!(chain.purchaser.client.get(&format!("{lot}/bid-attachments")).send().await.status, 403);
        // Somebody with access to the store changes a file of the third.
        let stored = torn.text_at("/ciphertext_sha256");
        let path = app.folder.path().join("documents/sha256").join(&stored[..2]).join(&stored);
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        chain.opening(app).await;
        assert_eq!(found(app, &chain).await, [("valid".to_owned(), Value::Null), ("valid".to_owned(), Value::Null), ("invalid".to_owned(), json!("not_bound"))]);
        let listed = chain.purchaser.client.get(&files).send().await.is(200).value();
        assert_eq!(listed["items"][0]["opened"], json!({"filename": "方案-4475.pdf", "media_type": "application/pdf", "size_bytes": 18, "sha256": hash(texts[0])}));
        assert_eq!(listed["items"][1]["opened"]["filename"], "team-4476.pdf");
        for reader in [&chain.purchaser.client, &chain.auditor, &first] {
            let read = reader.get(&file).send().await.is(200);
            assert_eq!((read.text.as_bytes(), read.header("content-type").as_str()), (texts[0], "application/pdf"));
            assert!(read.header("content-disposition").starts_with("attachment") && read.header("cache-control").contains("no-store"));
        }
        let sealed_file = format!("/api/v1/bids/{}/attachments/{}", its.text_at("/id"), own.text_at("/id"));
        assert_eq!(chain.purchaser.client.get(&sealed_file).send().await.is(200).text.as_bytes(), texts[2]);
        // An evaluator only where it is appointed; a rival and the public never.
        let evaluator = &chain.evaluators[0];
        evaluator.client.get(&file).send().await.refused(404, "not_found");
        chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": evaluator.account})).await.is(201);
        evaluator.client.get(&file).send().await.is(200);
        second.get(&file).send().await.refused(404, "not_found");
        app.public().get(&file).send().await.refused(401, "unauthenticated");
        let theirs = format!("/api/v1/bids/{}/attachments", chain.bidders[2].client.get("/api/v1/bids").send().await.text_at("/items/0/id"));
        chain.purchaser.client.get(&format!("{theirs}/{}", torn.text_at("/id"))).send().await.refused(404, "not_found");
    }

    async fn files_are_checked_kept_and_deleted(app: &TestApp) {
        let (chain, lot) = published(app).await;
        let [first, second] = [0, 1].map(|n| chain.bidders[n].client.clone());
        upload(&first, &lot, "plan.txt", "just text").await.refused(415, "document_type_not_allowed");
        upload(&first, &lot, "..%2Fplan.pdf", "%PDF-1.7\n").await.refused(422, "invalid");
        first.post(&format!("{lot}/bid-attachments?sealed=true")).body("application/pdf", "%PDF-1.7\n").send().await.refused(415, "file_not_sealed");
        let kept = upload(&first, &lot, "plan.pdf", "%PDF-1.7\nx").await.is(201);
        let path = format!("/api/v1/bid-attachments/{}", kept.text_at("/id"));
        let named = |id: &str| with(offer(100, "方案"), "attachment_ids", json!([id]));
        assert_eq!(second.post(&format!("{lot}/bids")).json(named(&kept.text_at("/id"))).await.refused(422, "invalid").bad_fields(), ["/attachment_ids/0"]);
        second.call("DELETE", &path).if_match("\"1\"").send().await.refused(404, "not_found");
        first.post(&format!("{lot}/bids")).json(with(offer(100, "方案"), "attachment_ids", json!([kept.text_at("/id"), kept.text_at("/id")]))).await.refused(422, "invalid");
        let bid = first.post(&format!("{lot}/bids")).json(named(&kept.text_at("/id"))).await.is(201);
        first.call("DELETE", &path).if_match("\"2\"").send().await.refused(409, "wrong_state");
        // A replacement takes the file along.
        let again = first.post(&format!("{lot}/bids")).json(named(&kept.text_at("/id"))).await.is(201);
        let files = |bid: &Answer| format!("/api/v1/bids/{}/attachments", bid.text_at("/id"));
        assert_eq!(first.get(&files(&bid)).send().await.is(200).value()["items"], json!([]));
        assert_eq!(first.get(&files(&again)).send().await.is(200).value()["items"][0]["id"], kept.text_at("/id"));
        let spare = upload(&first, &lot, "spare.pdf", "%PDF-1.7\ny").await.is(201);
        let path = format!("/api/v1/bid-attachments/{}", spare.text_at("/id"));
        first.call("DELETE", &path).send().await.refused(428, "precondition_required");
        first.call("DELETE", &path).if_match("\"1\"").send().await.is(204);
        first.call("DELETE", &path).if_match("\"1\"").send().await.refused(404, "not_found");
        app.clock.advance_to(UtcInstant::parse(DEADLINE).unwrap());
        upload(&first, &lot, "late.pdf", "%PDF-1.7\nz").await.refused(409, "bidding_closed");
    }

    async fn a_draft_is_its_bidders_alone_and_becomes_the_bid(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let path = format!("{lot}/draft-bid");
        let first = chain.bidders[0].client.clone();
        first.get(&path).send().await.refused(404, "not_found");
        first.call("PUT", &path).json(json!({"text": "草稿里的秘密-5581", "price": {"amount_fen": 15_581_581, "currency": "CNY"}, "subcontracting": "秘密分包-5582"})).await.is(200);
        let needles = ["草稿里的秘密-5581".to_owned(), "15581581".to_owned(), "秘密分包-5582".to_owned()];
        assert_eq!(app.search_everything_stored(&needles).await, Vec::<String>::new());
        for curious in [&chain.purchaser.client, &chain.admin, &chain.auditor, &chain.opener, &chain.bidders[1].client] {
            curious.get(&path).send().await.refused(404, "not_found");
            curious.call("DELETE", &path).if_match("\"1\"").send().await.refused(404, "not_found");
        }
        let read = first.get(&path).send().await.is(200);
        assert_eq!((read.text_at("/draft/text").as_str(), read.text_at("/draft/price/amount_fen").as_str()), ("草稿里的秘密-5581", "15581581"));
        first.call("PUT", &path).json(json!({"text": "改"})).await.refused(428, "precondition_required");
        first.call("PUT", &path).if_match("\"1\"").json(json!({"text": "只有内容"})).await.is(200);
        first.act(&format!("{path}/submission"), json!({})).await.refused(409, "draft_unfinished");
        let file = upload(&first, &lot, "plan.pdf", "%PDF-1.7\nx").await.is(201);
        let whole = json!({"text": "完整方案", "price": {"amount_fen": 15_000_000, "currency": "CNY"}, "attachment_ids": [file.text_at("/id")],
            "declarations": [{"kind": "no_major_violation", "text": "三年内无重大违法记录", "valid_to": "2026-12-31"}]});
        first.call("PUT", &path).if_match("\"2\"").json(whole.clone()).await.is(200);
        first.post(&format!("{path}/submission")).if_match("\"2\"").send().await.refused(412, "stale");
        let bid = first.act(&format!("{path}/submission"), json!({})).await.is(201);
        assert_eq!((bid.text_at("/state").as_str(), bid.text_at("/sealed_by").as_str()), ("sealed", "server"));
        first.get(&path).send().await.refused(404, "not_found");
        // Another draft replaces the bid; a discarded one leaves it.
        first.call("PUT", &path).json(whole).await.is(200);
        first.act(&format!("{path}/submission"), json!({})).await.is(201);
        assert_eq!(first.get(&bid.header("location")).send().await.text_at("/state"), "replaced");
        let kept = first.call("PUT", &path).json(json!({"text": "又改"})).await.is(200);
        first.call("DELETE", &path).if_match(&kept.etag()).send().await.is(204);
        first.get(&path).send().await.refused(404, "not_found");
        chain.opening(app).await;
        assert_eq!(found(app, &chain).await, [("valid".to_owned(), Value::Null)]);
        let case = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        assert!(case["history"].as_array().unwrap().iter().all(|event| event["resource_kind"] != "bid_draft"), "drafts are in nobody's file");
    }

    async fn a_consortium_confirms_first_and_nobody_is_in_two_bids(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let [lead, member, rival] = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        let invite = |id: &str| json!({"organisation_id": id});
        lead.post(&format!("{lot}/consortium-members")).json(invite(&chain.bidders[0].id)).await.refused(422, "invalid");
        let invited = lead.post(&format!("{lot}/consortium-members")).json(invite(&chain.bidders[1].id)).await.is(201);
        lead.post(&format!("{lot}/consortium-members")).json(invite(&chain.bidders[1].id)).await.refused(409, "conflict");
        lead.post(&format!("{lot}/bids")).json(offer(15_000_000, "联合体方案")).await.refused(409, "consortium_not_confirmed");
        let path = invited.header("location");
        for curious in [&rival, &chain.purchaser.client, &chain.auditor] {
            curious.get(&path).send().await.refused(404, "not_found");
        }
        lead.act(&format!("{path}/answer"), json!({"takes_part": true})).await.refused(403, "forbidden");
        member.act(&format!("{path}/answer"), json!({"takes_part": true})).await.is(200);
        member.act(&format!("{path}/answer"), json!({"takes_part": false})).await.refused(409, "wrong_state");
        let bid = lead.post(&format!("{lot}/bids")).json(offer(15_000_000, "联合体方案")).await.is(201);
        // The member also bids on its own. Nobody is told of the other bid: it comes out at the opening.
        member.post(&format!("{lot}/bids")).json(offer(16_000_000, "单独方案")).await.is(201);
        rival.post(&format!("{lot}/bids")).json(offer(17_000_000, "方案")).await.is(201);
        let case = chain.purchaser.client.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).text;
        assert!(!case.contains("consortium"), "{case}");
        chain.opening(app).await;
        let twice = ("invalid".to_owned(), json!("in_two_bids"));
        assert_eq!(found(app, &chain).await, [twice.clone(), twice, ("valid".to_owned(), Value::Null)]);
        let record = app.public().get(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id"))).send().await.value();
        let led = record["lots"][0]["bids"].as_array().unwrap().iter().find(|one| one["bid_id"] == bid.text_at("/id")).unwrap().clone();
        assert_eq!(led["members"], json!([chain.bidders[1].id]));
    }

    async fn who_left_a_consortium_unbinds_nothing_until_the_bid_is_replaced(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let [lead, member] = [0, 1].map(|n| chain.bidders[n].client.clone());
        let invited = lead.post(&format!("{lot}/consortium-members")).json(json!({"organisation_id": chain.bidders[1].id})).await.is(201);
        let path = invited.header("location");
        lead.act(&format!("{path}/leaving"), json!({})).await.is(200);
        lead.post(&format!("{lot}/consortium-members")).json(json!({"organisation_id": chain.bidders[1].id})).await.is(201);
        member.act(&format!("{path}/answer"), json!({"takes_part": true})).await.is(200);
        lead.post(&format!("{lot}/bids")).json(offer(15_000_000, "联合体方案")).await.is(201);
        member.act(&format!("{path}/leaving"), json!({})).await.is(200);
        // Sealed by its bidder with the consortium that then was: the payload must name exactly the members of the bid.
        let alone = sealed(&lead, &lot, 14_000_000, &[]).await;
        lead.post(&format!("{lot}/bids")).json(json!({"ciphertext": alone})).await.is(201);
        app.clock.advance_to(UtcInstant::parse(DEADLINE).unwrap());
        member.act(&format!("{path}/leaving"), json!({})).await.refused(409, "wrong_state");
        chain.opening(app).await;
        assert_eq!(found(app, &chain).await, [("valid".to_owned(), Value::Null)]);
    }

    async fn standing_stops_a_bid_at_its_submission_and_again_at_the_opening(app: &TestApp) {
        let (mut chain, lot) = published(app).await;
        let supervisor = app.person("Cai Jian", &[Role::Supervisor]).await.client;
        let list = async |bidder: usize, kind: &str, from: &str| {
            let entry = json!({"kind": kind, "reason": "登记管理机关公告", "source": "区民政局公告〔2026〕3号", "valid_from": from});
            supervisor.post(&format!("/api/v1/organisations/{}/standings", chain.bidders[bidder].id)).json(entry).await.is(201);
        };
        list(0, "abnormal", "2026-03-01").await;
        list(1, "blacklisted", "2026-03-01").await;
        chain.bidders[0].client.post(&format!("{lot}/bids")).json(offer(15_000_000, "方案")).await.is(201);
        let refused = chain.bidders[1].client.post(&format!("{lot}/bids")).json(offer(16_000_000, "方案")).await.refused(409, "bidder_not_eligible");
        assert_eq!(refused.text_at("/rule"), "R093");
        chain.bidders[2].client.post(&format!("{lot}/bids")).json(offer(17_000_000, "方案")).await.is(201);
        list(2, "suspended", "2026-03-05").await;
        chain.opening(app).await;
        assert_eq!(found(app, &chain).await, [("valid".to_owned(), Value::Null), ("invalid".to_owned(), json!("bidder_not_eligible"))]);
        let review = chain.purchaser.client.post(&format!("{lot}/review")).json(json!({})).await.is(201).value();
        let mut marks: Vec<(String, bool)> = review["bids"].as_array().unwrap().iter().flat_map(|bid| bid["marks"].as_array().unwrap().clone())
            .filter(|mark| mark["other_bid_id"].is_null()).map(|mark| (mark["kind"].as_str().unwrap().to_owned(), mark["stops"].as_bool().unwrap())).collect();
        marks.sort();
        assert_eq!(marks, [("abnormal".to_owned(), false), ("suspended".to_owned(), true)]);
    }
}
