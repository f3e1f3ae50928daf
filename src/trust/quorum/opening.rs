//! The opening by a quorum: the closing that names the exact set of bids, what an opener checks before it contributes, and what the server checks of it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::combine::Contributed;
use super::journal::{Proof, included};
use super::messages::{Member, decode, is_signed};
use super::opener::{OpenerKeys, State};
use super::partial::Share;
use super::{Fault, Point};
use crate::kernel::UtcInstant;
use crate::kernel::id::{AttachmentId, BidId, CeremonyId, LotId, TenderId};

/// Format of a closing.
pub const CLOSING: &str = "baiyi-closing-1";
/// Seconds after the deadline before an opener contributes: a bid whose last byte came in time may still be on its way to the database.
pub const GRACE_SECONDS: i64 = 10;
/// Seconds after the deadline by which a server that runs has closed: one that waits longer could let a bid in and say that it came in time.
pub const LATEST_SECONDS: i64 = 3600;

/// Most points of one ciphertext: the tender's recipient and the bidder's own recovery key.
const POINTS_MAX: usize = 2;

/// The exact set of bids at the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// [`CLOSING`].
    pub format: String,
    /// The tender.
    pub tender_id: TenderId,
    /// The ceremony that made its key; null where the server holds it.
    pub ceremony_id: Option<CeremonyId>,
    /// Hash of the ceremony's transcript; null where the server holds the key.
    pub transcript_sha256: Option<String>,
    /// The recipient that bids were sealed to.
    pub recipient: String,
    /// The deadline.
    pub deadline: UtcInstant,
    /// Fewest bids of a lot that is opened.
    pub least: usize,
    /// Lots by number.
    pub lots: Vec<ClosedLot>,
}

/// A lot of a closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedLot {
    /// The lot.
    pub lot_id: LotId,
    /// Whether it has enough bids to be opened.
    pub opens: bool,
    /// Bids in the order they came.
    pub bids: Vec<ClosedBid>,
}

/// A bid of a closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedBid {
    /// The bid.
    pub bid_id: BidId,
    /// SHA-256 of its ciphertext, hex.
    pub sha256: String,
    /// Points of its header, base64; none where the server holds the key.
    pub points: Vec<String>,
    /// Its files by position.
    pub files: Vec<ClosedFile>,
}

/// A file of a bid in a closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedFile {
    /// The file.
    pub attachment_id: AttachmentId,
    /// SHA-256 of its ciphertext, hex.
    pub sha256: String,
    /// Points of its header, base64.
    pub points: Vec<String>,
}

impl ClosedBid {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.points.iter().chain(self.files.iter().flat_map(|file| &file.points))
    }
}

impl Closing {
    /// Its canonical text.
    pub fn text(&self) -> Result<String, Fault> {
        serde_json_canonicalizer::to_string(self).map_err(|e| Fault::refused(e.to_string()))
    }

    /// Reads a closing.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let closing: Self = serde_json::from_str(text).map_err(|e| Fault::refused(format!("the closing: {e}")))?;
        if closing.format == CLOSING { Ok(closing) } else { Err(Fault::refused("the closing is of another format")) }
    }

    /// Refuses what is listed twice: a lot, a bid, a ciphertext, or a point under two bids; and more points than a file has recipients. One bid that stands three
    /// times would be enough of them, and a point of one bid under another would open it there.
    pub fn distinct(&self) -> Result<(), Fault> {
        let twice = |what: &str, one: &dyn std::fmt::Display| Fault::refused(format!("{what} {one} is listed twice"));
        let (mut lots, mut bids, mut ciphertexts, mut points) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for lot in &self.lots {
            if !lots.insert(lot.lot_id) {
                return Err(twice("the lot", &lot.lot_id));
            }
            for bid in &lot.bids {
                if !bids.insert(bid.bid_id) {
                    return Err(twice("the bid", &bid.bid_id));
                }
                let of_files = bid.files.iter().map(|file| (&file.sha256, &file.points));
                for (sha256, of_file) in std::iter::once((&bid.sha256, &bid.points)).chain(of_files) {
                    if !ciphertexts.insert(sha256) {
                        return Err(twice("the ciphertext", sha256));
                    }
                    if of_file.len() > POINTS_MAX {
                        return Err(Fault::refused(format!("the ciphertext {sha256} has {} points", of_file.len())));
                    }
                }
                let own: BTreeSet<Point> = bid.all().map(read).collect::<Result<_, _>>()?;
                if own.iter().any(|point| !points.insert(*point)) {
                    return Err(Fault::refused("a point stands under two bids"));
                }
            }
        }
        Ok(())
    }

    fn points_of(&self, opens: bool) -> impl Iterator<Item = &String> {
        self.lots.iter().filter(move |lot| lot.opens == opens).flat_map(|lot| lot.bids.iter().flat_map(ClosedBid::all))
    }

    /// The points that openers work on: those of the lots that are opened, in order and each once. A point that also stands in a lot that stays shut
    /// would open something there, and is refused.
    pub fn points(&self) -> Result<Vec<Point>, Fault> {
        let shut: BTreeSet<Point> = self.points_of(false).map(read).collect::<Result<_, _>>()?;
        let (mut seen, mut points) = (BTreeSet::new(), Vec::new());
        for point in self.points_of(true).map(read) {
            let point = point?;
            if shut.contains(&point) {
                return Err(Fault::refused("a point stands in a lot that stays shut"));
            }
            if seen.insert(point) {
                points.push(point);
            }
        }
        Ok(points)
    }

    /// Takes points of lots that stay shut out of the others, and of every bid what stands in one before it: whoever copies a header loses its own bid and
    /// opens nothing.
    pub fn keep_shut(&mut self) {
        let mut taken = BTreeSet::new();
        let mut lots: Vec<&mut ClosedLot> = self.lots.iter_mut().collect();
        lots.sort_by_key(|lot| lot.opens);
        for bid in lots.into_iter().flat_map(|lot| &mut lot.bids) {
            bid.points.retain(|point| !taken.contains(point));
            for file in &mut bid.files {
                file.points.retain(|point| !taken.contains(point));
            }
            taken.extend(bid.all().cloned());
        }
    }
}

/// Read before it is compared: what is written in another way is the same point.
fn read(encoded: &String) -> Result<Point, Fault> {
    let point = STANDARD.decode(encoded).ok().and_then(|bytes| bytes.try_into().ok());
    point.ok_or_else(|| Fault::refused("a point is not of 32 bytes"))
}

/// The root of a closing: SHA-256 over format and canonical text, hex.
pub fn root_of(text: &str) -> String {
    hex::encode(Sha256::digest(format!("{CLOSING}\n{text}")))
}

/// What the proofs of a contribution are bound to.
pub fn context(root: &str, position: u16) -> String {
    format!("baiyi-opener-contribution-1\n{root}\n{position}\n")
}

/// What an opener signs with its contribution.
pub fn contribution_text(root: &str, position: u16, partials: &[u8]) -> String {
    format!("{}{}\n", context(root, position), hex::encode(Sha256::digest(partials)))
}

/// A closing as the server shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClosingBoard {
    /// Its root.
    pub root: String,
    /// Its canonical text.
    pub text: String,
    /// The journal with the entry that names the root.
    pub journal: Option<Proof>,
}

/// An opener's contribution to a closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenerContribution)]
pub struct Contribution {
    /// Root of the closing.
    #[schema(min_length = 64, max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub root: String,
    /// Product and proof for each point in order, base64.
    #[schema(max_length = 4_194_304, example = "5VafKj0…")]
    pub partials: String,
    /// Signature over format, root, position and the hash of the partials, base64.
    #[schema(min_length = 1, max_length = 88, example = "x09…==")]
    pub signature: String,
}

/// What the opener read in the printed notice: what the server names could be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The deadline of bids.
    pub deadline: UtcInstant,
    /// Fewest bids of a lot that is opened.
    pub least: usize,
    /// Whether the opener was told why the closing is published later than [`LATEST_SECONDS`] after the deadline.
    pub late: bool,
}

impl State {
    /// Notes a deadline of bids that was published; an earlier one than was seen is not believed.
    pub fn see_deadline(&mut self, deadline: UtcInstant) {
        self.deadline = self.deadline.max(Some(deadline));
    }

    /// Checks a closing against this program's own clock, key and memory, and the printed notice.
    pub fn check_closing(&mut self, board: &ClosingBoard, now: UtcInstant, notice: Notice) -> Result<Closing, Fault> {
        let transcript =
            self.transcript.as_ref().filter(|_| self.complete).ok_or_else(|| Fault::refused("the ceremony is not complete"))?;
        if root_of(&board.text) != board.root {
            return Err(Fault::refused("the root is not that of the closing"));
        }
        let closing = Closing::parse(&board.text)?;
        // What is signed is the root of this text and of no other.
        if closing.text()? != board.text {
            return Err(Fault::refused("the closing is not in its canonical text"));
        }
        if closing.tender_id != self.statement.tender_id || closing.ceremony_id != Some(self.statement.ceremony_id) {
            return Err(Fault::refused("the closing is of another tender or ceremony"));
        }
        if closing.recipient != transcript.recipient || closing.transcript_sha256.as_deref() != Some(transcript.hash()?.as_str()) {
            return Err(Fault::refused("the closing names another recipient than the one this opener helped to make"));
        }
        let deadline = closing.deadline;
        if notice.deadline != deadline || self.deadline.is_some_and(|seen| deadline < seen) {
            return Err(Fault::refused(format!("the closing names the deadline {deadline}, which is not the one that was published")));
        }
        if now < deadline.plus_seconds(GRACE_SECONDS) {
            return Err(Fault::refused(format!(
                "it is {now} by this machine's clock; nothing is opened before {deadline} and {GRACE_SECONDS} seconds"
            )));
        }
        if self.root.as_ref().is_some_and(|before| *before != board.root) {
            return Err(Fault::refused("this opener has contributed to another closing of this tender: the server shows two"));
        }
        if closing.least < notice.least {
            return Err(Fault::refused(format!(
                "the closing opens lots with {} bids, and the notice asks for {}",
                closing.least, notice.least
            )));
        }
        if closing.lots.iter().any(|lot| lot.opens && lot.bids.len() < closing.least) {
            return Err(Fault::refused("a lot with too few bids is to be opened"));
        }
        closing.points()?;
        closing.distinct()?;
        let journal = board.journal.as_ref().ok_or_else(|| Fault::refused("the journal has not integrated the closing yet; try again"))?;
        let closed_at = self.check_journal(journal, &board.root)?;
        if !notice.late && closed_at > deadline.plus_seconds(LATEST_SECONDS) {
            return Err(Fault::refused(format!(
                "the closing came at {closed_at}, more than {LATEST_SECONDS} seconds after the deadline: ask why, and open with --late if the answer holds"
            )));
        }
        Ok(closing)
    }

    /// When the journal says that the closing was published.
    fn check_journal(&mut self, proof: &Proof, root: &str) -> Result<UtcInstant, Fault> {
        let mut kept = self.journal.clone();
        let head = kept.follow(proof)?;
        let entry = proof.entry.as_ref().ok_or_else(|| Fault::refused("the closing is not in the journal yet; try again"))?;
        let said = included(&head, entry)?;
        let text = |pointer: &str| said.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default();
        let names_it = text("/action") == "tender.closed"
            && text("/resource_id") == self.statement.tender_id.to_string()
            && text("/content/root") == root;
        if !names_it {
            return Err(Fault::refused("the journal's entry does not name this closing"));
        }
        let at = UtcInstant::parse(text("/at")).map_err(|_| Fault::refused("the journal's entry names no instant"))?;
        self.journal = kept;
        Ok(at)
    }

    /// Contributes to a closing that was checked. Keep the state before sending it.
    pub fn contribute(&mut self, keys: &OpenerKeys, closing: &Closing) -> Result<Contribution, Fault> {
        let root = root_of(&closing.text()?);
        let hex = self.share.as_ref().ok_or_else(|| Fault::refused("this opener has no share"))?;
        let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(hex.as_bytes(), &mut *bytes).map_err(|_| Fault::refused("the share is damaged"))?;
        let share = Share::from_bytes(&bytes).ok_or_else(|| Fault::refused("the share is damaged"))?;
        let context = context(&root, self.position);
        let mut partials = Vec::new();
        for point in closing.points()? {
            let partial =
                share.contribute(context.as_bytes(), &point).ok_or_else(|| Fault::refused("a point that could leak the share"))?;
            partials.extend_from_slice(&partial);
        }
        let signature = keys.sign(&contribution_text(&root, self.position, &partials));
        self.root = Some(root.clone());
        Ok(Contribution { root, partials: STANDARD.encode(partials), signature })
    }
}

/// Whether the opener signed this contribution; if so, whether its proofs hold.
pub fn check_contribution(
    member: &Member,
    verifying: &[u8],
    closing: &Closing,
    root: &str,
    contribution: &Contribution,
) -> Result<Result<Contributed, Fault>, Fault> {
    let partials = decode(&contribution.partials)?;
    let signed = is_signed(&member.signing_key, &contribution_text(root, member.position, &partials), &contribution.signature);
    if contribution.root != root || !signed {
        return Err(Fault::refused(format!("not signed by opener {} over this closing", member.position)));
    }
    let context = context(root, member.position);
    Ok(Contributed::check(member.position, verifying, context.as_bytes(), &closing.points()?, &partials))
}
