//! The case file: one case from its need to its outcome, with who did what when.

pub mod api;
mod delivery;
mod delivery_view;
mod origin;
mod origin_view;
mod outcome;
mod outcome_view;
pub mod policy;
pub(crate) mod store;
pub mod view;
