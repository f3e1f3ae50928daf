//! Configuration: a TOML file and `BAIYI_…` variables. An unknown key is refused by name. Secrets come from files or the environment, never from arguments.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::db::{Settings, Target};
use crate::kernel::{Error, Result};
use crate::notices::mail::Postman;
use crate::trust::cadence::Cadence;

/// Everything that can be configured; `baiyi.sample.toml` documents each key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The database.
    pub database: Database,
    /// The HTTP server.
    pub http: Http,
    /// Key files.
    pub keys: Keys,
    /// The journal's cadence and witnesses.
    pub journal: Journal,
    /// Where uploaded documents are kept.
    pub documents: Documents,
    /// Where mail goes.
    pub mail: Mail,
    /// The district served when a call names none.
    pub district: District,
    /// Login limits.
    pub login: Login,
    /// Openers.
    pub openers: Openers,
    /// Electronic seals.
    pub seals: Seals,
    /// The log.
    pub log: Log,
}

/// The database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:path` or `postgres://…`.
    pub url: String,
    /// A file that holds the URL, for a URL with a password.
    pub url_file: Option<PathBuf>,
    /// Pooled connections; four per core when absent.
    pub connections: Option<u32>,
}

/// The HTTP server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port to listen on.
    pub address: SocketAddr,
    /// Worker threads; one per core when absent.
    pub workers: Option<usize>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `/metrics` answers anybody; otherwise only this machine.
    pub public_metrics: bool,
}

/// Key files, made by `baiyi admin init-keys`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Ed25519 key in PKCS #8 PEM that signs access tokens.
    pub token_file: PathBuf,
    /// age identity that opens sealed bids.
    pub sealing_file: PathBuf,
    /// Ed25519 key in PKCS #8 PEM that signs the journal's checkpoints.
    pub journal_file: PathBuf,
    /// Ed25519 key in PKCS #8 PEM that signs the receipts of bids.
    pub receipts_file: PathBuf,
    /// Base64 of 32 bytes that seal the seeds of one-time passwords.
    pub vault_file: PathBuf,
}

/// The journal's cadence and witnesses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Journal {
    /// Seconds from one batch to the next; 0 integrates what waits at once, and keeps the journal to auditors.
    pub cadence_seconds: u32,
    /// Leaves of every batch when there is a cadence; what does not fit waits for the next.
    pub cadence_leaves: NonZeroU32,
    /// Seconds that the answer of a submission waits for its final receipt when its sender does not say; at most 10.
    pub receipt_wait_seconds: u8,
    /// Witnesses that cosign every checkpoint.
    pub witnesses: Vec<Witness>,
}

/// A witness of the journal (C2SP tlog-witness).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Where it takes checkpoints: the submission prefix, without `/add-checkpoint`.
    pub url: String,
    /// Its verifier key, of signature type 0x04.
    pub key: String,
}

impl Journal {
    /// The cadence, if there is one.
    pub fn cadence(&self) -> Option<Cadence> {
        NonZeroU32::new(self.cadence_seconds).map(|seconds| Cadence { seconds, leaves: self.cadence_leaves })
    }
}

/// Where uploaded documents are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Documents {
    /// A local folder.
    pub folder: PathBuf,
    /// `s3://bucket/prefix` in place of the folder.
    pub url: Option<String>,
    /// Folder of templates that come before the program's own.
    pub templates: Option<PathBuf>,
}

/// Where mail goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Folder of `.eml` files, used when there is no SMTP relay.
    pub folder: PathBuf,
    /// Sender.
    pub from: String,
    /// `smtps://user@host:465` or `smtp://host:587?tls=required`.
    pub smtp_url: Option<String>,
    /// File with the relay's password.
    pub smtp_password_file: Option<PathBuf>,
}

/// A text, or a number written without quotes.
fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Number(u64),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Text(text) => text,
        Written::Number(number) => number.to_string(),
    })
}

/// The district served when a call names none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct District {
    /// GB/T 2260 code; digits without quotes are taken too, as a variable of the environment has them.
    #[serde(deserialize_with = "text_or_number")]
    pub code: String,
    /// 中文 name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
}

/// Login limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// Attempts per account and minute; an address may make five times as many.
    pub attempts_per_minute: NonZeroU32,
    /// Roles that may only be used with a second factor.
    pub second_factor_for: Vec<String>,
}

/// Electronic seals.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seals {
    /// Services whose word counts that a seal is on a document.
    pub services: Vec<SealService>,
}

/// A service that keeps seals and signs for it when one is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealService {
    /// Its name, as signatures of contracts name it.
    pub name: String,
    /// Its Ed25519 public key, base64 of 32 bytes.
    pub public_key: String,
}

/// Openers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Openers {
    /// Value of a tender in fen from which openers must hold its key; the server may hold every key when absent.
    pub required_from_fen: Option<i64>,
}

/// The log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// A `tracing` filter, such as `info` or `baiyi=debug`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self::in_folder(Path::new("baiyi-data"))
    }
}

macro_rules! default_from_config {
    ($($section:ident => $field:ident),+) => {$(
        impl Default for $section {
            fn default() -> Self { Config::default().$field }
        }
    )+};
}
default_from_config!(Database => database, Http => http, Keys => keys, Journal => journal, Documents => documents, Mail => mail, District => district, Login => login, Openers => openers, Log => log);

impl Config {
    /// The defaults with every local file below `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database: Database { url: format!("sqlite:{}", folder.join("baiyi.sqlite").display()), url_file: None, connections: None },
            http: Http {
                address: SocketAddr::from(([127, 0, 0, 1], 8080)),
                workers: None,
                trusted_proxies: Vec::new(),
                public_metrics: false,
            },
            keys: Keys {
                token_file: folder.join("keys/token.pem"),
                sealing_file: folder.join("keys/sealing.age"),
                journal_file: folder.join("keys/journal.pem"),
                receipts_file: folder.join("keys/receipts.pem"),
                vault_file: folder.join("keys/vault.key"),
            },
            journal: Journal {
                cadence_seconds: 0,
                cadence_leaves: NonZeroU32::MIN.saturating_add(63),
                receipt_wait_seconds: 5,
                witnesses: Vec::new(),
            },
            documents: Documents { folder: folder.join("documents"), url: None, templates: None },
            mail: Mail {
                folder: folder.join("mail"),
                from: "百益 <no-reply@baiyi.example>".to_owned(),
                smtp_url: None,
                smtp_password_file: None,
            },
            district: District {
                code: "330502".to_owned(),
                name_zh: "湖州市吴兴区".to_owned(),
                name_en: "Wuxing District, Huzhou".to_owned(),
            },
            login: Login {
                attempts_per_minute: NonZeroU32::MIN.saturating_add(9),
                second_factor_for: ["platform_admin", "purchaser_lead", "finance_officer", "opener"].map(str::to_owned).to_vec(),
            },
            openers: Openers { required_from_fen: None },
            seals: Seals::default(),
            log: Log { filter: "info".to_owned(), format: LogFormat::Text },
        }
    }

    /// Reads the file (when given, it must exist; otherwise `baiyi.toml` if there is one), then the variables.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let path = file.unwrap_or_else(|| Path::new("baiyi.toml"));
        if file.is_some() && !path.exists() {
            return Err(Error::internal(format!("the configuration file {} does not exist", path.display())));
        }
        let variables = Env::prefixed("BAIYI_").filter(|key| !key.starts_with("test_") && key != "config" && key != "password").split("__");
        let config: Self =
            Figment::from(Serialized::defaults(Self::default())).merge(Toml::file(path)).merge(variables).extract().map_err(|faults| {
                let words: Vec<String> = faults.into_iter().map(|fault| fault.to_string()).collect();
                Error::internal(format!("configuration: {}", words.join("; ")))
            })?;
        config.settings()?;
        Ok(config)
    }

    /// How the database is opened.
    pub fn settings(&self) -> Result<Settings> {
        let url = match &self.database.url_file {
            Some(file) => crate::trust::keys::read_secret(file)?.trim().to_owned(),
            None => self.database.url.clone(),
        };
        let target = Target::parse(&url).map_err(|reason| Error::internal(format!("configuration: database.url: {reason}")))?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let connections = self.database.connections.unwrap_or_else(|| u32::try_from(cores).unwrap_or(2).saturating_mul(4));
        Ok(Settings { target, connections, patience: Duration::from_secs(5) })
    }

    /// The name of the journal in its checkpoints (C2SP origin).
    pub fn origin(&self) -> String {
        format!("baiyi/{}", self.district.code)
    }

    /// The name of the key of receipts in their notes.
    pub fn receipts_origin(&self) -> String {
        format!("{}/receipts", self.origin())
    }

    /// The name of the tokens' key in its announcements.
    pub fn tokens_origin(&self) -> String {
        format!("{}/tokens", self.origin())
    }

    /// The URL of the object store.
    pub fn documents_url(&self) -> Result<String> {
        if let Some(url) = &self.documents.url {
            return Ok(url.clone());
        }
        let folder = std::path::absolute(&self.documents.folder).map_err(|e| Error::internal(format!("documents.folder: {e}")))?;
        url::Url::from_directory_path(&folder).map(String::from).map_err(|()| Error::internal("documents.folder is not a path"))
    }

    /// The mail transport.
    pub fn postman(&self) -> Result<Postman> {
        match &self.mail.smtp_url {
            None => Postman::folder(self.mail.folder.clone(), &self.mail.from),
            Some(url) => {
                let password = self.mail.smtp_password_file.as_deref().map(crate::trust::keys::read_secret).transpose()?;
                Postman::smtp(url, password.map(|p| p.trim().to_owned()), &self.mail.from)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baiyi.toml");
        std::fs::write(&file, toml).unwrap();
        Config::load(Some(&file))
    }

    #[test]
    fn a_bad_key_and_a_bad_value_are_refused_by_name_with_the_reason() {
        for (toml, words) in [
            ("[http]\nadress = \"x\"", "adress"),
            ("[http]\naddress = \"nowhere\"", "http.address"),
            ("[database]\nurl = \"mysql://x\"", "database.url: the scheme must be sqlite: or postgres://"),
            ("[login]\nattempts_per_minute = 0", "attempts_per_minute"),
            ("colour = 1", "colour"),
        ] {
            let fault = load(toml).unwrap_err().to_string();
            assert!(fault.contains(words), "{toml}: {fault}");
        }
    }

    #[test]
    fn the_documented_sample_is_the_default() {
        // A variable of the environment comes without quotes, and a code of digits then looks like a number.
        for written in ["330503", "\"330503\""] {
            assert_eq!(load(&format!("[district]\ncode = {written}\n")).unwrap().district.code, "330503");
        }
        let sample = load(include_str!("../baiyi.sample.toml")).unwrap();
        assert_eq!(serde_json::to_value(sample).unwrap(), serde_json::to_value(Config::default()).unwrap());
    }

    #[test]
    fn a_file_that_was_named_must_exist() {
        assert!(Config::load(Some(Path::new("no-such-file.toml"))).unwrap_err().to_string().contains("no-such-file.toml"));
    }
}
