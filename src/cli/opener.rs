//! `baiyi opener`: an opener's own program. It keeps its keys and shares in a local folder, speaks to the server over HTTP and believes it nothing that it can check.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::kernel::id::{AccountId, CeremonyId, TenderId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::trust::keys::read_secret;
use crate::trust::quorum::Fault;
use crate::trust::quorum::journal::unwitnessed;
use crate::trust::quorum::messages::{Board, Told};
use crate::trust::quorum::opener::{OpenerKeys, State, Step};
use crate::trust::quorum::opening::{ClosingBoard, Notice};

/// Pause between two looks at a ceremony.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest answer that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

#[derive(Args)]
pub struct Options {
    /// Folder of keys and shares, on a machine that is not the server's.
    #[arg(long, global = true, value_name = "FOLDER", default_value = "baiyi-opener")]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Server {
    /// Address of the server, such as https://baiyi.example.
    #[arg(long, value_name = "URL")]
    server: Url,
    /// File with an API token of the opener's account; scopes: read, opener_keys.register, opener_ceremonies.send_package, .send_shares, .sign,
    /// tenders.close, tenders.contribute.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Make the key files, readable by you only, and print the fingerprint.
    Init,
    /// Tell the server the public keys. Another person then confirms the fingerprint, which you tell face to face or by telephone.
    Register(Server),
    /// Take part in a ceremony until every opener signed the same transcript.
    Join {
        #[command(flatten)]
        server: Server,
        /// The ceremony.
        #[arg(long)]
        ceremony: CeremonyId,
        /// The tender that you were asked to open, as it was told by another way than the server.
        #[arg(long)]
        tender: TenderId,
        /// How many of the openers are enough, as it was told by another way than the server.
        #[arg(long, value_name = "NUMBER")]
        threshold: u16,
        /// Fingerprint of each other opener, compared by another way than the server.
        #[arg(long, value_name = "FINGERPRINT")]
        peer: Vec<String>,
        /// Key of the journal (vkey), as it was told by another way than the server; otherwise the first one seen is kept.
        #[arg(long, value_name = "VKEY")]
        journal_key: Option<String>,
        /// Look once and do not wait for the others.
        #[arg(long)]
        once: bool,
    },
    /// After the publication: that bidders are shown the recipient this opener helped to make; the deadline is remembered.
    Check {
        #[command(flatten)]
        server: Server,
        /// The ceremony.
        #[arg(long)]
        ceremony: CeremonyId,
    },
    /// After the deadline: check the closing and contribute to the opening.
    Open {
        #[command(flatten)]
        server: Server,
        /// The ceremony.
        #[arg(long)]
        ceremony: CeremonyId,
        /// The deadline that the printed notice names, such as 2026-03-13T01:00:00Z; it must be the closing's.
        #[arg(long, value_name = "INSTANT")]
        deadline: String,
        /// Fewest bids of a lot that is opened, as the printed notice says.
        #[arg(long, value_name = "NUMBER")]
        least: usize,
        /// The closing came more than an hour after the deadline, and you were told why.
        #[arg(long)]
        late: bool,
        /// A witness (vkey) that must have cosigned the checkpoint which proves the closing; may be given several times.
        #[arg(long, value_name = "VKEY")]
        witness: Vec<String>,
    },
}

/// Runs the command.
pub async fn run(options: Options) -> Result<()> {
    let folder = &options.folder;
    match options.command {
        Command::Init => init(folder),
        Command::Register(server) => register(folder, &Remote::new(server)?).await,
        Command::Join { server, ceremony, tender, threshold, peer, journal_key, once } => {
            let way = Way { told: Told { tender, threshold }, peers: &peer, journal_key: journal_key.as_deref(), once };
            join(folder, &Remote::new(server)?, ceremony, &way).await
        }
        Command::Check { server, ceremony } => check(folder, &Remote::new(server)?, ceremony).await,
        Command::Open { server, ceremony, deadline, least, late, witness } => {
            let deadline = UtcInstant::parse(&deadline).map_err(|e| Error::internal(format!("--deadline: {e}")))?;
            open(folder, &Remote::new(server)?, ceremony, Notice { deadline, least, late }, &witness).await
        }
    }
}

fn init(folder: &Path) -> Result<()> {
    let made = OpenerKeys::create(folder)?;
    let keys = OpenerKeys::read(folder)?;
    println!("{} in {}", if made { "new keys" } else { "the keys were there already" }, folder.display());
    println!("fingerprint: {}", keys.fingerprint());
    println!("Tell it to whoever confirms your key and to the other openers by another way than the server. Back this folder up offline.");
    Ok(())
}

async fn register(folder: &Path, remote: &Remote) -> Result<()> {
    let keys = OpenerKeys::read(folder)?;
    let me: Value = remote.get("/api/v1/me").await?;
    let account: AccountId = me
        .get("id")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::internal("the server names no account"))?;
    let body = json!({"signing_key": keys.signing_key(), "recipient": keys.recipient(), "signature": keys.possession(account)});
    remote.post("/api/v1/opener-keys", &body).await?;
    println!("registered; fingerprint: {}", keys.fingerprint());
    Ok(())
}

/// How an opener joins.
struct Way<'a> {
    /// What the ceremony is for.
    told: Told,
    /// Fingerprints that were compared.
    peers: &'a [String],
    /// Key of the journal that was told.
    journal_key: Option<&'a str>,
    once: bool,
}

async fn join(folder: &Path, remote: &Remote, ceremony: CeremonyId, way: &Way<'_>) -> Result<()> {
    let keys = OpenerKeys::read(folder)?;
    let path = format!("/api/v1/opener-ceremonies/{ceremony}");
    let known = load(folder, ceremony)?;
    let mut state = match known {
        Some(state) => state,
        None => State::join(&keys, &remote.get(&path).await?, way.peers).map_err(told)?,
    };
    state.statement.is_as_told(way.told).map_err(told)?;
    if let Some(key) = way.journal_key {
        state.journal.pin(key.trim()).map_err(told)?;
    }
    let statement = &state.statement;
    println!("tender {}: {} of these {} openers open", statement.tender_id, statement.threshold, statement.count());
    for member in &statement.members {
        println!("  {} {} of unit {}: {}", member.position, member.name, member.unit_id, member.fingerprint());
    }
    loop {
        let board: Board = remote.get(&format!("{path}?from={}", state.journal.size())).await?;
        let step = state.advance(&keys, &board).map_err(told)?;
        if let Some(proof) = &board.journal {
            state.see_journal(proof).map_err(told)?;
        }
        save(folder, ceremony, &state)?;
        match step {
            Step::SendFirst(first) => drop(remote.post(&format!("{path}/package"), &json!(first)).await?),
            Step::SendShares(shares) => drop(remote.post(&format!("{path}/shares"), &json!({"shares": shares})).await?),
            Step::SendSignature { transcript, signature } => {
                let body = json!({"transcript_sha256": transcript, "signature": signature});
                drop(remote.post(&format!("{path}/signature"), &body).await?);
            }
            Step::Wait(positions) => {
                println!("waiting for the openers at {positions:?}");
                if way.once {
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
            // The transcript is what it is when it stands where nothing can be taken back.
            Step::Complete if !state.journalled => {
                println!("everybody signed; waiting for the journal to hold the transcript");
                if way.once {
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
            Step::Complete => {
                println!("complete: bids are sealed to {}", state.recipient().unwrap_or_default());
                return Ok(());
            }
        }
    }
}

async fn check(folder: &Path, remote: &Remote, ceremony: CeremonyId) -> Result<()> {
    let mut state = required(folder, ceremony)?;
    let tender = state.statement.tender_id;
    let custody: Value = remote.get(&format!("/api/v1/tenders/{tender}/custody")).await?;
    let shown = custody.get("recipient").and_then(Value::as_str).unwrap_or_default();
    if !state.complete || state.recipient() != Some(shown) {
        return Err(Error::internal(format!(
            "the server shows bidders {shown}, which is not the recipient that this opener helped to make"
        )));
    }
    let tender: Value = remote.get(&format!("/api/v1/tenders/{tender}")).await?;
    if let Some(deadline) = tender.get("bid_deadline").and_then(Value::as_str) {
        let deadline = UtcInstant::parse(deadline).map_err(|e| Error::internal(format!("the deadline {deadline}: {e}")))?;
        state.see_deadline(deadline);
        save(folder, ceremony, &state)?;
        println!("deadline: {deadline}");
    }
    println!("bidders are shown the right recipient: {shown}");
    Ok(())
}

async fn open(folder: &Path, remote: &Remote, ceremony: CeremonyId, notice: Notice, witnesses: &[String]) -> Result<()> {
    let keys = OpenerKeys::read(folder)?;
    let mut state = required(folder, ceremony)?;
    if !state.journalled {
        return Err(Error::internal("this program never saw its ceremony's transcript in the journal: run join before the publication"));
    }
    let path = format!("/api/v1/tenders/{}", state.statement.tender_id);
    remote.post(&format!("{path}/closing"), &json!({})).await?;
    let mut looks = 0_u8;
    let board = loop {
        let board: ClosingBoard = remote.get(&format!("{path}/closing?from={}", state.journal.size())).await?;
        looks = looks.saturating_add(1);
        // The server integrates entries every few seconds, and then goes to its witnesses.
        let ready = board.journal.as_ref().is_some_and(|proof| proof.entry.is_some() && unwitnessed(&proof.note, witnesses).is_empty());
        if looks > 30 || ready {
            break board;
        }
        tokio::time::sleep(PAUSE).await;
    };
    if let Some(missing) = board.journal.as_ref().and_then(|proof| unwitnessed(&proof.note, witnesses).into_iter().next()) {
        return Err(Error::internal(format!(
            "the checkpoint is not cosigned by the witness {missing}: the server may show another journal to others"
        )));
    }
    let closing = state.check_closing(&board, UtcInstant::machine_now(), notice).map_err(told)?;
    let contribution = state.contribute(&keys, &closing).map_err(told)?;
    save(folder, ceremony, &state)?;
    let kept = remote.post(&format!("{path}/contributions"), &json!(contribution)).await?;
    println!("root {}: {}", board.root, kept.get("state").and_then(Value::as_str).unwrap_or_default());
    Ok(())
}

fn told(fault: Fault) -> Error {
    Error::internal(fault.to_string())
}

fn file_of(folder: &Path, ceremony: CeremonyId) -> PathBuf {
    folder.join(format!("ceremony-{ceremony}.json"))
}

fn required(folder: &Path, ceremony: CeremonyId) -> Result<State> {
    load(folder, ceremony)?.ok_or_else(|| Error::internal(format!("{} has nothing of this ceremony: join it first", folder.display())))
}

fn load(folder: &Path, ceremony: CeremonyId) -> Result<Option<State>> {
    let file = file_of(folder, ceremony);
    if !file.exists() {
        return Ok(None);
    }
    let text = Zeroizing::new(read_secret(&file)?);
    serde_json::from_str(&text).map(Some).map_err(|e| Error::internal(format!("{}: {e}", file.display())))
}

/// Writes the state beside the old one and puts it in its place, so that a crash loses neither.
fn save(folder: &Path, ceremony: CeremonyId, state: &State) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let (file, beside) = (file_of(folder, ceremony), folder.join(format!("ceremony-{ceremony}.new")));
    let fault = |e: std::io::Error| Error::internal(format!("cannot write {}: {e}", file.display()));
    let text = Zeroizing::new(serde_json::to_string(state).map_err(|e| Error::internal(e.to_string()))?);
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(fault)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(fault)?;
    std::fs::rename(&beside, &file).map_err(fault)
}

/// The server, as the opener's account.
struct Remote {
    client: reqwest::Client,
    server: Url,
    token: Zeroizing<String>,
}

impl Remote {
    fn new(options: Server) -> Result<Self> {
        let local = options.server.host_str().is_some_and(|host| host == "localhost" || host == "127.0.0.1" || host == "[::1]");
        if options.server.scheme() != "https" && !local {
            return Err(Error::internal("--server must be https: the token would travel in the clear"));
        }
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(120))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| Error::internal(format!("HTTP: {e}")))?;
        let token = Zeroizing::new(read_secret(&options.token_file)?.trim().to_owned());
        Ok(Self { client, server: options.server, token })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let bytes = self.call(Method::GET, path, None).await?;
        serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("the answer of {path}: {e}")))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let bytes = self.call(Method::POST, path, Some(body)).await?;
        serde_json::from_slice(&bytes).map_err(|e| Error::internal(format!("the answer of {path}: {e}")))
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>> {
        let fault = |e: reqwest::Error| Error::internal(format!("{path}: {e}"));
        let url = self.server.join(path).map_err(|e| Error::internal(format!("{path}: {e}")))?;
        let mut request = self.client.request(method, url).bearer_auth(self.token.as_str());
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(fault)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if bytes.len().saturating_add(chunk.len()) > ANSWER_MAX {
                return Err(Error::internal(format!("the answer of {path} is longer than {ANSWER_MAX} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(bytes);
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Err(Error::internal(format!("{path}: {status} {} {} {}", text("code"), text("title"), text("detail"))))
    }
}
