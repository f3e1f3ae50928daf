//! Papers: every document that people print is made from a template and the case, opens elsewhere, and a bad template says where.

use std::io::{Cursor, Read as _};

use baiyi::people::Role;
use baiyi::trust::checkpoint;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::bids_bind::published;
use crate::delivery::opinion;
use crate::openers::{DEADLINE, make_the_key, name, stage};
use crate::outcomes::{proposal, reported, verifier};
use crate::support::chain::{act, awarded, scanned};
use crate::support::plans::{merged, money};
use crate::support::story::Chain;
use crate::support::{Client, TestApp, on_both};

/// The text of a DOCX file, as another program reads it: the zip archive's main part without its tags.
fn text_of(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut part).unwrap();
    let mut text = String::new();
    let mut inside = false;
    for character in part.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    text
}

async fn paper(client: &Client, case: &str, query: &str) -> String {
    let answer = client.get(&format!("/api/v1/cases/{case}/paper?{query}")).send().await.is(200);
    assert!(answer.header("content-disposition").ends_with(".docx\""), "{:?}", answer.headers);
    text_of(&answer.bytes)
}

on_both! {
    async fn every_paper_is_made_from_the_case(app: &TestApp) {
        let chain = Chain::complete(app).await;
        let case = chain.id("case_id");
        let list = app.public().get("/api/v1/papers").send().await.is(200).value();
        assert_eq!(list["items"].as_array().unwrap().len(), 12);
        for (name, words) in [
            ("requirement", &["采购需求", "上门服务", "200,000.00"][..]),
            ("opening_record", &["开标记录", "吴兴区夕阳红社会工作服务中心", "平台保管的密钥", "超过最高限价", "检查点待定", "开启人签字"]),
            ("minutes", &["会议纪要", "经集体研究", "竞争性磋商"]),
            ("evaluation_report", &["评审报告", "吴兴区夕阳红社会工作服务中心", "超过最高限价"]),
            ("award_notice", &["成交通知书", "壹拾柒万陆仟伍佰肆拾叁元贰角壹分"]),
            ("contract", &["甲方", "52330502MJ9000022F", "176,543.21", "2026年4月1日", "财政资金"]),
            ("objectives", &["绩效目标表", "服务人次", "3000"]),
            ("acceptance", &["验收书", "老人普遍满意", "已验收"]),
            ("payment_application", &["资金拨付申请", "25337000000012345678", "已支付"]),
            ("project_ledger", &["项目台账", "HZYH20260702-0001", "响应：已开启"]),
            ("completion_report", &["结项报告", "3120", "夕阳不孤单"]),
            ("case_file", &["案卷", "采购", "夕阳红", "176,543.21", "老人普遍满意", "25337000000012345678", "3120", "合同：已签署", "付款：发票已核", "资金账：已记账", "超过最高限价", "业绩材料与公示不符", "答复未回应第一项事实", "佐证"]),
        ] {
            let text = paper(&chain.auditor, case, &format!("paper={name}")).await;
            for word in words {
                assert!(text.contains(word), "{name} does not say {word}: {text}");
            }
            assert!(!text.contains("{{") && !text.contains('\\'), "{name}: {text}");
            let filed = chain.auditor.get(&format!("/api/v1/cases/{case}")).send().await.is(200).value();
            let names = filed["documents"].as_array().unwrap().iter().map(|one| one["filename"].as_str().unwrap());
            let text = names.fold(text, |text, name| text.replace(name, " "));
            let codes = text.split(|c: char| !(c.is_ascii_lowercase() || c == '_' || c == '.')).filter(|word| word.contains(['_', '.']));
            let codes: Vec<&str> = codes.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.len() > 4).collect();
            assert!(name != "case_file" || codes.is_empty(), "{name} prints codes: {codes:?}");
        }
        // Printed papers pin the journal: the root of the latest checkpoint, once there is one.
        assert!(!paper(&chain.auditor, case, "paper=award_notice").await.contains("存证日志根"));
        baiyi::jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let head = app.read(|snapshot| baiyi::trust::sequencer::latest(snapshot).unwrap().unwrap()).await;
        let root = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, head.root);
        for name in ["requirement", "opening_record", "evaluation_report", "award_notice"] {
            assert!(paper(&chain.auditor, case, &format!("paper={name}")).await.contains(&root), "{name} does not carry the root");
        }
        // About one contract only, and about none of this case.
        let one = paper(&chain.auditor, case, &format!("paper=contract&about={}", chain.id("contract_id"))).await;
        assert!(one.contains("甲方") && one.contains("合同价款 176,543.21 元") && !one.contains("最高限额"), "{one}");
        assert!(!paper(&chain.auditor, case, &format!("paper=contract&about={}", chain.id("fund_id"))).await.contains("甲方"));
        // Who does not read the evaluation report reads it in no paper either.
        let panel = paper(&chain.auditor, case, "paper=evaluation_report").await;
        assert!(panel.contains("Ping Yi") && !paper(&chain.finance.client, case, "paper=evaluation_report").await.contains("Ping Yi"));
        chain.bidders[1].client.get(&format!("/api/v1/cases/{case}/paper?paper=contract")).send().await.refused(404, "not_found");
        chain.auditor.get(&format!("/api/v1/cases/{case}/paper?paper=poem")).send().await.refused(422, "invalid");
    }

    async fn a_notice_is_made_only_of_an_award_that_stands_and_is_called_as_the_procedure_says(app: &TestApp) {
        let mut chain = crate::awards::ranked(app).await;
        let (case, lead) = (chain.id("case_id").to_owned(), chain.lead.client.clone());
        let notice = |query: &str| lead.get(&format!("/api/v1/cases/{case}/paper?paper=award_notice{query}")).send();
        notice("").await.refused(409, "award_does_not_stand");
        chain.ranking(1500).await;
        let (lot, purchaser) = (format!("/api/v1/lots/{}", chain.id("lot_id")), chain.purchaser.client.clone());
        let award = purchaser.act(&format!("{lot}/award"), json!({})).await.is(201);
        chain.ids.insert("award_id", award.text_at("/id"));
        let refused = notice("").await.refused(409, "award_does_not_stand");
        assert!(refused.text_at("/detail").contains("proposed") || refused.text_at("/detail").contains("待审批"), "{}", refused.text);
        let path = format!("/api/v1/awards/{}", chain.id("award_id"));
        lead.act(&format!("{path}/confirmation"), json!({})).await.is(200);
        let printed = paper(&lead, &case, "paper=award_notice").await;
        assert!(printed.contains("成交通知书") && printed.contains("成交价") && !printed.contains("中标"), "{printed}");
        // The same award of a tendering procedure is 中标.
        app.meddle();
        let as_open = format!("UPDATE tenders SET procedure = 'open_tender' WHERE case_id = '{case}'");
        crate::support::chain::run_sql(app, vec![as_open]).await;
        let printed = paper(&lead, &case, "paper=award_notice").await;
        assert!(printed.contains("中标通知书") && printed.contains("中标价") && !printed.contains("成交"), "{printed}");
        crate::support::chain::run_sql(app, vec![format!("UPDATE tenders SET procedure = 'consultation' WHERE case_id = '{case}'")]).await;
        // Declined: no notice any more, and none of another award.
        chain.bidders[0].client.act(&format!("{path}/decline"), json!({"reason": "骨干人员离职，无法按期履约。"})).await.is(200);
        for query in ["", &format!("&about={}", chain.id("award_id")), &format!("&about={}", chain.id("fund_id"))] {
            notice(query).await.refused(409, "award_does_not_stand");
        }
        // The next one stands, and only it is printed.
        let next = purchaser.act(&format!("{lot}/award"), json!({"reason": "第一候选人放弃成交，依次递补。"})).await.is(201).header("location");
        lead.act(&format!("{next}/confirmation"), json!({})).await.is(200);
        assert!(!paper(&lead, &case, "paper=award_notice").await.contains("176,543.21"));
    }

    async fn a_supplier_makes_the_papers_of_what_is_its_own(app: &TestApp) {
        let chain = Chain::complete(app).await;
        let case = chain.id("case_id");
        let (winner, loser) = (&chain.bidders[0].client, &chain.bidders[1].client);
        for (name, words) in [
            ("award_notice", &["成交通知书", "吴兴区夕阳红社会工作服务中心"][..]),
            ("contract", &["甲方", "176,543.21"]),
            ("acceptance", &["验收书", "老人普遍满意"]),
            ("payment_application", &["资金拨付申请", "25337000000012345678"]),
            ("completion_report", &["结项报告", "3120"]),
        ] {
            let text = paper(winner, case, &format!("paper={name}")).await;
            assert!(words.iter().all(|word| text.contains(word)), "{name}: {text}");
            assert_eq!(text, paper(&chain.auditor, case, &format!("paper={name}")).await);
            loser.get(&format!("/api/v1/cases/{case}/paper?paper={name}")).send().await.refused(404, "not_found");
        }
        // What tells of others, or of the inside of the purchase, is not a supplier's.
        for name in ["requirement", "minutes", "opening_record", "evaluation_report", "objectives", "project_ledger", "case_file"] {
            winner.get(&format!("/api/v1/cases/{case}/paper?paper={name}")).send().await.refused(404, "not_found");
        }
        winner.get(&format!("/api/v1/cases/{case}")).send().await.refused(404, "not_found");
    }

    async fn the_file_of_a_case_begins_with_its_plan(app: &TestApp) {
        let chain = crate::support::plans::ready(app).await;
        // In the plan's order, whatever their names and numbers.
        let objectives = json!([{"indicator": "上门服务人次", "target": 3000, "unit": "人次"}, {"indicator": "服务对象满意率", "target": 95, "unit": "%"},
            {"indicator": "培训志愿者", "target": 120, "unit": "人"}]);
        let body = merged(crate::support::plans::plan_body(&chain), json!({"details": {"objectives": objectives.clone()}}));
        let plan = crate::support::plans::drafted(&chain, body).await;
        let plan = chain.purchaser.client.get(&plan).send().await.is(200);
        let case = plan.text_at("/case_id");
        let file = chain.auditor.get(&format!("/api/v1/cases/{case}")).send().await.is(200);
        assert_eq!((file.text_at("/plans/0/id"), file.text_at("/plans/0/need")), (plan.text_at("/id"), plan.text_at("/need")));
        assert_eq!((file.value()["tenders"].clone(), file.text_at("/plans/0/budget/0/amount/amount_fen")), (json!([]), "30000000".to_owned()));
        assert_eq!(file.value()["plans"][0]["objectives"], objectives);
        for name in ["objectives", "case_file"] {
            let printed = paper(&chain.auditor, &case, &format!("paper={name}")).await;
            let places: Vec<_> = ["上门服务人次人次3000", "服务对象满意率%95", "培训志愿者人120"].iter().map(|row| printed.find(row)).collect();
            assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{name}: {printed}");
        }
        let printed = paper(&chain.auditor, &case, "paper=case_file").await;
        for word in ["需求与计划", &plan.text_at("/need"), "300,000.00", "采购计划：已起草"] {
            assert!(printed.contains(word), "{word} is not in {printed}");
        }
        let elsewhere = chain.admin.post("/api/v1/units").json(json!({"name_zh": "示例单位", "kind": "department"})).await.is(201);
        let unit = elsewhere.text_at("/id").parse().unwrap();
        let stranger = app.person_of(app.tenant, "Lu Ren", &[Role::Purchaser], Some(unit), None).await.client;
        stranger.get(&format!("/api/v1/cases/{case}")).send().await.refused(404, "not_found");
        chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("fund_id"))).send().await.refused(404, "not_found");
    }

    async fn a_ratio_is_printed_as_a_percentage(app: &TestApp) {
        let case = awarded(app).await;
        let contract = case.active(app).await;
        let made = case.buyer.purchaser.client.post("/api/v1/projects").json(proposal(&case.buyer)).await.is(201);
        let project = made.header("location");
        act(&case.buyer.lead, &project, "selection", Some(json!({"number": 17}))).await;
        act(&case.buyer.purchaser, &contract, "project", Some(json!({"project_id": made.text_at("/id")}))).await;
        reported(&case.supplier, &verifier(app).await, &project, "2026", &[812, 9_307]).await;
        for (name, count, ratio) in [
            ("objectives", "人次120800", "满意率%80%95%"),
            ("completion_report", "人次120800812", "满意率%80%95%93.07%"),
            ("case_file", "120800812", "80%95%93.07%"),
        ] {
            let text = paper(&case.auditor.client, &case.case.to_string(), &format!("paper={name}")).await;
            assert!(text.contains(count) && text.contains(ratio), "{name}: {text}");
        }
    }

    async fn a_contract_by_unit_price_says_the_price_and_calls_its_amounts_ceilings(app: &TestApp) {
        let case = awarded(app).await;
        let (contract, id) = (case.bare(app).await, case.case.to_string());
        let auditor = &case.auditor.client;
        let drafted = case.buyer.purchaser.client.get(&contract).send().await.is(200);
        let milestone = drafted.text_at("/milestones/0/id");
        let terms = json!({"signers": 1, "prices": [{"milestone_id": milestone, "unit_label": "人次", "unit_price": money(1_025)}]});
        act(&case.buyer.purchaser, &contract, "acceptance-terms", Some(terms)).await;
        scanned(&case.supplier.admin.client, &contract).await;
        case.signs(&contract).await;
        for client in [auditor, &case.supplier.admin.client] {
            let text = paper(client, &id, "paper=contract").await;
            for words in [
                "合同价款最高 9,000.00 元",
                "按单价乘以验收确认的数量结算",
                "其余里程碑按第四条所列金额结算",
                "1上半年服务人次10.254,000.00",
                "4,000.00（最高限额）",
            ] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            assert!(!text.contains("5,000.00（最高限额）") && !text.contains("合同价款 9,000.00"), "{text}");
        }
        let path = format!("/api/v1/milestones/{milestone}");
        let before = paper(auditor, &id, &format!("paper=acceptance&about={milestone}")).await;
        assert!(before.contains("数量未确认") && before.contains("验收金额—"), "{before}");
        act(&case.supplier.member, &path, "delivery", Some(json!({"note": "已服务 312 人次。"}))).await;
        act(&case.buyer.purchaser, &path, "acceptance", Some(merged(opinion(), json!({"quantity": 312})))).await;
        let after = paper(auditor, &id, &format!("paper=acceptance&about={milestone}")).await;
        for words in ["最高限额4,000.00 元", "单价10.25 元/人次", "数量312 人次", "验收金额3,198.00 元", "扣减802.00 元"] {
            assert!(after.contains(words), "{words} is not in {after}");
        }
        let file = auditor.get(&format!("/api/v1/cases/{id}")).send().await.is(200).value();
        let parts = &file["contracts"][0]["milestones"];
        assert_eq!((&parts[0]["unit_label"], &parts[0]["unit_price"]), (&json!("人次"), &money(1_025)));
        assert_eq!((&parts[0]["quantity"], &parts[0]["accepted"], &parts[0]["amount"]), (&json!(312), &money(319_800), &money(400_000)));
        assert_eq!(["unit_label", "unit_price", "quantity", "accepted"].map(|field| parts[1][field].clone()), [(); 4].map(|()| json!(null)));
        assert!(paper(auditor, &id, "paper=case_file").await.contains("4,000.00（最高限额）10.25/人次3123,198.00802.00"));
    }

    async fn a_unit_changes_its_template_and_a_bad_one_is_named_with_its_line(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        let (case, unit) = (chain.id("case_id"), chain.id("unit_id"));
        let folder = app.folder.path().join("templates").join(unit);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("minutes.md"), "# 本街道纪要\n\n{{ case.tenders[0].title }}\n").unwrap();
        let lead = &chain.lead.client;
        assert_eq!(paper(lead, case, "paper=minutes").await, "本街道纪要月河街道居家养老上门服务 / ".trim_end_matches(" / "));
        std::fs::write(folder.join("minutes.md"), "# 本街道纪要\n\n{{ case.tenders[0].colour }}\n").unwrap();
        let broken = lead.get(&format!("/api/v1/cases/{case}/paper?paper=minutes")).send().await.refused(409, "template_broken");
        assert!(broken.text_at("/detail").contains(&format!("{unit}/minutes.md")) && broken.text_at("/detail").contains('3'), "{}", broken.text);
        // Other units keep the district's and the program's own.
        let other = chain.admin.post("/api/v1/units").json(json!({"name_zh": "爱山街道办事处", "kind": "subdistrict"})).await.is(201).text_at("/id");
        let stranger = app.person_of(app.tenant, "Bie Danwei", &[Role::PurchaserLead], Some(other.parse().unwrap()), None).await.client;
        stranger.get(&format!("/api/v1/cases/{case}/paper?paper=minutes")).send().await.refused(404, "not_found");
    }

    async fn a_requirement_says_who_holds_the_key_and_which(app: &TestApp) {
        let (chain, mut openers) = stage(app).await;
        let (case, lead) = (chain.id("case_id"), &chain.lead.client);
        let requirement = || async { paper(lead, case, "paper=requirement").await };
        let of_server = requirement().await;
        assert!(of_server.contains("其私钥由平台保管") && of_server.contains(&app.sealing.recipient()), "{of_server}");
        assert!(!of_server.contains("存证日志根"));
        // Openers are named: until they have made their key, no paper shows one.
        let ceremony = name(&chain, &openers, 2).await.is(201).header("location");
        let between = requirement().await;
        assert!(!between.contains("密封公钥") && !between.contains("age1"), "{between}");
        make_the_key(app, &mut openers, &ceremony).await;
        chain.published(DEADLINE).await;
        baiyi::jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let custody = app.public().get(&format!("/api/v1/tenders/{}/custody", chain.id("tender_id"))).send().await.is(200).value();
        let head = app.read(|snapshot| baiyi::trust::sequencer::latest(snapshot).unwrap().unwrap()).await;
        let printed = requirement().await;
        let root = STANDARD.encode(head.root);
        let said = ["平台不持有其私钥", "须 2 名开标员", "Kai Jia", "审计局", custody["recipient"].as_str().unwrap(), "存证日志根", root.as_str()];
        for word in said.into_iter().chain(openers.iter().map(|opener| opener.keys.fingerprint()).collect::<Vec<_>>().iter().map(String::as_str)) {
            assert!(printed.contains(word), "{word} is not in {printed}");
        }
        assert!(printed.contains("age1") && !printed.contains(&app.sealing.recipient()));
    }

    async fn an_opening_record_carries_the_smallest_checkpoint_over_the_opening(app: &TestApp) {
        let (mut chain, _) = published(app).await;
        chain.bids().await;
        baiyi::jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        chain.opening(app).await;
        let path = format!("/api/v1/tenders/{}/opening", chain.id("tender_id"));
        let read = || async { app.public().get(&path).send().await.is(200).value() };
        let waiting = read().await;
        assert_eq!((&waiting["checkpoint"], &waiting["checkpoint_pending"]), (&json!(null), &json!("awaits_integration")));
        assert!(paper(&chain.auditor, chain.id("case_id"), "paper=opening_record").await.contains("检查点待定"));
        baiyi::jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let record = read().await;
        let checkpoint = &record["checkpoint"];
        assert!(record["checkpoint_pending"].is_null());
        let head = checkpoint::open(checkpoint["note"].as_str().unwrap(), checkpoint["verifier_key"].as_str().unwrap()).unwrap();
        assert_eq!((json!(head.size), json!(STANDARD.encode(head.root))), (checkpoint["size"].clone(), checkpoint["root"].clone()));
        // It covers the entry, and the one before does not.
        let tender: baiyi::kernel::id::TenderId = chain.id("tender_id").parse().unwrap();
        let tenant = app.tenant;
        let (entry, sizes) = app.read(move |db| {
            let entry = baiyi::trust::journal::evidence(db, tenant, "tender.opened", tender.any()).unwrap().unwrap();
            let sizes: Vec<i64> = baiyi::trust::sequencer::checkpoints(db).unwrap().into_iter().map(|row| row.size).collect();
            (entry.index.unwrap(), sizes)
        }).await;
        assert_eq!(sizes.into_iter().find(|size| *size > entry), checkpoint["size"].as_i64());
        // The journal grows, and the record is the same.
        chain.admin.post("/api/v1/units").json(json!({"name_zh": "爱山街道办事处", "kind": "subdistrict"})).await.is(201);
        baiyi::jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        assert_eq!(read().await, record);
        let printed = paper(&chain.auditor, chain.id("case_id"), "paper=opening_record").await;
        for line in checkpoint["note"].as_str().unwrap().lines() {
            assert!(printed.contains(line), "{line} is not in {printed}");
        }
        assert!(printed.contains(&format!("共 {} 条", head.size)) && printed.contains("2026年3月13日 09:00:10"), "{printed}");
    }
}
