//! Reports for auditors and finance: what each fund holds, what was contracted with whom, what became of the hundred projects. As JSON, CSV and XLSX.

pub mod api;
mod contracts;
mod funding;
pub mod policy;
mod projects;
