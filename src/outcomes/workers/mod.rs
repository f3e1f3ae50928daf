//! Social workers (社工): certificate and registration as separate facts, each verified by a public body; the growth card (成长纪实卡); and who works for which project,
//! so that a project names its community, organisation and workers (三社联动).

pub mod api;
pub mod linkage;
pub mod model;
pub mod policy;
pub mod rules;
pub mod service;
pub(crate) mod store;

pub use rules::PROBLEMS;
pub use service::find;
