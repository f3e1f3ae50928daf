//! Payments: claimed → invoice_checked → accepted → approved → instructed → paid, or returned(reason) before the instruction; instructed | paid → bounced
//! → instructed again. A milestone has one live claim at a time, and one live advance.

pub mod accounts;
pub mod aftermath;
pub mod api;
pub mod batches;
pub mod batches_api;
pub mod desks;
pub mod desks_api;
pub mod instructions;
pub mod model;
pub mod notices;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use model::{PaymentRow, PaymentState};
pub use service::PROBLEMS;
pub use store::advance_under_way;
