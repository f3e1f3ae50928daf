//! The system calls of a process as `strace` writes them down: what left the process and whereto, what came in, which files it made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Calls that take bytes out of a process.
const OUT: &str = "write pwrite64 writev pwritev pwritev2 sendto sendmsg sendmmsg";
/// Calls that bring bytes in.
const IN: &str = "read pread64 readv preadv preadv2 recvfrom recvmsg recvmmsg";
/// Calls that give a file a name, or take it.
const NAMES: &str =
    "open openat openat2 creat rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat mknod mknodat";
/// Calls that move bytes past these, or let another program do it: none is expected.
const PAST: &str = "sendfile splice vmsplice tee copy_file_range io_uring_setup io_submit memfd_create memfd_secret shmget process_vm_writev \
    process_vm_readv fork vfork execve execveat ptrace";

fn among(calls: &str, name: &str) -> bool {
    calls.split_ascii_whitespace().any(|call| call == name)
}

/// The tracer: where it is installed and may trace, and always where `BAIYI_TEST_STRACE` names one.
pub fn program() -> Option<String> {
    let named = std::env::var("BAIYI_TEST_STRACE");
    let program = named.clone().unwrap_or_else(|_| "strace".to_owned());
    let tried = Command::new(&program).args(["-f", "-o", "/dev/null", "true"]).output();
    let there = tried.is_ok_and(|tried| tried.status.success());
    assert!(there || named.is_err(), "{program} does not trace");
    if !there {
        super::postgres::say("system calls: NOT TRACED, strace is not on this machine (set BAIYI_TEST_STRACE to make this an error)");
    }
    there.then_some(program)
}

/// Every thread, whole buffers, the file or connection behind each descriptor, texts in hex.
pub fn arguments(file: &Path) -> Vec<String> {
    // A call that this kind of machine does not have is none.
    let calls = format!("{OUT} {IN} {NAMES} {PAST} mmap");
    let calls = calls.split_ascii_whitespace().map(|call| format!("?{call}")).collect::<Vec<_>>().join(",");
    let file = file.display().to_string();
    ["-f", "-yy", "-xx", "-s", "16777216", "-e", "signal=none", "-o", &file, "-e", &format!("trace={calls}")].map(str::to_owned).to_vec()
}

/// The process that the tracer started: that of the first call.
pub fn first_process(file: &Path) -> u32 {
    let text = std::fs::read_to_string(file).unwrap();
    let (process, call) = text.split_once(char::is_whitespace).unwrap();
    assert!(call.trim_start().starts_with("execve("), "the trace begins with {call:.80}");
    process.parse().unwrap()
}

/// What was traced.
#[derive(Debug, Default)]
pub struct Trace {
    /// Bytes that left the process, in their order, by where they went.
    pub out: BTreeMap<String, Vec<u8>>,
    /// Bytes that came in, by where from.
    pub inward: BTreeMap<String, Vec<u8>>,
    /// Every file that was opened for writing, made or renamed to, by its whole path.
    pub written: BTreeSet<String>,
    /// Every path that any call named.
    pub named: BTreeSet<String>,
    /// Files that are mapped so that what is written to memory reaches them without a call.
    pub mapped: BTreeSet<String>,
    /// Calls by which bytes could have passed unseen.
    pub past: Vec<String>,
}

impl Trace {
    /// Reads what the tracer wrote so far; a line that is not ended is left for another time.
    pub fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let (mut trace, mut begun) = (Self::default(), BTreeMap::new());
        for line in whole.lines() {
            let (thread, call) = line.split_once(char::is_whitespace).unwrap();
            let call = call.trim_start();
            if let Some(beginning) = call.strip_suffix("<unfinished ...>") {
                begun.insert(thread, beginning);
            } else if let Some((_, rest)) = call.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
                trace.note(&format!("{}{rest}", begun.remove(thread).unwrap_or_default()));
            } else {
                trace.note(call);
            }
        }
        // What is being written now has left already.
        begun.into_values().for_each(|call| trace.note(call));
        let here = text.split_once("AT_FDCWD<").and_then(|(_, rest)| rest.split_once('>')).map_or(Vec::new(), |(here, _)| bytes(here));
        let here = Path::new(std::str::from_utf8(&here).unwrap()).to_owned();
        trace.written = trace.written.iter().map(|path| here.join(path).display().to_string()).collect();
        assert_eq!(trace.past.len(), 1, "the first program and nothing else: {:?}", trace.past);
        trace
    }

    fn note(&mut self, call: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        // In hex there is no quote within a text, and no text is cut.
        assert!(!rest.contains("\"..."), "a text was cut: {call:.200}");
        let texts = || rest.split('"').skip(1).step_by(2).map(bytes);
        let failed = rest.contains(") = -1 ");
        if among(OUT, name) || among(IN, name) {
            let ways = if among(OUT, name) { &mut self.out } else { &mut self.inward };
            texts().for_each(|text| ways.entry(behind(rest)).or_default().extend(text));
        } else if among(NAMES, name) {
            self.named.extend(texts().map(|text| String::from_utf8_lossy(&text).into_owned()));
            if name.starts_with("open") || name == "creat" {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE"].iter().any(|flag| rest.contains(flag)) || name == "creat";
                self.written.extend(rest.rsplit_once(" = ").filter(|_| writes && !failed).map(|(_, opened)| behind(opened)));
            } else if !name.starts_with("unlink") && !failed {
                self.written.extend(texts().last().map(|text| String::from_utf8_lossy(&text).into_owned()));
            }
        } else if name == "mmap" {
            let reaches = rest.contains("MAP_SHARED") && rest.contains("PROT_WRITE") && !rest.contains("MAP_ANONYMOUS");
            self.mapped.extend(reaches.then(|| behind(rest)));
        } else if among(PAST, name) && !failed {
            self.past.push(call.chars().take(200).collect());
        }
    }

    /// Everything that left the process or came in.
    pub fn all(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.out.values().chain(self.inward.values())
    }
}

/// What is behind the first descriptor: a path, or a connection such as `TCP:[127.0.0.1:1->127.0.0.1:2]`, which alone is not in hex.
fn behind(part: &str) -> String {
    let inside = part.split_once('<').map_or("", |(_, rest)| rest);
    let end = if inside.starts_with("\\x") { inside.find(['<', '>']) } else { inside.find("]>").map(|at| at + 1) };
    let inside = &inside[..end.unwrap_or_default()];
    if inside.starts_with("\\x") { String::from_utf8_lossy(&bytes(inside)).into_owned() } else { inside.to_owned() }
}

/// The bytes of a text in hex as the tracer writes it.
fn bytes(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|pair| u8::from_str_radix(&pair[..2], 16).unwrap()).collect()
}

/// The reader itself: split calls, failed calls, several buffers.
#[test]
fn a_trace_is_read_call_by_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    let x = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let (socket, path) = ("TCP:[127.0.0.1:80->127.0.0.1:7]", x("/data/a.tmp"));
    let lines = [
        format!("100 execve(\"{}\", [\"{}\"], 0x7ffd /* 3 vars */) = 0", x("/bin/it"), x("it")),
        format!("100 openat(AT_FDCWD<{}>, \"{}\", O_RDWR|O_CREAT|O_CLOEXEC, 0666) = 9<{path}<char 1:3>>", x("/data"), x("a.tmp")),
        format!("100 openat(AT_FDCWD<{}>, \"{}\", O_RDWR|O_CREAT) = -1 EACCES (Permission denied)", x("/data"), x("b.tmp")),
        format!("100 openat(AT_FDCWD<{}>, \"{}\", O_RDONLY) = 10<{}>", x("/data"), x("c"), x("/data/c")),
        format!("101 read(7<{socket}>,  <unfinished ...>"),
        format!("100 writev(9<{path}>, [{{iov_base=\"{}\", iov_len=2}}, {{iov_base=\"{}\", iov_len=3}}], 2) = 5", x("ab"), x("cde")),
        format!("101 <... read resumed>\"{}\", 4096) = 4", x("ask!")),
        format!("101 write(7<{socket}>, \"{}\", 6 <unfinished ...>", x("answer")),
        format!("100 rename(\"{}\", \"{}\") = 0", x("/data/a.tmp"), x("/data/a")),
        format!("100 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 12<{}>, 0) = 0x7f", x("/data/a-shm")),
        "100 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f".to_owned(),
        format!("100 write(7<{socket}>, \"{}", x("not whole")),
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    assert_eq!(first_process(&file), 100);
    let trace = Trace::read(&file);
    let text = |ways: &BTreeMap<String, Vec<u8>>, way: &str| String::from_utf8(ways[way].clone()).unwrap();
    assert_eq!((text(&trace.out, "/data/a.tmp"), text(&trace.out, socket)), ("abcde".to_owned(), "answer".to_owned()));
    assert_eq!(text(&trace.inward, socket), "ask!");
    assert_eq!(trace.written.iter().collect::<Vec<_>>(), ["/data/a", "/data/a.tmp"]);
    assert_eq!(trace.mapped.iter().collect::<Vec<_>>(), ["/data/a-shm"]);
    assert_eq!(trace.named.len(), 5);
}
