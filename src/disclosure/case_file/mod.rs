//! The case file: one case from its tender to its outcome, with who did what when.

pub mod api;
mod delivery;
mod delivery_view;
pub mod policy;
pub(crate) mod store;
pub mod view;
