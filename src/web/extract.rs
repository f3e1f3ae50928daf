//! Extractors that keep a bad input until it is its turn to be refused (after 401, 404 and 403).

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::limits::BODY_BYTES;
use super::problem::Failure;
use crate::kernel::error::{self, FieldError};
use crate::kernel::{Error, Result};
use crate::words;

type Extracted<T> = Pin<Box<dyn Future<Output = std::result::Result<T, Failure>>>>;

/// A JSON body of at most `MAX` bytes.
pub struct Body<T, const MAX: usize = BODY_BYTES> {
    parsed: Result<T, BodyFault>,
    /// SHA-256 of the bytes sent, for the idempotency check.
    pub fingerprint: [u8; 32],
}

/// Why a body is refused, in a form that can be told more than once (a transaction may run twice).
#[derive(Debug, Clone)]
enum BodyFault {
    Malformed(crate::kernel::Words),
    MediaType,
    TooLarge(usize),
    Fields(Vec<FieldError>),
}

impl BodyFault {
    fn error(&self) -> Error {
        match self {
            Self::Malformed(detail) => error::MALFORMED.because(detail.clone()),
            Self::MediaType => error::UNSUPPORTED_MEDIA_TYPE.because(words!("须为 application/json", "expected application/json")),
            Self::TooLarge(max) => error::TOO_LARGE.because(words!("上限为 {max} 字节", "the limit is {max} bytes")),
            Self::Fields(fields) => Error::fields(fields.clone()),
        }
    }
}

impl<T, const MAX: usize> Body<T, MAX> {
    /// The parsed body, or why it is refused.
    pub fn get(&self) -> Result<&T> {
        self.parsed.as_ref().map_err(BodyFault::error)
    }
}

impl<T: DeserializeOwned, const MAX: usize> FromRequest for Body<T, MAX> {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = media_type(request) == "application/json";
        let bytes = collect(payload.take(), MAX);
        Box::pin(async move {
            let (bytes, parsed) = match bytes.await? {
                None => (Vec::new(), Err(BodyFault::TooLarge(MAX))),
                Some(bytes) if !is_json => (bytes, Err(BodyFault::MediaType)),
                Some(bytes) => {
                    let parsed = parse_json(&bytes);
                    (bytes, parsed)
                }
            };
            Ok(Self { parsed, fingerprint: Sha256::digest(&bytes).into() })
        })
    }
}

/// Parses JSON; a wrong shape is told with the JSON Pointer to the field.
fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyFault> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|fault| {
        let path = pointer(fault.path());
        let inner = fault.into_inner();
        if inner.is_data() {
            let reason = inner.to_string();
            let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
            // A missing field is told at the object; the caller looks for the field.
            let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
            let path = missing.map_or_else(|| path.clone(), |field| format!("{path}/{field}"));
            BodyFault::Fields(vec![FieldError { pointer: path, detail: words!("不合要求：{reason}", "{reason}") }])
        } else {
            let (line, column) = (inner.line(), inner.column());
            BodyFault::Malformed(words!("第 {line} 行第 {column} 列不是合法的 JSON", "not valid JSON at line {line}, column {column}"))
        }
    })?;
    deserializer.end().map_err(|_| BodyFault::Malformed(words!("JSON 之后有多余内容", "something follows the JSON value")))?;
    Ok(parsed)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// A body of at most `MAX` bytes that is not JSON (a CSV table), with its media type.
pub struct RawBody<const MAX: usize> {
    bytes: Option<Vec<u8>>,
    /// `Content-Type` without parameters, lower case.
    pub media_type: String,
    /// SHA-256 of the bytes sent.
    pub fingerprint: [u8; 32],
}

impl<const MAX: usize> RawBody<MAX> {
    /// The bytes, or 413.
    pub fn get(&self) -> Result<&[u8]> {
        self.bytes.as_deref().ok_or_else(|| BodyFault::TooLarge(MAX).error())
    }
}

impl<const MAX: usize> FromRequest for RawBody<MAX> {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = media_type(request);
        let bytes = collect(payload.take(), MAX);
        Box::pin(async move {
            let bytes = bytes.await?;
            let fingerprint = Sha256::digest(bytes.as_deref().unwrap_or_default()).into();
            Ok(Self { bytes, media_type, fingerprint })
        })
    }
}

/// `Content-Type` without parameters, lower case; empty when there is none.
pub fn media_type(request: &HttpRequest) -> String {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Reads at most `max` bytes; `None` when more come (the rest is drained to the same bound again, so that the answer can be read).
async fn collect(mut payload: Payload, max: usize) -> std::result::Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    let mut overflow = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure(error::MALFORMED.because(words!("请求体中断", "the body broke off"))))?;
        if overflow > 0 || bytes.len().saturating_add(chunk.len()) > max {
            overflow = overflow.saturating_add(chunk.len());
            if overflow > max {
                break;
            }
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(if overflow > 0 { None } else { Some(bytes) })
}

/// An id from the path. What is not a UUID cannot exist: it becomes the nil id, which no row has, and so a 404 in its turn.
pub struct Id<T>(pub T);

impl<T: From<Uuid> + 'static> FromRequest for Id<T> {
    type Error = Failure;
    type Future = std::future::Ready<std::result::Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().iter().next().and_then(|(_, text)| Uuid::parse_str(text).ok()).unwrap_or_default();
        std::future::ready(Ok(Self(T::from(id))))
    }
}

/// Two ids from the path, in its order, read like [`Id`].
pub struct Ids<A, B>(pub A, pub B);

impl<A: From<Uuid> + 'static, B: From<Uuid> + 'static> FromRequest for Ids<A, B> {
    type Error = Failure;
    type Future = std::future::Ready<std::result::Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut ids = request.match_info().iter().map(|(_, text)| Uuid::parse_str(text).unwrap_or_default());
        let (first, second) = (ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        std::future::ready(Ok(Self(A::from(first), B::from(second))))
    }
}

/// Query parameters; an unknown name or a bad value is 422 in its turn.
pub struct Params<T> {
    parsed: Result<T, String>,
    /// The query string as sent.
    pub raw: String,
    /// The path of the call.
    pub path: String,
}

impl<T> Params<T> {
    /// The parsed parameters, or why they are refused.
    pub fn get(&self) -> Result<&T> {
        self.parsed.as_ref().map_err(|reason| Error::field("?", words!("查询参数不合要求：{reason}", "{reason}")))
    }
}

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Failure;
    type Future = std::future::Ready<std::result::Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string()).map(web::Query::into_inner).map_err(|fault| fault.to_string());
        std::future::ready(Ok(Self { parsed, raw: request.query_string().to_owned(), path: request.path().to_owned() }))
    }
}
