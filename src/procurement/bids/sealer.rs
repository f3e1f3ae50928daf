//! The bidder's side of sealing, which `baiyi seal` runs offline: payload, padding, age and signature. Files pass through in chunks; nothing of them is
//! kept in memory or written in clear.

use std::io::{Read, Write};

use age::x25519::Recipient;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::offer::{Bound, PlainOffer};
use super::rules::FORMAT;
use super::statement::{Statement, Step};
use crate::kernel::id::{AttachmentId, LotId, OrganisationId, TenderId};
use crate::kernel::{Error, Result};
use crate::trust::padding;
use crate::trust::sealing::pad;
use crate::trust::signing::LocalKey;

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// What `GET /lots/{lot_id}/sealing` answers, as far as sealing needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct Preparation {
    /// age recipient of the tender.
    pub recipient: String,
    /// Format of the payload.
    pub format: String,
    /// Tender.
    pub tender_id: TenderId,
    /// Lot.
    pub lot_id: LotId,
    /// Amendment in force.
    pub amendment: i32,
    /// Bidder.
    pub organisation_id: OrganisationId,
    /// Number of the submission.
    pub sequence: i32,
    /// Members who confirmed.
    #[serde(default)]
    pub consortium: Vec<OrganisationId>,
    /// Hash of the submission before.
    pub previous_sha256: Option<String>,
}

/// Whom to seal to: the tender, and if wanted one's own recovery key.
pub struct Recipients {
    tender: Recipient,
    recovery: Option<Recipient>,
}

impl Recipients {
    /// Reads the recipients; both are `age1…`.
    pub fn parse(tender: &str, recovery: Option<&str>) -> Result<Self> {
        let parsed = |text: &str| text.trim().parse().map_err(|e: &str| Error::internal(format!("{text} is not an age recipient: {e}")));
        Ok(Self { tender: parsed(tender)?, recovery: recovery.map(parsed).transpose()? })
    }

    fn sealer<W: Write>(&self, output: W) -> Result<age::stream::StreamWriter<W>> {
        let all = std::iter::once(&self.tender).chain(&self.recovery);
        let encryptor = age::Encryptor::with_recipients(all.map(as_age)).map_err(|e| Error::internal(format!("sealing: {e}")))?;
        encryptor.wrap_output(output).map_err(fault)
    }
}

fn as_age(one: &Recipient) -> &dyn age::Recipient {
    one
}

fn fault(e: std::io::Error) -> Error {
    Error::internal(format!("sealing: {e}"))
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedFile {
    /// SHA-256 of the plaintext, as the payload binds it.
    pub sha256: String,
    /// SHA-256 of the age file, as the server shows it.
    pub ciphertext_sha256: String,
    /// Bytes of the age file.
    pub ciphertext_bytes: u64,
}

/// Hashes and counts what is written through it.
struct Noted<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Noted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// Seals a file as a stream, padded by Padmé. At most two pieces of it are in memory at a time.
pub fn seal_file(recipients: &Recipients, mut input: impl Read, output: impl Write) -> Result<SealedFile> {
    let mut sealer = recipients.sealer(Noted { inner: output, hash: Sha256::new(), bytes: 0 })?;
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    loop {
        let read = input.read(&mut piece).map_err(fault)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        sealer.write_all(bytes).map_err(fault)?;
    }
    let (zeros, trailer) = padding::tail(size);
    std::io::copy(&mut std::io::repeat(0).take(zeros), &mut sealer).map_err(fault)?;
    sealer.write_all(&trailer).map_err(fault)?;
    let mut noted = sealer.finish().map_err(fault)?;
    noted.flush().map_err(fault)?;
    Ok(SealedFile {
        sha256: hex::encode(hash.finalize()),
        ciphertext_sha256: hex::encode(noted.hash.finalize()),
        ciphertext_bytes: noted.bytes,
    })
}

/// The body of `POST /lots/{lot_id}/bids`, but for the ids of uploaded files.
#[derive(Debug, Clone, Serialize)]
pub struct Submission {
    /// The binary age file, base64.
    pub ciphertext: String,
    /// Ids that the uploads were given, to be filled in their order.
    pub attachment_ids: Vec<AttachmentId>,
    /// Signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Whether one's own recovery key is a second recipient.
    pub recovery_recipient: bool,
}

/// A sealed offer.
pub struct SealedOffer {
    /// The binary age file.
    pub file: Vec<u8>,
    /// Its SHA-256.
    pub ciphertext_sha256: String,
    /// What was signed, or may still be.
    pub statement: String,
    /// The request.
    pub submission: Submission,
}

/// Seals an offer for exactly the place that was prepared, with the hashes of its files' plaintexts, and signs it if there is a key.
pub fn seal_offer(
    preparation: &Preparation,
    recipients: &Recipients,
    offer: &PlainOffer,
    attachments: Vec<String>,
    key: Option<&LocalKey>,
) -> Result<SealedOffer> {
    if preparation.format != FORMAT {
        return Err(Error::internal(format!("the tender asks for {}, and this program seals {FORMAT}", preparation.format)));
    }
    let bound = Bound {
        tender: preparation.tender_id,
        lot: preparation.lot_id,
        organisation: preparation.organisation_id,
        amendment: preparation.amendment,
        sequence: preparation.sequence,
        members: preparation.consortium.clone(),
    };
    let plaintext = Zeroizing::new(pad(&offer.payload(&bound, attachments)?));
    let mut file = Vec::new();
    let mut sealer = recipients.sealer(&mut file)?;
    sealer.write_all(plaintext.as_bytes()).map_err(fault)?;
    sealer.finish().map_err(fault)?;
    let ciphertext_sha256 = hex::encode(Sha256::digest(&file));
    let statement = Statement {
        format: String::new(),
        tender_id: bound.tender,
        lot_id: bound.lot,
        amendment: bound.amendment,
        organisation_id: bound.organisation,
        ciphertext_sha256: ciphertext_sha256.clone(),
        sequence: bound.sequence,
        previous_sha256: preparation.previous_sha256.clone(),
    }
    .of(Step::Submission)
    .text()?;
    let submission = Submission {
        ciphertext: STANDARD.encode(&file),
        attachment_ids: Vec::new(),
        signature: key.map(|key| key.sign(&statement)),
        recovery_recipient: recipients.recovery.is_some(),
    };
    Ok(SealedOffer { file, ciphertext_sha256, statement, submission })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::kernel::{Fen, Money};
    use crate::procurement::bids::rules::{BidPayload, Opened, Place, judge};
    use crate::trust::envelope;
    use crate::trust::sealing::{PADDING_BYTES, SealingKey};
    use proptest::prelude::*;
    use uuid::Uuid;

    /// Counts what a sealing has taken in and not yet given out.
    struct Source<'c>(u64, &'c Cell<u64>);
    struct Sink<'c>(&'c Cell<u64>, &'c Cell<u64>);

    impl Read for Source<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = (buffer.len() as u64).min(self.0);
            buffer[..size as usize].fill(7);
            self.0 -= size;
            self.1.set(self.1.get() + size);
            Ok(size as usize)
        }
    }
    impl Write for Sink<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.set(self.0.get().saturating_sub(bytes.len() as u64));
            self.1.set(self.1.get() + bytes.len() as u64);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_large_file_passes_through_in_pieces() {
        let (held, out) = (Cell::new(0), Cell::new(0));
        let most = Cell::new(0);
        struct Watched<'c>(Source<'c>, &'c Cell<u64>);
        impl Read for Watched<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let read = self.0.read(buffer)?;
                self.1.set(self.1.get().max(self.0.1.get()));
                Ok(read)
            }
        }
        let key = SealingKey::ephemeral();
        let recipients = Recipients::parse(&key.recipient(), None).unwrap();
        let size = 32 * 1024 * 1024 + 5;
        let sealed = seal_file(&recipients, Watched(Source(size, &held), &most), Sink(&held, &out)).unwrap();
        assert!(most.get() <= 2 * PIECE as u64, "{} bytes were held", most.get());
        assert_eq!(sealed.ciphertext_bytes, out.get());
        assert!(out.get() > padding::padded(size));
    }

    fn preparation(key: &SealingKey) -> Preparation {
        let id = |n| Uuid::from_u128(n);
        Preparation {
            recipient: key.recipient(),
            format: FORMAT.to_owned(),
            tender_id: id(1).into(),
            lot_id: id(2).into(),
            amendment: 1,
            organisation_id: id(3).into(),
            sequence: 2,
            consortium: vec![id(4).into()],
            previous_sha256: Some("ab".repeat(32)),
        }
    }

    fn place(prepared: &Preparation, files: &[String]) -> Place {
        Place {
            tender: prepared.tender_id,
            lot: prepared.lot_id,
            amendments: vec![prepared.amendment],
            organisation: prepared.organisation_id,
            sequence: prepared.sequence,
            attachments: files.iter().cloned().map(Some).collect(),
            members: prepared.consortium.clone(),
        }
    }

    #[test]
    fn a_format_that_is_not_ours_is_refused() {
        let key = SealingKey::ephemeral();
        let other = Preparation { format: "baiyi-bid-9".to_owned(), ..preparation(&key) };
        let recipients = Recipients::parse(&key.recipient(), None).unwrap();
        let offer = PlainOffer { price: Money::from(Fen::new(1)), text: "方案".to_owned(), subcontracting: None, declarations: vec![] };
        assert!(seal_offer(&other, &recipients, &offer, vec![], None).is_err());
        assert!(Recipients::parse("age1nonsense", None).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn what_is_sealed_opens_bound_to_its_place_with_a_signature_over_its_hash(
            price in 1_i64..1_000_000_000, text in "[a-z方案]{1,9000}", files in prop::collection::vec("[0-9a-f]{64}", 0..5), recovery: bool
        ) {
            let (key, own, signing) = (SealingKey::ephemeral(), SealingKey::ephemeral(), LocalKey::ephemeral().unwrap());
            let prepared = preparation(&key);
            let own_recipient = own.recipient();
            let recipients = Recipients::parse(&prepared.recipient, recovery.then_some(own_recipient.as_str())).unwrap();
            let offer = PlainOffer { price: Money::from(Fen::new(price)), text: text.clone(), subcontracting: None, declarations: vec![] };
            let sealed = seal_offer(&prepared, &recipients, &offer, files.clone(), Some(&signing)).unwrap();
            prop_assert_eq!(&envelope::normalise(&sealed.file, recovery).unwrap(), &sealed.file);
            prop_assert_eq!(own.open(&sealed.file).is_some(), recovery);
            let plaintext = key.open(&sealed.file).unwrap();
            prop_assert_eq!(plaintext.len() % PADDING_BYTES, 0);
            let payload: BidPayload = serde_json::from_str(plaintext.trim_end()).unwrap();
            prop_assert_eq!((payload.price_fen, payload.nonce.len()), (price, 64));
            prop_assert!(matches!(judge(Some(&plaintext), &place(&prepared, &files), Fen::new(price)), Opened::Valid(_)));
            let elsewhere = Preparation { lot_id: Uuid::from_u128(9).into(), ..prepared.clone() };
            prop_assert_eq!(judge(Some(&plaintext), &place(&elsewhere, &files), Fen::new(price)), Opened::Unusable("not_bound"));
            prop_assert!(sealed.statement.contains(&sealed.ciphertext_sha256));
            let signature = sealed.submission.signature.unwrap();
            prop_assert!(crate::trust::signing::verify(&signing.public(), &sealed.statement, &signature));
        }
    }
}
