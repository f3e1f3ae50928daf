//! Living rows of the parties behind a chain: standings, declarations, delegations, mandates, exceptions.

use serde_json::{Value, json};

use super::story::Chain;

/// A profile whose person is made up; the identity number is the example of GB 11643.
pub fn profile(head: &str, phone: &str, address: &str) -> Value {
    json!({"head_name": head, "contact_name": "钱联系", "contact_phone": phone, "address": address, "controllers": []})
}

impl Chain {
    /// One row of each, so that every path parameter names something that is there.
    pub async fn duties(&mut self) {
        let third = self.bidders[2].id.clone();
        let standing = self
            .admin
            .post(&format!("/api/v1/organisations/{third}/standings"))
            .json(json!({"kind": "abnormal", "reason": "未按规定报送年报", "source": "区民政局公告"}))
            .await
            .is(201);
        self.ids.insert("standing_id", standing.text_at("/id"));
        let own = &self.bidders[0];
        let declaration = own
            .client
            .post(&format!("/api/v1/organisations/{}/declarations", own.id))
            .json(json!({"kind": "no_major_violation", "statement": "三年内无重大违法记录。", "valid_from": "2026-03-02"}))
            .await
            .is(201);
        self.ids.insert("declaration_id", declaration.text_at("/id"));
        let lead = &self.lead.client;
        let delegation = lead
            .post("/api/v1/delegations")
            .json(json!({"to_account_id": self.purchaser.account, "roles": ["purchaser_lead"], "valid_from": "2026-12-01", "valid_to": "2026-12-02", "reason": "外出培训"}))
            .await
            .is(201);
        self.ids.insert("delegation_id", delegation.text_at("/id"));
        let agency = self.admin.post("/api/v1/units").json(json!({"name_zh": "示例招标代理", "kind": "agency"})).await.is(201);
        let mandate = lead
            .post("/api/v1/mandates")
            .json(json!({"agent_unit_id": agency.text_at("/id"), "case_kind": "case", "case_id": self.id("case_id"), "reason": "委托代理"}))
            .await
            .is(201);
        self.ids.insert("mandate_id", mandate.text_at("/id"));
        let exception = lead
            .post("/api/v1/duty-exceptions")
            .json(json!({"action": "payments.approve", "resource_kind": "payment", "resource_id": self.id("payment_id"),
                "account_id": self.finance.account, "reason": "另一位财务人员住院，月底前须付款"}))
            .await
            .is(201);
        self.ids.insert("exception_id", exception.text_at("/id"));
    }
}
