//! Audit notices (审计通知书): which units and years are open to an auditor, from when to when. Without one an auditor sees nothing that is not public.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
