//! HTTP methods: HEAD is answered like GET without its body, and a wrong method is 405 with `Allow`, not 404.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::kernel::error;
use crate::web::problem::document;

/// Middleware that runs HEAD as GET and drops the body.
pub async fn head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, ()>>, actix_web::Error> {
    if request.method() != Method::HEAD {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    request.head_mut().method = Method::GET;
    let response = next.call(request).await?;
    Ok(response.map_body(|_, _| EitherBody::right(())))
}

/// The methods of every path of the API document.
pub struct MethodTable(Vec<(ResourceDef, String)>);

impl MethodTable {
    /// Reads them from the document.
    pub fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
        Self(
            paths
                .map(|(path, item)| {
                    let methods: Vec<String> = item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
                    (ResourceDef::new(path.as_str()), methods.join(", "))
                })
                .collect(),
        )
    }
}

/// What answers when no route does.
pub async fn otherwise(request: HttpRequest, table: web::Data<MethodTable>) -> HttpResponse {
    let known = table.0.iter().find(|(pattern, _)| pattern.is_match(request.path()));
    match known {
        None => document(&error::NOT_FOUND.error(), &request),
        Some((_, allowed)) => {
            let mut response = document(&error::METHOD_NOT_ALLOWED.error(), &request);
            if let Ok(value) = header::HeaderValue::from_str(allowed) {
                response.headers_mut().insert(header::ALLOW, value);
            }
            response
        }
    }
}
