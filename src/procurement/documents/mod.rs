//! Tender documents: terms of tender and lots with their lint, questions and site visits, receipts, clarifications and amendments.

pub mod amendments;
pub mod amendments_api;
pub mod api;
pub mod lint;
pub mod model;
pub mod policy;
pub mod questions;
pub mod questions_api;
pub mod receipts;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod submission_api;
pub mod terms;
pub mod views;
pub mod visits;
pub mod visits_api;
pub mod words;

pub use rules::PROBLEMS;
pub use terms::{BondForm, BondTerms, LotTerms, TenderTerms};
