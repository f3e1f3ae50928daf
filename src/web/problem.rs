//! RFC 9457 problem documents in the caller's language. Handlers return [`Failure`]; a middleware writes the document.

use std::collections::BTreeMap;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{ConnectionType, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use tracing_actix_web::RequestId;

use crate::kernel::error::{self, Problem, Refusal};
use crate::kernel::{Error, Words};

/// The language of problem documents and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文 (default).
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The first of zh and en in `Accept-Language` by weight; Chinese when neither is named.
    pub fn of(request: &HttpRequest) -> Self {
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut best = (Self::Chinese, 0_u32);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let name = parts.next().unwrap_or("").trim().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1000);
            let language = if name.starts_with("en") {
                Self::English
            } else if name.starts_with("zh") {
                Self::Chinese
            } else {
                continue;
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The words in this language.
    pub fn pick(self, words: &Words) -> &str {
        match self {
            Self::Chinese => &words.zh,
            Self::English => &words.en,
        }
    }
}

/// An RFC 9110 weight in thousandths: `1`, `0.8`, `0.123`.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).min(1).saturating_mul(1000).saturating_add(digits.parse().unwrap_or(0)).min(1000)
}

/// What a handler returns in place of an answer.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(problem_of(&self.0).status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

fn problem_of(error: &Error) -> &'static Problem {
    match error {
        Error::Refused(refusal) => refusal.problem,
        Error::Internal(_) => &error::INTERNAL,
        Error::Retry(_) => &error::UNAVAILABLE,
        Error::Collision(_) => &error::CONFLICT,
    }
}

/// The document that every refusal carries (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// A page on this server that explains the problem.
    #[schema(example = "/problems/stale")]
    pub r#type: String,
    /// What kind of problem, in the caller's language.
    #[schema(example = "数据已被他人修改")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 412)]
    pub status: u16,
    /// What was found in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "您读取的是版本 1，现为版本 2")]
    pub detail: Option<String>,
    /// The path that was called.
    #[schema(example = "/api/v1/areas/0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f")]
    pub instance: String,
    /// Stable code of the problem.
    #[schema(example = "stale")]
    pub code: String,
    /// Bad fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// Statutory rule that was broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "R019")]
    pub rule: Option<String>,
    /// Statute and article of that rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "政府采购法 第35条")]
    pub legal_basis: Option<String>,
    /// Names this request in the server's log.
    #[schema(example = "0192f0c1-7a3e-7c55-8d1f-6c2a9b1e4d3f")]
    pub request_id: String,
}

/// One bad field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// JSON Pointer into the body, or `?name` of a query parameter.
    #[schema(example = "/name_zh")]
    pub pointer: String,
    /// What is wrong.
    #[schema(example = "长度须为 1 到 64 个字符")]
    pub detail: String,
}

/// Middleware: turns every failure, also the framework's own, into a problem document.
pub async fn write_problems<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // The request must not be held while the router fills in what it matched.
    let response = next.call(request).await?;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    let answered = response.status() == StatusCode::SERVICE_UNAVAILABLE && response.response().error().is_none();
    if !refused || written || answered {
        return Ok(response.map_into_left_body());
    }
    let called = response.request().clone();
    let ends = response.response().head().connection_type() == ConnectionType::Close;
    let mut document = response
        .response()
        .error()
        .and_then(actix_web::Error::as_error::<Failure>)
        .map_or_else(|| document(&framework_error(response.status()), &called), |failure| document(&failure.0, &called));
    // What a refused call told the browser to forget, it forgets.
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        document.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if ends {
        document.head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(ServiceResponse::new(called, document).map_into_right_body())
}

fn framework_error(status: StatusCode) -> Error {
    match status.as_u16() {
        404 => error::NOT_FOUND.error(),
        405 => error::METHOD_NOT_ALLOWED.error(),
        413 => error::TOO_LARGE.error(),
        415 => error::UNSUPPORTED_MEDIA_TYPE.error(),
        400..=499 => error::MALFORMED.error(),
        _ => Error::internal(format!("the framework answered {status}")),
    }
}

/// Writes the problem document of an error.
pub fn document(error: &Error, request: &HttpRequest) -> HttpResponse {
    let problem = problem_of(error);
    let language = Language::of(request);
    let request_id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    if problem.status >= 500 {
        tracing::error!(request_id, fault = %error, "request failed");
    } else {
        tracing::info!(request_id, code = problem.code, "request refused");
    }
    let refusal = match error {
        Error::Refused(refusal) => Some(refusal.as_ref()),
        _ => None,
    };
    let body = ProblemDocument {
        r#type: format!("/problems/{}", problem.code),
        title: match language {
            Language::Chinese => problem.title_zh.to_owned(),
            Language::English => problem.title_en.to_owned(),
        },
        status: problem.status,
        detail: refusal.and_then(|r| r.detail.as_ref()).map(|words| language.pick(words).to_owned()),
        instance: request.path().to_owned(),
        code: problem.code.to_owned(),
        errors: refusal.map(|r| fields(r, language)).unwrap_or_default(),
        rule: refusal.and_then(|r| r.rule.as_ref()).map(|rule| rule.rule.clone()),
        legal_basis: refusal.and_then(|r| r.rule.as_ref()).map(|rule| rule.legal_basis.clone()),
        request_id,
    };
    let mut response = HttpResponse::build(StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    response.insert_header((CONTENT_TYPE, "application/problem+json"));
    response.insert_header((CONTENT_LANGUAGE, language.tag()));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if problem.status == 401 {
        // RFC 9470 tells a client that its token is good and only the proof behind it is too old.
        let challenge = match problem.code {
            "step_up_required" => "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"",
            _ => "Bearer",
        };
        response.insert_header((WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = refusal.and_then(|r| r.retry_after) {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    response.body(serde_json::to_string(&body).unwrap_or_default())
}

fn fields(refusal: &Refusal, language: Language) -> Vec<ProblemField> {
    refusal
        .fields
        .iter()
        .map(|field| ProblemField { pointer: field.pointer.clone(), detail: language.pick(&field.detail).to_owned() })
        .collect()
}

/// Every slice's problems by code. Two with one code are a programming error that the start reports.
pub struct ProblemTable(BTreeMap<&'static str, &'static Problem>);

impl ProblemTable {
    /// Joins the tables; the error names a code declared twice.
    pub fn join(tables: &[&[&'static Problem]]) -> Result<Self, String> {
        let mut joined = BTreeMap::new();
        for problem in tables.iter().flat_map(|table| table.iter()) {
            if joined.insert(problem.code, *problem).is_some() {
                return Err(format!("problem code {} is declared twice", problem.code));
            }
        }
        Ok(Self(joined))
    }

    /// The problem of a code.
    pub fn get(&self, code: &str) -> Option<&'static Problem> {
        self.0.get(code).copied()
    }

    /// All problems in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &'static Problem> + '_ {
        self.0.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_language_follows_the_weights_and_falls_back_to_chinese() {
        let language = |accept: &str| Language::of(&TestRequest::default().insert_header(("accept-language", accept)).to_http_request());
        assert_eq!(language("en-GB"), Language::English);
        assert_eq!(language("zh-CN;q=0.4, en;q=0.9"), Language::English);
        assert_eq!(language("en;q=0.4, zh;q=0.9"), Language::Chinese);
        assert_eq!(language("fr, de"), Language::Chinese);
        assert_eq!(language(""), Language::Chinese);
    }

    #[test]
    fn a_code_declared_twice_is_reported_by_name() {
        assert!(ProblemTable::join(&[error::PROBLEMS]).is_ok());
        assert!(ProblemTable::join(&[error::PROBLEMS, &[&error::STALE]]).is_err_and(|e| e.contains("stale")));
    }
}
