//! The end of a connection through which something passed in clear that must not stay.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;

/// Middleware of routes that offers pass through in clear: the connection ends with the answer. As long as it lives it keeps what was read from it last,
/// and what is freed is wiped.
pub async fn hang_up<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    Ok(response)
}
