//! `baiyi seal`: a bidder seals and signs its bid on its own machine, offline. The server never sees what is sealed here.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::kernel::id::OrganisationId;
use crate::kernel::{Error, Result};
use crate::parties::organisations::signing_keys::Possession;
use crate::procurement::bids::offer::PlainOffer;
use crate::procurement::bids::sealer::{self, Preparation, Recipients};
use crate::trust::envelope;
use crate::trust::keys;
use crate::trust::quorum::custody::Custody;
use crate::trust::sealing::{SealingKey, file_key};
use crate::trust::signing::{self, LocalKey};

/// What the command is asked.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    sealing: Option<Sealing>,
}

#[derive(Subcommand)]
enum Command {
    /// Make an Ed25519 key for signing bids, and print the request that registers it.
    Keygen {
        /// The key file; it must not exist.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// The organisation that will sign with it.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
    },
    /// Print the file keys of a bid of yours, which your recovery key unwraps, as the request that reveals it when the openers are lost.
    Reveal(Revealing),
}

/// What is revealed.
#[derive(Args)]
pub struct Revealing {
    /// The age identity file of your recovery key.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// A ciphertext of the bid as it was sent: the offer and each file; given once for each.
    #[arg(long = "ciphertext", value_name = "FILE", required = true)]
    pub ciphertexts: Vec<PathBuf>,
}

/// What is sealed, and where to.
#[derive(Args)]
pub struct Sealing {
    /// The answer of GET /lots/{lot_id}/sealing, as a file.
    #[arg(long, value_name = "FILE")]
    pub preparation: PathBuf,
    /// The offer as JSON: price, text, and if wanted subcontracting and declarations.
    #[arg(long, value_name = "FILE")]
    pub offer: PathBuf,
    /// A file that goes with it; may be given several times.
    #[arg(long = "attachment", value_name = "FILE")]
    pub attachments: Vec<PathBuf>,
    /// A new folder for what is sealed.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
    /// The organisation's signing key.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Your own age recipient, which can open the bid too if the openers cannot.
    #[arg(long, value_name = "RECIPIENT")]
    pub recovery: Option<String>,
    /// The recipient that the printed notice names; what the server names must be the same.
    #[arg(long, value_name = "RECIPIENT")]
    pub recipient: Option<String>,
    /// The answer of GET /tenders/{tender_id}/custody, as a file: the openers named with --opener must have made the recipient together.
    #[arg(long, value_name = "FILE", requires = "openers")]
    pub custody: Option<PathBuf>,
    /// Fingerprint of an opener as the printed notice or the opener tells it; given once for each.
    #[arg(long = "opener", value_name = "FINGERPRINT", requires = "custody")]
    pub openers: Vec<String>,
    /// Seal to whatever the server names, which nobody has compared with the notice.
    #[arg(long)]
    pub unconfirmed: bool,
}

/// Runs the command.
pub fn run(options: Options) -> Result<()> {
    match (options.command, options.sealing) {
        (Some(Command::Keygen { to, organisation }), _) => {
            println!("{}", keygen(&to, organisation)?);
            Ok(())
        }
        (Some(Command::Reveal(asked)), _) => {
            println!("{}", reveal(&asked)?);
            Ok(())
        }
        (None, Some(sealing)) => {
            println!("{}", seal(&sealing)?);
            Ok(())
        }
        (None, None) => Err(Error::internal("say what to seal; see baiyi seal --help")),
    }
}

/// Makes a key file; gives the request that registers the key, with its fingerprint for the second person.
pub fn keygen(to: &Path, organisation: OrganisationId) -> Result<String> {
    if !keys::create_signing_key(to)? {
        return Err(Error::internal(format!("{} exists; a key is never overwritten", to.display())));
    }
    let key = LocalKey::read(to)?;
    let public = key.public();
    let proof = key.sign(&signing::canonical(&Possession::of(organisation, &public))?);
    let request = json!({"public_key": public, "proof": proof, "demanded": false});
    let fingerprint = signing::fingerprint(&public).unwrap_or_default();
    eprintln!("fingerprint for the second person: {fingerprint}");
    eprintln!("body of POST /api/v1/organisations/{organisation}/signing-keys:");
    Ok(request.to_string())
}

/// The body of `POST /bids/{bid_id}/reveal`.
pub fn reveal(asked: &Revealing) -> Result<String> {
    let identity = SealingKey::parse(&keys::read_secret(&asked.key)?)?;
    let mut given = Vec::new();
    for path in &asked.ciphertexts {
        let ciphertext = std::fs::read(path).map_err(|e| Error::internal(format!("cannot read {}: {e}", path.display())))?;
        let binary = envelope::normalise(&ciphertext, true)
            .map_err(|_| Error::internal(format!("{} is not an age file with a recovery recipient", path.display())))?;
        let key = file_key(&identity, &binary).ok_or_else(|| Error::internal(format!("{} is not sealed to this key", path.display())))?;
        given.push(json!({"ciphertext_sha256": hex::encode(Sha256::digest(&binary)), "file_key": STANDARD.encode(key)}));
    }
    Ok(json!({"file_keys": given}).to_string())
}

/// Seals the attachments, then the offer that binds them, into a new folder; gives a summary.
///
/// The folder holds `attachment-1.age` and so on, `offer.age`, `statement.json` (what is signed, byte by byte) and `request.json` (the body of the
/// submission, in which the ids of the uploads are still to be filled in).
pub fn seal(asked: &Sealing) -> Result<String> {
    let preparation: Preparation = json(&asked.preparation)?;
    check_recipient(&preparation, asked)?;
    let offer: PlainOffer = json(&asked.offer)?;
    let recipients = Recipients::parse(&preparation.recipient, asked.recovery.as_deref())?;
    let key = asked.key.as_deref().map(LocalKey::read).transpose()?;
    make_folder(&asked.to)?;
    let (mut files, mut hashes) = (Vec::new(), Vec::new());
    for (path, number) in asked.attachments.iter().zip(1_usize..) {
        let input = File::open(path).map_err(|e| Error::internal(format!("cannot read {}: {e}", path.display())))?;
        let name = format!("attachment-{number}.age");
        let output = BufWriter::new(create(&asked.to.join(&name))?);
        let sealed = sealer::seal_file(&recipients, BufReader::new(input), output)?;
        hashes.push(sealed.sha256.clone());
        files.push(json!({"file": name, "of": path.display().to_string(), "ciphertext_sha256": sealed.ciphertext_sha256,
            "ciphertext_bytes": sealed.ciphertext_bytes}));
    }
    let sealed = sealer::seal_offer(&preparation, &recipients, &offer, hashes, key.as_ref())?;
    write(&asked.to.join("offer.age"), &sealed.file)?;
    write(&asked.to.join("statement.json"), sealed.statement.as_bytes())?;
    write(&asked.to.join("request.json"), text(&sealed.submission)?.as_bytes())?;
    let next: &[&str] = if files.is_empty() {
        &["POST request.json to /api/v1/lots/{lot_id}/bids", "keep the receipt"]
    } else {
        &[
            "POST each attachment to /api/v1/lots/{lot_id}/bid-attachments?sealed=true and put its id into attachment_ids of request.json",
            "POST request.json to /api/v1/lots/{lot_id}/bids",
            "keep the receipt",
        ]
    };
    text(&json!({"lot_id": preparation.lot_id, "sequence": preparation.sequence, "recipient": preparation.recipient,
        "recipient_confirmed": !asked.unconfirmed, "ciphertext_sha256": sealed.ciphertext_sha256,
        "signed": key.is_some(), "attachments": files, "next": next}))
}

/// The server could name a recipient of its own to one bidder: what the notice prints and what openers signed it cannot change.
fn check_recipient(preparation: &Preparation, asked: &Sealing) -> Result<()> {
    let shown = &preparation.recipient;
    if let Some(told) = asked.recipient.as_ref().filter(|told| told.trim() != shown) {
        return Err(Error::internal(format!("the server names the recipient {shown}, and the notice {told}: nothing is sealed")));
    }
    let Some(file) = &asked.custody else {
        return if asked.recipient.is_some() || asked.unconfirmed { Ok(()) } else { Err(nobody_compared(shown)) };
    };
    let custody: Custody = json(file)?;
    custody.check(preparation.tender_id, shown, &asked.openers).map_err(|fault| Error::internal(fault.to_string()))
}

fn nobody_compared(shown: &str) -> Error {
    Error::internal(format!(
        "the server names the recipient {shown}, which could be its own: name the one that the printed notice names (--recipient), or the openers who made it \
         (--custody and --opener); --unconfirmed seals to it all the same, and nothing is sealed now"
    ))
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|e| Error::internal(e.to_string()))
}

fn json<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let bytes = std::fs::read(file).map_err(|e| Error::internal(format!("cannot read {}: {e}", file.display())))?;
    serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("{}: {e}", file.display())))
}

fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(|e| Error::internal(format!("cannot make {}: {e}", folder.display())))
}

fn create(file: &Path) -> Result<File> {
    File::create_new(file).map_err(|e| Error::internal(format!("cannot write {}: {e}", file.display())))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    create(file)?.write_all(bytes).map_err(|e| Error::internal(format!("cannot write {}: {e}", file.display())))
}
