//! What makes the record provable: journal, sealing, keys, documents. No routes here: the slices that own a document expose it.

pub mod attachments;
pub mod cadence;
pub mod checkpoint;
pub mod cosignatures;
pub mod documents;
pub mod envelope;
pub mod held;
pub mod journal;
pub mod keychain;
pub mod keys;
pub mod notes;
pub mod padding;
pub mod quorum;
pub mod receipt;
pub mod recheck;
pub mod sealed_files;
pub mod sealing;
pub mod seals;
pub mod sequencer;
pub mod signing;
pub mod tiles;
pub mod tree;
pub mod vault;
pub mod verify;
pub mod walk;
pub mod witness;
