//! What openers and server say to each other in a ceremony: statement, packages, transcript. Texts that are signed are plain lines, hashes are of canonical JSON.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Fault;
use super::dkg::{self, Group, Packages};
use super::journal::Proof;
use crate::kernel::id::{AccountId, CeremonyId, TenderId, UnitId};

/// Format of a statement.
pub const STATEMENT: &str = "baiyi-opener-ceremony-1";
/// Format of a transcript.
pub const TRANSCRIPT: &str = "baiyi-opener-transcript-1";

/// An opener as the statement of a ceremony names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Position, from 1.
    pub position: u16,
    /// Account.
    pub account_id: AccountId,
    /// The public body it belongs to.
    pub unit_id: UnitId,
    /// Name.
    pub name: String,
    /// Ed25519 public key, hex.
    pub signing_key: String,
    /// age recipient.
    pub recipient: String,
}

impl Member {
    /// What people compare.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.signing_key, &self.recipient)
    }
}

/// What an opener was told of a ceremony by another way than the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The tender that it opens.
    pub tender: TenderId,
    /// How many of the openers are enough.
    pub threshold: u16,
}

/// What a ceremony is about; its hash binds everything after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// [`STATEMENT`].
    pub format: String,
    /// The ceremony.
    pub ceremony_id: CeremonyId,
    /// The tender.
    pub tender_id: TenderId,
    /// Openers needed to open.
    pub threshold: u16,
    /// Openers by position.
    pub members: Vec<Member>,
}

impl Statement {
    /// SHA-256 of its canonical JSON, hex.
    pub fn hash(&self) -> Result<String, Fault> {
        digest(self)
    }

    /// The opener at a position.
    pub fn member(&self, position: u16) -> Result<&Member, Fault> {
        self.members
            .iter()
            .find(|member| member.position == position)
            .ok_or_else(|| Fault::refused(format!("the ceremony has no opener {position}")))
    }

    /// Refuses a ceremony in which one public body has enough openers to open alone.
    pub fn check_units(&self) -> Result<(), Fault> {
        let of = |unit: UnitId| self.members.iter().filter(|member| member.unit_id == unit).count();
        match self.members.iter().find(|member| of(member.unit_id) >= usize::from(self.threshold)) {
            None => Ok(()),
            Some(member) => Err(Fault::refused(format!("the unit {} has enough openers to open alone", member.unit_id))),
        }
    }

    /// Refuses a ceremony that is not the one an opener was told of.
    pub fn is_as_told(&self, told: Told) -> Result<(), Fault> {
        if self.tender_id != told.tender {
            return Err(Fault::refused(format!("the ceremony is for the tender {}", self.tender_id)));
        }
        if self.threshold != told.threshold {
            return Err(Fault::refused(format!("{} openers of this ceremony are enough, not {}", self.threshold, told.threshold)));
        }
        Ok(())
    }

    /// How many openers there are.
    pub fn count(&self) -> u16 {
        u16::try_from(self.members.len()).unwrap_or(u16::MAX)
    }
}

/// An opener's first package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstPackage {
    /// The package, base64.
    #[schema(min_length = 1, max_length = 4096, example = "AMdbgb0…")]
    pub package: String,
    /// Signature over format, ceremony, position and the package's hash, base64.
    #[schema(min_length = 1, max_length = 88, example = "x09…==")]
    pub signature: String,
}

/// A second package, sealed by one opener to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedShare {
    /// Position of the sender.
    #[schema(minimum = 1, maximum = 15, example = 1)]
    pub from: u16,
    /// Position of the receiver.
    #[schema(minimum = 1, maximum = 15, example = 2)]
    pub to: u16,
    /// age file, base64.
    #[schema(min_length = 1, max_length = 4096, example = "YWdlLWVuY3J5cHRpb24…")]
    pub ciphertext: String,
    /// Signature over format, ceremony, first packages, sender, receiver and the ciphertext's hash, base64.
    #[schema(min_length = 1, max_length = 88, example = "x09…==")]
    pub signature: String,
}

/// What is inside a sealed share: it says again whose it is and for whom, so that it cannot be passed on as another's.
#[derive(Serialize, Deserialize)]
pub(super) struct Inside {
    pub ceremony: String,
    pub round1: String,
    pub from: u16,
    pub to: u16,
    pub package: String,
}

/// A ceremony as the server shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Board {
    /// The ceremony.
    pub id: CeremonyId,
    /// The tender.
    pub tender_id: TenderId,
    /// Openers needed to open.
    pub threshold: u16,
    /// Openers by position.
    pub openers: Vec<Seat>,
    /// Sealed shares.
    pub shares: Vec<SealedShare>,
    /// The journal, where the server shows it.
    pub journal: Option<Proof>,
}

/// An opener on the board.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seat {
    /// Who.
    #[serde(flatten)]
    pub member: Member,
    /// Its first package.
    pub round1: Option<FirstPackage>,
    /// Its signature of the transcript, base64.
    pub transcript_signature: Option<String>,
}

impl Board {
    /// The statement that the board makes.
    pub fn statement(&self) -> Statement {
        Statement {
            format: STATEMENT.to_owned(),
            ceremony_id: self.id,
            tender_id: self.tender_id,
            threshold: self.threshold,
            members: self.openers.iter().map(|seat| seat.member.clone()).collect(),
        }
    }

    /// The first packages; `None` until all are there.
    pub fn first_packages(&self) -> Result<Option<Packages>, Fault> {
        let mut packages = Packages::new();
        for seat in &self.openers {
            let Some(first) = &seat.round1 else { return Ok(None) };
            packages.insert(seat.member.position, decode(&first.package)?);
        }
        Ok(Some(packages))
    }
}

/// What every opener signs at the end: whoever saw something else signs something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// [`TRANSCRIPT`].
    pub format: String,
    /// Hash of the statement.
    pub ceremony: String,
    /// SHA-256 of each first package by position, hex.
    pub round1: Vec<String>,
    /// SHA-256 of each sealed share by sender and receiver, hex.
    pub round2: Vec<Dealt>,
    /// The group's public key, compressed Edwards point, hex.
    pub group_key: String,
    /// The same as an age recipient.
    pub recipient: String,
    /// Verifying share of each opener by position, hex.
    pub verifying_shares: Vec<String>,
}

/// A sealed share in a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dealt {
    /// Sender.
    pub from: u16,
    /// Receiver.
    pub to: u16,
    /// SHA-256 of the ciphertext, hex.
    pub sha256: String,
}

impl Transcript {
    /// From what was relayed; anybody who sees it can compute it.
    pub fn of(statement: &Statement, packages: &Packages, shares: &[SealedShare]) -> Result<(Self, Group), Fault> {
        let group = dkg::group(statement.threshold, packages)?;
        let mut dealt = BTreeMap::new();
        for share in shares {
            dealt.insert((share.from, share.to), hex::encode(Sha256::digest(decode(&share.ciphertext)?)));
        }
        let expected: BTreeSet<(u16, u16)> = pairs(statement).collect();
        if dealt.keys().copied().collect::<BTreeSet<_>>() != expected || shares.len() != expected.len() {
            return Err(Fault::refused("the sealed shares are not one from each opener to each other"));
        }
        let transcript = Self {
            format: TRANSCRIPT.to_owned(),
            ceremony: statement.hash()?,
            round1: hashes(packages),
            round2: dealt.into_iter().map(|((from, to), sha256)| Dealt { from, to, sha256 }).collect(),
            group_key: hex::encode(group.key),
            recipient: group.recipient.clone(),
            verifying_shares: group.shares.values().map(hex::encode).collect(),
        };
        Ok((transcript, group))
    }

    /// SHA-256 of its canonical JSON, hex.
    pub fn hash(&self) -> Result<String, Fault> {
        digest(self)
    }

    /// The verifying share of a position.
    pub fn verifying_share(&self, position: u16) -> Result<Vec<u8>, Fault> {
        let index = usize::from(position).checked_sub(1);
        let found = index.and_then(|index| self.verifying_shares.get(index)).and_then(|share| hex::decode(share).ok());
        found.ok_or_else(|| Fault::refused(format!("the transcript has no verifying share {position}")))
    }
}

fn pairs(statement: &Statement) -> impl Iterator<Item = (u16, u16)> {
    let count = statement.count();
    (1..=count).flat_map(move |from| (1..=count).filter(move |to| *to != from).map(move |to| (from, to)))
}

fn hashes(packages: &Packages) -> Vec<String> {
    packages.values().map(|package| hex::encode(Sha256::digest(package))).collect()
}

/// One hash over all first packages: who deals shares says for which.
pub fn round1_hash(packages: &Packages) -> Result<String, Fault> {
    digest(&hashes(packages))
}

/// What an opener signs with its first package.
pub fn first_text(ceremony: &str, position: u16, package: &[u8]) -> String {
    format!("baiyi-opener-round1-1\n{ceremony}\n{position}\n{}\n", hex::encode(Sha256::digest(package)))
}

/// What an opener signs with a sealed share.
pub fn share_text(ceremony: &str, round1: &str, from: u16, to: u16, ciphertext: &[u8]) -> String {
    format!("baiyi-opener-round2-1\n{ceremony}\n{round1}\n{from}\n{to}\n{}\n", hex::encode(Sha256::digest(ciphertext)))
}

/// What an opener signs when it agrees to the transcript.
pub fn transcript_text(transcript: &str, position: u16) -> String {
    format!("{TRANSCRIPT}\n{transcript}\n{position}\n")
}

/// What proves that whoever registers a key holds it.
pub fn key_text(account: AccountId, recipient: &str) -> String {
    format!("baiyi-opener-key-1\n{account}\n{recipient}\n")
}

/// 128 bits of SHA-256 over both public keys, hex: short enough to be read out, long enough that nobody makes another with it.
pub fn fingerprint(signing_key: &str, recipient: &str) -> String {
    let digest = Sha256::digest(format!("baiyi-opener-fingerprint-1\n{signing_key}\n{recipient}\n"));
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// Whether an Ed25519 key (hex) made the signature (base64) of a text.
pub fn is_signed(signing_key: &str, text: &str, signature: &str) -> bool {
    let (Ok(key), Ok(signature)) = (hex::decode(signing_key), STANDARD.decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(text.as_bytes(), &signature).is_ok()
}

/// Decodes base64.
pub fn decode(text: &str) -> Result<Vec<u8>, Fault> {
    STANDARD.decode(text).map_err(|_| Fault::refused("not base64"))
}

/// SHA-256 of a value's canonical JSON (RFC 8785), hex.
pub(super) fn digest(value: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json_canonicalizer::to_string(value).map_err(|e| Fault::refused(e.to_string()))?;
    Ok(hex::encode(Sha256::digest(text)))
}
