//! The thin chain, driven over HTTP by named people: from a catalogue item to a paid contract and a verified outcome.

use std::collections::BTreeMap;

use baiyi::db::Facts;
use baiyi::kernel::UtcInstant;
use baiyi::kernel::id::UnitId;
use baiyi::people::Role;
use serde_json::{Value, json};

use super::{Client, PASSWORD, Person, TestApp};

/// What no file, row or log line may show between submission and opening.
pub const SECRET_PRICE: i64 = 17_654_321;
/// The same for the text.
pub const SECRET_TEXT: &str = "每周三次入户并提供助浴的秘密方案";
/// Text of the bid that its bidder seals itself.
pub const SECRET_SEALED_TEXT: &str = "bidder-sealed-secret-plan-7431";
/// What the winner's attachment says, and its name.
pub const SECRET_FILE: &str = "%PDF-1.7\nsecret-cost-estimate-9917";
/// Its name.
pub const SECRET_FILENAME: &str = "estimate-9917.pdf";
/// The winner's price in fen.
pub const WINNING_PRICE: i64 = SECRET_PRICE;

/// Everybody who takes part, and every id that came up, by the name of its path parameter.
pub struct Chain {
    pub admin: Client,
    pub purchaser: Person,
    pub lead: Person,
    pub finance: Person,
    pub second_finance: Person,
    pub opener: Client,
    pub evaluators: Vec<Person>,
    pub incubator: Client,
    pub third_party: Client,
    pub auditor: Client,
    pub bidders: Vec<Bidder>,
    pub ids: BTreeMap<&'static str, String>,
}

/// An organisation that bids.
#[derive(Clone)]
pub struct Bidder {
    pub id: String,
    pub client: Client,
}

fn money(fen: i64) -> Value {
    json!({"amount_fen": fen, "currency": "CNY"})
}

impl Chain {
    pub fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("no {name} yet"))
    }

    fn path(&self, kind: &str, name: &str) -> String {
        format!("/api/v1/{kind}/{}", self.id(name))
    }

    /// Reference data, units, people.
    pub async fn cast(app: &TestApp) -> Self {
        let tenant = app.tenant;
        app.db
            .write(Facts::internal(app.clock.now()).unwrap(), move |tx| baiyi::app::reference::import_reference_data(tx, tenant))
            .await
            .unwrap();
        let admin = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        let mut ids = BTreeMap::new();
        let mut unit = async |name: &'static str, name_zh: &str, kind: &str| -> UnitId {
            let made = admin.post("/api/v1/units").json(json!({"name_zh": name_zh, "kind": kind})).await.is(201);
            ids.insert(name, made.text_at("/id"));
            made.text_at("/id").parse().unwrap()
        };
        let yuehe = unit("unit_id", "月河街道办事处", "subdistrict").await;
        let bureau = unit("bureau_id", "吴兴区财政局", "finance_bureau").await;
        let base = unit("base_id", "吴兴区社会组织孵化基地", "incubation_base").await;
        let of = async |name: &str, role: Role, unit: Option<UnitId>| app.person_of(app.tenant, name, &[role], unit, None).await;
        Self {
            purchaser: of("Lin Jingban", Role::Purchaser, Some(yuehe)).await,
            lead: of("Shen Zhuren", Role::PurchaserLead, Some(yuehe)).await,
            finance: of("Qian Caizheng", Role::FinanceOfficer, Some(bureau)).await,
            second_finance: of("Zhou Fuhe", Role::FinanceOfficer, Some(bureau)).await,
            opener: of("Kai Biao", Role::Opener, None).await.client,
            evaluators: vec![of("Ping Yi", Role::Evaluator, None).await, of("Ping Er", Role::Evaluator, None).await],
            incubator: of("Fu Hua", Role::Incubator, Some(base)).await.client,
            third_party: of("Di San Fang", Role::ThirdPartyEvaluator, None).await.client,
            auditor: of("Shen Ji", Role::Auditor, None).await.client,
            admin,
            bidders: Vec::new(),
            ids,
        }
    }

    /// Three organisations register and are verified; the first is incubated.
    pub async fn organisations(&mut self, app: &TestApp) {
        for (uscc, name, kind) in [
            ("52330502MJ9000022F", "吴兴区夕阳红社会工作服务中心", "social_service_institution"),
            ("51330502MJ9000014P", "吴兴区邻里互助协会", "social_organisation"),
            ("53330500MJ9000030A", "湖州市示例公益基金会", "foundation"),
        ] {
            let login = format!("{}@orgs.example", uscc.to_lowercase());
            let made = app
                .public()
                .post("/api/v1/organisations")
                .json(json!({"uscc": uscc, "name_zh": name, "kind": kind, "legal_representative": "沈示例", "contact_email": login,
                    "account": {"email": login, "name": "组织管理员", "password": PASSWORD}}))
                .await
                .is(201);
            let path = made.header("location");
            self.admin.post(&format!("{path}/verification")).if_match(&made.etag()).send().await.is(200);
            app.confirm(&login).await;
            let signed_in = app.public().post("/api/v1/sessions").json(json!({"email": login, "password": PASSWORD})).await.is(201);
            let client = app.public().with_token(&signed_in.text_at("/access_token"));
            self.bidders.push(Bidder { id: made.text_at("/id"), client });
        }
        let first = &self.bidders[0];
        self.ids.insert("organisation_id", first.id.clone());
        let applied = first
            .client
            .post("/api/v1/incubations")
            .json(json!({"organisation_id": first.id, "base_unit_id": self.id("base_id")}))
            .await
            .is(201);
        self.ids.insert("incubation_id", applied.text_at("/id"));
        let path = self.path("incubations", "incubation_id");
        self.incubator.act(&format!("{path}/admission"), json!({"reason": "场地与导师与其服务方向相符"})).await.is(200);
        self.incubator.act(&format!("{path}/start"), json!({})).await.is(200);
    }

    /// The unit's fiscal fund gets 500 000 yuan.
    pub async fn fund(&mut self) {
        let fund = self
            .finance
            .client
            .post("/api/v1/funds")
            .json(json!({"unit_id": self.id("unit_id"), "stream": "fiscal", "year": 2026, "name_zh": "购买服务专项", "custodian": "treasury"}))
            .await
            .is(201);
        self.ids.insert("fund_id", fund.text_at("/id"));
        self.finance
            .client
            .post(&format!("{}/appropriations", self.path("funds", "fund_id")))
            .key("appropriation-1")
            .json(json!({"kind": "initial", "document_number": "吴财预〔2026〕1号", "amount": money(50_000_000), "functional_class": "2081006", "economic_class": "30227"}))
            .await
            .is(201);
    }

    /// A tender of one lot from a published item, reviewed, approved and published.
    pub async fn tender(&mut self, app: &TestApp) {
        self.tender_by(app, "consultation", "2026-03-13T01:00:00Z").await;
    }

    /// The same by another procedure with another deadline.
    pub async fn tender_by(&mut self, app: &TestApp, procedure: &str, deadline: &str) {
        self.approved_by(app, procedure).await;
        self.published(deadline).await;
    }

    /// The approved tender becomes public.
    pub async fn published(&self, deadline: &str) {
        let path = format!("{}/publication", self.path("tenders", "tender_id"));
        self.purchaser.client.act(&path, json!({"bid_deadline": deadline})).await.is(200);
    }

    /// A tender that only waits for its publication.
    pub async fn approved_by(&mut self, app: &TestApp, procedure: &str) {
        let item = app.public().get("/api/v1/catalogue-items?level=4&limit=1").send().await.is(200);
        self.ids.insert("item_id", item.text_at("/items/0/id"));
        self.ids.insert("edition_id", item.text_at("/items/0/edition_id"));
        let drafted = self
            .purchaser
            .client
            .post("/api/v1/tenders")
            .key("draft-1")
            .json(json!({"catalogue_item_id": self.id("item_id"), "fund_id": self.id("fund_id"), "title": "月河街道居家养老上门服务",
                "description": "为辖区 80 岁以上独居老人每周两次上门服务，为期一年。", "mode": "contracting_out", "procedure": procedure, "plain_offers": true,
                "lots": [{"title": "上门服务", "ceiling": money(20_000_000), "criteria": [
                    {"name": "服务方案", "kind": "quality", "weight_bp": 5000}, {"name": "团队", "kind": "quality", "weight_bp": 3000},
                    {"name": "报价", "kind": "price", "weight_bp": 2000}]}]}))
            .await
            .is(201);
        self.ids.insert("tender_id", drafted.text_at("/id"));
        self.ids.insert("case_id", drafted.text_at("/case_id"));
        self.ids.insert("lot_id", drafted.text_at("/lots/0/id"));
        let path = self.path("tenders", "tender_id");
        app.public().get(&path).send().await.refused(404, "not_found");
        let paper = self
            .purchaser
            .client
            .post(&format!("{path}/documents?filename=needs.pdf&purpose=procurement_document"))
            .body("application/pdf", b"%PDF-1.7\nneeds".to_vec())
            .send()
            .await
            .is(201);
        self.ids.insert("tender_document_id", paper.text_at("/id"));
        self.purchaser.client.act(&format!("{path}/submission"), json!({})).await.is(200);
        self.finance.client.act(&format!("{path}/approval"), json!({})).await.is(200);
    }

    /// A plain offer (the later winner), one above the ceiling, and one sealed by its bidder with age.
    pub async fn bids(&mut self) {
        let lot = self.path("lots", "lot_id");
        let offer = |price: i64, text: &str| json!({"offer": {"price": money(price), "text": text}});
        let file = self.bidders[0]
            .client
            .post(&format!("{lot}/bid-attachments"))
            .header("baiyi-filename", SECRET_FILENAME)
            .body("application/pdf", SECRET_FILE)
            .send()
            .await
            .is(201);
        self.ids.insert("attachment_id", file.text_at("/id"));
        let mut winning = offer(SECRET_PRICE, SECRET_TEXT);
        winning["attachment_ids"] = json!([file.text_at("/id")]);
        let first = self.bidders[0].client.post(&format!("{lot}/bids")).key("bid-1").json(winning).await.is(201);
        self.ids.insert("bid_id", first.text_at("/id"));
        self.bidders[1].client.post(&format!("{lot}/bids")).json(offer(20_000_001, "高于最高限价的方案")).await.is(201);
        let sealed = self.seal(2, 19_000_000, SECRET_SEALED_TEXT).await;
        self.bidders[2].client.post(&format!("{lot}/bids")).json(json!({"ciphertext": sealed})).await.is(201);
    }

    /// A payload sealed outside the server, as `age` does.
    pub async fn seal(&self, bidder: usize, price: i64, text: &str) -> String {
        let bind = self.bidders[bidder].client.get(&format!("{}/sealing", self.path("lots", "lot_id"))).send().await.is(200).value();
        let payload = json!({"format": bind["format"], "tender_id": bind["tender_id"], "lot_id": bind["lot_id"], "amendment": bind["amendment"],
            "organisation_id": bind["organisation_id"], "sequence": bind["sequence"], "nonce": "5f".repeat(32), "price_fen": price, "offer": text, "attachments": []});
        let recipient: age::x25519::Recipient = bind["recipient"].as_str().unwrap().parse().unwrap();
        age::encrypt_and_armor(&recipient, payload.to_string().as_bytes()).unwrap()
    }

    /// The deadline passes and the bids are opened.
    pub async fn opening(&mut self, app: &TestApp) {
        app.clock.advance_to(UtcInstant::parse("2026-03-13T01:00:10Z").unwrap());
        self.opener.act(&format!("{}/opening", self.path("tenders", "tender_id")), json!({})).await.is(200);
    }

    /// The purchaser finds every bid that is in order qualified, an evaluator finds it responsive, the review is concluded.
    pub async fn review(&self) {
        self.review_by(&self.evaluators[0].client).await;
    }

    /// The same, with who finds it responsive.
    pub async fn review_by(&self, checker: &Client) {
        self.review_at(&self.path("lots", "lot_id"), checker).await;
    }

    /// The same for a lot by its path.
    pub async fn review_at(&self, lot: &str, checker: &Client) {
        let review = format!("{lot}/review");
        let begun = self.purchaser.client.post(&review).json(json!({})).await.is(201).value();
        let findings: Vec<Value> = begun["bids"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|bid| bid["state"] == "valid")
            .map(|bid| json!({"bid_id": bid["bid_id"], "criterion": "符合采购文件要求", "passed": true}))
            .collect();
        let findings = json!({"findings": findings});
        self.purchaser.client.post(&format!("{review}/qualification")).json(findings.clone()).await.is(200);
        checker.post(&format!("{review}/responsiveness")).json(findings).await.is(200);
        self.purchaser.client.act(&format!("{review}/conclusion"), json!({})).await.is(200);
    }

    /// Two evaluators score, the purchaser ranks and proposes, the lead confirms.
    pub async fn award(&mut self) {
        self.ranking(1500).await;
        let lot = self.path("lots", "lot_id");
        let award = self.purchaser.client.act(&format!("{lot}/award"), json!({})).await.is(201);
        self.ids.insert("award_id", award.text_at("/id"));
        self.lead.client.act(&format!("{}/confirmation", self.path("awards", "award_id")), json!({})).await.is(200);
    }

    /// Two evaluators give the first bidder `ahead` hundredths more than the others; the purchaser ranks.
    pub async fn ranking(&self, ahead: i64) {
        let lot = self.path("lots", "lot_id");
        for evaluator in &self.evaluators {
            self.purchaser.client.act(&format!("{lot}/evaluators"), json!({"account_id": evaluator.account})).await.is(201);
        }
        self.review().await;
        for (evaluator, points) in self.evaluators.iter().zip([[9000, 8500], [8800, 9000]]) {
            let offers = evaluator.client.get(&format!("{lot}/offers")).send().await.is(200).value();
            let scores: Vec<Value> = offers["items"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|offer| {
                    let first = offer["organisation_id"] == self.bidders[0].id.as_str();
                    [1, 2].map(|position| {
                        let points = points[position - 1] - if first { 0 } else { ahead };
                        json!({"bid_id": offer["bid_id"], "position": position, "points_bp": points})
                    })
                })
                .collect();
            evaluator
                .client
                .post(&format!("{lot}/score-sheets"))
                .json(json!({"comment": "方案具体，团队经验充分。", "scores": scores}))
                .await
                .is(201);
        }
        self.purchaser.client.act(&format!("{lot}/ranking"), json!({})).await.is(200);
    }

    /// A rival challenges the result, the purchaser rejects it, the rival complains; nothing is suspended.
    pub async fn remedies(&mut self) {
        let rival = self.bidders[2].client.clone();
        let body = json!({"step": "result", "points": [{"fact": "第一候选人的业绩材料与公示不符。", "request": "重新评审该项得分。"}]});
        let filed = rival.post(&format!("{}/challenges", self.path("lots", "lot_id"))).json(body).await.is(201);
        self.ids.insert("challenge_id", filed.text_at("/id"));
        let path = self.path("challenges", "challenge_id");
        let answer = json!({"accepted": false, "answer": "评审记录表明各项得分有据，质疑不成立。", "consequence": "none"});
        self.purchaser.client.act(&format!("{path}/answer"), answer).await.is(200);
        let body = json!({"statement": "答复未回应第一项事实，请依法处理。", "points": [1]});
        let complained = rival.post(&format!("{path}/complaint")).json(body).await.is(201);
        self.ids.insert("complaint_id", complained.text_at("/id"));
    }

    /// The contract is drafted, countersigned by finance, signed by both and linked to a hundred project.
    pub async fn contract(&mut self) {
        let contract = self
            .purchaser
            .client
            .act(
                &format!("{}/contract", self.path("awards", "award_id")),
                json!({"title": "月河街道居家养老上门服务合同", "starts_on": "2026-04-01", "ends_on": "2026-12-31", "milestones": [
                    {"title": "上半年服务", "due_on": "2026-07-31", "amount": money(WINNING_PRICE)}]}),
            )
            .await
            .is(201);
        self.ids.insert("contract_id", contract.text_at("/id"));
        self.ids.insert("milestone_id", contract.text_at("/milestones/0/id"));
        let path = self.path("contracts", "contract_id");
        self.finance.client.act(&format!("{path}/approval"), json!({})).await.is(200);
        let scan = self
            .purchaser
            .client
            .post(&format!("{path}/documents?filename=stamped.pdf&purpose=stamped_contract"))
            .body("application/pdf", b"%PDF-1.7\nstamped".to_vec())
            .send()
            .await
            .is(201);
        self.ids.insert("document_id", scan.text_at("/id"));
        self.bidders[0].client.act(&format!("{path}/signatures"), json!({"party": "organisation"})).await.is(200);
        self.lead.client.act(&format!("{path}/signatures"), json!({"party": "purchaser"})).await.is(200);
        let project = self
            .purchaser
            .client
            .post("/api/v1/projects")
            .json(json!({"unit_id": self.id("unit_id"), "cohort": 2026, "name_zh": "夕阳不孤单", "story": "让独居老人有人惦记。", "indicators": [
                {"name_zh": "服务人次", "unit_label": "人次", "kind": "count", "direction": "up", "baseline": 0, "target": 3000}]}))
            .await
            .is(201);
        self.ids.insert("project_id", project.text_at("/id"));
        self.ids.insert("indicator_id", project.text_at("/indicators/0/id"));
        self.lead.client.act(&format!("{}/selection", self.path("projects", "project_id")), json!({"number": 17})).await.is(200);
        self.purchaser.client.act(&format!("{path}/project"), json!({"project_id": self.id("project_id")})).await.is(200);
    }

    /// Delivered, accepted with the beneficiaries' opinion, claimed and paid through every desk, to an account that two persons agreed on.
    pub async fn payment(&mut self) {
        let payee = &self.bidders[0];
        super::chain::payee_account(&payee.client, &self.finance.client, &payee.id, super::chain::ACCOUNT).await;
        let path = self.path("milestones", "milestone_id");
        let payee = &self.bidders[0].client;
        payee.act(&format!("{path}/delivery"), json!({"note": "上门 1 560 人次，台账附后。"})).await.is(200);
        super::chain::seconded(&self.lead.client, &path).await;
        self.purchaser
            .client
            .act(&format!("{path}/acceptance"), json!({"beneficiaries_opinion": "老人普遍满意，建议增加助浴。"}))
            .await
            .is(200);
        let claim =
            payee.post(&format!("{path}/payments")).key("claim-1").json(json!({"invoice_number": "25337000000012345678"})).await.is(201);
        self.ids.insert("payment_id", claim.text_at("/id"));
        let path = self.path("payments", "payment_id");
        super::chain::check_invoice(&self.finance, &path).await;
        self.lead.client.act(&format!("{path}/acceptance"), json!({})).await.is(200);
        self.second_finance.client.act(&format!("{path}/approval"), json!({})).await.is(200);
        self.second_finance.client.act(&format!("{path}/instruction"), json!({})).await.is(200);
        let batch = json!({"unit_id": self.id("unit_id"), "format": "xlsx"});
        let batch = self.second_finance.client.post("/api/v1/payment-batches").json(batch).await.is(201);
        self.ids.insert("batch_id", batch.text_at("/id"));
        self.finance.client.act(&format!("{path}/receipt"), json!({"bank_reference": "HZYH20260702-0001"})).await.is(200);
    }

    /// The payee reports what came of it; somebody else verifies.
    pub async fn outcome(&mut self) {
        let report = self.bidders[0]
            .client
            .post(&format!("{}/outcome-reports", self.path("projects", "project_id")))
            .json(json!({"period": "2026", "summary": "服务 82 位老人 3 120 人次。", "values": [{"indicator_id": self.id("indicator_id"), "actual": 3120, "note": "按台账"}]}))
            .await
            .is(201);
        self.ids.insert("report_id", report.text_at("/id"));
        let evidence = format!(
            "{}/evidence?filename=ledger.pdf&taken_on=2026-03-01&place=%E6%9C%88%E6%B2%B3",
            self.path("outcome-reports", "report_id")
        );
        self.bidders[0].client.post(&evidence).body("application/pdf", b"%PDF-1.7\nledger".to_vec()).send().await.is(201);
        self.third_party
            .act(
                &format!("{}/verification?before_its_end=%E5%B7%B2%E5%AE%8C%E6%88%90", self.path("outcome-reports", "report_id")),
                json!({}),
            )
            .await
            .is(200);
    }

    /// The whole chain.
    pub async fn complete(app: &TestApp) -> Self {
        let mut chain = Self::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        chain.opening(app).await;
        chain.award().await;
        chain.remedies().await;
        chain.contract().await;
        chain.payment().await;
        chain.outcome().await;
        chain
    }
}
