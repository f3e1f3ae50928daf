//! Tenders (采购项目) with their lots (采购包) and criteria: drafted, reviewed, approved, published. Closing is computed from the clock.

pub mod api;
pub mod lots;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod view;

pub use model::{CriterionKind, CriterionRow, LotRow, LotState, Procedure, TenderFile, TenderRow, TenderState};
pub use rules::PROBLEMS;
