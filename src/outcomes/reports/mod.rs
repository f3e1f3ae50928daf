//! Outcome reports (成效报告): submitted → returned(reason) → submitted again … → verified by somebody who is neither its reporter nor of the
//! payee → accepted by the unit. Periods of a project never overlap, and a verified one is locked; only an exception of two persons opens it.
//! Evidence files belong to a report; it is verified with at least one, or without for a named reason.

pub mod api;
pub mod evidence;
pub mod locks;
pub mod model;
pub mod periods;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod views;

pub use model::{ReportRow, ReportState};
pub use service::PROBLEMS;
