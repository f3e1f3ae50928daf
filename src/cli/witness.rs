//! `baiyi witness`: a small server that cosigns checkpoints of the journals it is told of, each only if it continues what it saw before.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::Log;
use crate::kernel::{Clock, Error, Result};
use crate::trust::checkpoint::{self, Head};
use crate::trust::keys;
use crate::trust::notes;
use crate::trust::witness::{Request, Verdict, WitnessKey, judge, origin_of};

/// Longest request: 63 lines of a proof and a note with many signatures.
const REQUEST_BYTES: usize = 64 * 1024;

/// What the command is told.
#[derive(Args)]
pub struct Options {
    /// Its name in cosignatures, such as witness.example/w1.
    #[arg(long)]
    name: String,
    /// Its Ed25519 key in PKCS #8 PEM; made when it does not exist.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where it keeps the last checkpoint of each journal. Never restore it from a backup: what was cosigned since would be forgotten.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The verifier key of a journal; several for several journals, and for the keys of one journal before and after a rotation.
    #[arg(long, value_name = "VKEY", required = true)]
    log: Vec<String>,
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8090")]
    address: SocketAddr,
}

/// The last head that was cosigned of an origin.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    size: u64,
    root: String,
}

impl Seen {
    fn head(&self) -> Result<Head> {
        let root = STANDARD.decode(&self.root).ok().and_then(|root| root.try_into().ok());
        Ok(Head { size: self.size, root: root.ok_or_else(|| Error::internal("the witness's state: a root is no hash"))? })
    }
}

/// A witness with its memory.
pub struct Witness {
    key: WitnessKey,
    logs: Vec<String>,
    file: PathBuf,
    clock: Clock,
    seen: Mutex<BTreeMap<String, Seen>>,
    /// Held as long as the witness lives, so that no second process cosigns from the same memory.
    _lock: std::fs::File,
}

impl Witness {
    /// Opens or makes its memory; refuses when another process has it.
    pub fn open(key: WitnessKey, logs: Vec<String>, file: &Path, clock: Clock) -> Result<Self> {
        let fault = |what: &dyn std::fmt::Display| Error::internal(format!("the witness's state {}: {what}", file.display()));
        for log in &logs {
            if notes::name_of(log).is_none() {
                return Err(Error::internal(format!("{log} is not the verifier key of a journal")));
            }
        }
        let lock = std::fs::File::create(file.with_extension("lock")).map_err(|e| fault(&e))?;
        lock.try_lock().map_err(|_| fault(&"another process uses it"))?;
        let seen: BTreeMap<String, Seen> = match std::fs::read_to_string(file) {
            Ok(text) => serde_json::from_str(&text).map_err(|e| fault(&e))?,
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(other) => return Err(fault(&other)),
        };
        for head in seen.values() {
            head.head()?;
        }
        Ok(Self { key, logs, file: file.to_owned(), clock, seen: Mutex::new(seen), _lock: lock })
    }

    /// Its verifier key.
    pub fn verifier(&self) -> String {
        self.key.verifier()
    }

    /// Judges a request, keeps what it accepts, and gives status and body. One at a time, so that nothing comes between comparing and keeping.
    fn answer(&self, body: &str) -> Result<(u16, String)> {
        let Some(request) = Request::parse(body) else { return Ok((400, "not an add-checkpoint request\n".to_owned())) };
        let Some((origin, (text, _))) = origin_of(&request).zip(checkpoint::parts(&request.note)) else {
            return Ok((400, "not a checkpoint\n".to_owned()));
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let last = seen.get(origin).map(Seen::head).transpose()?;
        let keys: Vec<&str> = self.logs.iter().map(String::as_str).collect();
        match judge(&request, &keys, last.as_ref()) {
            Verdict::Malformed => Ok((400, "the old size is larger than the checkpoint\n".to_owned())),
            Verdict::UnknownOrigin => Ok((404, "no such journal\n".to_owned())),
            Verdict::UnknownKey => Ok((403, "not signed with a known key\n".to_owned())),
            Verdict::Conflict(size) => Ok((409, format!("{size}\n"))),
            Verdict::NotConsistent => {
                tracing::error!(origin, note = request.note, "a signed checkpoint that does not continue the last one: keep this note");
                Ok((422, "the proof does not verify\n".to_owned()))
            }
            Verdict::Accepted(head) => {
                let mut next = seen.clone();
                next.insert(origin.to_owned(), Seen { size: head.size, root: STANDARD.encode(head.root) });
                // Kept before it is signed: whatever fails here, nothing was cosigned that is not remembered.
                self.persist(&next)?;
                *seen = next;
                let time = u64::try_from(self.clock.now().unix_seconds()).unwrap_or(0);
                Ok((200, self.key.cosign(text, time)))
            }
        }
    }

    fn persist(&self, seen: &BTreeMap<String, Seen>) -> Result<()> {
        let fault = |e: std::io::Error| Error::internal(format!("the witness's state {}: {e}", self.file.display()));
        let text = serde_json::to_string_pretty(seen).map_err(|e| Error::internal(e.to_string()))?;
        let beside = self.file.with_extension("next");
        let mut file = std::fs::File::create(&beside).map_err(fault)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
        std::fs::rename(&beside, &self.file).map_err(fault)?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
    }
}

#[post("/add-checkpoint")]
async fn add_checkpoint(witness: web::Data<Witness>, body: web::Bytes) -> HttpResponse {
    let Ok(body) = String::from_utf8(body.to_vec()) else { return HttpResponse::BadRequest().body("not a text\n") };
    let answered = web::block(move || witness.answer(&body)).await;
    match answered {
        Ok(Ok((status, body))) => {
            let kind = if status == 409 { "text/x.tlog.size" } else { "text/plain; charset=utf-8" };
            HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)).content_type(kind).body(body)
        }
        Ok(Err(fault)) => {
            tracing::error!(%fault, "the witness could not answer");
            HttpResponse::InternalServerError().body("the witness could not answer\n")
        }
        Err(fault) => {
            tracing::error!(%fault, "the witness could not answer");
            HttpResponse::InternalServerError().body("the witness could not answer\n")
        }
    }
}

/// The witness's server on a bound listener.
pub fn serve(witness: Witness, listener: TcpListener) -> Result<Server> {
    let witness = web::Data::new(witness);
    let server = HttpServer::new(move || {
        App::new().app_data(witness.clone()).app_data(web::PayloadConfig::new(REQUEST_BYTES)).service(add_checkpoint)
    });
    Ok(server.workers(1).listen(listener).map_err(|e| Error::internal(format!("cannot listen: {e}")))?.run())
}

/// Runs the command.
pub async fn run(log: &Log, options: Options) -> Result<()> {
    super::boot::init_log(log)?;
    if keys::create_signing_key(&options.key)? {
        println!("{} made", options.key.display());
    }
    let witness = Witness::open(WitnessKey::read(&options.key, &options.name)?, options.log, &options.state, Clock::machine())?;
    println!("verifier key {}", witness.verifier());
    let listener = TcpListener::bind(options.address).map_err(|e| Error::internal(format!("cannot listen on {}: {e}", options.address)))?;
    serve(witness, listener)?.await.map_err(|e| Error::internal(format!("the witness failed: {e}")))
}
