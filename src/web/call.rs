//! One HTTP call as the house sees it: who, in which district, with which key and version.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use tracing_actix_web::RequestId;
use uuid::Uuid;

use super::problem::Failure;
use super::{client, etag};
use crate::db::{Database, Facts, Precondition};
use crate::kernel::id::{AccountId, SessionId, TenantId};
use crate::kernel::{Clock, Entropy, Error, Fen, Result, error};
use crate::words;

/// Longest `Idempotency-Key`, in characters.
pub const IDEMPOTENCY_KEY_MAX: usize = 128;

/// What the HTTP storey needs from the composition root.
pub struct Desk {
    /// The database.
    pub db: Database,
    /// The business clock.
    pub clock: Clock,
    /// Checks access tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// The district meant when a public call names none.
    pub default_district: String,
    /// Proxies whose forwarded address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Roles that may only be used with a second factor.
    pub second_factor_for: Vec<String>,
    /// Value of a tender from which openers must hold its key; none where the server may hold every key.
    pub quorum_from: Option<Fen>,
}

/// Turns an access token into the account and session it was issued for, and recognises the tokens of machine clients.
pub trait TokenVerifier: Send + Sync {
    /// `None` when the token is not ours, expired or malformed. Whether the session still lives is checked in the transaction.
    fn verify(&self, token: &str) -> Option<Principal>;
}

/// Whom a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A person in a login session.
    Session {
        /// The account.
        account: AccountId,
        /// The login session.
        session: SessionId,
    },
    /// A machine client; which, the database knows by the SHA-256 of its token.
    Machine([u8; 32]),
}

impl Principal {
    /// The account, as far as the token itself says it.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Session { account, .. } => Some(account),
            Self::Machine(_) => None,
        }
    }

    /// The login session; a machine has none.
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Session { session, .. } => Some(session),
            Self::Machine(_) => None,
        }
    }
}

/// Who asks, as far as idempotency needs to know.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The account id, or `public`.
    pub name: String,
}

/// The facts of one HTTP call. Cheap to clone.
#[derive(Clone)]
pub struct Call {
    /// The composition root's desk.
    pub desk: web::Data<Desk>,
    /// Whom the token names; `None` without a token.
    pub principal: Option<Principal>,
    /// District code that the caller named or the default.
    pub district: String,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Client address after trusted proxies.
    pub client: std::net::IpAddr,
    /// `METHOD /path` of this call.
    pub operation: String,
    precondition: Precondition,
    if_none_match: Option<String>,
    entropy: Entropy,
    request: Option<Uuid>,
}

impl Call {
    /// Whether the call only reads.
    pub fn reads(&self) -> bool {
        self.operation.starts_with("GET ") || self.operation.starts_with("HEAD ")
    }

    /// The path of this call.
    pub fn path(&self) -> &str {
        self.operation.split_once(' ').map_or("", |(_, path)| path)
    }

    /// The request, for the log.
    pub const fn request(&self) -> Option<Uuid> {
        self.request
    }

    /// The facts of the write transaction of this call.
    pub fn facts(&self) -> Facts {
        Facts {
            now: self.desk.clock.now(),
            entropy: self.entropy.clone(),
            account: self.principal.and_then(Principal::account),
            request: self.request,
            precondition: self.precondition,
        }
    }

    /// Whether the caller already has the representation with this ETag.
    pub fn has_representation(&self, etag: &str) -> bool {
        self.if_none_match
            .as_deref()
            .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag || one.trim() == "*"))
    }

    fn from_headers(request: &HttpRequest) -> Result<Self> {
        let desk = request.app_data::<web::Data<Desk>>().cloned().ok_or_else(|| Error::internal("the desk is not registered"))?;
        let principal = match text_header(request, header::AUTHORIZATION.as_str())? {
            None => None,
            Some(value) => {
                let token = value.strip_prefix("Bearer ").ok_or_else(|| error::UNAUTHENTICATED.error())?;
                Some(desk.tokens.verify(token.trim()).ok_or_else(|| error::UNAUTHENTICATED.error())?)
            }
        };
        let precondition = match text_header(request, header::IF_MATCH.as_str())? {
            None => Precondition::Absent,
            Some(value) => Precondition::Version(etag::version_of(value).ok_or_else(|| {
                error::MALFORMED.because(words!("If-Match 须为读取时得到的 ETag", "If-Match must be the ETag of your last read"))
            })?),
        };
        let idempotency_key = text_header(request, "idempotency-key")?.map(str::to_owned);
        if idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > IDEMPOTENCY_KEY_MAX) {
            return Err(error::MALFORMED.because(words!(
                "Idempotency-Key 须为 1 到 {IDEMPOTENCY_KEY_MAX} 个可见字符",
                "Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_MAX} visible characters"
            )));
        }
        let district = text_header(request, "baiyi-district")?.map_or_else(|| desk.default_district.clone(), str::to_owned);
        let request_id = actix_web::HttpMessage::extensions(request).get::<RequestId>().map(|id| **id);
        Ok(Self {
            principal,
            district,
            idempotency_key,
            client: client::address(request, &desk.trusted_proxies),
            operation: format!("{} {}", request.method(), request.path()),
            precondition,
            if_none_match: text_header(request, header::IF_NONE_MATCH.as_str())?.map(str::to_owned),
            entropy: Entropy::fresh().map_err(|e| Error::internal(format!("no randomness: {e}")))?,
            request: request_id,
            desk,
        })
    }
}

fn text_header<'r>(request: &'r HttpRequest, name: &str) -> Result<Option<&'r str>> {
    request
        .headers()
        .get(name)
        .map(|value| {
            value
                .to_str()
                .map_err(|_| error::MALFORMED.because(words!("请求头 {name} 含非 ASCII 字符", "header {name} has non-ASCII characters")))
        })
        .transpose()
}

impl FromRequest for Call {
    type Error = Failure;
    type Future = Ready<std::result::Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::from_headers(request).map_err(Failure))
    }
}
