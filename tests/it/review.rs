//! The opening's session and the review: remarks, few bids, related bidders, expired declarations, low prices, and who is left.

use baiyi::kernel::UtcInstant;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

fn offer(fen: i64) -> Value {
    json!({"offer": {"price": money(fen), "text": "方案"}})
}

async fn ready(app: &TestApp, procedure: &str, deadline: &str) -> (Chain, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, procedure, deadline).await;
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    (chain, lot)
}

async fn bid(chain: &Chain, lot: &str, prices: &[i64]) -> Vec<String> {
    let mut ids = Vec::new();
    for (bidder, price) in chain.bidders.iter().zip(prices) {
        ids.push(bidder.client.post(&format!("{lot}/bids")).json(offer(*price)).await.is(201).text_at("/id"));
    }
    ids
}

/// Ten seconds after a deadline, and the opening.
async fn open(app: &TestApp, chain: &Chain, deadline: &str) -> Value {
    app.clock.advance_to(UtcInstant::parse(deadline).unwrap().plus_seconds(10));
    chain.opener.act(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id")), json!({})).await.is(200).value()
}

fn passed(bids: &[&String]) -> Value {
    let all: Vec<Value> = bids.iter().map(|bid| json!({"bid_id": bid, "criterion": "符合采购文件要求", "passed": true})).collect();
    json!({"findings": all})
}

fn failed(bid: &str, ground: &str) -> Value {
    json!({"findings": [{"bid_id": bid, "criterion": "健康证明", "passed": false, "ground": ground, "reason": "未附健康证明"}]})
}

/// Appoints the evaluators and begins the review.
async fn begin(chain: &Chain, lot: &str) -> String {
    for evaluator in &chain.evaluators {
        chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": evaluator.account})).await.is(201);
    }
    chain.purchaser.client.post(&format!("{lot}/review")).json(json!({})).await.is(201);
    format!("{lot}/review")
}

async fn both_stages(chain: &Chain, review: &str, bids: &[&String]) {
    chain.purchaser.client.post(&format!("{review}/qualification")).json(passed(bids)).await.is(200);
    chain.evaluators[0].client.post(&format!("{review}/responsiveness")).json(passed(bids)).await.is(200);
}

async fn state_of(chain: &Chain, bidder: usize, bid: &str) -> (String, Value) {
    let read = chain.bidders[bidder].client.get(&format!("/api/v1/bids/{bid}")).send().await.is(200).value();
    (read["state"].as_str().unwrap().to_owned(), read["invalid_because"].clone())
}

async fn free_money(app: &TestApp, chain: &Chain) -> i64 {
    let fund = app.public().get(&format!("/api/v1/funds/{}", chain.id("fund_id"))).send().await.is(200).value();
    fund["balances"]["free"]["amount_fen"].as_i64().unwrap()
}

/// A bid that its bidder sealed itself, with these declarations.
async fn sealed(chain: &Chain, bidder: usize, lot: &str, declarations: Value) -> Value {
    let bind = chain.bidders[bidder].client.get(&format!("{lot}/sealing")).send().await.is(200).value();
    let payload = json!({"format": bind["format"], "tender_id": bind["tender_id"], "lot_id": bind["lot_id"], "amendment": bind["amendment"],
        "organisation_id": bind["organisation_id"], "sequence": bind["sequence"], "nonce": "5f".repeat(32), "price_fen": 17_000_000, "offer": "方案",
        "attachments": [], "declarations": declarations});
    let recipient: age::x25519::Recipient = bind["recipient"].as_str().unwrap().parse().unwrap();
    json!({"ciphertext": age::encrypt_and_armor(&recipient, payload.to_string().as_bytes()).unwrap()})
}

const SOON: &str = "2026-03-13T01:00:00Z";
const LATER: &str = "2026-03-24T01:00:00Z";

on_both! {
    async fn bidders_remark_on_the_record_while_the_session_lasts(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        bid(&chain, &lot, &[15_000_000, 16_000_000]).await;
        let record = format!("/api/v1/tenders/{}/opening", chain.id("tender_id"));
        let remarks = format!("{record}/remarks");
        let [first, second, outsider] = [0, 1, 2].map(|n| chain.bidders[n].client.clone());
        first.post(&remarks).json(json!({"kind": "present"})).await.refused(409, "wrong_state");
        // A consultation is opened by the opener, not by the purchaser.
        app.clock.advance_to(UtcInstant::parse(SOON).unwrap().plus_seconds(10));
        chain.purchaser.client.act(&record, json!({})).await.refused(403, "forbidden");
        open(app, &chain, SOON).await;
        first.post(&remarks).json(json!({"kind": "confirmed"})).await.is(201);
        first.post(&remarks).json(json!({"kind": "confirmed"})).await.refused(409, "conflict");
        second.post(&remarks).json(json!({"kind": "objected"})).await.refused(422, "invalid");
        second.post(&remarks).json(json!({"kind": "objected", "text": "唱读的报价有误"})).await.is(201);
        outsider.post(&remarks).json(json!({"kind": "present"})).await.refused(403, "forbidden");
        chain.opener.post(&format!("{record}/closing")).send().await.is(200);
        chain.opener.post(&format!("{record}/closing")).send().await.refused(409, "opening_session_over");
        second.post(&remarks).json(json!({"kind": "present"})).await.refused(409, "opening_session_over");
        let public = app.public().get(&record).send().await.is(200).value();
        assert_eq!((&public["opened_by_name"], &public["closed_at"]), (&json!("Kai Biao"), &json!("2026-03-13T01:00:10Z")));
        let mut said: Vec<_> = public["remarks"].as_array().unwrap().iter().map(|one| (one["kind"].to_string(), one["text"].clone())).collect();
        said.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(said, [("\"confirmed\"".to_owned(), Value::Null), ("\"objected\"".to_owned(), json!("唱读的报价有误"))]);
    }

    async fn one_answer_to_a_selection_passes_with_a_reason_only(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/id");
        let drafted = chain.purchaser.client.post("/api/v1/tenders").json(json!({"catalogue_item_id": item, "fund_id": chain.id("fund_id"), "title": "助浴服务",
            "description": "为失能老人助浴。", "mode": "contracting_out", "procedure": "selection", "plain_offers": true,
            "lots": [{"title": "助浴", "ceiling": money(8_000_000), "criteria": [{"name": "方案", "kind": "quality", "weight_bp": 8000}, {"name": "报价", "kind": "price", "weight_bp": 2000}]}]})).await.is(201);
        let tender = drafted.header("location");
        let lot = format!("/api/v1/lots/{}", drafted.text_at("/lots/0/id"));
        for (name, purpose) in [("minutes.pdf", "minutes"), ("needs.pdf", "procurement_document")] {
            chain.purchaser.client.post(&format!("{tender}/documents?filename={name}&purpose={purpose}")).body("application/pdf", format!("%PDF-1.7\n{purpose}")).send().await.is(201);
        }
        chain.purchaser.client.act(&format!("{tender}/submission"), json!({})).await.is(200);
        chain.finance.client.act(&format!("{tender}/approval"), json!({})).await.is(200);
        chain.purchaser.client.act(&format!("{tender}/publication"), json!({"bid_deadline": SOON})).await.is(200);
        chain.bidders[0].client.post(&format!("{lot}/bids")).json(offer(7_900_000)).await.is(201);
        app.clock.advance_to(UtcInstant::parse(SOON).unwrap().plus_seconds(10));
        // Below the thresholds the unit opens itself.
        let opening = format!("{tender}/opening");
        chain.purchaser.client.act(&opening, json!({})).await.refused(409, "reason_for_few_bids_missing");
        let lot_id = drafted.text_at("/lots/0/id");
        chain.purchaser.client.act(&opening, json!({"reasons": [{"lot_id": lot_id, "reason": "短"}]})).await.refused(422, "invalid");
        let reason = "仅一家机构具备助浴条件，已公告两次。";
        let record = chain.purchaser.client.act(&opening, json!({"reasons": [{"lot_id": lot_id, "reason": reason}]})).await.is(200).value();
        assert_eq!((&record["lots"][0]["state"], &record["lots"][0]["reason_for_few"]), (&json!("opened"), &json!(reason)));
    }

    async fn bidders_with_the_same_head_are_stopped_and_the_others_go_on(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        for (bidder, phone, address) in [(0, "0572-2021234", "示例路1号"), (1, "0572-2025678", "示例路2号")] {
            let body = json!({"head_name": "沈示例", "head_identity_number": "11010519491231002X", "contact_name": format!("联系人{bidder}"), "contact_phone": phone,
                "address": format!("湖州市吴兴区月河街道{address}"), "controllers": []});
            let path = format!("/api/v1/organisations/{}/profile", chain.bidders[bidder].id);
            chain.bidders[bidder].client.call("PUT", &path).if_match("\"0\"").json(body).await.is(200);
        }
        let bids = bid(&chain, &lot, &[15_000_000, 16_000_000, 17_000_000]).await;
        let record = open(app, &chain, SOON).await;
        assert_eq!(record["lots"][0]["state"], "opened");
        let related = ("invalid".to_owned(), json!("related_bidders"));
        assert_eq!(state_of(&chain, 0, &bids[0]).await, related);
        assert_eq!(state_of(&chain, 1, &bids[1]).await, related);
        assert_eq!(state_of(&chain, 2, &bids[2]).await, ("valid".to_owned(), Value::Null));
        // The bidder reads why and what it can do; the panel sees the softer marks of the third.
        let own = chain.bidders[0].client.get(&format!("/api/v1/bids/{}/review", bids[0])).send().await.is(200).value();
        let stop = own["marks"].as_array().unwrap().iter().find(|mark| mark["stops"] == true).unwrap().clone();
        assert_eq!((&stop["kind"], &stop["rule"], &stop["other_bid_id"]), (&json!("same_head"), &json!("R066"), &json!(bids[1])));
        assert!(stop["remedy_zh"].as_str().unwrap().contains("一方") && stop["detail_en"].as_str().unwrap().contains("same head"));
        let review = begin(&chain, &lot).await;
        let seen = chain.evaluators[0].client.get(&review).send().await.is(200).value();
        let third = seen["bids"].as_array().unwrap().iter().find(|one| one["bid_id"] == bids[2].as_str()).unwrap().clone();
        assert!(third["marks"].as_array().unwrap().iter().all(|mark| mark["kind"] == "same_head_name" && mark["stops"] == false));
        assert!(!third["marks"].as_array().unwrap().is_empty());
        chain.bidders[1].client.get(&format!("/api/v1/bids/{}/review", bids[0])).send().await.refused(404, "not_found");
        chain.bidders[1].client.get(&review).send().await.refused(403, "forbidden");
    }

    async fn a_declaration_that_had_expired_on_the_day_of_the_deadline_fails_its_bid(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        let declared = |until: &str| json!({"offer": {"price": money(15_000_000), "text": "方案", "declarations": [{"kind": "certificate", "text": "健康证明", "valid_to": until}]}});
        let expired = chain.bidders[0].client.post(&format!("{lot}/bids")).json(declared("2026-03-12")).await.is(201).text_at("/id");
        let lasting = chain.bidders[1].client.post(&format!("{lot}/bids")).json(declared("2026-03-13")).await.is(201).text_at("/id");
        open(app, &chain, SOON).await;
        let review = begin(&chain, &lot).await;
        let seen = chain.purchaser.client.get(&review).send().await.is(200).value();
        let of = |id: &str| seen["bids"].as_array().unwrap().iter().find(|one| one["bid_id"] == id).unwrap()["findings"].clone();
        assert_eq!((of(&expired)[0]["criterion"].clone(), of(&expired)[0]["ground"].clone(), of(&lasting)), (json!("declaration:certificate (1)"), json!("unqualified"), json!([])));
        // What is not qualified is not looked at by the panel, and its bidder learns nothing before the end.
        chain.evaluators[0].client.post(&format!("{review}/responsiveness")).json(passed(&[&expired])).await.refused(422, "invalid");
        assert_eq!(chain.bidders[0].client.get(&format!("/api/v1/bids/{expired}/review")).send().await.is(200).value()["findings"], json!([]));
        both_stages(&chain, &review, &[&lasting]).await;
        chain.purchaser.client.act(&format!("{review}/conclusion"), json!({"note": "一家通过"})).await.is(200);
        assert_eq!(state_of(&chain, 0, &expired).await, ("invalid".to_owned(), json!("unqualified")));
        let own = chain.bidders[0].client.get(&format!("/api/v1/bids/{expired}/review")).send().await.is(200).value();
        assert!(own["findings"][0]["reason"].as_str().unwrap().starts_with("declaration_expired"));
    }

    async fn a_declaration_of_the_file_is_reused_by_its_id_and_counts_as_the_file_has_it(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        let declare = async |bidder: usize, kind: &str, to: Value| {
            let path = format!("/api/v1/organisations/{}/declarations", chain.bidders[bidder].id);
            let body = json!({"kind": kind, "statement": "本组织对此承诺负责。", "valid_from": "2026-03-02", "valid_to": to});
            chain.bidders[bidder].client.post(&path).json(body).await.is(201).text_at("/id")
        };
        let withdraw = async |bidder: usize, id: &str| {
            let path = format!("/api/v1/declarations/{id}/withdrawal");
            chain.bidders[bidder].client.post(&path).if_match("\"1\"").json(json!({"reason": "换发"})).await.is(200);
        };
        // What the bid itself says of text and last day does not count.
        let repeated = |id: &str| json!([{"kind": "sound_accounts", "text": "旧文本", "valid_to": "2026-03-12", "declaration_id": id}]);
        let offering = |id: &str| json!({"offer": {"price": money(15_000_000), "text": "方案", "declarations": repeated(id)}});
        let (lasting, short) = (declare(0, "sound_accounts", json!("2026-03-13")).await, declare(0, "sound_accounts", json!("2026-03-12")).await);
        let (other_kind, gone) = (declare(0, "certificate", json!(null)).await, declare(0, "sound_accounts", json!(null)).await);
        withdraw(0, &gone).await;
        let (later, foreign) = (declare(1, "sound_accounts", json!(null)).await, declare(1, "sound_accounts", json!(null)).await);
        let unknown = uuid::Uuid::now_v7().to_string();
        let own = &chain.bidders[0].client;
        for id in [&short, &other_kind, &gone, &foreign, &unknown] {
            let refused = own.post(&format!("{lot}/bids")).json(offering(id)).await.refused(422, "invalid");
            assert_eq!(refused.bad_fields(), ["/offer/declarations/0/declaration_id"]);
        }
        let bids = [
            own.post(&format!("{lot}/bids")).json(offering(&lasting)).await.is(201).text_at("/id"),
            chain.bidders[1].client.post(&format!("{lot}/bids")).json(offering(&later)).await.is(201).text_at("/id"),
            chain.bidders[2].client.post(&format!("{lot}/bids")).json(sealed(&chain, 2, &lot, repeated(&foreign)).await).await.is(201).text_at("/id"),
        ];
        // Withdrawn between the bid and the deadline; the third repeats what stands in another's file.
        withdraw(1, &later).await;
        open(app, &chain, SOON).await;
        let review = begin(&chain, &lot).await;
        let seen = chain.purchaser.client.get(&review).send().await.is(200).value();
        let of = |id: &str| seen["bids"].as_array().unwrap().iter().find(|one| one["bid_id"] == id).unwrap().clone();
        let why = |id: &str| of(id)["findings"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(why(&bids[0]), [""; 0]);
        let shown = &of(&bids[0])["declarations"][0];
        assert_eq!((&shown["text"], &shown["valid_to"]), (&json!("本组织对此承诺负责。"), &json!("2026-03-13")));
        for (bid, flaw) in [(&bids[1], "declaration_withdrawn"), (&bids[2], "declaration_not_own")] {
            let found = why(bid);
            assert!(found.len() == 1 && found[0].starts_with(flaw), "{found:?}");
            assert_eq!(of(bid)["findings"][0]["ground"], "unqualified");
        }
    }

    async fn a_low_price_is_explained_in_time_and_accepted(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        // 45 % of the ceiling of 20 000 000 is 9 000 000.
        let bids = bid(&chain, &lot, &[9_000_000, 8_999_999, 10_000_000]).await;
        open(app, &chain, SOON).await;
        let all: Vec<&String> = bids.iter().collect();
        // Nothing is scored before the review of a statutory procedure.
        let review = begin(&chain, &lot).await;
        let sheet = json!({"comment": "好", "scores": [{"bid_id": bids[0], "position": 1, "points_bp": 1}]});
        chain.evaluators[0].client.post(&format!("{lot}/score-sheets")).json(sheet).await.refused(409, "review_not_concluded");
        let panel = &chain.evaluators[0].client;
        let ask = |bid: &str, minutes: i64| json!({"bid_id": bid, "minutes": minutes, "question": "请说明人员成本的构成。"});
        panel.post(&format!("{review}/low-prices")).json(ask(&bids[1], 30)).await.refused(409, "review_incomplete");
        chain.purchaser.client.post(&format!("{review}/responsiveness")).json(passed(&all)).await.refused(403, "forbidden");
        panel.post(&format!("{review}/qualification")).json(passed(&all)).await.refused(403, "forbidden");
        both_stages(&chain, &review, &all).await;
        let seen = panel.get(&review).send().await.is(200).value();
        let triggers: Vec<Value> = bids.iter().map(|id| seen["bids"].as_array().unwrap().iter().find(|one| one["bid_id"] == id.as_str()).unwrap()["low_price_triggers"].clone()).collect();
        assert_eq!(triggers, [json!([]), json!(["below_ceiling"]), json!([])]);
        assert_eq!(panel.post(&format!("{review}/low-prices")).json(ask(&bids[1], 29)).await.refused(422, "invalid").bad_fields(), ["/minutes"]);
        let notice = panel.post(&format!("{review}/low-prices")).json(ask(&bids[1], 30)).await.is(201);
        assert_eq!(notice.text_at("/ends_at"), "2026-03-13T01:30:10Z");
        panel.post(&format!("{review}/low-prices")).json(ask(&bids[1], 30)).await.refused(409, "conflict");
        let path = notice.header("location");
        let decision = |accepted: bool| json!({"accepted": accepted, "reason": "证明材料充分"});
        panel.act(&format!("{path}/decision"), decision(false)).await.refused(409, "explanation_awaited");
        chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.refused(409, "review_incomplete");
        chain.bidders[0].client.get(&path).send().await.refused(404, "not_found");
        let bidder = &chain.bidders[1].client;
        let file = bidder.post(&format!("{path}/documents?filename=cost.pdf")).body("application/pdf", "%PDF-1.7\ncost").send().await.is(201);
        // One second before the end of the time is in time.
        app.clock.advance_to(UtcInstant::parse("2026-03-13T01:30:09Z").unwrap());
        bidder.act(&format!("{path}/explanation"), json!({"explanation": "人员由既有项目承担。"})).await.is(200);
        bidder.act(&format!("{path}/explanation"), json!({"explanation": "再说"})).await.refused(409, "wrong_state");
        assert_eq!(panel.get(&file.header("location")).send().await.is(200).text, "%PDF-1.7\ncost");
        chain.purchaser.client.act(&format!("{path}/decision"), decision(true)).await.refused(403, "forbidden");
        panel.act(&format!("{path}/decision"), decision(true)).await.is(200);
        panel.act(&format!("{path}/decision"), decision(false)).await.refused(409, "wrong_state");
        let done = chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.is(200).value();
        assert_eq!((&done["state"], &done["warnings"]), (&json!("concluded"), &json!([])));
        assert_eq!(state_of(&chain, 1, &bids[1]).await, ("valid".to_owned(), Value::Null));
        panel.post(&format!("{review}/responsiveness")).json(passed(&all)).await.refused(409, "review_concluded");
        assert_eq!(panel.get(&format!("{lot}/offers")).send().await.is(200).value()["items"].as_array().unwrap().len(), 3);
    }

    async fn a_low_price_that_nobody_explains_is_rejected_after_its_time(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        let bids = bid(&chain, &lot, &[9_000_000, 8_999_999, 10_000_000]).await;
        open(app, &chain, SOON).await;
        let all: Vec<&String> = bids.iter().collect();
        let review = begin(&chain, &lot).await;
        both_stages(&chain, &review, &all).await;
        let panel = &chain.evaluators[0].client;
        let ask = json!({"bid_id": bids[1], "minutes": 30, "question": "请说明成本。"});
        let path = panel.post(&format!("{review}/low-prices")).json(ask).await.is(201).header("location");
        app.clock.advance_to(UtcInstant::parse("2026-03-13T01:30:10Z").unwrap());
        let bidder = &chain.bidders[1].client;
        bidder.act(&format!("{path}/explanation"), json!({"explanation": "迟了"})).await.refused(409, "explanation_late");
        bidder.post(&format!("{path}/documents?filename=cost.pdf")).body("application/pdf", "%PDF-1.7\ncost").send().await.refused(409, "explanation_late");
        panel.act(&format!("{path}/decision"), json!({"accepted": false, "reason": "逾期未说明"})).await.is(200);
        chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.is(200);
        assert_eq!(state_of(&chain, 1, &bids[1]).await, ("invalid".to_owned(), json!("abnormally_low")));
        assert_eq!(panel.get(&format!("{lot}/offers")).send().await.is(200).value()["items"].as_array().unwrap().len(), 2);
    }

    async fn a_low_price_that_nobody_asks_about_warns(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        let bids = bid(&chain, &lot, &[9_000_000, 8_999_999, 10_000_000]).await;
        open(app, &chain, SOON).await;
        let review = begin(&chain, &lot).await;
        both_stages(&chain, &review, &bids.iter().collect::<Vec<_>>()).await;
        let done = chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.is(200).value();
        assert_eq!((&done["warnings"][0]["rule"], &done["warnings"][0]["standing"]), (&json!("R047"), &json!("warned")));
        assert_eq!(state_of(&chain, 1, &bids[1]).await, ("valid".to_owned(), Value::Null), "a trigger is no invalidity");
    }

    async fn two_qualified_suffice_in_a_consultation_on_a_service(app: &TestApp) {
        let (chain, lot) = ready(app, "consultation", SOON).await;
        let bids = bid(&chain, &lot, &[15_000_000, 16_000_000, 17_000_000]).await;
        open(app, &chain, SOON).await;
        let review = begin(&chain, &lot).await;
        chain.purchaser.client.post(&format!("{review}/qualification")).json(failed(&bids[2], "bad_mood")).await.refused(422, "invalid");
        both_stages(&chain, &review, &[&bids[0], &bids[1]]).await;
        let missing = chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.refused(409, "review_incomplete");
        assert!(missing.text_at("/detail").contains(&bids[2]));
        chain.purchaser.client.post(&format!("{review}/qualification")).json(failed(&bids[2], "unqualified")).await.is(200);
        let done = chain.purchaser.client.act(&format!("{review}/conclusion"), json!({"note": "两家通过"})).await.is(200).value();
        assert_eq!(done["warnings"], json!([]), "R027 lets a consultation on services go on with two");
        assert_eq!(app.public().get(&lot).send().await.is(200).text_at("/state"), "opened");
        assert_eq!(free_money(app, &chain).await, 30_000_000, "the lot keeps its money");
    }

    async fn two_qualified_are_too_few_for_an_open_tender(app: &TestApp) {
        let (chain, lot) = ready(app, "open_tender", LATER).await;
        let bids = bid(&chain, &lot, &[15_000_000, 16_000_000, 17_000_000]).await;
        open(app, &chain, LATER).await;
        let review = begin(&chain, &lot).await;
        both_stages(&chain, &review, &[&bids[0], &bids[1]]).await;
        chain.purchaser.client.post(&format!("{review}/qualification")).json(failed(&bids[2], "unqualified")).await.is(200);
        chain.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.is(200);
        let read = app.public().get(&lot).send().await.is(200).value();
        assert_eq!((&read["state"], &read["failed_because"]), (&json!("failed"), &json!("too_few_valid_bids")));
        assert_eq!(free_money(app, &chain).await, 50_000_000, "its money is free again");
        assert_eq!(state_of(&chain, 2, &bids[2]).await, ("invalid".to_owned(), json!("unqualified")));
    }
}
