//! Tenders (采购项目) with their lots (采购包) and criteria: drafted, reviewed, approved, published. Closing is computed from the clock.

pub mod api;
pub mod facts;
pub mod invitations;
pub mod lots;
pub mod model;
pub mod money;
pub mod papers;
pub mod papers_api;
pub mod policy;
pub mod procedure;
pub mod rules;
pub mod service;
pub(crate) mod store;
pub mod view;

pub use crate::law::Procedure;
pub use model::{CriterionKind, CriterionRow, LotRow, LotState, TenderFile, TenderRow, TenderState};
pub use procedure::{DecidedBy, Profile, Ranking, Solicitation};
pub use rules::{PROBLEMS, Publication};
