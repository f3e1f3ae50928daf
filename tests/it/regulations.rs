//! The law as data: what an import does and what everybody reads.

use baiyi::app::reference::import_reference_data;
use baiyi::db::Facts;
use baiyi::kernel::Result;
use baiyi::law::{Severity, Standing};
use baiyi::parties::regulations::{self, SubjectKind};
use baiyi::people::policy::{District, authorize_operator};
use baiyi::web::table::Imported;
use serde_json::json;

use crate::support::{TestApp, on_both};

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
        assert_eq!(imported, [("areas", 20), ("rules", 96 + 106), ("calendar", 39), ("budget subjects", 31), ("catalogue", 179)]);
        let one = public.get("/api/v1/regulations/R019").send().await.is(200).value();
        assert_eq!(one["figures"], json!([{"name": "min_bid_period", "number": 20, "unit": "calendar_day"}]));
        assert_eq!((&one["acts"], &one["confidence"]), (&json!("blocks"), &json!("read_in_text")));
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
        let topic = public.get("/api/v1/regulations?topic=%E9%87%87%E8%B4%AD-%E8%B4%A8%E7%96%91").send().await.is(200).value();
        assert_eq!(topic["items"].as_array().unwrap().iter().map(|rule| rule["rule_id"].clone()).collect::<Vec<_>>(), ["R059", "R060"]);
        let cursor = public.get("/api/v1/regulations?limit=2").send().await.text_at("/next");
        public.get(&format!("/api/v1/regulations?limit=2&procedure=all&after={cursor}")).send().await.refused(422, "invalid");
        public.get("/api/v1/regulations?procedure=lottery").send().await.refused(422, "invalid");
    }

    async fn a_new_rule_set_replaces_the_former_and_a_bad_one_replaces_nothing(app: &TestApp) {
        const RULES: &str = "rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note\n";
        const FIGURES: &str = "rule_id,figure,number,unit\n";
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
}
