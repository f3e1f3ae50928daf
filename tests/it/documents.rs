//! Tender documents: terms and their lint, questions without the asker's name, visits, amendments, and bonds with their book.

use baiyi::people::Role;
use serde_json::{Value, json};

use crate::awards::at;
use crate::support::documents::{bonds, drafted, lot_terms, money, published, put, tender_terms};
use crate::support::story::Chain;
use crate::support::{Client, PASSWORD, TestApp, on_both};

const DEADLINE: &str = "2026-03-24T01:00:00Z";

async fn ready(app: &TestApp) -> Chain {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain
}

/// A published tender of one lot that asks for bonds; gives its path and the lot's.
async fn open_for_bids(app: &TestApp, chain: &Chain) -> (String, String) {
    let (tender, lot) = drafted(app, chain, "consultation").await;
    put(chain, &tender, &format!("{tender}/terms"), tender_terms()).await.is(200);
    put(chain, &tender, &format!("{lot}/terms"), lot_terms(bonds())).await.is(200);
    published(chain, &tender, DEADLINE).await;
    (tender, lot)
}

fn amendment(kind: &str, change: Value) -> Value {
    let mut body = json!({"kind": kind, "body": "服务次数由每周两次改为每周三次。", "material": false});
    for (key, value) in change.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn entries(client: &Client, bond: &str) -> (String, Vec<(String, i64)>) {
    let read = client.get(bond).send().await.is(200).value();
    let book = read["entries"].as_array().unwrap().iter();
    let book = book.map(|one| (one["kind"].as_str().unwrap().to_owned(), one["amount"]["amount_fen"].as_i64().unwrap())).collect();
    (read["state"].as_str().unwrap().to_owned(), book)
}

on_both! {
    async fn a_forbidden_criterion_stops_the_submission_until_finance_overrules_it(app: &TestApp) {
        let chain = ready(app).await;
        let buyer = &chain.purchaser.client;
        let (tender, lot) = drafted(app, &chain, "open_tender").await;
        let mut terms = lot_terms(json!({}));
        terms["qualifications"][0]["text"] = json!("须在吴兴区注册满三年");
        let written = put(&chain, &tender, &format!("{lot}/terms"), terms.clone()).await.is(200).value();
        assert_eq!((&written["findings"][0]["fault"], &written["findings"][0]["rule"]), (&json!("location"), &json!("R043")));
        let refused = buyer.act(&format!("{tender}/submission"), json!({})).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R043");
        assert!(refused.text_at("/legal_basis").contains("第20条") && refused.text.contains("区注册"), "{}", refused.text);
        // Finance holds the finding for wrong, in the very words of the criterion; nobody else may, and another wording is judged anew.
        let overrule = |text: &str| json!({"fault": "location", "criterion": text, "reason": "此处指服务站点的备案，与供应商注册地无关。"});
        let own = "须在吴兴区注册满三年";
        buyer.act(&format!("{tender}/overrulings"), overrule(own)).await.refused(403, "forbidden");
        chain.finance.client.act(&format!("{tender}/overrulings"), overrule("别的文字")).await.refused(422, "invalid");
        let after = chain.finance.client.act(&format!("{tender}/overrulings"), overrule(own)).await.is(200).value();
        assert!(after["items"][0]["overruled_because"].is_string(), "{after}");
        let warned = buyer.act(&format!("{tender}/submission"), json!({})).await.is(200).value();
        assert!(warned["warnings"].as_array().unwrap().iter().any(|one| one["rule"] == "R043"), "{warned}");
        // Below the thresholds the article does not bind, so it is told and does not stop.
        let (small, lot) = drafted(app, &chain, "selection").await;
        put(&chain, &small, &format!("{lot}/terms"), terms).await.is(200);
        let told = buyer.act(&format!("{small}/submission"), json!({})).await.is(200).value();
        assert!(told["warnings"].as_array().unwrap().iter().any(|one| one["rule"] == "R043"), "{told}");
    }

    async fn terms_are_refused_field_by_field_and_a_bond_above_its_share_by_its_rule(app: &TestApp) {
        let chain = ready(app).await;
        let buyer = &chain.purchaser.client;
        let (tender, lot) = drafted(app, &chain, "consultation").await;
        let bad = json!({"requirements": "", "service_standards": [" "], "qualifications": [], "price": {"rule": "scored"}, "bonds": {"bid_bond": money(1)}});
        let refused = put(&chain, &tender, &format!("{lot}/terms"), bad).await.refused(422, "invalid");
        assert_eq!(refused.bad_fields(), ["/requirements", "/service_standards/0", "/qualifications", "/bonds/forms"]);
        let late = json!({"question_lead_days": 61, "documents_from": "2026-03-09", "documents_to": "2026-03-06",
            "contract": {"term_months": 0, "payment_schedule": "x", "liability": "x"}, "subcontracting": {"allowed": true}});
        let refused = put(&chain, &tender, &format!("{tender}/terms"), late).await.refused(422, "invalid");
        assert_eq!(refused.bad_fields(), ["/documents_to", "/question_lead_days", "/contract/term_months", "/subcontracting/max_share_bp"]);
        // Two hundredths of the ceiling are lawful (R048); a fen more is refused with both figures.
        let mut dear = bonds();
        dear["bid_bond"] = money(400_001);
        put(&chain, &tender, &format!("{lot}/terms"), lot_terms(dear)).await.is(200);
        let refused = buyer.act(&format!("{tender}/submission"), json!({})).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R048");
        assert!(refused.text.contains("4000.01") && refused.text.contains("200 bp × 200000.00"), "{}", refused.text);
        let mut long = bonds();
        long["performance_bond_bp"] = json!(1001);
        put(&chain, &tender, &format!("{lot}/terms"), lot_terms(long)).await.is(200);
        assert_eq!(buyer.act(&format!("{tender}/submission"), json!({})).await.refused(422, "rule_broken").text_at("/rule"), "R050");
        put(&chain, &tender, &format!("{lot}/terms"), lot_terms(bonds())).await.is(200);
        buyer.act(&format!("{tender}/submission"), json!({})).await.is(200);
    }

    async fn a_question_is_answered_for_everybody_and_nobody_learns_who_asked(app: &TestApp) {
        let chain = ready(app).await;
        let (tender, _) = open_for_bids(app, &chain).await;
        let [asker, rival] = [0, 1].map(|place: usize| chain.bidders[place].client.clone());
        let question = json!({"question": "我们夕阳红中心的助浴车能否计入设备？"});
        let asked = asker.post(&format!("{tender}/questions")).json(question.clone()).await.is(201);
        // Monday 2 March and three working days (R058).
        assert_eq!(asked.text_at("/due_on"), "2026-03-05");
        let path = asked.header("location");
        rival.get(&path).send().await.refused(404, "not_found");
        app.public().get(&path).send().await.refused(404, "not_found");
        let unanswered = chain.purchaser.client.get(&path).send().await.is(200).value();
        assert!(unanswered["organisation_id"].is_null(), "{unanswered}");
        let answer = json!({"published_as": "助浴车能否计入设备？", "answer": "可以，须附行驶证。"});
        rival.post(&format!("{path}/answer")).json(answer.clone()).await.refused(404, "not_found");
        chain.purchaser.client.act(&format!("{path}/answer"), answer).await.is(200);
        for reader in [&rival, &app.public(), &chain.purchaser.client, &chain.auditor] {
            let seen = reader.get(&path).send().await.is(200);
            assert_eq!(seen.text_at("/answer"), "可以，须附行驶证。");
            assert!(!seen.text.contains("夕阳红") && !seen.text.contains(&chain.bidders[0].id), "{}", seen.text);
        }
        // They close one day before the deadline, to the second.
        app.clock.advance_to(at("2026-03-23T00:59:59Z"));
        rival.post(&format!("{tender}/questions")).json(question.clone()).await.is(201);
        app.clock.advance_to(at("2026-03-23T01:00:00Z"));
        rival.post(&format!("{tender}/questions")).json(question).await.refused(409, "questions_closed");
    }

    async fn visits_and_receipts_are_nobody_elses_before_the_opening(app: &TestApp) {
        let chain = ready(app).await;
        let (tender, _) = open_for_bids(app, &chain).await;
        let buyer = &chain.purchaser.client;
        let visit = |held: &str, until: &str| json!({"held_at": held, "register_until": until, "place": "月河街道居家养老服务中心"});
        let post = |body: Value| buyer.post(&format!("{tender}/site-visits")).json(body);
        assert_eq!(post(visit(DEADLINE, "2026-03-05T01:00:00Z")).await.refused(422, "invalid").bad_fields(), ["/held_at"]);
        let set = post(visit("2026-03-06T01:00:00Z", "2026-03-05T01:00:00Z")).await.is(201).header("location");
        let register = |who: usize, persons: i64| chain.bidders[who].client.post(&format!("{set}/registrations")).json(json!({"persons": persons}));
        register(0, 0).await.refused(422, "invalid");
        register(0, 2).await.is(201);
        let before = buyer.get(&set).send().await.is(200).text;
        assert!(!before.contains(&chain.bidders[0].id), "{before}");
        let receipt = chain.bidders[1].client.post(&format!("{tender}/document-receipts")).send().await.is(201);
        let again = chain.bidders[1].client.post(&format!("{tender}/document-receipts")).send().await.is(201);
        assert_eq!(receipt.text, again.text, "a second time gives the first receipt");
        // Challenges of the documents run from the day they were obtained (R059: seven working days).
        assert_eq!(receipt.text_at("/challenge_until"), "2026-03-11");
        let receipts = format!("{tender}/document-receipts");
        for (who, seen) in [(&chain.bidders[1].client, 1), (&chain.bidders[2].client, 0), (buyer, 0)] {
            let list = who.get(&receipts).send().await.is(200).value();
            assert_eq!(list["items"].as_array().unwrap().len(), seen);
        }
        app.clock.advance_to(at("2026-03-05T01:00:00Z"));
        register(2, 1).await.refused(409, "visit_registration_closed");
    }

    async fn an_amendment_comes_in_time_or_moves_the_deadline_and_never_the_qualification(app: &TestApp) {
        let chain = ready(app).await;
        let (tender, lot) = open_for_bids(app, &chain).await;
        let (buyer, lot_id) = (&chain.purchaser.client, lot.rsplit('/').next().unwrap().to_owned());
        let amend = |body: Value| buyer.act_owned(format!("{tender}/amendments"), body);
        let bid = |who: usize| chain.bidders[who].client.post(&format!("{lot}/bids")).json(json!({"offer": {"price": money(15_000_000), "text": "方案"}}));
        let bond = json!({"form": "guarantee_letter", "reference": "保函 1 号", "amount": money(400_000)});
        chain.bidders[0].client.post(&format!("{lot}/bonds")).json(bond).await.is(201);
        bid(0).await.is(201);
        let mut terms = lot_terms(bonds());
        terms["requirements"] = json!("每周三次上门。");
        assert_eq!(amend(amendment("clarification", json!({"lots": [{"lot_id": lot_id, "terms": terms}]}))).await.refused(422, "invalid").bad_fields(), ["/kind"]);
        assert_eq!(amend(amendment("amendment", json!({}))).await.refused(422, "invalid").bad_fields(), ["/kind"]);
        let earlier = json!({"bid_deadline": "2026-03-23T01:00:00Z"});
        assert_eq!(amend(amendment("amendment", earlier)).await.refused(422, "invalid").bad_fields(), ["/bid_deadline"]);
        let mut narrower = terms.clone();
        narrower["qualifications"][0]["text"] = json!("具有五年以上同类服务经验");
        let refused = amend(amendment("amendment", json!({"lots": [{"lot_id": lot_id, "terms": narrower}]}))).await;
        assert!(["qualification_changed", "rule_broken"].contains(&refused.text_at("/code").as_str()), "{}", refused.text);
        // A ceiling within what is set aside waits for finance; a fen above it is refused.
        let ceiling = |fen: i64| amendment("amendment", json!({"lots": [{"lot_id": lot_id, "ceiling": money(fen)}]}));
        amend(ceiling(20_000_001)).await.refused(409, "ceiling_not_funded");
        let proposed = amend(ceiling(19_000_000)).await.is(201);
        assert_eq!(proposed.text_at("/state"), "proposed");
        app.public().get(&proposed.header("location")).send().await.refused(404, "not_found");
        buyer.act(&format!("{}/approval", proposed.header("location")), json!({})).await.refused(403, "forbidden");
        let approved = chain.finance.client.act(&format!("{}/approval", proposed.header("location")), json!({})).await.is(200);
        assert_eq!((approved.text_at("/state").as_str(), approved.value()["number"].as_i64()), ("published", Some(1)));
        assert_eq!(app.public().get(&tender).send().await.is(200).value()["lots"][0]["ceiling"], money(19_000_000));
        // What makes bids stale moves the deadline here; the bid made before is not bound any more and is made again.
        let moved = amendment("amendment", json!({"material": true, "rebids": true, "bid_deadline": "2026-04-01T01:00:00Z", "lots": [{"lot_id": lot_id, "terms": terms}]}));
        let published = amend(moved).await.is(201);
        assert_eq!(published.value()["number"], 2);
        assert_eq!(app.public().get(&tender).send().await.text_at("/bid_deadline"), "2026-04-01T01:00:00Z");
        assert_eq!(app.public().get(&format!("{lot}/terms?amendment=1")).send().await.is(200).text_at("/terms/requirements"), "为 80 岁以上独居老人每周两次上门，每次不少于两小时。");
        assert_eq!(app.public().get(&format!("{lot}/terms")).send().await.is(200).text_at("/terms/requirements"), "每周三次上门。");
        app.clock.advance_to(at("2026-04-01T01:00:00Z"));
        amend(amendment("clarification", json!({}))).await.refused(409, "amendment_after_deadline");
        app.clock.advance_to(at("2026-04-01T01:00:10Z"));
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200);
        let record = app.public().get(&format!("{tender}/opening")).send().await.is(200).value();
        assert_eq!(record["lots"][0]["bids"][0]["invalid_because"], "not_bound", "{record}");
    }

    async fn a_bid_bond_is_finances_and_its_bidders_until_the_opening_and_its_book_adds_up(app: &TestApp) {
        let chain = ready(app).await;
        let (tender, lot) = open_for_bids(app, &chain).await;
        let (buyer, finance) = (&chain.purchaser.client, &chain.finance.client);
        let lodge = |who: usize, form: &str, fen: i64| {
            chain.bidders[who].client.post(&format!("{lot}/bonds")).json(json!({"form": form, "reference": "保函 2026-0317", "amount": money(fen)}))
        };
        assert_eq!(lodge(0, "transfer", 399_999).await.refused(422, "invalid").bad_fields(), ["/form", "/amount"]);
        let mut bonds = Vec::new();
        for who in [0, 1] {
            bonds.push(lodge(who, "guarantee_letter", 400_000).await.is(201).header("location"));
        }
        lodge(0, "guarantee_letter", 400_000).await.refused(409, "bond_already_lodged");
        for stranger in [buyer, &chain.bidders[1].client, &chain.auditor] {
            stranger.get(&bonds[0]).send().await.refused(404, "not_found");
        }
        let case = chain.auditor.get(&format!("/api/v1/cases/{}", app.public().get(&tender).send().await.text_at("/case_id"))).send().await.is(200).text;
        assert!(!case.contains("bond."), "the case file does not tell of bonds before the opening");
        let slip = |fen: i64| json!({"amount": money(fen), "reference": "回单 20260305-18"});
        finance.act(&format!("{}/reception", bonds[0]), slip(400_000)).await.is(200);
        finance.act(&format!("{}/refusal", bonds[1]), json!({"reason": "保函有效期不足。"})).await.is(200);
        for (bidder, price) in chain.bidders.iter().zip([15_000_000, 16_000_000]) {
            bidder.client.post(&format!("{lot}/bids")).json(json!({"offer": {"price": money(price), "text": "方案"}})).await.is(201);
        }
        app.clock.advance_to(at("2026-03-24T01:00:10Z"));
        lodge(2, "guarantee_letter", 400_000).await.refused(409, "bond_too_late");
        chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200);
        buyer.get(&bonds[0]).send().await.is(200);
        // It goes back within five working days of the award notice (R049), in two parts and never a fen more than there is.
        let clock = json!({"ground": "award_notice", "occurred_on": "2026-03-24"});
        let running = finance.act(&format!("{}/return-clock", bonds[0]), clock).await.is(200);
        assert_eq!(running.text_at("/return_due_on"), "2026-03-31");
        app.clock.advance_to(at("2026-03-31T16:00:00Z"));
        let overdue = finance.get("/api/v1/bonds?overdue=true").send().await.is(200).value();
        assert_eq!(overdue["items"].as_array().unwrap().len(), 1, "{overdue}");
        finance.act(&format!("{}/returns", bonds[0]), slip(400_001)).await.refused(422, "bond_overdrawn");
        finance.act(&format!("{}/returns", bonds[0]), slip(300_000)).await.is(200);
        let kept = json!({"amount": money(100_000), "reason": "中标后无正当理由拒签合同。", "reference": "处理决定 2026-3 号"});
        buyer.act(&format!("{}/forfeitures", bonds[0]), kept.clone()).await.refused(403, "forbidden");
        finance.act(&format!("{}/forfeitures", bonds[0]), kept).await.is(200);
        let (state, book) = entries(&chain.bidders[0].client, &bonds[0]).await;
        assert_eq!(state, "settled");
        assert_eq!(book, [("received".to_owned(), 400_000), ("returned".to_owned(), 300_000), ("forfeited".to_owned(), 100_000)]);
        finance.act(&format!("{}/returns", bonds[0]), slip(1)).await.refused(409, "wrong_state");
    }
}

on_both! {
    async fn who_prepared_the_project_does_not_bid_and_a_bid_without_its_bond_is_invalid(app: &TestApp) {
        let chain = ready(app).await;
        let (tender, lot) = drafted(app, &chain, "open_tender").await;
        let mut terms = tender_terms();
        terms["prepared_by"] = json!([chain.id("unit_id")]);
        assert_eq!(put(&chain, &tender, &format!("{tender}/terms"), terms.clone()).await.refused(422, "invalid").bad_fields(), ["/prepared_by/0"]);
        // A fourth supplier wrote the requirement.
        let wrote = app.person_of(app.tenant, "Xie Xuqiu", &[Role::OrgAdmin], None, Some(fourth(app, &chain).await.parse().unwrap())).await;
        terms["prepared_by"] = json!([wrote_by(&wrote.client).await]);
        put(&chain, &tender, &format!("{tender}/terms"), terms).await.is(200);
        put(&chain, &tender, &format!("{lot}/terms"), lot_terms(bonds())).await.is(200);
        published(&chain, &tender, DEADLINE).await;
        let offer = json!({"offer": {"price": money(15_000_000), "text": "方案"}});
        let refused = wrote.client.post(&format!("{lot}/bids")).json(offer.clone()).await.refused(422, "rule_broken");
        assert_eq!((refused.text_at("/rule").as_str(), refused.text_at("/legal_basis").as_str()), ("R067", "实施条例 第18条"));
        for (who, bidder) in chain.bidders.iter().enumerate() {
            bidder.client.post(&format!("{lot}/bids")).json(offer.clone()).await.is(201);
            // The last one lodges its bond, and finance never receives it.
            let bond = json!({"form": "guarantee_letter", "reference": format!("保函 {who} 号"), "amount": money(400_000)});
            let bond = bidder.client.post(&format!("{lot}/bonds")).json(bond).await.is(201).header("location");
            if who < 2 {
                let slip = json!({"amount": money(400_000), "reference": "回单"});
                chain.finance.client.act(&format!("{bond}/reception"), slip).await.is(200);
            }
        }
        app.clock.advance_to(at("2026-03-24T01:00:10Z"));
        let record = chain.opener.act(&format!("{tender}/opening"), json!({})).await.is(200).value();
        let of = |who: usize| record["lots"][0]["bids"].as_array().unwrap().iter().find(|bid| bid["organisation_id"] == chain.bidders[who].id.as_str()).unwrap();
        assert_eq!((&of(0)["state"], &of(1)["state"]), (&json!("valid"), &json!("valid")));
        assert_eq!((&of(2)["state"], &of(2)["invalid_because"]), (&json!("invalid"), &json!("bond_missing")));
    }
}

/// A fourth verified organisation; gives its id.
async fn fourth(app: &TestApp, chain: &Chain) -> String {
    let body = json!({"uscc": "53100000500019795A", "name_zh": "吴兴区示例规划研究中心", "kind": "foundation", "legal_representative": "谢示例",
        "contact_email": "fourth@orgs.example", "account": {"email": "fourth@orgs.example", "name": "组织管理员", "password": PASSWORD}});
    let made = app.public().post("/api/v1/organisations").json(body).await.is(201);
    let path = made.header("location");
    chain.admin.post(&format!("{path}/verification")).if_match(&made.etag()).send().await.is(200);
    made.text_at("/id")
}

/// The organisation of whoever asks.
async fn wrote_by(client: &Client) -> String {
    client.get("/api/v1/me").send().await.is(200).text_at("/organisation_id")
}
