//! The evidence of a case: one archive with its data, the journal's entries with their proofs, every document, their hashes, and a dictionary of the data.

pub mod api;
mod archive;
mod dictionary;
pub mod policy;
mod read;

pub use read::PROBLEMS;
