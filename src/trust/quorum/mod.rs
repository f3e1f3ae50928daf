//! A key that nobody holds: openers generate it together (FROST DKG), anybody seals to it with stock age, and any t of them open. Pure: no database, no HTTP.

pub mod combine;
pub mod custody;
pub mod dkg;
pub mod journal;
pub mod messages;
pub mod opener;
pub mod opening;
pub mod partial;
pub mod points;

pub use combine::{Contributed, QuorumIdentity};
pub use points::Point;

/// Why something of a ceremony or an opening is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody in particular is to blame, or it is the server.
    #[error("{0}")]
    Refused(String),
    /// An opener sent something wrong.
    #[error("opener {position} sent something wrong: {what}")]
    Of {
        /// Its position in the ceremony, from 1.
        position: u16,
        /// What.
        what: String,
    },
}

impl Fault {
    /// A refusal.
    pub fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }

    /// An opener's fault.
    pub fn of(position: u16, what: impl Into<String>) -> Self {
        Self::Of { position, what: what.into() }
    }
}

#[cfg(test)]
mod tests;
