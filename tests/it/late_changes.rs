//! What changes while somebody waits: amendments before finance decides, documents while a bid is sealed, lots and contracts that end early. And lists that
//! show the same on both databases.

use baiyi::db::{Facts, Target};
use baiyi::kernel::id::{LotId, OrganisationId};
use baiyi::kernel::{Fen, Money};
use baiyi::people::{Role, actor};
use baiyi::procurement::bids::offer::PlainOffer;
use baiyi::procurement::bids::service::Received;
use baiyi::procurement::bids::{self, SealedBy};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use crate::awards::{at, awarded, draft};
use crate::support::chain::run_sql;
use crate::support::documents::{bonds, drafted, lot_terms, money, published, put};
use crate::support::story::{Chain, WINNING_PRICE};
use crate::support::{TestApp, on_both};

const DEADLINE: &str = "2026-03-24T01:00:00Z";

/// A published tender of one lot that asks for bonds; gives its path and the lot's.
async fn open_for_bids(app: &TestApp) -> (Chain, String, String) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    chain.fund().await;
    let (tender, lot) = drafted(app, &chain, "consultation").await;
    put(&chain, &tender, &format!("{lot}/terms"), lot_terms(bonds())).await.is(200);
    published(&chain, &tender, DEADLINE).await;
    (chain, tender, lot)
}

fn id_of(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

fn amendment(kind: &str, change: Value) -> Value {
    let mut body = json!({"kind": kind, "body": "服务次数由每周两次改为每周三次。", "material": false});
    for (key, value) in change.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// An amendment that waits for finance: a lower ceiling and a day more.
fn waiting(lot: &str) -> Value {
    amendment("amendment", json!({"bid_deadline": "2026-03-25T01:00:00Z", "lots": [{"lot_id": id_of(lot), "ceiling": money(19_000_000)}]}))
}

async fn deadline(app: &TestApp, tender: &str) -> String {
    app.public().get(tender).send().await.is(200).text_at("/bid_deadline")
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The indexes of a table.
fn indexes(target: &Target, table: &str) -> Vec<String> {
    let found: Vec<Name> = match target {
        Target::Sqlite(path) => {
            let mut db = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            diesel::sql_query(format!("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}'"))
                .load(&mut db)
                .unwrap()
        }
        Target::Postgres(url) => {
            let mut db = PgConnection::establish(url).unwrap();
            diesel::sql_query(format!("SELECT indexname::text AS name FROM pg_indexes WHERE tablename = '{table}'")).load(&mut db).unwrap()
        }
    };
    found.into_iter().map(|index| index.name).collect()
}

on_both! {
    async fn an_amendment_that_waits_for_finance_is_decided_before_the_next_is_written(app: &TestApp) {
        let (chain, tender, lot) = open_for_bids(app).await;
        let (buyer, finance) = (&chain.purchaser.client, &chain.finance.client);
        let amend = |body: Value| buyer.act_owned(format!("{tender}/amendments"), body);
        let first = amend(waiting(&lot)).await.is(201);
        assert_eq!(first.text_at("/state"), "proposed");
        app.clock.advance_to(at("2026-03-02T01:00:10Z"));
        let next = amendment("amendment", json!({"bid_deadline": "2026-03-31T01:00:00Z"}));
        amend(next.clone()).await.refused(409, "wrong_state");
        // A clarification changes nothing, so it goes out meanwhile and does not stand in the way.
        assert_eq!(amend(amendment("clarification", json!({}))).await.is(201).value()["number"], 1);
        let approved = finance.act(&format!("{}/approval", first.header("location")), json!({})).await.is(200);
        assert_eq!(approved.value()["number"], 2);
        assert_eq!(deadline(app, &tender).await, "2026-03-25T01:00:00Z");
        amend(next).await.is(201);
        assert_eq!(deadline(app, &tender).await, "2026-03-31T01:00:00Z");
    }

    async fn finance_refuses_what_others_overtook_and_the_deadline_never_comes_back(app: &TestApp) {
        let (chain, tender, lot) = open_for_bids(app).await;
        let (buyer, finance) = (&chain.purchaser.client, &chain.finance.client);
        let amend = |body: Value| buyer.act_owned(format!("{tender}/amendments"), body);
        let path = amend(waiting(&lot)).await.is(201).header("location");
        let approve = || finance.act_owned(format!("{path}/approval"), json!({}));
        // Rows of an earlier release, in which the next amendment did not wait.
        app.meddle();
        let moved = |to: &str| vec![format!("UPDATE tenders SET bid_deadline = '{to}' WHERE id = '{}'", id_of(&tender))];
        run_sql(app, moved("2026-03-30 01:00:00")).await;
        approve().await.refused(409, "wrong_state");
        assert_eq!(deadline(app, &tender).await, "2026-03-30T01:00:00Z");
        run_sql(app, moved("2026-03-24 01:00:00")).await;
        app.clock.advance_to(at("2026-03-02T01:00:10Z"));
        let other = amend(amendment("clarification", json!({}))).await.is(201).text_at("/id");
        run_sql(app, vec![format!("UPDATE tender_amendments SET kind = 'amendment' WHERE id = '{other}'")]).await;
        approve().await.refused(409, "wrong_state");
        assert_eq!(deadline(app, &tender).await, DEADLINE);
        // Refused, it is out of the way and is written anew.
        finance.act(&format!("{path}/refusal"), json!({"reason": "起草后已另有更正，请重新起草。"})).await.is(200);
        let path = amend(waiting(&lot)).await.is(201).header("location");
        finance.act(&format!("{path}/approval"), json!({})).await.is(200);
        assert_eq!(deadline(app, &tender).await, "2026-03-25T01:00:00Z");
    }

    async fn a_lot_that_ended_before_the_deadline_takes_no_bid_no_file_and_no_bond(app: &TestApp) {
        let (chain, tender, lot) = open_for_bids(app).await;
        let [bidder, rival] = [0, 1].map(|place: usize| chain.bidders[place].client.clone());
        let challenge = json!({"step": "documents", "points": [{"fact": "资格条件指向特定供应商。", "request": "终止采购活动。"}]});
        let filed = rival.post(&format!("{lot}/challenges")).json(challenge).await.is(201).header("location");
        let answer = json!({"accepted": true, "answer": "经复核采购文件，质疑成立，终止采购。", "consequence": "fail_lot"});
        chain.lead.client.act(&format!("{filed}/answer"), answer).await.is(200);
        let seen = app.public().get(&tender).send().await.is(200);
        assert_eq!((seen.text_at("/lots/0/state").as_str(), seen.text_at("/bid_deadline").as_str()), ("failed", DEADLINE));
        let offer = json!({"offer": {"price": money(15_000_000), "text": "方案"}});
        bidder.post(&format!("{lot}/bids")).json(offer).await.refused(409, "bidding_closed");
        let file = bidder.post(&format!("{lot}/bid-attachments")).body("application/pdf", b"%PDF-1.7\nplan".to_vec()).send().await;
        file.refused(409, "bidding_closed");
        let bond = json!({"form": "guarantee_letter", "reference": "保函 1 号", "amount": money(400_000)});
        bidder.post(&format!("{lot}/bonds")).json(bond).await.refused(409, "bond_too_late");
    }

    async fn a_bid_that_the_server_sealed_before_an_amendment_is_made_again(app: &TestApp) {
        let (chain, tender, lot) = open_for_bids(app).await;
        let organisation: OrganisationId = chain.bidders[0].id.parse().unwrap();
        let shen = app.person_of(app.tenant, "Shen Lishi", &[Role::OrgAdmin], None, Some(organisation)).await;
        let (account, id): (_, LotId) = (shen.account, id_of(&lot).parse().unwrap());
        // As the handler does, in two transactions: the documents are amended between them.
        let bound = app.read(move |db| {
            let actor = actor::of_account(db, account).unwrap();
            let granted = bids::service::may(db, &actor, &bids::policy::SUBMIT, id).unwrap();
            bids::service::bound(db, granted.subject()).unwrap()
        }).await;
        let offer = PlainOffer { price: Money::from(Fen::new(15_000_000)), text: "方案".to_owned(), subcontracting: None, declarations: Vec::new() };
        let received = Received {
            sealed_by: SealedBy::Server,
            recipient: app.sealing.recipient(),
            sequence: bound.sequence,
            ciphertext: offer.seal(&bound, Vec::new(), &app.sealing.seals()).unwrap(),
            attachments: Vec::new(),
            members: bound.members.clone(),
            signature: None,
            recovery: false,
            at: app.clock.now(),
        };
        let stale = json!({"material": true, "rebids": true, "bid_deadline": "2026-04-01T01:00:00Z"});
        chain.purchaser.client.act(&format!("{tender}/amendments"), amendment("amendment", stale)).await.is(201);
        let submitted = app.db.write(Facts::on_behalf_of(app.clock.now(), account).unwrap(), move |tx| {
            let actor = actor::of_account(tx, account)?;
            let granted = bids::service::may(tx, &actor, &bids::policy::SUBMIT, id)?;
            bids::service::submit_bound(tx, &granted, &bound, &received).map(drop)
        }).await;
        assert_eq!(submitted.unwrap_err().code(), "conflict");
        let offer = json!({"offer": {"price": money(15_000_000), "text": "方案"}});
        assert_eq!(shen.client.post(&format!("{lot}/bids")).json(offer).await.is(201).value()["sequence"], 1);
    }

    async fn a_contract_that_was_never_signed_stays_with_its_parties(app: &TestApp) {
        let chain = awarded(app).await;
        let award = format!("/api/v1/awards/{}", chain.id("award_id"));
        let drafted = draft(&chain, &award, WINNING_PRICE).await.is(201);
        let (contract, milestone) =
            (format!("/api/v1/contracts/{}", drafted.text_at("/id")), format!("/api/v1/milestones/{}", drafted.text_at("/milestones/0/id")));
        chain.finance.client.act(&format!("{contract}/approval"), json!({})).await.is(200);
        let winner = &chain.bidders[0].client;
        winner.act(&format!("{award}/decline"), json!({"reason": "骨干人员离职，无法按期履约。"})).await.is(200);
        for outsider in [&app.public(), &chain.bidders[2].client] {
            outsider.get(&contract).send().await.refused(404, "not_found");
            outsider.get(&milestone).send().await.refused(404, "not_found");
            let listed = outsider.get("/api/v1/contracts?state=terminated").send().await.is(200).value();
            assert_eq!(listed["items"], json!([]));
        }
        for insider in [&chain.purchaser.client, &chain.finance.client, winner, &chain.auditor] {
            assert_eq!(insider.get(&contract).send().await.is(200).text_at("/state"), "terminated");
            let listed = insider.get("/api/v1/contracts?state=terminated").send().await.is(200).value();
            assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
        }
    }

    async fn the_catalogue_is_searched_without_regard_to_case_and_every_edition_is_counted(app: &TestApp) {
        let editor = app.person("Mu Lu", &[Role::CatalogueEditor]).await.client;
        let header = "code,parent_code,level,name_zh,name_en,origin\n";
        let rows = "A,,1,公共服务,Public services,confirmed\nA04,A,2,养老服务,Elder care,district_proposal\nA05,A,2,助残服务,Help for the disabled,confirmed\n";
        for (name, table) in [("2026", format!("{header}{rows}")), ("2027", format!("{header}A,,1,公共服务,Public services,confirmed\n"))] {
            editor.post(&format!("/api/v1/catalogue-editions?name={name}")).body("text/csv", table).send().await.is(201);
        }
        let editions = editor.get("/api/v1/catalogue-editions").send().await.is(200).value();
        let editions = editions["items"].as_array().unwrap();
        let mut counted: Vec<_> = editions.iter().map(|one| (one["name"].as_str().unwrap(), one["items"].as_i64().unwrap(), one["unconfirmed_items"].as_i64().unwrap())).collect();
        counted.sort_unstable();
        assert_eq!(counted, [("2026", 3, 1), ("2027", 1, 0)]);
        let edition = editions.iter().find(|one| one["name"] == "2026").unwrap()["id"].as_str().unwrap();
        for query in ["elder", "ELDER", "Elder%20Care", "a04", "A04", "%E5%85%BB%E8%80%81"] {
            let found = editor.get(&format!("/api/v1/catalogue-items?edition_id={edition}&q={query}")).send().await.is(200).value();
            let codes: Vec<_> = found["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect();
            assert_eq!(codes, ["A04"], "{query}");
        }
    }

    async fn every_bond_of_a_list_has_its_own_book(app: &TestApp) {
        let (chain, _, lot) = open_for_bids(app).await;
        let finance = &chain.finance.client;
        let mut paths = Vec::new();
        for (place, bidder) in chain.bidders.iter().enumerate() {
            let bond = json!({"form": "guarantee_letter", "reference": format!("保函 {place} 号"), "amount": money(400_000)});
            paths.push(bidder.client.post(&format!("{lot}/bonds")).json(bond).await.is(201).header("location"));
        }
        let slip = |fen: i64| json!({"amount": money(fen), "reference": "回单 20260305-18"});
        for path in &paths[..2] {
            finance.act(&format!("{path}/reception"), slip(400_000)).await.is(200);
        }
        finance.act(&format!("{}/returns", paths[0]), slip(300_000)).await.is(200);
        let listed = finance.get(&format!("/api/v1/bonds?lot_id={}", id_of(&lot))).send().await.is(200).value();
        let held = |path: &str| {
            let bond = listed["items"].as_array().unwrap().iter().find(|one| one["id"] == id_of(path).as_str()).unwrap();
            (bond["entries"].as_array().unwrap().len(), bond["held"]["amount_fen"].as_i64().unwrap())
        };
        assert_eq!(paths.iter().map(|path| held(path)).collect::<Vec<_>>(), [(2, 100_000), (1, 400_000), (0, 0)]);
    }

    async fn payments_are_found_by_their_contract_and_by_what_waits_at_a_unit(app: &TestApp) {
        let found = indexes(&app.target, "payments");
        for index in ["payments_by_contract_id", "payments_by_tenant_id_unit_id_state_created_at"] {
            assert!(found.iter().any(|name| name == index), "{index} is not among {found:?}");
        }
    }
}
