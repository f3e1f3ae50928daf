//! The few pages a person opens in a browser: the front page and one per problem code.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::kernel::error;
use crate::web::problem::{ProblemTable, document};

/// Registers the pages. They are not API operations and so are not in the API document.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(front))
        .service(web::redirect("/docs", "/docs/"))
        .route("/problems", web::get().to(all_problems))
        .route("/problems/{code}", web::get().to(problem));
}

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#222}\
    code{background:#f2f2f2;padding:.1em .3em;border-radius:3px}a{color:#06c}h1{font-size:1.5rem}td{padding:.2rem .8rem .2rem 0;vertical-align:top}";

fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    ))
}

async fn front() -> HttpResponse {
    page(
        "百益 Baiyi",
        "<h1>百益 Baiyi</h1><p>城区向社会组织购买公共服务的平台。The marketplace through which a city district buys public services.</p>\
         <ul><li><a href=\"/docs/\">接口文档 API documentation</a></li><li><a href=\"/api/v1/tenders\">公开的采购项目 Published tenders</a></li>\
         <li><a href=\"/problems\">错误代码 Problem codes</a></li><li><a href=\"/readyz\">运行状态 Readiness</a></li></ul>",
    )
}

async fn all_problems(problems: web::Data<ProblemTable>) -> HttpResponse {
    let rows: String = problems
        .iter()
        .map(|p| {
            format!(
                "<tr><td>{}</td><td><a href=\"/problems/{}\"><code>{}</code></a></td><td>{}<br>{}</td></tr>",
                p.status, p.code, p.code, p.title_zh, p.title_en
            )
        })
        .collect();
    page("错误代码 Problem codes", &format!("<h1>错误代码 Problem codes</h1><table>{rows}</table>"))
}

async fn problem(request: HttpRequest, code: web::Path<String>, problems: web::Data<ProblemTable>) -> HttpResponse {
    match problems.get(&code) {
        None => document(&error::NOT_FOUND.error(), &request),
        Some(p) => page(
            p.title_zh,
            &format!(
                "<h1>{}</h1><p>{}</p><h1 lang=\"en\">{}</h1><p lang=\"en\">{}</p><p><code>{}</code> · HTTP {}</p><p><a href=\"/problems\">全部 All</a></p>",
                p.title_zh, p.about_zh, p.title_en, p.about_en, p.code, p.status
            ),
        ),
    }
}
