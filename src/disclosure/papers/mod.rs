//! Papers: the documents that people print and sign, made from a template and what is known of a case. DOCX, in Chinese.

pub mod api;
mod context;
mod docx;
mod markup;
pub mod model;
pub mod policy;
pub(super) mod spoken;
pub mod templates;
mod words;

pub use context::PROBLEMS as NOTICE_PROBLEMS;
pub use templates::{PROBLEMS, Templates};
