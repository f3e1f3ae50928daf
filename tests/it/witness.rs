//! Witnesses of the journal: each checkpoint is cosigned, and a server that shows two histories is refused.

use std::net::TcpListener;
use std::path::Path;

use baiyi::cli::witness::{Witness, serve};
use baiyi::jobs;
use baiyi::jobs::witnesses::{Cosigned, Witnesses};
use baiyi::kernel::UtcInstant;
use baiyi::people::Role;
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::witness::{Request, WitnessKey, cosigned};
use baiyi::trust::{keys, sequencer};
use serde_json::json;

use crate::journal::CUT;
use crate::support::chain::run_sql;
use crate::support::{Backend, Client, TestApp, on_both, run_unchecked};

const NAME: &str = "witness.example/w1";

/// A witness that runs on a port of its own.
struct Running {
    base: String,
    verifier: String,
    handle: actix_web::dev::ServerHandle,
    thread: std::thread::JoinHandle<()>,
    lock: std::path::PathBuf,
}

impl Running {
    /// Opened on this folder's memory, for these journals.
    fn start(app: &TestApp, folder: &Path, logs: Vec<String>) -> Self {
        let key = folder.join("witness.pem");
        keys::create_signing_key(&key).unwrap();
        let witness = Witness::open(WitnessKey::read(&key, NAME).unwrap(), logs, &folder.join("witness.json"), app.clock.clone()).unwrap();
        let verifier = witness.verifier();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve(witness, listener).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { base, verifier, handle: told.recv().unwrap(), thread, lock: folder.join("witness.lock") }
    }

    /// Stopped, and its memory let go.
    async fn stop(self) {
        self.handle.stop(false).await;
        self.thread.join().unwrap();
        // Its worker has the memory until it ended, which it does on a thread of its own.
        std::fs::File::open(self.lock).unwrap().lock().unwrap();
    }

    fn of(&self) -> Witnesses {
        Witnesses::new([(self.base.as_str(), self.verifier.as_str())]).unwrap()
    }

    async fn post(&self, body: String) -> (u16, String, String) {
        let client = Client::new(reqwest::Client::new(), self.base.clone(), None);
        let answer = client.post("/add-checkpoint").body("text/plain", body).send().await;
        (answer.status, answer.header("content-type"), answer.text)
    }
}

async fn grow(app: &TestApp, keeper: &Client, from: usize, count: usize) {
    for number in from..from + count {
        keeper.post("/api/v1/units").json(json!({"name_zh": format!("示例单位{number}"), "kind": "department"})).await.is(201);
    }
    jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
}

async fn head(app: &TestApp) -> sequencer::CheckpointRow {
    app.read(|snapshot| sequencer::latest(snapshot).unwrap().unwrap()).await
}

fn kept(count: usize) -> Cosigned {
    Cosigned { kept: count, refused: vec![] }
}

on_both! {
    async fn each_checkpoint_is_cosigned_and_the_note_shows_it(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let witness = Running::start(app, folder.path(), vec![app.journal.verifier()]);
        let witnesses = witness.of();
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(0), "there is no checkpoint yet");
        grow(app, &keeper, 0, 3).await;
        assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(1));
        assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(0), "once each");
        grow(app, &keeper, 10, 6).await;
        assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(1));
        let shown = keeper.get("/api/v1/journal/checkpoint").send().await.is(200).value();
        let note = shown["note"].as_str().unwrap();
        let (text, lines) = checkpoint::parts(note).unwrap();
        let (time, _) = cosigned(text, lines, &witness.verifier).unwrap();
        assert_eq!(i64::try_from(time).unwrap(), app.clock.now().unix_seconds());
        assert!(checkpoint::open(note, &app.journal.verifier()).is_some(), "the journal's own signature is still there");
        assert_eq!(keeper.get("/api/v1/journal/log/checkpoint").send().await.is(200).text, note);

        // The answer was lost on the way: the server asks again from what it knows, and the witness names what it saw.
        run_sql(app, vec!["DELETE FROM journal_cosignatures".to_owned()]).await;
        assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(1));

        // It is started again and remembers; meanwhile nobody else has its memory.
        let again = Witness::open(WitnessKey::ephemeral(NAME).unwrap(), vec![], &folder.path().join("witness.json"), app.clock.clone());
        assert!(again.err().unwrap().to_string().contains("another process"));
        witness.stop().await;
        let witness = Running::start(app, folder.path(), vec![app.journal.verifier()]);
        grow(app, &keeper, 30, 2).await;
        assert_eq!(witness.of().cosign(&app.db, &app.clock).await.unwrap(), kept(1));
        let bundle = app.read(|snapshot| baiyi::disclosure::bundle::export::read(snapshot).unwrap()).await;
        use baiyi::disclosure::bundle::check;
        assert_eq!(check::faults(&bundle, &app.journal.verifier(), &[]), [""; 0]);
        assert_eq!(check::witnessed(&bundle, std::slice::from_ref(&witness.verifier)), [""; 0]);
        let other = WitnessKey::ephemeral("witness.example/w2").unwrap().verifier();
        assert_eq!(check::witnessed(&bundle, &[other]), ["the last checkpoint is not cosigned by the witness witness.example/w2"]);
        // A witness that is configured with another key is not believed.
        let stranger = WitnessKey::ephemeral(NAME).unwrap().verifier();
        let refused = Witnesses::new([(witness.base.as_str(), stranger.as_str())]).unwrap();
        grow(app, &keeper, 40, 1).await;
        let told = refused.cosign(&app.db, &app.clock).await.unwrap();
        assert!(told.kept == 0 && told.refused[0].1.contains("does not verify"), "{told:?}");
        assert!(Witnesses::new([("http://w.example", "no key")]).is_err());
        witness.stop().await;
    }

    async fn what_a_witness_refuses_it_refuses_by_the_specification(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let witness = Running::start(app, folder.path(), vec![app.journal.verifier()]);
        let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
        grow(app, &keeper, 0, 4).await;
        let first = head(app).await;
        let size = u64::try_from(first.size).unwrap();
        let from_nothing = Request { old: 0, proof: vec![], note: first.note.clone() };
        assert_eq!(witness.post("old x\n\n".to_owned()).await.0, 400);
        let unknown = JournalKey::ephemeral("baiyi/other").unwrap().sign(&Head { size: 1, root: [1; 32] });
        assert_eq!(witness.post(Request { note: unknown, ..from_nothing.clone() }.body()).await.0, 404);
        let foreign = JournalKey::ephemeral("baiyi/330502").unwrap().sign(&Head { size: 1, root: [1; 32] });
        assert_eq!(witness.post(Request { note: foreign, ..from_nothing.clone() }.body()).await.0, 403);
        assert_eq!(witness.post(Request { old: size + 1, ..from_nothing.clone() }.body()).await.0, 400);
        let (status, kind, line) = witness.post(from_nothing.body()).await;
        assert!(status == 200 && kind.starts_with("text/plain") && line.starts_with("— witness.example/w1 "), "{status} {kind} {line}");
        assert_eq!(witness.post(from_nothing.body()).await, (409, "text/x.tlog.size".to_owned(), format!("{size}\n")));
        let other_root = app.journal.sign(&Head { size, root: [9; 32] });
        assert_eq!(witness.post(Request { old: size, proof: vec![], note: other_root }.body()).await.0, 409);
        let fork = app.journal.sign(&Head { size: size + 3, root: [9; 32] });
        assert_eq!(witness.post(Request { old: size, proof: vec![[1; 32]], note: fork }.body()).await.0, 422);
        let again = Request { old: size, ..from_nothing };
        assert_eq!(witness.post(again.body()).await.0, 200, "what it refused it has not kept");
        witness.stop().await;
    }
}

/// The server cosigns a history, takes its tail back and goes on with another one: the witness refuses, and says so in the server's own log.
fn two_histories(backend: Backend) {
    run_unchecked(backend, |app| {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let witness = Running::start(app, folder.path(), vec![app.journal.verifier()]);
            let witnesses = witness.of();
            let keeper = app.person("Guan Li", &[Role::PlatformAdmin]).await.client;
            grow(app, &keeper, 0, 3).await;
            grow(app, &keeper, 10, 3).await;
            assert_eq!(witnesses.cosign(&app.db, &app.clock).await.unwrap(), kept(1));
            run_sql(app, CUT.iter().map(|one| (*one).to_owned()).collect()).await;
            app.clock.advance_to(UtcInstant::parse("2026-03-02T02:00:00Z").unwrap());
            grow(app, &keeper, 20, 1).await;
            let told = witnesses.cosign(&app.db, &app.clock).await.unwrap();
            // It is smaller than what was cosigned, so that there is nothing to ask; and the old cosignature is not one of it.
            assert_eq!(told, kept(0));
            grow(app, &keeper, 30, 5).await;
            let told = witnesses.cosign(&app.db, &app.clock).await.unwrap();
            assert!(told.kept == 0 && told.refused[0].1.contains("does not continue the tree that it has seen"), "{told:?}");
            // To forget what was cosigned does not help: the witness remembers.
            run_sql(app, vec!["DELETE FROM journal_cosignatures".to_owned()]).await;
            let told = witnesses.cosign(&app.db, &app.clock).await.unwrap();
            assert!(told.kept == 0 && told.refused[0].1.contains("does not continue"), "{told:?}");
            witness.stop().await;
        })
    });
}

#[test]
fn a_server_that_shows_two_histories_is_refused_by_its_witness_on_sqlite() {
    two_histories(Backend::Sqlite);
}

#[test]
fn a_server_that_shows_two_histories_is_refused_by_its_witness_on_postgres() {
    if crate::support::postgres::fresh_database().is_some() {
        two_histories(Backend::Postgres);
    }
}
