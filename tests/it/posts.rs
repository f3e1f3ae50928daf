//! Posts: who is what in a unit, given by somebody else, ended but kept, and shown with a delegation.

use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

fn post(account: impl serde::Serialize, title: &str, acting: bool) -> Value {
    json!({"account_id": account, "title": title, "acting": acting, "held_from": "2026-03-02"})
}

on_both! {
    async fn a_lead_gives_posts_to_its_people_and_delegations_name_them(app: &TestApp) {
        let chain = Chain::cast(app).await;
        let posts = format!("/api/v1/units/{}/posts", chain.id("unit_id"));
        let (lead, purchaser) = (&chain.lead, &chain.purchaser);
        chain.purchaser.client.post(&posts).json(post(purchaser.account, "副主任", false)).await.refused(403, "forbidden");
        lead.client.post(&posts).json(post(lead.account, "主任", false)).await.refused(403, "duties_not_separate");
        let stranger = lead.client.post(&posts).json(post(chain.finance.account, "会计", false)).await.refused(422, "invalid");
        assert_eq!(stranger.bad_fields(), ["/account_id"]);
        let elsewhere: UnitId = chain.id("base_id").parse().unwrap();
        let other = app.person_of(app.tenant, "Ta Zhuren", &[Role::PurchaserLead], Some(elsewhere), None).await;
        other.client.post(&posts).json(post(purchaser.account, "科员", false)).await.refused(403, "forbidden");
        let foreign = app.person_of(app.other_tenant().await, "Wai Qu", &[Role::PlatformAdmin], None, None).await.client;
        foreign.post(&posts).json(post(purchaser.account, "科员", false)).await.refused(404, "not_found");

        let given = lead.client.post(&posts).json(post(purchaser.account, "公共服务办公室副主任", true)).await.is(201);
        assert_eq!((given.text_at("/name").as_str(), &given.value()["held"], &given.value()["acting"]), ("Lin Jingban", &json!(true), &json!(true)));
        let twice = lead.client.post(&posts).json(post(purchaser.account, "公共服务办公室副主任", false)).await.refused(422, "invalid");
        assert_eq!(twice.bad_fields(), ["/held_from"]);
        chain.admin.post(&posts).json(post(lead.account, "主任", false)).await.is(201);
        let delegation = json!({"to_account_id": purchaser.account, "roles": ["purchaser_lead"], "valid_from": "2026-03-02", "valid_to": "2026-03-06", "reason": "外出培训"});
        let lent = lead.client.post("/api/v1/delegations").json(delegation).await.is(201);
        assert_eq!((&lent.value()["from_posts"], &lent.value()["to_posts"]), (&json!(["主任"]), &json!(["公共服务办公室副主任（代理）"])));

        // Ended today, it is held to the end of the day and stays on the list.
        let end = format!("/api/v1/unit-posts/{}/end", given.text_at("/id"));
        other.client.post(&end).if_match("\"1\"").json(json!({"reason": "岗位调整"})).await.refused(404, "not_found");
        foreign.post(&end).if_match("\"1\"").json(json!({"reason": "岗位调整"})).await.refused(404, "not_found");
        lead.client.post(&end).json(json!({"reason": "岗位调整"})).await.refused(428, "precondition_required");
        let ended = lead.client.post(&end).if_match("\"1\"").json(json!({"reason": "岗位调整"})).await.is(200);
        assert_eq!((ended.text_at("/held_to").as_str(), &ended.value()["held"]), ("2026-03-02", &json!(true)));
        lead.client.post(&end).if_match("\"2\"").json(json!({"reason": "岗位调整"})).await.refused(409, "wrong_state");
        app.clock.advance_to(UtcInstant::parse("2026-03-03T01:00:00Z").unwrap());
        let count = async |query: &str| {
            let answer = purchaser.client.get(&format!("{posts}{query}")).send().await.is(200).value();
            answer["items"].as_array().unwrap().len()
        };
        assert_eq!((count("").await, count("?held=true").await, count("?limit=1").await), (2, 1, 1));
        let again = lead.client.get(&format!("/api/v1/delegations/{}", lent.text_at("/id"))).send().await.is(200).value();
        assert_eq!((&again["from_posts"], &again["to_posts"]), (&json!(["主任"]), &json!([])));
        other.client.get(&posts).send().await.refused(403, "forbidden");
        app.public().get(&posts).send().await.refused(401, "unauthenticated");
    }
}
