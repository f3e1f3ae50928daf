//! Related parties: profiles, what is found, who learns it, and that no personal data goes out.

use baiyi::kernel::id::OrganisationId;
use baiyi::parties::organisations::{RelationKind, relations_among};
use serde_json::{Value, json};

use crate::support::duties::profile;
use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

/// The example number of GB 11643 and its last four characters.
const NUMBER: &str = "11010519491231002X";

async fn cast(app: &TestApp) -> (Chain, Vec<String>) {
    let mut chain = Chain::cast(app).await;
    chain.organisations(app).await;
    let paths = chain.bidders.iter().map(|bidder| format!("/api/v1/organisations/{}", bidder.id)).collect();
    (chain, paths)
}

async fn put(chain: &Chain, paths: &[String], bidder: usize, body: Value) {
    let client = &chain.bidders[bidder].client;
    let path = format!("{}/profile", paths[bidder]);
    let version = client.get(&path).send().await.is(200).etag();
    client.call("PUT", &path).if_match(&version).json(body).await.is(200);
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn among(app: &TestApp, chain: &Chain) -> Vec<(RelationKind, bool)> {
    let tenant = app.tenant;
    let ids: Vec<OrganisationId> = chain.bidders.iter().map(|bidder| bidder.id.parse().unwrap()).collect();
    let pairs = app.read(move |db| relations_among(db, tenant, &ids).unwrap()).await;
    pairs.into_iter().flat_map(|pair| pair.relations).map(|one| (one.kind, one.stops)).collect()
}

on_both! {
    async fn an_administrator_keeps_the_profile_and_the_number_is_nowhere_kept(app: &TestApp) {
        let (chain, paths) = cast(app).await;
        let own = &chain.bidders[0].client;
        let path = format!("{}/profile", paths[0]);
        let empty = own.get(&path).send().await.is(200);
        assert_eq!((empty.etag().as_str(), &empty.value()["contact_phone"]), ("\"0\"", &json!(null)));
        let body = with(profile("沈新任", "0572-2021234", "湖州市吴兴区月河街道示例路1号"), "head_identity_number", json!(NUMBER));
        chain.bidders[1].client.call("PUT", &path).if_match("\"0\"").json(body.clone()).await.refused(403, "forbidden");
        own.call("PUT", &path).json(body.clone()).await.refused(428, "precondition_required");
        let bad = with(body.clone(), "head_identity_number", json!("110105194912310021"));
        assert_eq!(own.call("PUT", &path).if_match("\"0\"").json(bad).await.refused(422, "invalid").bad_fields(), ["/head_identity_number"]);
        let bad = with(body.clone(), "controllers", json!([{"kind": "founder", "name": "某集团", "uscc": "53330500MJ9000030B"}]));
        assert_eq!(own.call("PUT", &path).if_match("\"0\"").json(bad).await.refused(422, "invalid").bad_fields(), ["/controllers/0/uscc"]);
        let kept = own.call("PUT", &path).if_match("\"0\"").json(body).await.is(200);
        assert_eq!((kept.text_at("/head_name").as_str(), &kept.value()["head_identity_recorded"], kept.etag().as_str()), ("沈新任", &json!(true), "\"1\""));
        assert!(!kept.text.contains("002X"), "{}", kept.text);
        // The organisation and its profile name the same head.
        assert_eq!(app.public().get(&paths[0]).send().await.is(200).text_at("/legal_representative"), "沈新任");
        // The platform confirms against the paper.
        let confirmation = format!("{path}/confirmation");
        chain.admin.post(&confirmation).if_match("\"1\"").json(json!({"head_identity_last_four": "1234"})).await.refused(422, "head_not_confirmed");
        let confirmed = chain.admin.post(&confirmation).if_match("\"1\"").json(json!({"head_identity_last_four": "002x"})).await.is(200);
        assert_eq!(confirmed.text_at("/confirmed_at"), "2026-03-02T01:00:00Z");
        chain.admin.post(&confirmation).if_match("\"2\"").json(json!({"head_identity_last_four": "002x"})).await.refused(409, "wrong_state");
        // A later change must be confirmed again, and the same head keeps the recorded document.
        let moved = own.call("PUT", &path).if_match("\"2\"").json(profile("沈新任", "0572-2021234", "湖州市吴兴区飞英街道新路2号")).await.is(200);
        assert_eq!((&moved.value()["confirmed_at"], &moved.value()["head_identity_recorded"]), (&json!(null), &json!(true)));
        let other = own.call("PUT", &path).if_match("\"3\"").json(profile("钱接任", "0572-2021234", "湖州市吴兴区飞英街道新路2号")).await.is(200);
        assert_eq!(other.value()["head_identity_recorded"], json!(false), "another head has another document");
        let hits = app.search_everything_stored(&[NUMBER.to_owned(), NUMBER.to_lowercase()]).await;
        assert!(hits.is_empty(), "{hits:?}");
    }

    async fn the_same_head_by_document_stops_and_by_name_alone_marks(app: &TestApp) {
        let (chain, paths) = cast(app).await;
        // All three registered with 沈示例 as their head.
        assert_eq!(among(app, &chain).await, [(RelationKind::SameHeadName, false); 3]);
        let numbered = |phone: &str, address: &str, number: &str| with(profile("沈示例", phone, address), "head_identity_number", json!(number));
        put(&chain, &paths, 0, with(numbered("0572-2021111", "湖州市吴兴区甲路1号", NUMBER), "contact_name", json!("甲"))).await;
        put(&chain, &paths, 1, with(numbered("0572-2022222", "湖州市吴兴区乙路2号", "1101 0519 4912 3100 2x"), "contact_name", json!("乙"))).await;
        put(&chain, &paths, 2, with(numbered("0572-2023333", "湖州市吴兴区丙路3号", "E12345678"), "contact_name", json!("丙"))).await;
        assert_eq!(among(app, &chain).await, [(RelationKind::SameHead, true)]);
        let seen = chain.auditor.get(&format!("{}/relations", paths[0])).send().await.is(200).value();
        assert_eq!(seen["items"].as_array().unwrap().len(), 1);
        assert_eq!((&seen["items"][0]["organisation_id"], &seen["items"][0]["rule"]), (&json!(chain.bidders[1].id), &json!("R066")));
        assert!(seen["items"][0]["remedy_zh"].as_str().unwrap().contains("其中一方"));
    }

    async fn the_same_contact_marks_and_the_organisation_learns_it_without_the_others_name(app: &TestApp) {
        let (chain, paths) = cast(app).await;
        put(&chain, &paths, 0, profile("沈甲", "（0572）2021234", "湖州市 吴兴区，月河街１号楼")).await;
        put(&chain, &paths, 1, profile("沈乙", "+86 572 2021234", "湖州市吴兴区月河街1号楼")).await;
        put(&chain, &paths, 2, with(profile("沈丙", "13805721234", "湖州市吴兴区飞英街9号楼"), "contact_name", json!("别人"))).await;
        let marks = [(RelationKind::SameContact, false), (RelationKind::SamePhone, false), (RelationKind::SameAddress, false)];
        assert_eq!(among(app, &chain).await, marks);
        let relations = format!("{}/relations", paths[0]);
        let named = chain.admin.get(&relations).send().await.is(200);
        assert!(named.value()["items"].as_array().unwrap().iter().all(|one| one["organisation_id"] == chain.bidders[1].id.as_str() && one["rule"] == "R069"));
        let own = chain.bidders[0].client.get(&relations).send().await.is(200);
        assert_eq!(own.value()["items"].as_array().unwrap().len(), 3);
        for secret in [chain.bidders[1].id.as_str(), "邻里互助", "2021234", "钱联系", "号楼"] {
            assert!(!own.text.contains(secret), "{secret} in {}", own.text);
        }
        for secret in ["2021234", "钱联系", "号楼", "沈乙"] {
            assert!(!named.text.contains(secret), "{secret} in {}", named.text);
        }
        chain.bidders[1].client.get(&relations).send().await.refused(403, "forbidden");
        chain.purchaser.client.get(&relations).send().await.refused(403, "forbidden");
        app.public().get(&relations).send().await.refused(401, "unauthenticated");
        let journal = {
            use baiyi::db::schema::journal_entries::dsl::{content, journal_entries};
            use diesel::prelude::*;
            app.read(|db| journal_entries.select(content).load::<Option<String>>(db).unwrap()).await
        };
        for secret in ["2021234", "13805721234", "钱联系", "号楼"] {
            assert!(!journal.iter().flatten().any(|text| text.contains(secret)), "{secret} is in the journal");
        }
    }

    async fn control_stops_by_credit_code_and_by_name(app: &TestApp) {
        let (chain, paths) = cast(app).await;
        let alone = |head: &str, phone: &str, controllers: Value| {
            let body = with(profile(head, phone, &format!("湖州市吴兴区{head}路1号")), "contact_name", json!(format!("{head}联")));
            with(body, "controllers", controllers)
        };
        put(&chain, &paths, 0, alone("沈甲", "0572-2021111", json!([]))).await;
        put(&chain, &paths, 1, alone("沈乙", "0572-2022222", json!([{"kind": "founder", "name": "随便写的名字", "uscc": "52330502MJ9000022F"}]))).await;
        put(&chain, &paths, 2, alone("沈丙", "0572-2023333", json!([{"kind": "supervising_body", "name": "吴兴区民政局"}]))).await;
        assert_eq!(among(app, &chain).await, [(RelationKind::DirectControl, true)]);
        for (of, with) in [(0, 1), (1, 0)] {
            let seen = chain.admin.get(&format!("{}/relations", paths[of])).send().await.is(200).value();
            assert_eq!((&seen["items"][0]["organisation_id"], &seen["items"][0]["kind"]), (&json!(chain.bidders[with].id), &json!("direct_control")));
        }
        put(&chain, &paths, 1, alone("沈乙", "0572-2022222", json!([{"kind": "shareholder", "name": "湖州某集团"}]))).await;
        put(&chain, &paths, 2, alone("沈丙", "0572-2023333", json!([{"kind": "manager", "name": "湖州 某集团"}]))).await;
        assert_eq!(among(app, &chain).await, [(RelationKind::SameController, true)]);
        let seen = chain.admin.get(&format!("{}/relations", paths[2])).send().await.is(200).value();
        assert_eq!(seen["items"][0]["kind"], "same_controller");
    }
}
