//! The house's law: imports point down the list of storeys, pure files stay pure, routes are in the API document. Read from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The storeys from the roof to the ground; a storey may use those after it. `main.rs` and `lib.rs` belong to the roof.
const STOREYS: &[&str] = &[
    "cli",
    "app",
    "jobs",
    "disclosure",
    "ventures",
    "procurement",
    "delivery",
    "outcomes",
    "money",
    "market",
    "parties",
    "people",
    "notices",
    "trust",
    "law",
    "web",
    "db",
    "kernel",
];
/// `config` stands beside the house: the roof reads it, and it may use these.
const CONFIG_MAY_USE: &[&str] = &["db", "kernel", "notices", "trust"];
const MAY_USE_CONFIG: &[&str] = &["cli", "app"];
/// Macros live at the crate's root, wherever they are written.
const MACROS: &[&str] = &["words", "text_enum", "stored_as", "for_every_id"];
/// Contexts made of slices, which have an order among themselves: no slice uses one that uses it.
const SLICED: &[&str] = &["ventures", "procurement", "delivery", "outcomes", "money", "market", "parties"];
const MOST_LINES: usize = 450;

/// A path that begins at the crate's root, such as `["people", "policy", "Action"]`.
type Used = Vec<String>;

/// The source without its comments.
fn code_of(source: &str) -> String {
    source
        .lines()
        .map(|line| match line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')) {
            Some((at, _)) => &line[..at],
            None => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Module path of a file: `src/people/sessions/api.rs` is `["people", "sessions", "api"]`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    inner.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).map(str::to_owned).collect()
}

/// Every path under `crate::`, also those that climb there by `super::`, with braces taken apart.
fn used_paths(path: &str, code: &str) -> Vec<Used> {
    let module = module_of(path);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            take_tree(&code[at + "crate::".len()..], &[], &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        let before = &code[..at];
        if before.ends_with("super::") || before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let mut rest = &code[at..];
        let mut base = module.clone();
        while let Some(shorter) = rest.strip_prefix("super::") {
            base.pop();
            rest = shorter;
        }
        let known = found.len();
        take_tree(rest, &base, &mut found);
        // Inside an inline module (`mod tests`) one `super` less climbs: what then seems to lie at the root is a name of the file itself.
        let at_root = base.is_empty();
        let climbed = found.split_off(known).into_iter();
        found.extend(climbed.filter(|used| !at_root || used.first().is_some_and(|name| name == "config" || rank(name).is_some())));
    }
    found.retain(|used| !used.is_empty());
    found
}

/// Reads one use-tree after `prefix` and returns what follows it.
fn take_tree<'a>(text: &'a str, prefix: &[String], found: &mut Vec<Used>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let before = rest.len();
            rest = take_tree(rest, prefix, found).trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest);
            if rest.is_empty() || rest.len() == before {
                return rest;
            }
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut path = prefix.to_vec();
    if name != "self" && !name.is_empty() {
        path.push(name.to_owned());
    }
    if let Some(deeper) = rest.strip_prefix("::")
        && deeper.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{' || c == '*')
    {
        return take_tree(deeper, &path, found);
    }
    if let Some(renamed) = rest.trim_start().strip_prefix("as ") {
        rest = renamed.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    }
    found.push(path);
    rest
}

fn rank(storey: &str) -> Option<usize> {
    STOREYS.iter().position(|one| *one == storey)
}

fn storey_of(path: &str) -> String {
    module_of(path).first().cloned().unwrap_or_else(|| "cli".to_owned())
}

/// Why an edge is forbidden, or nothing.
fn forbidden(from: &str, to: &str) -> Option<String> {
    if from == to || MACROS.contains(&to) {
        return None;
    }
    let allowed = match (from, to) {
        ("config", to) => CONFIG_MAY_USE.contains(&to),
        (from, "config") => MAY_USE_CONFIG.contains(&from),
        (from, to) => match (rank(from), rank(to)) {
            (Some(from), Some(to)) => from < to,
            _ => return Some(format!("{from} → {to}: not a storey of the house")),
        },
    };
    (!allowed).then(|| format!("{from} → {to} does not point down"))
}

/// What a file does that the house forbids.
fn findings(path: &str, source: &str) -> Vec<String> {
    let code = code_of(source);
    let name = path.rsplit('/').next().unwrap();
    let storey = storey_of(path);
    let used = used_paths(path, &code);
    let mut faults: BTreeSet<String> = used.iter().filter_map(|used| forbidden(&storey, &used[0])).collect();
    let mut forbid = |applies: bool, words: &[&str], why: &str| {
        for word in words.iter().filter(|word| applies && code.contains(**word)) {
            faults.insert(format!("{word}: {why}"));
        }
    };
    let pure = storey == "law" || name == "rules.rs";
    forbid(pure, &["diesel", "actix_web"], "rules are pure");
    forbid(pure, &["machine_now", "Utc::now", "SystemTime", "Instant::now"], "rules have no clock of their own");
    forbid(name == "api.rs", &["diesel", "schema::"], "handlers never see a connection");
    forbid(name == "store.rs", &["actix_web"], "stores never see HTTP");
    forbid(path != "src/app/pages.rs", &[".route("], "bypasses the API document; register the handler");
    let writes = ["insert_into", "diesel::update", "diesel::delete", "replace_into", "INSERT ", "UPDATE ", "DELETE "];
    forbid(storey == "disclosure", &writes, "disclosure only reads");
    forbid(storey != "db", &["Db::Sqlite", "Db::Postgres"], "nobody outside db knows which backend runs");
    for used in &used {
        if (pure || name == "store.rs") && used[0] == "web" || pure && used[0] == "db" {
            faults.insert(format!("crate::{}: not in {name}", used.join("::")));
        }
    }
    if !source.starts_with("//!") {
        faults.insert("does not begin with a //! line that says what it does".to_owned());
    }
    let lines = source.lines().count();
    if lines > MOST_LINES && path != "src/db/schema.rs" {
        faults.insert(format!("{lines} lines; at most {MOST_LINES}"));
    }
    faults.into_iter().map(|fault| format!("{path}: {fault}")).collect()
}

/// Slices of a context that use each other in a circle.
fn circles(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut uses: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    let slice_of = |module: &[String]| (module.len() >= 2 && SLICED.contains(&module[0].as_str())).then(|| module[..2].to_vec());
    let slices: BTreeSet<_> = files.keys().filter_map(|path| slice_of(&module_of(path))).collect();
    for (path, source) in files {
        let Some(from) = slice_of(&module_of(path)) else { continue };
        let used = used_paths(path, &code_of(source)).into_iter().filter_map(|used| slice_of(&used));
        uses.entry(from.clone()).or_default().extend(used.filter(|to| slices.contains(to) && to[0] == from[0] && *to != from));
    }
    let mut found = Vec::new();
    for start in uses.keys() {
        let mut reached = BTreeSet::new();
        let mut next: Vec<_> = uses[start].iter().collect();
        while let Some(one) = next.pop() {
            if reached.insert(one) {
                next.extend(uses.get(one).into_iter().flatten());
            }
        }
        if reached.contains(start) {
            found.push(format!("src/{}: the slice reaches itself through {reached:?}", start.join("/")));
        }
    }
    found
}

fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    walk(&root.join("src"), root, &mut found);
    found
}

#[test]
fn every_file_keeps_the_law_of_the_house() {
    let files = sources();
    assert!(files.len() > 50 && files.contains_key("src/people/policy.rs"));
    let mut faults: Vec<_> = files.iter().flat_map(|(path, source)| findings(path, source)).collect();
    faults.extend(circles(&files));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn imports_are_read_whatever_their_form() {
    let code = code_of(
        "use crate::kernel::{Error, id::{AreaId, TenantId as T}, self};\nuse crate::{\n    words,\n    web::{self, Reply}, // crate::app\n    db,\n};\n\
         fn f(x: crate::law::Rule) -> Vec<$crate::trust::Key> { crate::people::query::<u8>(x) }\nlet not_this = mycrate::app::f();",
    );
    let used: Vec<String> = used_paths("src/parties/areas/api.rs", &code).iter().map(|used| used.join("::")).collect();
    let expected = [
        "kernel::Error",
        "kernel::id::AreaId",
        "kernel::id::TenantId",
        "kernel",
        "words",
        "web",
        "web::Reply",
        "db",
        "law::Rule",
        "trust::Key",
        "people::query",
    ];
    assert_eq!(used, expected);
    let climbing: Vec<String> =
        used_paths("src/parties/areas/api.rs", "use super::super::super::app;\nuse super::super::units::{Row, store};")
            .iter()
            .map(|used| used.join("::"))
            .collect();
    assert_eq!(climbing, ["app", "parties::units::Row", "parties::units::store"]);
    assert_eq!(used_paths("src/config.rs", "mod tests { use super::*; }"), Vec::<Used>::new());
}

#[test]
fn every_edge_that_does_not_point_down_is_refused() {
    let mut refused = 0;
    for (from_rank, from) in STOREYS.iter().enumerate() {
        for (to_rank, to) in STOREYS.iter().enumerate() {
            let path = format!("src/{from}/some/service.rs");
            let forms = [
                format!("//! A file.\nuse crate::{to}::thing;\n"),
                format!("//! A file.\nuse crate::{{\n    words,\n    {to}::{{thing, other}},\n}};\n"),
                format!("//! A file.\nfn f() {{ crate::{to}::thing() }}\n"),
                format!("//! A file.\nuse super::super::super::{to}::thing;\n"),
            ];
            for source in forms {
                let faults = findings(&path, &source);
                if from_rank <= to_rank {
                    // law is pure beyond the order of the storeys.
                    let pure = *from == "law" && matches!(*to, "web" | "db");
                    assert_eq!(faults.is_empty(), !pure, "{faults:?}");
                } else {
                    assert_eq!(faults, [format!("{path}: {from} → {to} does not point down")]);
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(refused, 4 * STOREYS.len() * (STOREYS.len() - 1) / 2);
}

#[test]
fn config_is_read_by_the_roof_only_and_uses_little() {
    let used_by = |path: &str, to: &str| findings(path, &format!("//! A file.\nuse crate::{to}::Thing;\n")).is_empty();
    assert!(used_by("src/main.rs", "config") && used_by("src/cli/boot.rs", "config") && used_by("src/app/mod.rs", "config"));
    assert!(!used_by("src/jobs/mod.rs", "config") && !used_by("src/kernel/fen.rs", "config"));
    assert!(used_by("src/config.rs", "db") && !used_by("src/config.rs", "people") && !used_by("src/config.rs", "app"));
    assert!(!used_by("src/people/mod.rs", "utilities"), "a storey that the list does not know");
    assert!(!used_by("src/utilities.rs", "kernel"), "a storey that the list does not know");
}

#[test]
fn every_other_law_can_be_broken() {
    for (path, line, named) in [
        ("src/money/ledger/rules.rs", "use crate::db::Tx;", "crate::db::Tx"),
        ("src/money/ledger/rules.rs", "use crate::web::Reply;", "crate::web::Reply"),
        ("src/money/ledger/rules.rs", "use diesel::prelude::*;", "diesel"),
        ("src/law/rule.rs", "fn f() { diesel::sql_query(\"\"); }", "diesel"),
        ("src/law/calendar.rs", "fn f() { UtcInstant::machine_now(); }", "machine_now"),
        ("src/parties/areas/api.rs", "fn r(c: &mut C) { c.route(\"/x\", web::get()); }", ".route("),
        ("src/app/system.rs", "fn r(c: &mut C) { c\n.route(\"/x\", web::get()); }", ".route("),
        ("src/parties/areas/api.rs", "use diesel::prelude::*;", "diesel"),
        ("src/parties/areas/store.rs", "use crate::web::Call;", "crate::web::Call"),
        ("src/disclosure/feeds.rs", "fn f() { diesel::insert_into(t).execute(c); }", "insert_into"),
        ("src/disclosure/feeds.rs", "fn f() { diesel::update(t).execute(c); }", "diesel::update"),
        ("src/disclosure/feeds.rs", "fn f() { diesel::delete(t).execute(c); }", "diesel::delete"),
        ("src/disclosure/feeds.rs", "const S: &str = \"DELETE FROM areas\";", "DELETE"),
        ("src/web/reply.rs", "fn f(d: Db) { matches!(d, Db::Sqlite(_)); }", "Db::Sqlite"),
        ("src/parties/areas/store.rs", "fn f(d: Db) { matches!(d, Db::Postgres(_)); }", "Db::Postgres"),
    ] {
        let faults = findings(path, &format!("//! A file.\n{line}\n"));
        assert!(faults.iter().any(|fault| fault.contains(named)), "{path}: {line}: {faults:?}");
        assert_eq!(findings(path, &format!("//! A file.\n// {line}\n").replace('\n', "\n// ")), [""; 0], "not in a comment");
    }
    assert_eq!(findings("src/db/pool.rs", "//! A file.\nfn f(d: Db) { matches!(d, Db::Sqlite(_)); }\n"), [""; 0]);
    assert_eq!(findings("src/app/pages.rs", "//! A file.\nfn r(c: &mut C) { c.route(\"/x\", web::get()); }\n"), [""; 0]);
    assert_eq!(findings("src/kernel/fen.rs", "use std::fmt;\n").len(), 1, "no //! line");
    let long = format!("//! A file.\n{}", "\n".repeat(MOST_LINES));
    assert_eq!(findings("src/kernel/fen.rs", &long).len(), 1, "too long");
    assert_eq!(findings("src/db/schema.rs", &long), [""; 0], "a list of tables is as long as it is");
}

#[test]
fn slices_that_use_each_other_are_found() {
    let file = |path: &str, line: &str| (format!("src/{path}"), format!("//! A file.\n{line}\n"));
    let downward = [
        file("money/funds/service.rs", "use crate::money::ledger::post;"),
        file("money/ledger/service.rs", "use crate::money::accounts;"),
        file("money/accounts.rs", "use crate::kernel::Fen;"),
        file("people/accounts/mod.rs", "use crate::people::sessions;"),
    ];
    assert_eq!(circles(&downward.clone().into()), [""; 0]);
    let mut circle: BTreeMap<_, _> = downward.into();
    circle.extend([file("money/accounts.rs", "use super::funds::FundRow;")]);
    assert_eq!(circles(&circle).len(), 3);
}
