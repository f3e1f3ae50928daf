//! Request metrics for Prometheus. Labels are bounded: the route's pattern, never the path.

use std::sync::OnceLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::kernel::{Error, Result};

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the process's recorder once; later calls change nothing.
pub fn init_metrics() -> Result<()> {
    static INSTALLED: OnceLock<std::result::Result<PrometheusHandle, String>> = OnceLock::new();
    INSTALLED
        .get_or_init(|| PrometheusBuilder::new().install_recorder().map_err(|fault| fault.to_string()))
        .as_ref()
        .map(|handle| drop(HANDLE.set(handle.clone())))
        .map_err(|fault| Error::internal(format!("metrics: {fault}")))
}

/// The metrics in Prometheus' text format.
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Middleware that counts and times requests.
pub async fn measure<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = Instant::now();
    let method = label(request.method());
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16().to_string();
    metrics::counter!("baiyi_http_requests_total", "method" => method, "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!("baiyi_http_request_seconds", "method" => method, "route" => route).record(started.elapsed().as_secs_f64());
    Ok(response)
}

/// The method as a label: a caller may send any word, and each would be kept in memory for ever.
fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
