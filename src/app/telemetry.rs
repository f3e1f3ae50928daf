//! Request metrics for Prometheus. Labels are bounded: the route's pattern, never the path.

use std::sync::OnceLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::kernel::{Error, Result};

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the process's recorder once; later calls change nothing.
pub fn init_metrics() -> Result<()> {
    if HANDLE.get().is_none() {
        match PrometheusBuilder::new().install_recorder() {
            Ok(handle) => drop(HANDLE.set(handle)),
            // Another thread of this process was faster; its handle serves.
            Err(_) if HANDLE.get().is_some() => {}
            Err(fault) => return Err(Error::internal(format!("metrics: {fault}"))),
        }
    }
    Ok(())
}

/// The metrics in Prometheus' text format.
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Middleware that counts and times requests.
pub async fn measure<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = Instant::now();
    let method = request.method().to_string();
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16().to_string();
    metrics::counter!("baiyi_http_requests_total", "method" => method.clone(), "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!("baiyi_http_request_seconds", "method" => method, "route" => route).record(started.elapsed().as_secs_f64());
    Ok(response)
}
