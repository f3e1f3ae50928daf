//! What makes the record provable: journal, sealing, keys, documents. No routes here: the slices that own a document expose it.

pub mod attachments;
pub mod checkpoint;
pub mod documents;
pub mod journal;
pub mod keys;
pub mod quorum;
pub mod recheck;
pub mod sealed_files;
pub mod sealing;
pub mod sequencer;
pub mod tree;
pub mod vault;
pub mod verify;
pub mod walk;
