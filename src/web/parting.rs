//! The end of a connection through which something passed in clear that must not stay.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;

/// Header with the name of a file. A name in the address would stand in the log of every machine on the way.
pub const FILENAME: &str = "baiyi-filename";

/// What that header said; [`hang_up`] puts it among what ends with the request.
pub struct Filename(pub HeaderValue);

/// Middleware of routes that offers pass through in clear. The connection ends with the answer: as long as it lives it keeps what was read from it last, and
/// what is freed is wiped. The heads of requests, however, are kept for later ones, and their values are parts of what was read, so they become copies.
pub async fn hang_up<B: MessageBody>(mut request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    if let Some(name) = request.headers_mut().remove(FILENAME).next() {
        request.extensions_mut().insert(Filename(copy(&name)));
    }
    request.headers_mut().retain(|_, value| {
        *value = copy(value);
        true
    });
    let mut response = next.call(request).await?;
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    Ok(response)
}

/// A value of a header is one again.
fn copy(value: &HeaderValue) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
