//! `baiyi serve` as a process of its own on the database of a test: what its memory holds, what it logs, and, under `strace`, what passes between it and
//! the system.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use baiyi::db::Target;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::strace::{self, Trace};
use super::{Client, PASSWORD, TestApp};

/// Bytes that are read from a process at a time.
const PIECE: usize = 1 << 20;
/// Pages that nothing was ever written to read as zeros, and an allocator keeps many of them.
const PAGE: [u8; 4096] = [0; 4096];

/// Whether the memory of a process can be read here; says so aloud when it cannot.
pub fn readable() -> bool {
    let readable = Path::new("/proc/self/mem").exists();
    if !readable {
        super::postgres::say("memory: NOT READ, there is no /proc here");
    }
    readable
}

/// A serving process with keys of its own; ended with the test.
pub struct Server {
    /// What the test started: the server, or the tracer that started it.
    process: Child,
    /// The server.
    id: u32,
    address: String,
    pub client: Client,
    /// Where it keeps its keys and mail.
    pub folder: PathBuf,
    log: Arc<Mutex<Vec<u8>>>,
    variables: Vec<(&'static str, String)>,
    /// Outside the test's folder: what is searched there is what the server wrote.
    trace: Option<TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A tracer that is killed leaves the traced behind; it ends by itself after it.
        let killed = Command::new("kill").arg("-KILL").arg(self.id.to_string()).status();
        if !killed.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts it on the database and the documents of a test, traced where `strace` is.
    pub fn start(app: &TestApp) -> Self {
        Self::start_under(app, strace::program())
    }

    /// The same without a tracer, which would slow it down.
    pub fn start_untraced(app: &TestApp) -> Self {
        Self::start_under(app, None)
    }

    fn start_under(app: &TestApp, tracer: Option<String>) -> Self {
        let folder = app.folder.path().join("process");
        std::fs::create_dir_all(&folder).unwrap();
        let url = match &app.target {
            Target::Sqlite(database) => format!("sqlite:{}", database.display()),
            Target::Postgres(url) => url.clone(),
        };
        let variables = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("BAIYI_DATABASE__URL", url),
            ("BAIYI_DATABASE__CONNECTIONS", "4".to_owned()),
            ("BAIYI_DOCUMENTS__FOLDER", app.folder.path().join("documents").display().to_string()),
            ("BAIYI_HTTP__ADDRESS", "127.0.0.1:0".to_owned()),
            // People sign in with their password alone; a seed would be one more secret in play, and the server must have that one.
            ("BAIYI_LOGIN__SECOND_FACTOR_FOR", "[]".to_owned()),
            ("BAIYI_LOGIN__ATTEMPTS_PER_MINUTE", "100".to_owned()),
            // What is logged was in memory, so as much as possible is.
            ("BAIYI_LOG__FILTER", "debug".to_owned()),
            ("BAIYI_LOG__FORMAT", "json".to_owned()),
        ];
        let program = env!("CARGO_BIN_EXE_baiyi");
        let here = |mut command: Command| {
            command.env_clear().envs(variables.clone()).current_dir(&folder);
            command
        };
        let made = here(Command::new(program)).args(["admin", "init-keys"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let trace = tracer.map(|tracer| (tracer, TempDir::new().unwrap()));
        let mut command = match &trace {
            None => here(Command::new(program)),
            Some((tracer, folder)) => {
                let mut command = here(Command::new(tracer));
                command.args(strace::arguments(&folder.path().join("trace"))).arg(program);
                command
            }
        };
        let mut process = command.arg("serve").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let (mut told, mut address) = (String::new(), None);
        while address.is_none() {
            let from = told.len();
            assert!(lines.read_line(&mut told).unwrap() > 0, "the server ended: {told}");
            let line: Value = serde_json::from_str(&told[from..]).unwrap_or_default();
            address = (line["fields"]["message"] == "serving").then(|| line["fields"]["address"].as_str().unwrap().to_owned());
        }
        let log = Arc::new(Mutex::new(told.into_bytes()));
        let kept = log.clone();
        // Whoever does not read a process' log brings it to a halt.
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = lines.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..read]);
            }
        });
        let trace = trace.map(|(_, folder)| folder);
        let id = trace.as_ref().map_or_else(|| process.id(), |folder| strace::first_process(&folder.path().join("trace")));
        let address = address.unwrap();
        // One connection for each call: while memory is read for longer than a connection may rest, the server ends those that rest.
        let connections = reqwest::Client::builder().pool_max_idle_per_host(0);
        let client = Client::new(connections.build().unwrap(), format!("http://{address}"), None);
        Self { process, id, address, client, folder, log, variables: variables.to_vec(), trace }
    }

    /// The address for other programs.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs another command of the program on this server's machine, with its configuration and keys.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baiyi"));
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (*name, value))).current_dir(&self.folder).args(arguments);
        Ran::of(&mut command)
    }

    /// Most memory that the process has had at once, in bytes.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The server's calls as somebody who signs in to it.
    pub async fn sign_in(&self, email: &str) -> Client {
        let made = self.client.post("/api/v1/sessions").json(json!({"email": email, "password": PASSWORD})).await.is(201);
        self.client.with_token(&made.text_at("/access_token"))
    }

    /// The names of the needles that are in the process' memory or in its log. Read by another thread: connections that rest meanwhile are looked after.
    pub async fn holds(&self, needles: &Needles) -> Vec<String> {
        let (process, log, needles) = (self.id, self.log.lock().unwrap().clone(), needles.clone());
        tokio::task::spawn_blocking(move || {
            let mut places = memory(process);
            assert!(places.iter().map(Vec::len).sum::<usize>() > PIECE, "a server has more memory than this");
            places.push(log);
            needles.found(&places)
        })
        .await
        .unwrap()
    }

    /// Whether a way of the trace is a connection to the server, and not one of its own to a database.
    pub fn serves(&self, way: &str) -> bool {
        way.starts_with(&format!("TCP:[{}->", self.address))
    }

    /// What passed between the process and the system so far; `None` where it is not traced.
    pub fn trace(&self) -> Option<Trace> {
        self.trace.as_ref().map(|folder| Trace::read(&folder.path().join("trace")))
    }
}

/// What a command of the program said.
#[derive(Debug)]
pub struct Ran {
    pub worked: bool,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { worked: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// What it printed; fails with what it complained of.
    pub fn ok(self) -> String {
        assert!(self.worked, "{self:?}");
        self.out
    }

    /// What it complained of and printed.
    pub fn refused(self) -> String {
        assert!(!self.worked, "{self:?}");
        self.out + &self.err
    }
}

/// Runs a command of the program on somebody's own machine, in a folder of its own and with no configuration.
pub fn program(folder: &Path, arguments: &[&str]) -> Ran {
    Ran::of(Command::new(env!("CARGO_BIN_EXE_baiyi")).env_clear().current_dir(folder).args(arguments))
}

/// Everything that a process can write to or that belongs to no file, as far as it was ever written to: stretches of memory without an empty page.
fn memory(process: u32) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let memory = std::fs::File::open(folder.join("mem")).expect("a process may read what it started");
    let mut stretches = vec![Vec::new()];
    for line in std::fs::read_to_string(folder.join("maps")).unwrap().lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (mode, inode, name) = (fields[1].as_bytes(), fields[4], fields.get(5).copied().unwrap_or_default());
        // The kernel's own pages are not for reading through this file.
        if mode[0] != b'r' || (mode[1] != b'w' && inode != "0") || name.starts_with("[v") {
            continue;
        }
        let (from, to) = fields[0].split_once('-').unwrap();
        let [mut at, end] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut piece = vec![0; PIECE];
        while at < end {
            let asked = PIECE.min(usize::try_from(end - at).unwrap());
            // What was given back since the list was made is gone.
            let Ok(read @ 1..) = memory.read_at(&mut piece[..asked], at) else { break };
            for page in piece[..read].chunks(PAGE.len()) {
                if page == &PAGE[..page.len()] {
                    stretches.push(Vec::new());
                } else {
                    stretches.last_mut().unwrap().extend_from_slice(page);
                }
            }
            at += u64::try_from(read).unwrap();
        }
        stretches.push(Vec::new());
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

/// What is looked for, by what it is.
#[derive(Debug, Clone, Default)]
pub struct Needles(BTreeMap<String, Vec<u8>>);

impl Needles {
    /// Bytes as they are, in hex, and in base64 wherever in it they begin.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.add_bytes(name, bytes);
        self.add_bytes(&format!("{name}, in hex"), hex::encode(bytes).as_bytes());
        for before in 0..3 {
            let shifted = [&vec![0; before], bytes].concat();
            // Letters that also tell of a neighbour say nothing by themselves.
            let (first, end) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
            for (alphabet, text) in [("base64", STANDARD.encode(&shifted)), ("base64url", URL_SAFE.encode(&shifted))] {
                self.add_bytes(&format!("{name}, in {alphabet} after {before}"), &text.as_bytes()[first..end]);
            }
        }
    }

    /// A text as it is and as it stands in base64 and hex; of a long one its beginning and end too, should it be written in pieces.
    pub fn add_text(&mut self, name: &str, text: &str) {
        let bytes = text.as_bytes();
        self.add(name, bytes);
        if bytes.len() > 48 {
            self.add(&format!("the beginning of {name}"), &bytes[..24]);
            self.add(&format!("the end of {name}"), &bytes[bytes.len() - 24..]);
        }
    }

    /// Bytes as they are only.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        assert!(bytes.len() >= 8, "{name} is too short to mean anything");
        self.0.insert(name.to_owned(), bytes.to_vec());
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// These and others.
    pub fn and(&self, others: &Self) -> Self {
        Self(self.0.iter().chain(&others.0).map(|(name, needle)| (name.clone(), needle.clone())).collect())
    }

    /// The names of those that are somewhere in these places.
    pub fn found<'p>(&self, places: impl IntoIterator<Item = &'p Vec<u8>>) -> Vec<String> {
        let names = self.names();
        let search = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(self.0.values()).unwrap();
        let hits = places.into_iter().flat_map(|place| search.find_overlapping_iter(place).map(|hit| hit.pattern().as_usize()));
        hits.collect::<BTreeSet<usize>>().into_iter().map(|hit| names[hit].clone()).collect()
    }
}

/// The search itself: what is there is found, however it is written.
#[test]
fn needles_are_found_in_every_form() {
    let mut needles = Needles::default();
    needles.add("a secret", b"seventeen letters");
    let forms = |text: &[u8]| needles.found(&[text.to_vec()]);
    assert_eq!(forms(b"nothing of the kind, seventeen lette"), [""; 0]);
    assert_eq!(forms(b"so: seventeen letters."), ["a secret"]);
    assert_eq!(forms(hex::encode("so: seventeen letters.").as_bytes()), ["a secret, in hex"]);
    for (before, words) in ["0", "1", "2"].iter().zip(["xyzseventeen letters!", "xseventeen letters", "xyseventeen letters??"]) {
        let found = forms(STANDARD.encode(words).as_bytes());
        assert!(found.contains(&format!("a secret, in base64 after {before}")), "{found:?}");
    }
}
