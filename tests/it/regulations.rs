//! The law as data: what an import does and what everybody reads.

use baiyi::app::reference::import_reference_data;
use baiyi::db::Facts;
use baiyi::kernel::{Result, UtcInstant};
use baiyi::law::{Severity, Standing};
use baiyi::parties::regulations::{self, SubjectKind};
use baiyi::people::Role;
use baiyi::people::policy::{District, authorize_operator};
use baiyi::web::table::Imported;
use serde_json::{Value, json};

use crate::support::story::Chain;
use crate::support::{Client, TestApp, on_both};

const RULES: &str = "rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note\n";
const FIGURES: &str = "rule_id,figure,number,unit\n";

/// The district with its reference data, and its administrator.
async fn district(app: &TestApp) -> Client {
    let tenant = app.tenant;
    app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| import_reference_data(tx, tenant)).await.unwrap();
    app.person("Guan Li", &[Role::PlatformAdmin]).await.client
}

/// Actions of the journal that begin with a word, in order.
async fn journalled(app: &TestApp, word: &'static str) -> Vec<String> {
    use baiyi::db::schema::journal_entries::dsl::{action, at, id, journal_entries};
    use diesel::prelude::*;
    let all: Vec<String> = app.read(|db| journal_entries.order((at, id)).select(action).load(db).unwrap()).await;
    all.into_iter().filter(|name| name.starts_with(word)).collect()
}

fn yuan(yuan: i64) -> Value {
    json!({"amount_fen": yuan * 100, "currency": "CNY"})
}

/// Runs an import of the operator.
async fn operate<F>(app: &TestApp, import: F) -> Result<Imported>
where
    F: Fn(&mut baiyi::db::Tx<'_>, &baiyi::people::Authorized<District>) -> Result<Imported> + Send + 'static,
{
    let tenant = app.tenant;
    let facts = Facts::internal(app.clock.now()).unwrap();
    app.db.write(facts, move |tx| import(tx, &authorize_operator(&regulations::policy::IMPORT, District(tenant)))).await
}

on_both! {
    async fn the_reference_data_comes_in_whole_and_is_read_by_all(app: &TestApp) {
        let public = app.public();
        public.get("/api/v1/regulations").send().await.refused(404, "rule_set_missing");
        let missing = public.get("/api/v1/calendars/2026").send().await.refused(404, "calendar_missing");
        assert!(!missing.text.is_empty());
        let tenant = app.tenant;
        let imported = app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| import_reference_data(tx, tenant)).await.unwrap();
        assert_eq!(imported, [("areas", 20), ("rules", 96 + 108), ("calendar", 39), ("thresholds", 1), ("budget subjects", 31), ("stream exclusions", 13), ("catalogue", 179), ("plan settings", 1)]);
        let one = public.get("/api/v1/regulations/R019").send().await.is(200).value();
        assert_eq!(one["figures"], json!([{"name": "min_bid_period", "number": 20, "unit": "calendar_day"}]));
        assert_eq!((&one["acts"], &one["confidence"]), (&json!("blocks"), &json!("read_in_text")));
        assert_eq!((&one["gates"], &one["looks_at"][0]), (&json!(["publication"]), &json!("notice.deadline_on")));
        assert_eq!(public.get("/api/v1/regulations/R036").send().await.is(200).text_at("/acts"), "warns");
        public.get("/api/v1/regulations/R999").send().await.refused(404, "not_found");
        let year = public.get("/api/v1/calendars/2026").send().await.is(200).value();
        assert_eq!(year["days"].as_array().unwrap().len(), 39);
        assert_eq!(public.get("/api/v1/calendars/2027").send().await.refused(404, "calendar_missing").status, 404);
        public.get("/api/v1/calendars/soon").send().await.refused(404, "not_found");
        public.get("/api/v1/regulations").header("baiyi-district", "330503").send().await.refused(404, "rule_set_missing");
        let economic = public.get("/api/v1/budget-subjects?kind=econ&limit=100").send().await.is(200).value();
        let functional = public.get("/api/v1/budget-subjects?kind=func&limit=100").send().await.is(200).value();
        assert_eq!(economic["items"].as_array().unwrap().len() + functional["items"].as_array().unwrap().len(), 31);
        // What the storeys above ask.
        app.read(move |db| {
            let set = regulations::current_rule_set(db, tenant).unwrap().unwrap();
            let rules = regulations::rules_of(db, set).unwrap();
            let blocking = rules.iter().filter(|rule| rule.standing(false) == Standing::Broken).count();
            assert_eq!((rules.len(), blocking), (96, rules.iter().filter(|rule| rule.severity == Severity::Block).count()));
            assert_eq!(rules.iter().find(|rule| rule.id == "R019").unwrap().figure("min_bid_period").unwrap().number, 20);
            let calendar = regulations::calendar(db, tenant).unwrap();
            assert!(calendar.is_working_day("2026-02-14".parse().unwrap()).unwrap());
            assert!(!calendar.is_working_day("2026-10-01".parse().unwrap()).unwrap());
            assert!(calendar.is_working_day("2027-03-01".parse().unwrap()).is_err());
            assert!(regulations::subject_exists(db, tenant, "2080299", SubjectKind::Functional).unwrap());
            assert!(!regulations::subject_exists(db, tenant, "2080299", SubjectKind::Economic).unwrap());
        })
        .await;
    }

    async fn the_rules_are_read_page_by_page_under_their_filters(app: &TestApp) {
        let tenant = app.tenant;
        app.db.write(Facts::internal(app.clock.now()).unwrap(), move |tx| import_reference_data(tx, tenant)).await.unwrap();
        let public = app.public();
        let (mut path, mut ids) = ("/api/v1/regulations?limit=40".to_owned(), Vec::new());
        loop {
            let page = public.get(&path).send().await.is(200).value();
            ids.extend(page["items"].as_array().unwrap().iter().map(|rule| rule["rule_id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next"].as_str() else { break };
            path = format!("/api/v1/regulations?limit=40&after={cursor}");
        }
        assert_eq!(ids.len(), 96);
        assert!(ids.is_sorted());
        let bound = public.get("/api/v1/regulations?procedure=selection&limit=100").send().await.is(200).value();
        let bound: Vec<_> = bound["items"].as_array().unwrap().iter().map(|rule| (rule["rule_id"].as_str().unwrap().to_owned(), rule["procedures"].clone())).collect();
        assert!(bound.iter().any(|(id, _)| id == "R035") && bound.iter().any(|(id, procedures)| id == "R001" && procedures == &json!(["all"])));
        assert!(bound.iter().all(|(id, _)| id != "R019"));
        let panels = public.get("/api/v1/regulations?gate=panel").send().await.is(200).value();
        assert_eq!(panels["items"].as_array().unwrap().iter().map(|rule| rule["rule_id"].clone()).collect::<Vec<_>>(), ["R028", "R032", "R037", "R038", "R068"]);
        let topic = public.get("/api/v1/regulations?topic=%E9%87%87%E8%B4%AD-%E8%B4%A8%E7%96%91").send().await.is(200).value();
        assert_eq!(topic["items"].as_array().unwrap().iter().map(|rule| rule["rule_id"].clone()).collect::<Vec<_>>(), ["R059", "R060"]);
        let cursor = public.get("/api/v1/regulations?limit=2").send().await.text_at("/next");
        public.get(&format!("/api/v1/regulations?limit=2&procedure=all&after={cursor}")).send().await.refused(422, "invalid");
        public.get("/api/v1/regulations?procedure=lottery").send().await.refused(422, "invalid");
    }

    async fn a_new_rule_set_replaces_the_former_and_a_bad_one_replaces_nothing(app: &TestApp) {
        let good = format!("{RULES}R001,采购,不得少于,政府采购法,第35条,open_tender;quotes,block,confirmed,2026-01-01,,\n");
        let load = |name: &'static str, rules: String, figures: String| {
            operate(app, move |tx, granted| regulations::import_rules(tx, granted, name, rules.as_bytes(), figures.as_bytes()))
        };
        assert_eq!(load("2026-01", good.clone(), format!("{FIGURES}R001,min,20,day\n")).await.unwrap().rows, 2);
        let bad = format!("{good}R002,采购,不得少于,政府采购法,,open_tender;raffle,block,confirmed,,,\nR001,采购,不得少于,政府采购法,,,block,confirmed,,,\nR3,采购,不得少于,政府采购法,,,stop,confirmed,,,\n");
        let refused = load("2026-02", bad, format!("{FIGURES}R009,min,20,day\nR001,min,many,day\nR001,max,1,week\n")).await.unwrap_err().to_string();
        for place in ["rules: line 3, procedures", "rules: line 4, rule_id", "rules: line 5, severity", "figures: line 2, rule_id", "figures: line 3, number", "figures: line 4, unit"] {
            assert!(refused.contains(place), "{place} in {refused}");
        }
        let public = app.public();
        assert_eq!(public.get("/api/v1/regulations").send().await.is(200).text_at("/rule_set/name"), "2026-01", "nothing came in");
        assert_eq!(load("2026-01", good.clone(), format!("{FIGURES}R001,min,10,day\n")).await.unwrap_err().code(), "rule_set_name_taken");
        let before = app.read({ let tenant = app.tenant; move |db| regulations::current_rule_set(db, tenant).unwrap().unwrap() }).await;
        load("2026-02", good, format!("{FIGURES}R001,min,10,day\n")).await.unwrap();
        let now = public.get("/api/v1/regulations").send().await.is(200);
        assert_eq!((now.text_at("/rule_set/name").as_str(), now.text_at("/items/0/figures/0/number").as_str()), ("2026-02", "10"));
        // What was made under the former set still reads it.
        assert_eq!(app.read(move |db| regulations::rules_of(db, before).unwrap()).await[0].figures[0].number, 20);
    }

    async fn a_calendar_is_replaced_by_the_year_and_its_bad_rows_are_named(app: &TestApp) {
        let load = |table: &'static str| operate(app, move |tx, granted| regulations::import_calendar(tx, granted, table.as_bytes()));
        assert_eq!(load("date,kind,name_zh\n2026-01-01,off,元旦\n2026-01-02,off,元旦\n2027-01-01,off,元旦\n").await.unwrap().rows, 3);
        assert_eq!(load("date,kind,name_zh\n2026-01-01,off,元旦\n").await.unwrap().rows, 1);
        let days = |year: &str| { let path = format!("/api/v1/calendars/{year}"); async move { app.public().get(&path).send().await.is(200).value()["days"].as_array().unwrap().len() } };
        assert_eq!((days("2026").await, days("2027").await), (1, 1));
        let refused = load("date,kind,name_zh\n2026-02-30,off,元旦\n2026-02-13,makeup_workday,春节\n2026-02-15,off,春节\n2026-02-15,off,春节\n2026-02-16,rest,春节\n").await.unwrap_err().to_string();
        for place in ["line 2, date", "line 3, kind", "line 5, date", "line 6, kind"] {
            assert!(refused.contains(place), "{place} in {refused}");
        }
        assert_eq!(days("2026").await, 1);
        let subjects = operate(app, |tx, granted| regulations::import_budget_subjects(tx, granted, "code,name_zh,kind,confidence,note\n20x,某,func,confirmed,\n2080299,某,sort,confirmed,\n".as_bytes())).await.unwrap_err().to_string();
        assert!(subjects.contains("line 2, code") && subjects.contains("line 3, kind"), "{subjects}");
    }

    async fn the_administrator_confirms_a_rule_and_what_was_begun_before_keeps_its_set(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        app.clock.advance_to(UtcInstant::parse("2026-03-02T02:00:00Z").unwrap());
        // Four days are too few for R025, but its reading is second-hand: it warns.
        chain.tender_by(app, "consultation", "2026-03-06T01:00:00Z").await;
        let public = app.public();
        let path = "/api/v1/regulations/R025";
        assert_eq!(public.get(path).send().await.is(200).text_at("/acts"), "warns");
        let before = public.get("/api/v1/regulations?limit=1").send().await.is(200).text_at("/rule_set/id");
        let said = json!({"source": "财库〔2014〕214号 第10条，财政部官网", "severity": "block", "note": "原文核对"});
        let made = chain.admin.post(&format!("{path}/confirmation")).key("confirm-1").json(said.clone()).await.is(200);
        assert_eq!((made.text_at("/former_confidence").as_str(), made.text_at("/confidence").as_str()), ("quoted_elsewhere", "confirmed"));
        assert_eq!(made.text_at("/former_set_id"), before);
        let now = public.get(path).send().await.is(200);
        assert_eq!((now.text_at("/acts").as_str(), now.text_at("/figures/0/number").as_str()), ("blocks", "10"));
        let current = public.get("/api/v1/regulations?limit=1").send().await.is(200);
        assert_eq!((current.text_at("/rule_set/name").as_str(), current.text_at("/rule_set/id")), ("2026-01+1", made.text_at("/rule_set_id")));
        // The tender and its set.
        let tender = public.get(&format!("/api/v1/tenders/{}", chain.id("tender_id"))).send().await.is(200);
        assert_eq!(tender.text_at("/rule_set_id"), before);
        let old = public.get(&format!("/api/v1/regulations?rule_set_id={before}&limit=100")).send().await.is(200).value();
        let rule = old["items"].as_array().unwrap().iter().find(|rule| rule["rule_id"] == "R025").unwrap().clone();
        assert_eq!((&rule["acts"], old["rule_set"]["state"].as_str()), (&json!("warns"), Some("superseded")));
        let sets = public.get("/api/v1/rule-sets").send().await.is(200).value();
        assert_eq!(sets["items"].as_array().unwrap().iter().map(|set| set["name"].clone()).collect::<Vec<_>>(), ["2026-01", "2026-01+1"]);
        let file = public.get(&format!("/api/v1/rule-sets/{before}")).send().await.is(200).value();
        assert_eq!((&file["rules"], &file["unsure"]), (&json!(96), &json!(34)));
        // A repeated key changes nothing, the same words again are refused.
        chain.admin.post(&format!("{path}/confirmation")).key("confirm-1").json(said.clone()).await.is(200);
        chain.admin.post(&format!("{path}/confirmation")).json(said).await.refused(409, "rule_unchanged");
        assert_eq!(journalled(app, "rule.").await.len(), 1);
    }

    async fn a_confirmation_is_taken_back_and_the_history_says_who_and_why(app: &TestApp) {
        let admin = district(app).await;
        let public = app.public();
        let path = "/api/v1/regulations/R060";
        admin.post(&format!("{path}/withdrawal")).json(json!({"reason": "误"})).await.refused(409, "rule_not_confirmed");
        admin.post(&format!("{path}/confirmation")).json(json!({"source": "政府采购法 第53条", "severity": "block"})).await.is(200);
        assert_eq!(public.get(path).send().await.is(200).text_at("/acts"), "blocks");
        app.clock.advance_to(UtcInstant::parse("2026-03-02T02:00:00Z").unwrap());
        let back = admin.post(&format!("{path}/withdrawal")).json(json!({"reason": "逾期答复不宜拦截"})).await.is(200);
        assert_eq!((back.text_at("/change").as_str(), back.text_at("/confidence").as_str(), back.text_at("/severity").as_str()), ("withdrawn", "read_in_text", "warn"));
        assert_eq!(public.get(path).send().await.is(200).text_at("/acts"), "warns");
        admin.post(&format!("{path}/withdrawal")).json(json!({"reason": "再次"})).await.refused(409, "rule_not_confirmed");
        let first = public.get(&format!("{path}/confirmations?limit=1")).send().await.is(200);
        let second = public.get(&format!("{path}/confirmations?limit=1&after={}", first.text_at("/next"))).send().await.is(200);
        assert_eq!((first.text_at("/items/0/source").as_str(), second.text_at("/items/0/source").as_str()), ("政府采购法 第53条", "逾期答复不宜拦截"));
        public.get(&format!("/api/v1/regulations/R059/confirmations?after={}", first.text_at("/next"))).send().await.refused(422, "invalid");
        assert_eq!(journalled(app, "rule.").await, ["rule.confirmed", "rule.confirmation_withdrawn"]);
        // Words that do not confirm anything.
        let bad = admin.post(&format!("{path}/confirmation")).json(json!({"source": " ", "confidence": "unconfirmed"})).await.refused(422, "invalid");
        assert_eq!(bad.bad_fields(), ["/source", "/confidence"]);
        admin.post("/api/v1/regulations/R999/confirmation").json(json!({"source": "某"})).await.refused(404, "not_found");
        let auditor = app.person("Shen Ji", &[Role::Auditor]).await.client;
        auditor.post(&format!("{path}/confirmation")).json(json!({"source": "某"})).await.refused(403, "forbidden");
        let names = public.get("/api/v1/rule-sets").send().await.is(200).value();
        assert_eq!(names["items"].as_array().unwrap().len(), 3);
    }

    async fn the_administrator_imports_a_rule_set_and_a_calendar_over_http(app: &TestApp) {
        let admin = district(app).await;
        let public = app.public();
        let rules = format!("{RULES}R053,采购-合同,通知书发出之日起签合同,政府采购法,第46条,open_tender,block,confirmed,2003-01-01,,\n");
        let import = |name: &'static str, figures: String| admin.post("/api/v1/rule-sets").json(json!({"name": name, "rules_csv": rules, "figures_csv": figures}));
        // A rule without the number that it is judged by would say nothing for ever.
        let incomplete = import("2026-07", format!("{FIGURES}R053,other,30,calendar_day\n")).await.refused(422, "invalid");
        assert!(incomplete.text.contains("sign_within"), "{}", incomplete.text);
        import("2026-01", format!("{FIGURES}R053,sign_within,30,calendar_day\n")).await.refused(409, "rule_set_name_taken");
        assert_eq!(public.get("/api/v1/regulations").send().await.is(200).text_at("/rule_set/name"), "2026-01");
        let made = import("2026-07", format!("{FIGURES}R053,sign_within,30,calendar_day\n")).await.is(201);
        assert_eq!((made.value()["rules"].clone(), made.value()["blocking"].clone()), (json!(1), json!(1)));
        public.get(&made.header("location")).send().await.is(200);
        assert_eq!(public.get("/api/v1/regulations").send().await.is(200).text_at("/items/0/rule_id"), "R053");
        // The year that was missing is loaded and read.
        public.get("/api/v1/calendars/2027").send().await.refused(404, "calendar_missing");
        admin.post("/api/v1/calendars").body("application/json", "{}").send().await.refused(415, "unsupported_media_type");
        admin.post("/api/v1/calendars").body("text/csv", "date,kind,name_zh\n2027-01-04,makeup_workday,元旦\n").send().await.refused(422, "invalid");
        admin.post("/api/v1/calendars").body("text/csv", "date,kind,name_zh\n2027-01-01,off,元旦\n").send().await.is(200);
        assert_eq!(public.get("/api/v1/calendars/2027").send().await.is(200).text_at("/days/0/day"), "2027-01-01");
        assert_eq!(journalled(app, "calendar.").await, ["calendar.loaded", "calendar.loaded"]);
    }

    async fn the_year_s_thresholds_are_configured_and_say_what_is_lawful(app: &TestApp) {
        let admin = district(app).await;
        let public = app.public();
        let imported = public.get("/api/v1/thresholds/2026").send().await.is(200);
        assert_eq!((imported.text_at("/version").as_str(), imported.text_at("/confidence").as_str()), ("1", "unconfirmed"));
        // A year without thresholds falls back on the floors of R036.
        let floors = public.get("/api/v1/thresholds/2031?level=province").send().await.is(200);
        assert_eq!((floors.text_at("/version").as_str(), floors.text_at("/source").as_str(), floors.text_at("/statutory/amount_fen").as_str()), ("0", "R036", "50000000"));
        public.get("/api/v1/thresholds/soon").send().await.refused(404, "not_found");
        public.get("/api/v1/thresholds/2026").header("baiyi-district", "330503").send().await.refused(404, "thresholds_missing");
        let lawful = |fen: i64| { let public = public.clone(); async move {
            let answer = public.get(&format!("/api/v1/thresholds/2026/procedures?amount_fen={fen}")).send().await.is(200).value();
            (answer["procedures"][0].as_str().unwrap().to_owned(), answer["minutes_required"].as_bool().unwrap(), answer["confirmed"].as_bool().unwrap())
        } };
        assert_eq!(lawful(8_000_000).await, ("selection".to_owned(), true, false));
        assert_eq!(lawful(4_999_999).await, ("quotes".to_owned(), false, false));
        assert_eq!(lawful(29_999_999).await.0, "selection");
        assert_eq!(lawful(30_000_000).await.0, "consultation");
        assert_eq!(lawful(200_000_000).await.0, "open_tender");
        public.get("/api/v1/thresholds/2026/procedures?amount_fen=-1").send().await.refused(422, "invalid");
        let set = |version: i64, statutory: i64| admin.call("PUT", "/api/v1/thresholds/2026").json(json!({"level": "district", "replaces_version": version,
            "open_tender": yuan(4_000_000), "statutory": yuan(statutory), "selection_from": yuan(100_000), "quotes_from": yuan(20_000),
            "minutes_from": yuan(50_000), "confidence": "confirmed", "source": "浙江省政府集中采购目录及标准"}));
        set(0, 500_000).await.refused(409, "thresholds_changed");
        set(1, 99_999).await.refused(422, "invalid");
        let low = set(1, 200_000).await.is(200);
        assert_eq!((low.text_at("/warnings/0/rule").as_str(), low.text_at("/warnings/0/required").as_str()), ("R036", "≥ 300000.00 元"));
        let fine = set(2, 500_000).await.is(200);
        assert_eq!((fine.text_at("/version").as_str(), fine.value().get("warnings").is_none()), ("3", true));
        assert_eq!(lawful(8_000_000).await, ("quotes".to_owned(), true, true));
        assert_eq!(journalled(app, "thresholds.").await.len(), 3);
        // A directory that blocks refuses what lies below it, and nothing is kept.
        admin.post("/api/v1/regulations/R036/confirmation").json(json!({"source": "财库〔2019〕69号", "severity": "block"})).await.is(200);
        let refused = set(3, 299_999).await.refused(422, "rule_broken");
        assert_eq!(refused.text_at("/rule"), "R036");
        assert_eq!(public.get("/api/v1/thresholds/2026").send().await.is(200).text_at("/version"), "3");
        let tenant = app.tenant;
        let read = app.read(move |db| regulations::thresholds_of(db, tenant, 2026, baiyi::law::Level::District).unwrap().unwrap()).await;
        assert!(read.confirmed && read.statutory == baiyi::kernel::Fen::new(50_000_000));
    }
}
