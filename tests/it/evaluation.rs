//! Experts, panels and reviewers: the draw, declines and conflicts, private sheets, the discussion of outliers, the report, and what a bidder reads.

use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use baiyi::procurement::draws::rules as draw;
use baiyi::procurement::evaluation::report;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{self, Client, Person, TestApp, on_both};

fn at(text: &str) -> UtcInstant {
    UtcInstant::parse(text).unwrap()
}

/// A lot whose bids are opened, and the field of its catalogue item.
pub struct Opened {
    pub chain: Chain,
    pub lot: String,
    pub field: String,
}

/// Three valid bids on a tender by `procedure`, opened.
pub async fn opened(app: &TestApp, procedure: &str, prices: [i64; 3]) -> Opened {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    chain.tender_by(app, procedure, "2026-03-24T01:00:00Z").await;
    let lot = format!("/api/v1/lots/{}", chain.id("lot_id"));
    for (bidder, price) in chain.bidders.iter().zip(prices) {
        let offer = json!({"offer": {"price": {"amount_fen": price, "currency": "CNY"}, "text": "方案"}});
        bidder.client.post(&format!("{lot}/bids")).json(offer).await.is(201);
    }
    app.clock.advance_to(at("2026-03-24T01:00:10Z"));
    chain.opener.act(&format!("/api/v1/tenders/{}/opening", chain.id("tender_id")), json!({})).await.is(200);
    let field = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.text_at("/items/0/code");
    Opened { chain, lot, field }
}

/// An expert of the pool who can sign in.
async fn expert(app: &TestApp, story: &Opened, name: &str, ties: Value) -> (Person, String) {
    let person = app.person(name, &[Role::Evaluator]).await;
    let body = json!({"name": name, "account_id": person.account, "fields": [story.field[..1]], "ties": ties});
    let made = story.chain.admin.post("/api/v1/experts").json(body).await.is(201);
    (person, made.text_at("/id"))
}

/// Six experts without a conflict, by their ids in the pool.
pub async fn six(app: &TestApp, story: &Opened) -> Vec<(Person, String)> {
    let mut pool = Vec::new();
    for name in ["Zhuan Jia Yi", "Zhuan Jia Er", "Zhuan Jia San", "Zhuan Jia Si", "Zhuan Jia Wu", "Zhuan Jia Liu"] {
        pool.push(expert(app, story, name, json!([])).await);
    }
    pool
}

/// The same points on every criterion for every bid, except for one bid.
pub async fn sheet(member: &Person, lot: &str, points: i64, but: Option<(&str, i64)>) -> Value {
    let offers = member.client.get(&format!("{lot}/offers")).send().await.is(200).value();
    let scores: Vec<Value> = offers["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|offer| {
            let own = but.filter(|(bidder, _)| offer["organisation_id"] == *bidder).map_or(points, |(_, other)| other);
            [1, 2].map(|position| json!({"bid_id": offer["bid_id"], "position": position, "points_bp": own}))
        })
        .collect();
    let remarks: Vec<Value> = offers["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| json!({"bid_id": offer["bid_id"], "text": format!("对 {} 的意见", offer["organisation_id"].as_str().unwrap())}))
        .collect();
    json!({"comment": "总体意见。", "scores": scores, "remarks": remarks})
}

on_both! {
    async fn a_panel_of_five_with_a_conflict_a_decline_and_an_outlier(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let pool = six(app, &story).await;
        // Never drawn: employed by a bidder two years ago, kin of one by credit code, suspended, without an account, employed by the purchaser.
        let former = json!([{"kind": "employment", "name": "某中心", "organisation_id": chain.bidders[0].id, "from_on": "2020-01-01", "until_on": "2024-03-31"}]);
        expert(app, &story, "Ceng Ren Zhi", former).await;
        expert(app, &story, "Qin Shu", json!([{"kind": "kinship", "name": "协会", "uscc": "51330502MJ9000014P"}])).await;
        expert(app, &story, "Ben Dan Wei", json!([{"kind": "employment", "name": "街道", "unit_id": chain.id("unit_id")}])).await;
        let (_, stopped) = expert(app, &story, "Ting Yong", json!([])).await;
        chain.admin.act(&format!("/api/v1/experts/{stopped}/suspension"), json!({"reason": "年度考核未通过"})).await.is(200);
        chain.admin.post("/api/v1/experts").json(json!({"name": "无账户", "fields": [story.field[..1]]})).await.is(201);
        let unit = chain.id("unit_id").parse().unwrap();
        let second = app.person_of(app.tenant, "Wang Daibiao", &[Role::Purchaser], Some(unit), None).await;
        let buyer = &chain.purchaser.client;
        let form = |experts: usize, representatives: Value| {
            buyer.act_owned(format!("{lot}/panel"), json!({"experts": experts, "field": story.field, "representatives": representatives}))
        };
        // Too small, even, too few experts, none at all (R037); one expert more than can be drawn; the drafter.
        let (lead, wang) = (chain.lead.account, second.account);
        for (experts, seats) in [(2, json!([lead])), (5, json!([lead])), (3, json!([lead, wang])), (0, json!([lead, wang]))] {
            let refused = form(experts, seats).await.refused(422, "rule_broken");
            assert_eq!((refused.text_at("/rule").as_str(), refused.text_at("/legal_basis").as_str()), ("R037", "财政部令第87号 第47条"));
        }
        let few = form(7, json!([])).await.refused(409, "too_few_experts");
        assert!(few.text.contains("缺 1 人"), "{}", few.text);
        form(4, json!([chain.purchaser.account])).await.refused(409, "conflict_of_interest");
        form(4, json!([chain.finance.account])).await.refused(422, "invalid");
        form(4, json!([lead])).await.refused(409, "draw_due");
        let asked = json!({"experts": 4, "field": story.field, "representatives": [lead]});
        let record = support::draw::experts(app, chain, lot, asked).await;
        // The panel is the one that was drawn, and nobody is chosen past the draw.
        assert_eq!(form(4, json!([wang])).await.refused(422, "invalid").bad_fields(), ["/representatives"]);
        buyer.act(&format!("{lot}/evaluators"), json!({"account_id": chain.evaluators[0].account})).await.refused(409, "draw_binds");
        let panel = form(4, json!([lead])).await.is(201).value();
        form(4, json!([lead])).await.refused(409, "evaluation_begun");
        buyer.act(&format!("{lot}/evaluators"), json!({"account_id": chain.evaluators[0].account})).await.refused(409, "evaluation_begun");

        // The draw can be repeated from its seed.
        let place_of = |turn: &Value| record["named"].as_array().unwrap().iter().find(|one| &one["turn"] == turn).unwrap()["member_id"].clone();
        let seed: [u8; 32] = hex::decode(panel["draw"]["seed"].as_str().unwrap()).unwrap().try_into().unwrap();
        let order: Vec<&str> = panel["draw"]["order"].as_array().unwrap().iter().map(|one| one["expert_id"].as_str().unwrap()).collect();
        assert_eq!(record["order"], json!(draw::permutation(seed, 6)));
        assert_eq!(json!(order), json!((1..=6).map(|turn| place_of(&json!(turn))).collect::<Vec<_>>()));
        let drawn: Vec<&Person> = order.iter().map(|id| &pool.iter().find(|(_, expert)| expert == id).unwrap().0).collect();
        let chair = drawn[0];

        // The purchaser's representative never leads, nobody from outside does.
        let name = |account: Value| buyer.post(&format!("{lot}/panel/chair")).json(json!({"account_id": account}));
        assert_eq!(name(json!(lead)).await.refused(422, "rule_broken").text_at("/rule"), "R037");
        name(json!(drawn[5].account)).await.refused(422, "invalid");
        chair.client.post(&format!("{lot}/panel/chair")).json(json!({"account_id": chair.account})).await.is(200);

        // One declines: the next of the draw follows. Another finds out late that a former employer bids: it neither reads nor scores, and is replaced.
        let leave = |who: &Person, by: &Person, state: &str| {
            by.client.post(&format!("{lot}/panel/members/{}/departure", who.account)).json(json!({"state": state, "reason": "当日出差，不能参加"}))
        };
        leave(drawn[1], drawn[2], "declined").await.refused(403, "forbidden");
        leave(drawn[1], drawn[1], "declined").await.is(200);
        leave(drawn[1], drawn[1], "declined").await.refused(404, "not_found");
        drawn[2].client.get(&format!("{lot}/offers")).send().await.is(200);
        let late = json!({"kind": "board", "name": "吴兴区邻里互助协会", "until_on": "2025-12-31"});
        drawn[2].client.post(&format!("/api/v1/experts/{}/ties", order[2])).json(late).await.is(201);
        drawn[2].client.get(&format!("{lot}/offers")).send().await.refused(409, "conflict_of_interest");
        drawn[2].client.post(&format!("{lot}/score-sheets")).json(json!({"comment": "x", "scores": []})).await.refused(409, "conflict_of_interest");
        let whole = leave(drawn[2], &chain.purchaser, "removed").await.is(200).value();
        assert_eq!((&whole["experts_missing"], &whole["sheets_missing"]), (&json!(0), &json!(5)));
        let members = [chair, drawn[3], drawn[4], drawn[5], &chain.lead];
        chain.evaluators[0].client.post(&format!("{lot}/score-sheets")).json(json!({"comment": "x", "scores": []})).await.refused(403, "forbidden");

        chain.review_by(&chair.client).await;

        // Sheets are private until all are in, for the purchaser and the auditor too.
        let low = chain.bidders[1].id.as_str();
        let read = |who: &Client| who.get(&format!("{lot}/score-sheets"));
        for (turn, member) in members.iter().enumerate() {
            let but = (turn == 1).then_some((low, 4_000));
            let body = sheet(member, lot, 8_000, but).await;
            member.client.post(&format!("{lot}/score-sheets")).json(body.clone()).await.is(201);
            member.client.post(&format!("{lot}/score-sheets")).json(body).await.refused(409, "score_sheet_exists");
            let all = turn == 4;
            for (who, own) in [(&chain.purchaser.client, 0), (&chain.auditor, 0), (&member.client, 1), (&members[0].client, 1)] {
                let list = read(who).send().await.is(200).value();
                assert_eq!(list["items"].as_array().unwrap().len(), if all { 5 } else { own }, "turn {turn}");
                assert_eq!(list["complete"], json!(all));
            }
            if !all {
                buyer.act(&format!("{lot}/ranking"), json!({})).await.refused(409, "score_sheets_missing");
                chair.client.post(&format!("{lot}/discussion")).json(json!({})).await.refused(409, "score_sheets_missing");
            }
        }
        chain.evaluators[0].client.get(&format!("{lot}/score-sheets")).send().await.refused(403, "forbidden");

        // The second member's score for one bid departs by half: it is discussed before anything is ranked.
        buyer.act(&format!("{lot}/ranking"), json!({})).await.refused(409, "discussion_due");
        members[1].client.post(&format!("{lot}/discussion")).json(json!({})).await.refused(403, "not_the_chair");
        let list = chair.client.post(&format!("{lot}/discussion")).json(json!({})).await.is(201).value();
        let listed: Vec<&Value> = list["items"].as_array().unwrap().iter().flat_map(|sheet| sheet["outliers"].as_array().unwrap()).collect();
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0]["own_bp"], &listed[0]["others_bp"]), (&json!(4_000), &json!(8_000)));
        let answer = json!({"bid_id": listed[0]["bid_id"], "reason": "误读评分细则，按细则更正。", "scores": [{"position": 1, "points_bp": 7_600}]});
        buyer.act(&format!("{lot}/ranking"), json!({})).await.refused(409, "discussion_due");
        chair.client.post(&format!("{lot}/discussion/answers")).json(answer.clone()).await.refused(422, "invalid");
        chair.client.post(&format!("{lot}/discussion/closing")).json(json!({})).await.refused(409, "outliers_unanswered");
        let price = json!({"bid_id": listed[0]["bid_id"], "reason": "误读评分细则", "scores": [{"position": 3, "points_bp": 1}]});
        members[1].client.post(&format!("{lot}/discussion/answers")).json(price).await.refused(422, "invalid");
        members[1].client.post(&format!("{lot}/discussion/answers")).json(answer.clone()).await.is(201);
        members[1].client.post(&format!("{lot}/discussion/answers")).json(answer.clone()).await.refused(409, "wrong_state");
        chair.client.post(&format!("{lot}/discussion/closing")).json(json!({})).await.is(200);
        chair.client.post(&format!("{lot}/discussion/answers")).json(answer).await.refused(409, "wrong_state");
        buyer.get(&format!("{lot}/evaluation-report")).send().await.refused(404, "not_found");
        let ranking = buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200).value();
        // Bid 2 is cheapest; its quality is (4 × 80 + (5000 × 76 + 3000 × 40) ÷ 8000) ÷ 5 = 76.5: 0.8 × 76.5 + 20 = 81.2; bid 1: 64 + 0.2 × 94.44 = 82.89.
        let points: Vec<&Value> = ranking["items"].as_array().unwrap().iter().map(|one| &one["points_bp"]).collect();
        assert_eq!(points, [&json!(8_289), &json!(8_189), &json!(8_120)]);
        buyer.act(&format!("{lot}/ranking"), json!({})).await.refused(409, "wrong_state");
        leave(members[3], members[3], "declined").await.refused(409, "wrong_state");

        // Each signs, one dissents; only then is the report finished and may an award follow.
        let lot_id: baiyi::kernel::id::LotId = chain.id("lot_id").parse().unwrap();
        let sufficient = || app.read(move |db| report::require_report(db, lot_id).map_err(|fault| fault.code()));
        let sign = |who: &Person, body: Value| who.client.post(&format!("{lot}/evaluation-report/signatures")).json(body);
        sign(&chain.purchaser, json!({"agrees": true})).await.refused(403, "forbidden");
        for member in &members[1..] {
            let signed = sign(member, json!({"agrees": true})).await.is(201).value();
            assert_eq!(signed["finished_at"], Value::Null);
        }
        assert_eq!(sufficient().await, Err("evaluation_report_unfinished"));
        sign(chair, json!({"agrees": false})).await.refused(422, "invalid");
        sign(members[1], json!({"agrees": true})).await.refused(409, "wrong_state");
        sign(chair, json!({"agrees": false, "dissent": "对第二名的团队评分偏高。"})).await.is(201);
        assert_eq!(sufficient().await, Ok(()));
        let report = chain.auditor.get(&format!("{lot}/evaluation-report")).send().await.is(200).value();
        assert_eq!(report["outliers"][0]["answer"], "amended");
        assert_eq!(report["members"].as_array().unwrap().len(), 7);
        assert_eq!(report["ranking"][0]["organisation_id"], chain.bidders[0].id.as_str());
        assert!(report["finished_at"].is_string());

        // A bidder reads its own scores after the award, and nobody else's.
        let own = |bidder: usize| async move { chain.bidders[bidder].client.get("/api/v1/bids").send().await.text_at("/items/0/id") };
        let (mine, rivals) = (own(1).await, own(0).await);
        let client = &chain.bidders[1].client;
        client.get(&format!("/api/v1/bids/{mine}/evaluation")).send().await.refused(409, "result_not_published");
        let award = buyer.act(&format!("{lot}/award"), json!({})).await.is(201).text_at("/id");
        let other = app.person_of(app.tenant, "Ling Dao", &[Role::PurchaserLead], Some(unit), None).await;
        other.client.act(&format!("/api/v1/awards/{award}/confirmation"), json!({})).await.is(200);
        let told = client.get(&format!("/api/v1/bids/{mine}/evaluation")).send().await.is(200).value();
        assert_eq!((&told["place"], &told["ranked"], &told["points_bp"]), (&json!(3), &json!(3), &json!(8_120)));
        let mut given: Vec<i64> = told["criteria"][0]["members_bp"].as_array().unwrap().iter().map(|one| one.as_i64().unwrap()).collect();
        given.sort_unstable();
        assert_eq!(given, [7_600, 8_000, 8_000, 8_000, 8_000]);
        assert_eq!(told["criteria"][2]["mean_bp"], 10_000);
        let reasons: Vec<&str> = told["reasons"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert!(reasons.contains(&"误读评分细则，按细则更正。") && reasons.len() == 6, "{reasons:?}");
        assert!(!told.to_string().contains(&chain.bidders[0].id) && !told.to_string().contains(&chair.account.to_string()));
        client.get(&format!("/api/v1/bids/{rivals}/evaluation")).send().await.refused(404, "not_found");
    }

    async fn a_panel_without_experts_only_warns_where_the_rule_is_unconfirmed(app: &TestApp) {
        let story = opened(app, "consultation", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let unit = chain.id("unit_id").parse().unwrap();
        let mut seats = vec![json!(chain.lead.account)];
        for name in ["Dai Biao Yi", "Dai Biao Er"] {
            seats.push(json!(app.person_of(app.tenant, name, &[Role::Purchaser], Some(unit), None).await.account));
        }
        let formed = chain.purchaser.client.act(&format!("{lot}/panel"), json!({"experts": 0, "field": story.field, "representatives": seats})).await.is(201);
        assert_eq!(formed.text_at("/warnings/0/rule"), "R028");
        // R028 says nothing of the chair; the house does.
        chain.purchaser.client.post(&format!("{lot}/panel/chair")).json(json!({"account_id": chain.lead.account})).await.refused(422, "chair_not_expert");
    }

    async fn reviewers_are_two_or_three_and_none_of_a_bidder(app: &TestApp) {
        let story = opened(app, "consultation", [18_000_000, 18_000_000, 18_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        let buyer = &chain.purchaser.client;
        let organisation = chain.bidders[0].id.parse().unwrap();
        let colleague = app.person_of(app.tenant, "Liang Mian", &[Role::OrgMember, Role::Evaluator], None, Some(organisation)).await;
        let [one, two] = [&chain.evaluators[0], &chain.evaluators[1]];
        let name = |accounts: Value| buyer.act_owned(format!("{lot}/reviewers"), json!({"account_ids": accounts}));
        name(json!([one.account])).await.refused(422, "invalid");
        name(json!([one.account, two.account, chain.lead.account, colleague.account])).await.refused(422, "invalid");
        name(json!([one.account, colleague.account])).await.refused(409, "conflict_of_interest");
        name(json!([one.account, chain.purchaser.account])).await.refused(409, "conflict_of_interest");
        let stranger = name(json!([one.account, chain.finance.account])).await.refused(422, "invalid");
        assert_eq!(stranger.bad_fields(), ["/account_ids/1"]);
        // Nothing half-done is left of the refusals: the same people can still be appointed.
        let panel = name(json!([one.account, two.account])).await.is(201).value();
        assert_eq!((&panel["kind"], &panel["draw"], panel["members"].as_array().unwrap().len()), (&json!("reviewers"), &Value::Null, 2));
        name(json!([one.account, two.account])).await.refused(409, "evaluation_begun");
        // One of the two cannot; the lead of the unit takes the seat.
        let leave = json!({"state": "declined", "reason": "身体不适", "replacement_account_id": chain.lead.account});
        two.client.post(&format!("{lot}/panel/members/{}/departure", two.account)).json(leave).await.is(200);
        chain.review_by(&one.client).await;
        for member in [one, &chain.lead] {
            let body = sheet(member, lot, 8_000, None).await;
            member.client.post(&format!("{lot}/score-sheets")).json(body).await.is(201);
        }
        two.client.post(&format!("{lot}/score-sheets")).json(json!({"comment": "x", "scores": []})).await.refused(403, "forbidden");
        let ranking = buyer.act(&format!("{lot}/ranking"), json!({})).await.is(200).value();
        let places: Vec<&Value> = ranking["items"].as_array().unwrap().iter().map(|row| &row["place"]).collect();
        assert_eq!(places, [&json!(1), &json!(1), &json!(1)], "equal points at an equal price stand side by side");
        let lot_id: baiyi::kernel::id::LotId = chain.id("lot_id").parse().unwrap();
        assert!(app.read(move |db| report::require_report(db, lot_id).is_ok()).await, "for reviewers the ranking suffices");
        buyer.act(&format!("{lot}/award"), json!({})).await.refused(409, "first_place_tied");
    }

    async fn evaluators_alone_are_no_panel_for_an_open_tender(app: &TestApp) {
        let story = opened(app, "open_tender", [18_000_000, 17_000_000, 19_000_000]).await;
        let (chain, lot) = (&story.chain, story.lot.as_str());
        for evaluator in &chain.evaluators {
            chain.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": evaluator.account})).await.is(201);
        }
        chain.review().await;
        let body = sheet(&chain.evaluators[0], lot, 8_000, None).await;
        let refused = chain.evaluators[0].client.post(&format!("{lot}/score-sheets")).json(body).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R037");
    }

    async fn the_pool_is_its_keepers_and_an_expert_sees_itself_alone(app: &TestApp) {
        let keeper = app.person("Guan Li", &[Role::Supervisor]).await.client;
        let own = app.person("Lu Pingshen", &[Role::Evaluator]).await;
        let other = app.person("Fang Pingshen", &[Role::Evaluator]).await;
        let make = |name: &str, account: Value, fields: Value| json!({"name": name, "account_id": account, "fields": fields});
        let first = keeper.post("/api/v1/experts").json(make("陆评审", json!(own.account), json!(["A04"]))).await.is(201);
        app.clock.advance_to(app.clock.now().plus_seconds(1));
        keeper.post("/api/v1/experts").json(make("方评审", json!(other.account), json!(["B", "A0401"]))).await.is(201);
        keeper.post("/api/v1/experts").json(make("重复", json!(own.account), json!(["A"]))).await.refused(409, "expert_account_taken");
        let nobody = app.person("Mei Quan", &[Role::Auditor]).await;
        keeper.post("/api/v1/experts").json(make("无权", json!(nobody.account), json!(["A"]))).await.refused(422, "invalid");
        keeper.post("/api/v1/experts").json(make("无专业", json!(null), json!([]))).await.refused(422, "invalid");
        for path in ["/api/v1/experts", &first.header("location")] {
            nobody.client.get(path).send().await.is(if path.ends_with("experts") { 403 } else { 404 });
        }
        let names = |list: Value| list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let list = async |client: &Client, query: &str| names(client.get(&format!("/api/v1/experts{query}")).send().await.is(200).value());
        assert_eq!(list(&keeper, "").await, ["陆评审", "方评审"]);
        assert_eq!(list(&keeper, "?field=A0401").await, ["陆评审", "方评审"], "a field covers what lies below it");
        assert_eq!(list(&keeper, "?field=A0402").await, ["陆评审"]);
        assert_eq!(list(&own.client, "").await, ["陆评审"]);
        keeper.get("/api/v1/experts?field=x").send().await.refused(422, "invalid");
        let page = keeper.get("/api/v1/experts?limit=1").send().await.is(200);
        let next = keeper.get(&format!("/api/v1/experts?limit=1&after={}", page.text_at("/next"))).send().await.is(200).value();
        assert_eq!(names(next), ["方评审"]);
        // It declares for itself, and for nobody else; what was declared is ended, not erased.
        let path = first.header("location");
        let tie = json!({"kind": "employment", "name": "某社会工作服务中心", "from_on": "2020-01-01"});
        other.client.post(&format!("{path}/ties")).json(tie.clone()).await.refused(404, "not_found");
        let declared = own.client.post(&format!("{path}/ties")).json(tie).await.is(201).text_at("/id");
        own.client.post(&format!("{path}/ties")).json(json!({"kind": "other", "name": "x", "uscc": "51330502MJ9000014X"})).await.refused(422, "invalid");
        let end = |day: &str| own.client.post(&format!("/api/v1/expert-ties/{declared}/end")).json(json!({"until_on": day}));
        end("2019-12-31").await.refused(422, "invalid");
        end("2026-03-03").await.refused(422, "invalid");
        end("2026-03-02").await.is(200);
        end("2026-03-02").await.refused(409, "wrong_state");
        own.client.act(&format!("{path}/suspension"), json!({"reason": "自己停用"})).await.refused(403, "forbidden");
        keeper.post(&format!("{path}/suspension")).if_match("\"9\"").json(json!({"reason": "考核"})).await.refused(412, "stale");
        keeper.act(&format!("{path}/suspension"), json!({"reason": "考核未通过"})).await.is(200);
        assert_eq!(list(&keeper, "?state=active").await, ["方评审"]);
        keeper.act(&format!("{path}/suspension"), json!({"reason": "考核未通过"})).await.refused(409, "wrong_state");
        let back = keeper.act(&format!("{path}/reinstatement"), json!({"reason": "复核通过"})).await.is(200);
        assert_eq!((back.text_at("/state").as_str(), back.text_at("/ties/0/until_on").as_str()), ("active", "2026-03-02"));
    }
}
