//! What a use case answers: status, JSON, ETag, Location, caching.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK, LOCATION};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::etag::Tag;
use super::page::Page;
use crate::kernel::{Error, Result};

/// An answer that is ready to be sent, saved and replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON text; empty for 204.
    pub body: String,
    /// Entity tag.
    pub etag: Option<String>,
    /// Path of a created resource.
    pub location: Option<String>,
    /// `rel="next"` target.
    pub next: Option<String>,
    /// Seconds that shared caches may keep it; `None` is private and must be revalidated.
    pub public_seconds: Option<u32>,
    /// Why the reading of it is logged: what it shows of people or of bids. Only answers of queries say so.
    pub logged: Option<&'static str>,
}

impl Reply {
    fn json(status: u16, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(|e| Error::internal(format!("cannot serialise an answer: {e}")))?;
        Ok(Self { status, body, etag: None, location: None, next: None, public_seconds: None, logged: None })
    }

    /// 200 with a body.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::json(200, body)
    }

    /// 201 with a body and where the new resource is.
    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { location: Some(location.into()), ..Self::json(201, body)? })
    }

    /// 204.
    pub const fn empty() -> Self {
        Self { status: 204, body: String::new(), etag: None, location: None, next: None, public_seconds: None, logged: None }
    }

    /// One page of a list.
    pub fn page<T: Serialize>(page: &Page<T>, path: &str, query: &str) -> Result<Self> {
        let next = page.next.as_ref().map(|cursor| {
            let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after=")).collect();
            let separator = if kept.is_empty() { "" } else { "&" };
            format!("{path}?{}{separator}after={cursor}", kept.join("&"))
        });
        Ok(Self { next, ..Self::json(200, page)? })
    }

    /// Adds the entity tag.
    #[must_use]
    pub fn tagged<'a>(mut self, tag: impl Into<Tag<'a>>) -> Self {
        self.etag = Some(tag.into().to_string());
        self
    }

    /// Lets shared caches keep the answer for `seconds`.
    #[must_use]
    pub const fn public(mut self, seconds: u32) -> Self {
        self.public_seconds = Some(seconds);
        self
    }

    /// Has the reading logged, with what the answer shows.
    #[must_use]
    pub const fn logged(mut self, why: &'static str) -> Self {
        self.logged = Some(why);
        self
    }

    /// The HTTP response to `call`; a GET whose representation the caller has becomes 304.
    pub fn into_response(self, call: &Call) -> HttpResponse {
        let is_get = call.operation.starts_with("GET ");
        let etag = match self.etag {
            None if is_get && self.status == 200 => Some(content_tag(&self.body)),
            other => other,
        };
        let not_modified = is_get && etag.as_deref().is_some_and(|tag| call.has_representation(tag));
        let status = if not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK) };
        let mut response = HttpResponse::build(status);
        if let Some(etag) = etag {
            response.insert_header((ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(next) = self.next {
            response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
        }
        let caching = match self.public_seconds {
            Some(seconds) if call.principal.is_none() => format!("public, max-age={seconds}"),
            _ => "private, no-cache".to_owned(),
        };
        response.insert_header((CACHE_CONTROL, caching));
        response.insert_header(("vary", "Authorization, Baiyi-District"));
        if not_modified || self.body.is_empty() {
            response.finish()
        } else {
            response.insert_header((CONTENT_TYPE, "application/json")).body(self.body)
        }
    }
}

fn content_tag(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    format!("\"h{}\"", hex::encode(digest.get(..12).unwrap_or(&[])))
}
