//! What a bidder checks before it seals: that the openers whose fingerprints it was told made the recipient together, and nobody else.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Fault;
use super::messages::{Statement, Transcript, is_signed, transcript_text};
use crate::kernel::id::TenderId;

/// Who holds the key of a tender, as the server shows it (`GET /tenders/{tender_id}/custody`).
#[derive(Debug, Clone, Deserialize)]
pub struct Custody {
    openers: Vec<Seat>,
    statement: Option<String>,
    transcript: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Seat {
    position: u16,
    transcript_signature: Option<String>,
}

impl Custody {
    /// Refuses unless the openers with exactly these fingerprints signed a transcript that ends in this recipient, for this tender.
    pub fn check(&self, tender: TenderId, recipient: &str, fingerprints: &[String]) -> Result<(), Fault> {
        let (Some(statement), Some(transcript)) = (&self.statement, &self.transcript) else {
            return Err(Fault::refused("no openers hold the key of this tender: the server does"));
        };
        let read = |e: serde_json::Error| Fault::refused(format!("what the server shows of the openers: {e}"));
        let statement: Statement = serde_json::from_str(statement).map_err(read)?;
        let transcript: Transcript = serde_json::from_str(transcript).map_err(read)?;
        if statement.tender_id != tender || transcript.ceremony != statement.hash()? {
            return Err(Fault::refused("the openers' transcript is of another tender or ceremony"));
        }
        if transcript.recipient != recipient {
            return Err(Fault::refused(format!("the openers made {}, and not {recipient}", transcript.recipient)));
        }
        let named: BTreeSet<String> = statement.members.iter().map(super::messages::Member::fingerprint).collect();
        let told: BTreeSet<String> = fingerprints.iter().map(|one| one.trim().to_lowercase()).collect();
        if named != told {
            let list: Vec<String> = statement.members.iter().map(|one| format!("  {} {}", one.fingerprint(), one.name)).collect();
            return Err(Fault::refused(format!(
                "the server names openers with these fingerprints; compare each with the notice or its opener:\n{}",
                list.join("\n")
            )));
        }
        let hash = transcript.hash()?;
        for member in &statement.members {
            let signature =
                self.openers.iter().find(|seat| seat.position == member.position).and_then(|seat| seat.transcript_signature.as_ref());
            let text = transcript_text(&hash, member.position);
            if !signature.is_some_and(|signature| is_signed(&member.signing_key, &text, signature)) {
                return Err(Fault::of(member.position, "it did not sign this transcript"));
            }
        }
        Ok(())
    }
}
