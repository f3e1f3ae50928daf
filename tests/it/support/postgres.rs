//! A throw-away PostgreSQL server for this test run, found on the machine or named by `BAIYI_TEST_POSTGRES_URL`. It dies with the test process.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use baiyi::db::{Target, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

struct Server {
    /// URL without a database name, ending in `/`.
    base: String,
}

/// A fresh copy of the migrated template; `None` when there is no PostgreSQL and none was demanded.
pub fn fresh_database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = server()?;
    let name = format!("baiyi_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
    let mut admin = PgConnection::establish(&format!("{}postgres", server.base)).unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE baiyi_template")).unwrap();
    Some(format!("{}{name}", server.base))
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let demanded = std::env::var("BAIYI_TEST_DATABASES").unwrap_or_default();
            if demanded == "sqlite" {
                say("PostgreSQL: left out, as BAIYI_TEST_DATABASES=sqlite asks");
                return None;
            }
            let started = match std::env::var("BAIYI_TEST_POSTGRES_URL") {
                Ok(url) => {
                    say("PostgreSQL: the server of BAIYI_TEST_POSTGRES_URL");
                    Some(Server { base: format!("{}/", url.trim_end_matches('/')) })
                }
                Err(_) => programs().map(|folder| {
                    say(&format!("PostgreSQL: a throw-away server from {}", folder.display()));
                    start(&folder)
                }),
            };
            if started.is_none() {
                assert_ne!(demanded, "both", "PostgreSQL was demanded, but its programs are not on this machine");
                say("PostgreSQL: NOT TESTED, its programs are not on this machine (set BAIYI_TEST_DATABASES=both to make this an error)");
            }
            if let Some(server) = &started {
                make_template(server);
            }
            started
        })
        .as_ref()
}

/// Writes past the test harness's capture, so that it is seen.
pub fn say(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    found.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0"))
}

/// The program as the user `postgres` when we are root, which PostgreSQL refuses to run as.
fn as_postgres(program: &Path) -> Command {
    if !is_root() && Command::new("setpriv").arg("--version").output().is_err() {
        // Not a Linux with util-linux: the server runs as ourselves and is left to be stopped by hand.
        say("PostgreSQL: without setpriv the throw-away server outlives this run");
        return Command::new(program);
    }
    // setpriv replaces itself by the program and lets it die with the thread that started it.
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=INT");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg(program);
    command
}

fn start(programs: &Path) -> Server {
    remove_left_behind();
    let folder = std::env::temp_dir().join(format!("baiyi-test-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    if is_root() {
        assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
    }
    let data = folder.join("data");
    let made = as_postgres(&programs.join("initdb"))
        .args(["--no-sync", "--username=baiyi", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
        .arg(&data)
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut command = as_postgres(&programs.join("postgres"));
    command
        .arg("-D")
        .arg(&data)
        .args(["-c", &format!("port={port}"), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", folder.display()))
        .args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "logging_collector=on"])
        .args(["-c", "max_pred_locks_per_transaction=256"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // This thread lives as long as the process, and so does the server.
    std::thread::spawn(move || {
        let mut child = command.spawn().unwrap();
        let _ = child.wait();
    });
    let base = format!("postgres://baiyi@127.0.0.1:{port}/");
    let began = Instant::now();
    while PgConnection::establish(&format!("{base}postgres")).is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "PostgreSQL did not start");
        std::thread::yield_now();
    }
    Server { base }
}

/// Removes the data of earlier runs whose process is gone.
fn remove_left_behind() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(pid) = name.strip_prefix("baiyi-test-pg-")
            && !Path::new(&format!("/proc/{pid}")).exists()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A migrated database that nobody is connected to, so that it can be copied.
fn make_template(server: &Server) {
    let mut admin = PgConnection::establish(&format!("{}postgres", server.base)).unwrap();
    admin.batch_execute("DROP DATABASE IF EXISTS baiyi_template").unwrap();
    admin.batch_execute("CREATE DATABASE baiyi_template").unwrap();
    migrate::run(&Target::Postgres(format!("{}baiyi_template", server.base))).unwrap();
}
