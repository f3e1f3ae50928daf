//! Year ends (年终结转): previewed → executed → confirmed, or reversed before the confirmation. Open commitments are carried to the next year's
//! fund, what is free goes back to the treasury, reservations stay for a later run.

pub mod api;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
