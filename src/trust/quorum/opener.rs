//! An opener's own program in a ceremony: what it keeps, what it does next with what the server shows, and what it refuses. It trusts the server with nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use age::x25519::Identity;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Fault;
use super::dkg::{self, Packages, Secret};
use super::journal::{Kept, Proof, included};
use super::messages::{
    Board, FirstPackage, Inside, SealedShare, Statement, Transcript, decode, fingerprint, first_text, is_signed, key_text, round1_hash,
    share_text, transcript_text,
};
use crate::kernel::id::AccountId;
use crate::kernel::{Error, Result as Outcome, UtcInstant};
use crate::trust::keys;
use crate::trust::sealing::open_with;

/// Longest sealed share, in bytes.
const SHARE_MAX: usize = 16 * 1024;

/// An opener's own keys: one signs, to the other the shares of a ceremony are sealed.
pub struct OpenerKeys {
    pair: Ed25519KeyPair,
    identity: Identity,
}

impl OpenerKeys {
    /// Makes the key files that are missing, readable by their owner only; says whether any was.
    pub fn create(folder: &Path) -> Outcome<bool> {
        let signing = keys::create_signing_key(&folder.join("signing.pem"))?;
        let sealing = keys::create_sealing_key(&folder.join("sealing.age"))?;
        Ok(signing || sealing)
    }

    /// Reads the key files.
    pub fn read(folder: &Path) -> Outcome<Self> {
        let pair = keys::read_ed25519(&folder.join("signing.pem"))?;
        let text = keys::read_secret(&folder.join("sealing.age"))?;
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or("");
        let identity = line.parse().map_err(|e: &str| Error::internal(format!("sealing.age holds no age identity: {e}")))?;
        Self::from_parts(&pair, identity)
    }

    /// Fresh keys that are not kept (tests).
    pub fn ephemeral() -> Outcome<Self> {
        Self::from_parts(&keys::generate_pkcs8()?, Identity::generate())
    }

    fn from_parts(pkcs8: &[u8], identity: Identity) -> Outcome<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(format!("the opener's key: {e}")))?;
        Ok(Self { pair, identity })
    }

    /// Ed25519 public key, hex.
    pub fn signing_key(&self) -> String {
        hex::encode(self.pair.public_key().as_ref())
    }

    /// age recipient.
    pub fn recipient(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// What people compare.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.signing_key(), &self.recipient())
    }

    /// Proves to the server that an account holds the keys.
    pub fn possession(&self, account: AccountId) -> String {
        self.sign(&key_text(account, &self.recipient()))
    }

    /// Signs a text; base64.
    pub fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.pair.sign(text.as_bytes()))
    }
}

/// What an opener keeps of a ceremony. Secret as a whole.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// What the ceremony is about, as it was when this opener joined.
    pub statement: Statement,
    /// Its own position.
    pub position: u16,
    /// Secret of round 1 until shares are dealt, base64.
    first_secret: Option<Zeroizing<String>>,
    first: Option<FirstPackage>,
    /// Hash of everybody's first packages, as this opener saw them.
    round1: Option<String>,
    /// Secret of round 2 until the end, base64.
    second_secret: Option<Zeroizing<String>>,
    sent: Vec<SealedShare>,
    /// Its share of the group's secret, hex.
    pub(super) share: Option<Zeroizing<String>>,
    /// What it signed.
    pub transcript: Option<Transcript>,
    /// Whether everybody signed the same.
    pub complete: bool,
    /// The journal as it was seen last.
    pub journal: Kept,
    /// Whether the transcript that it signed was seen in the journal.
    #[serde(default)]
    pub journalled: bool,
    /// The latest deadline of bids that was seen.
    pub deadline: Option<UtcInstant>,
    /// The closing that was contributed to; there is never another.
    pub(super) root: Option<String>,
}

/// What an opener does next.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends its first package.
    SendFirst(FirstPackage),
    /// Sends its sealed shares.
    SendShares(Vec<SealedShare>),
    /// Signs the transcript with this hash.
    SendSignature {
        /// Hash of the transcript.
        transcript: String,
        /// Signature over it.
        signature: String,
    },
    /// Waits for the openers at these positions.
    Wait(Vec<u16>),
    /// Everybody signed the same transcript.
    Complete,
}

impl State {
    /// Joins a ceremony: finds its own keys in it, and takes nobody else for an opener than those whose fingerprints were compared out of band.
    pub fn join(keys: &OpenerKeys, board: &Board, peers: &[String]) -> Result<Self, Fault> {
        let statement = board.statement();
        let own = statement.members.iter().find(|member| member.signing_key == keys.signing_key());
        let own = own.ok_or_else(|| Fault::refused("this ceremony does not name this program's key"))?;
        if own.recipient != keys.recipient() {
            return Err(Fault::refused("the server shows another recipient for this program's key"));
        }
        let position = own.position;
        let positions: Vec<u16> = statement.members.iter().map(|member| member.position).collect();
        if positions != (1..=statement.count()).collect::<Vec<_>>() || statement.threshold < 2 || statement.threshold > statement.count() {
            return Err(Fault::refused("the ceremony's positions or threshold are not in order"));
        }
        statement.check_units()?;
        let others = statement.members.iter().filter(|member| member.position != position);
        let shown: BTreeSet<String> = others.clone().map(|member| member.fingerprint()).collect();
        let compared: BTreeSet<String> = peers.iter().map(|peer| peer.trim().to_lowercase()).collect();
        if shown != compared || shown.len() != statement.members.len().saturating_sub(1) {
            let list: Vec<String> = others.map(|member| format!("  {} {}", member.fingerprint(), member.name)).collect();
            let list = list.join("\n");
            return Err(Fault::refused(format!(
                "compare these fingerprints with each opener by another way than this server, then name exactly them with --peer:\n{list}"
            )));
        }
        Ok(Self {
            statement,
            position,
            first_secret: None,
            first: None,
            round1: None,
            second_secret: None,
            sent: Vec::new(),
            share: None,
            transcript: None,
            complete: false,
            journal: Kept::default(),
            journalled: false,
            deadline: None,
            root: None,
        })
    }

    /// The recipient that this opener helped to make, once its transcript is known.
    pub fn recipient(&self) -> Option<&str> {
        self.transcript.as_ref().map(|transcript| transcript.recipient.as_str())
    }

    /// Looks at the board and says what to do. Keep the state before doing it: what was sent once is sent again, never something else.
    pub fn advance(&mut self, keys: &OpenerKeys, board: &Board) -> Result<Step, Fault> {
        if board.statement() != self.statement {
            return Err(Fault::refused("the server shows another ceremony than before: openers, keys or threshold changed"));
        }
        let ceremony = self.statement.hash()?;
        if let Some(step) = self.send_first(keys, board, &ceremony)? {
            return Ok(step);
        }
        let missing = waiting(board, |seat| seat.round1.is_some());
        let Some(packages) = board.first_packages()?.filter(|_| missing.is_empty()) else { return Ok(Step::Wait(missing)) };
        let round1 = self.see_round1(board, &packages, &ceremony)?;
        if let Some(step) = self.deal(keys, board, &packages, &ceremony, &round1)? {
            return Ok(step);
        }
        let dealt = |from: u16| board.shares.iter().filter(|share| share.from == from).count();
        let missing: Vec<u16> = self
            .statement
            .members
            .iter()
            .map(|one| one.position)
            .filter(|of| dealt(*of) < usize::from(self.statement.count()).saturating_sub(1))
            .collect();
        if !missing.is_empty() {
            return Ok(Step::Wait(missing));
        }
        self.finish(keys, board, &packages, &ceremony, &round1)?;
        self.agree(keys, board)
    }

    /// Follows the journal; when the server shows the entry of the ceremony's end, it must be in it and name the transcript that this opener signed.
    pub fn see_journal(&mut self, proof: &Proof) -> Result<(), Fault> {
        let mut kept = self.journal.clone();
        let head = kept.follow(proof)?;
        if let Some(entry) = &proof.entry {
            let said = included(&head, entry)?;
            let text = |pointer: &str| said.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
            let transcript = self.transcript.as_ref().ok_or_else(|| Fault::refused("there is no transcript yet"))?;
            let names_it = text("/action") == "ceremony.completed"
                && text("/resource_id") == self.statement.ceremony_id.to_string()
                && text("/content/transcript_sha256") == transcript.hash()?;
            if !names_it {
                return Err(Fault::refused("the journal's entry names another transcript than this opener signed"));
            }
            self.journalled = true;
        }
        self.journal = kept;
        Ok(())
    }

    fn send_first(&mut self, keys: &OpenerKeys, board: &Board, ceremony: &str) -> Result<Option<Step>, Fault> {
        let shown = board.openers.iter().find(|seat| seat.member.position == self.position).and_then(|seat| seat.round1.clone());
        let first = match (&self.first, &shown) {
            (Some(first), _) => first.clone(),
            (None, Some(_)) => {
                return Err(Fault::refused("the server shows a first package of this opener that this program did not make"));
            }
            (None, None) => {
                let (secret, package) = dkg::begin(self.position, self.statement.threshold, self.statement.count())?;
                let signature = keys.sign(&first_text(ceremony, self.position, &package));
                self.first_secret = Some(Zeroizing::new(STANDARD.encode(&*secret)));
                self.first.insert(FirstPackage { package: STANDARD.encode(package), signature }).clone()
            }
        };
        match shown {
            None => Ok(Some(Step::SendFirst(first))),
            Some(shown) if shown == first => Ok(None),
            Some(_) => Err(Fault::refused("the server shows another first package of this opener than it sent")),
        }
    }

    /// Everybody's first packages, signed by whom they are said to be of, and the same at every look.
    fn see_round1(&mut self, board: &Board, packages: &Packages, ceremony: &str) -> Result<String, Fault> {
        for seat in &board.openers {
            let (position, first) = (seat.member.position, seat.round1.as_ref());
            let package = packages.get(&position).map(Vec::as_slice).unwrap_or_default();
            let text = first_text(ceremony, position, package);
            if !first.is_some_and(|first| is_signed(&seat.member.signing_key, &text, &first.signature)) {
                return Err(Fault::refused(format!("the first package shown for opener {position} is not signed by it for this ceremony")));
            }
        }
        let round1 = round1_hash(packages)?;
        if *self.round1.get_or_insert_with(|| round1.clone()) != round1 {
            return Err(Fault::refused("the server shows other first packages than before"));
        }
        Ok(round1)
    }

    fn deal(&mut self, keys: &OpenerKeys, board: &Board, packages: &Packages, ceremony: &str, round1: &str) -> Result<Option<Step>, Fault> {
        if self.sent.is_empty() {
            let secret =
                self.first_secret.as_ref().ok_or_else(|| Fault::refused("the secret of round 1 is lost: name the openers anew"))?;
            let secret = Zeroizing::new(decode(secret)?);
            let (second, dealt) = dkg::deal(&secret, &without(packages, self.position))?;
            let mut sent = Vec::new();
            for (to, package) in dealt {
                sent.push(self.seal(keys, to, &package, ceremony, round1)?);
            }
            self.second_secret = Some(Zeroizing::new(STANDARD.encode(&*second)));
            self.sent = sent;
            self.first_secret = None;
        }
        let shown: Vec<SealedShare> = board.shares.iter().filter(|share| share.from == self.position).cloned().collect();
        if shown.is_empty() {
            return Ok(Some(Step::SendShares(self.sent.clone())));
        }
        let same = shown.len() == self.sent.len() && self.sent.iter().all(|share| shown.contains(share));
        if same { Ok(None) } else { Err(Fault::refused("the server shows other shares of this opener than it sent")) }
    }

    fn seal(&self, keys: &OpenerKeys, to: u16, package: &[u8], ceremony: &str, round1: &str) -> Result<SealedShare, Fault> {
        let inside =
            Inside { ceremony: ceremony.to_owned(), round1: round1.to_owned(), from: self.position, to, package: STANDARD.encode(package) };
        let recipient: age::x25519::Recipient =
            self.statement.member(to)?.recipient.parse().map_err(|e| Fault::of(to, format!("its recipient: {e}")))?;
        let plain = Zeroizing::new(serde_json::to_vec(&inside).map_err(|e| Fault::refused(e.to_string()))?);
        let ciphertext = age::encrypt(&recipient, &plain).map_err(|e| Fault::refused(format!("sealing: {e}")))?;
        let signature = keys.sign(&share_text(ceremony, round1, self.position, to, &ciphertext));
        Ok(SealedShare { from: self.position, to, ciphertext: STANDARD.encode(ciphertext), signature })
    }

    /// Opens the shares sealed to this opener, finds its own share of the key, and the transcript.
    fn finish(&mut self, keys: &OpenerKeys, board: &Board, packages: &Packages, ceremony: &str, round1: &str) -> Result<(), Fault> {
        let mut dealt = BTreeMap::new();
        for share in &board.shares {
            let (from, ciphertext) = (share.from, decode(&share.ciphertext)?);
            let sender = self.statement.member(from)?;
            if !is_signed(&sender.signing_key, &share_text(ceremony, round1, from, share.to, &ciphertext), &share.signature) {
                return Err(Fault::refused(format!("a share shown for opener {from} is not signed by it over the same first packages")));
            }
            if share.to == self.position {
                dealt.insert(from, self.unseal(keys, from, &ciphertext, ceremony, round1)?);
            }
        }
        let (transcript, group) = Transcript::of(&self.statement, packages, &board.shares)?;
        match &self.transcript {
            Some(before) if *before != transcript => return Err(Fault::refused("the server shows another transcript than before")),
            Some(_) => return Ok(()),
            None => {}
        }
        let secret = self.second_secret.as_ref().ok_or_else(|| Fault::refused("the secret of round 2 is lost: name the openers anew"))?;
        let secret = Zeroizing::new(decode(secret)?);
        let (share, found) = dkg::finish(&secret, &without(packages, self.position), &dealt)?;
        if found != group {
            return Err(Fault::refused("the key that this opener found is not the one that the first packages give"));
        }
        self.share = Some(Zeroizing::new(hex::encode(share.as_slice())));
        self.transcript = Some(transcript);
        self.second_secret = None;
        Ok(())
    }

    fn unseal(&self, keys: &OpenerKeys, from: u16, ciphertext: &[u8], ceremony: &str, round1: &str) -> Result<Secret, Fault> {
        let plain = open_with(&keys.identity, ciphertext, SHARE_MAX)
            .map(Zeroizing::new)
            .ok_or_else(|| Fault::of(from, "its share does not open"))?;
        let inside: Inside = serde_json::from_slice(&plain).map_err(|e| Fault::of(from, format!("its share: {e}")))?;
        let bound = inside.ceremony == ceremony && inside.round1 == round1 && inside.from == from && inside.to == self.position;
        if !bound {
            return Err(Fault::of(from, "its share is for another ceremony or opener"));
        }
        decode(&inside.package).map(Zeroizing::new).map_err(|_| Fault::of(from, "its share is not base64"))
    }

    /// Signs the transcript, and is content only when everybody signed the same.
    fn agree(&mut self, keys: &OpenerKeys, board: &Board) -> Result<Step, Fault> {
        let hash = self.transcript.as_ref().ok_or_else(|| Fault::refused("there is no transcript yet"))?.hash()?;
        let mut missing = Vec::new();
        for seat in &board.openers {
            let position = seat.member.position;
            match &seat.transcript_signature {
                None if position == self.position => {
                    let signature = keys.sign(&transcript_text(&hash, position));
                    return Ok(Step::SendSignature { transcript: hash, signature });
                }
                None => missing.push(position),
                Some(signature) if is_signed(&seat.member.signing_key, &transcript_text(&hash, position), signature) => {}
                Some(_) => return Err(Fault::of(position, "it signed another transcript than this opener saw")),
            }
        }
        if !missing.is_empty() {
            return Ok(Step::Wait(missing));
        }
        self.complete = true;
        Ok(Step::Complete)
    }
}

fn waiting(board: &Board, there: impl Fn(&super::messages::Seat) -> bool) -> Vec<u16> {
    board.openers.iter().filter(|seat| !there(seat)).map(|seat| seat.member.position).collect()
}

fn without(packages: &Packages, position: u16) -> Packages {
    packages.iter().filter(|(of, _)| **of != position).map(|(of, package)| (*of, package.clone())).collect()
}
