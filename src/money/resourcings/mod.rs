//! Re-sourcing (资金来源调整): a commitment is paid by another fund from now on. One finance officer proposes, another officer or the lead approves.

pub mod api;
pub mod model;
pub mod policy;
pub mod service;
pub(crate) mod store;
