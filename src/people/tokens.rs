//! Access tokens: JWT with EdDSA, 15 minutes, `iss`, `aud`, `exp` and `kid` checked; the key set is public. They use real time, never the business clock.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::db::Tx;
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::trust::held::{Held, KeyFile};
use crate::trust::keychain::KeyChain;
use crate::trust::keys::{TokenKey, TokenPublic};
use crate::web::{Principal, TokenVerifier};

/// Life of an access token, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Life of a refresh token and of a session without use, in seconds.
pub const REFRESH_SECONDS: i64 = 14 * 24 * 3600;
/// How the token of a machine client begins, so that a leaked one is recognised in a log or a repository.
pub const MACHINE_PREFIX: &str = "baiyi_";
/// Length of such a token: the prefix and 256 bits in base64url.
const MACHINE_TOKEN_LENGTH: usize = MACHINE_PREFIX.len() + 43;
const ISSUER: &str = "baiyi";
const AUDIENCE: &str = "baiyi-api";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Signs access tokens with one key, and checks those of every key of its chain that counts still.
pub struct Mint {
    held: Held<TokenKey>,
    ring: RwLock<Arc<Ring>>,
}

struct Ring {
    kid: String,
    signing: EncodingKey,
    checking: Vec<Checking>,
}

/// A key that tokens are checked with.
struct Checking {
    public: TokenPublic,
    key: DecodingKey,
    /// Instant from which on its tokens count no more: its successor was announced with it.
    until: Option<UtcInstant>,
}

impl Checking {
    fn new(public: TokenPublic, until: Option<UtcInstant>) -> Result<Self> {
        let key = DecodingKey::from_ed_components(&public.x).map_err(|e| Error::internal(format!("token key: {e}")))?;
        Ok(Self { public, key, until })
    }

    fn counts(&self) -> bool {
        self.until.is_none_or(|until| UtcInstant::machine_now() < until)
    }
}

impl Ring {
    fn new(own: &TokenKey, chain: &KeyChain) -> Result<Self> {
        let checking = if chain.has(&own.verifier()) {
            let known = |(key, until)| Some(Checking::new(TokenPublic::of_verifier(key)?, until));
            chain.ends().filter_map(known).collect::<Result<_>>()?
        } else {
            vec![Checking::new(own.public.clone(), None)?]
        };
        Ok(Self { kid: own.public.kid.clone(), signing: EncodingKey::from_ed_der(&own.pkcs8), checking })
    }
}

impl Mint {
    /// A mint from its key file; the name is that of the key in its announcements.
    pub fn read(file: &Path, name: &str) -> Result<Self> {
        let held = Held::<TokenKey>::read(file, name)?;
        let own = held.get();
        let ring = Ring::new(&own, &KeyChain::from(own.verifier().as_str()))?;
        Ok(Self { held, ring: RwLock::new(Arc::new(ring)) })
    }

    /// The verifier key of the key that it signs with.
    pub fn verifier(&self) -> String {
        self.held.get().verifier()
    }

    /// Follows the keys that the journal announced: signs with the last, and takes tokens of those before until the instant that their successor's
    /// announcement names. An error when the last key is not at hand.
    pub fn follow(&self, chain: &KeyChain) -> Result<()> {
        let followed = self.held.follow(chain);
        let ring = Ring::new(&self.held.get(), chain)?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        followed
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// An access token for a session.
    pub fn issue(&self, account: AccountId, session: SessionId) -> Result<String> {
        let now = UtcInstant::machine_now().unix_seconds();
        self.sign(account, session, now, now.saturating_add(ACCESS_SECONDS))
    }

    fn sign(&self, account: AccountId, session: SessionId, iat: i64, exp: i64) -> Result<String> {
        let ring = self.ring();
        let header = Header { kid: Some(ring.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims { iss: ISSUER.to_owned(), aud: AUDIENCE.to_owned(), sub: account, sid: session, iat, exp };
        encode(&header, &claims, &ring.signing).map_err(|e| Error::internal(format!("signing a token: {e}")))
    }

    /// The public keys whose tokens count (RFC 7517).
    pub fn key_set(&self) -> serde_json::Value {
        let ring = self.ring();
        let jwk = |one: &Checking| serde_json::json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": one.public.kid, "x": one.public.x});
        let keys: Vec<serde_json::Value> = ring.checking.iter().filter(|one| one.counts()).map(jwk).collect();
        serde_json::json!({"keys": keys})
    }
}

impl TokenVerifier for Mint {
    fn verify(&self, token: &str) -> Option<Principal> {
        if token.starts_with(MACHINE_PREFIX) {
            let fits = token.len() == MACHINE_TOKEN_LENGTH;
            return fits.then(|| Principal::Machine(token_hash(token)));
        }
        let (ring, kid) = (self.ring(), decode_header(token).ok()?.kid?);
        let checking = ring.checking.iter().find(|one| one.public.kid == kid && one.counts())?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 5;
        let claims = decode::<Claims>(token, &checking.key, &validation).ok()?.claims;
        Some(Principal::Session { account: claims.sub, session: claims.sid })
    }
}

/// A fresh secret of 256 random bits in base64url, for a mail, a refresh or a machine. The transaction's own stream gives it, so that a rerun gives the same.
pub fn secret(tx: &mut Tx<'_>) -> String {
    URL_SAFE_NO_PAD.encode(tx.salt())
}

/// What is stored of a token that is not a JWT: its SHA-256. Such a token has 256 random bits, so a fast hash is enough.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACCOUNT: AccountId = AccountId::new(Uuid::from_u128(1));
    const SESSION: SessionId = SessionId::new(Uuid::from_u128(2));

    const NAME: &str = "baiyi/330502/tokens";

    fn mint(folder: &tempfile::TempDir, word: &str) -> Mint {
        let file = folder.path().join(format!("{word}.pem"));
        crate::trust::keys::create_signing_key(&file).unwrap();
        Mint::read(&file, NAME).unwrap()
    }

    #[test]
    fn only_a_fresh_token_of_this_mint_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let (mint, other) = (mint(&folder, "a"), mint(&folder, "b"));
        let person = Principal::Session { account: ACCOUNT, session: SESSION };
        assert_eq!(mint.verify(&mint.issue(ACCOUNT, SESSION).unwrap()), Some(person));
        assert_eq!(mint.verify(&other.issue(ACCOUNT, SESSION).unwrap()), None);
        assert_eq!(mint.verify(&mint.sign(ACCOUNT, SESSION, 0, UtcInstant::machine_now().unix_seconds() - 60).unwrap()), None);
        let machine = format!("{MACHINE_PREFIX}{}", "a".repeat(43));
        assert_eq!(mint.verify(&machine), Some(Principal::Machine(token_hash(&machine))));
        assert_eq!(mint.verify(&machine[..48]), None);
        assert_eq!(mint.verify("nonsense"), None);
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
        assert_eq!(mint.verify(none), None);
    }

    #[test]
    fn a_token_for_somebody_else_or_by_another_algorithm_is_refused_though_the_key_is_right() {
        let folder = tempfile::tempdir().unwrap();
        let mint = mint(&folder, "a");
        let (ring, now) = (mint.ring(), UtcInstant::machine_now().unix_seconds());
        let good = serde_json::json!({"iss": ISSUER, "aud": AUDIENCE, "sub": ACCOUNT, "sid": SESSION, "iat": now, "exp": now + 60});
        let told = |kid: Option<String>, change: &dyn Fn(&mut serde_json::Value)| {
            let mut claims = good.clone();
            change(&mut claims);
            let header = Header { kid, ..Header::new(Algorithm::EdDSA) };
            mint.verify(&encode(&header, &claims, &ring.signing).unwrap())
        };
        let own = || Some(ring.kid.clone());
        assert!(told(own(), &|_| ()).is_some());
        for name in ["iss", "aud"] {
            assert_eq!(told(own(), &|claims| claims[name] = "another".into()), None, "{name}");
        }
        for name in ["iss", "aud", "sub", "sid", "exp"] {
            assert_eq!(told(own(), &|claims| drop(claims.as_object_mut().unwrap().remove(name))), None, "without {name}");
        }
        assert_eq!(told(None, &|_| ()), None);
        assert_eq!(told(Some("another".to_owned()), &|_| ()), None);
        // The public key as a secret of another algorithm.
        let header = Header { kid: own(), ..Header::new(Algorithm::HS256) };
        let public = mint.key_set()["keys"][0]["x"].as_str().unwrap().to_owned();
        let confused = encode(&header, &good, &jsonwebtoken::EncodingKey::from_secret(public.as_bytes())).unwrap();
        assert_eq!(mint.verify(&confused), None);
    }

    #[test]
    fn a_replaced_key_counts_until_its_announcement_says_and_a_stranger_never() {
        use crate::trust::keychain::{KeyOf, Rotation, Succession, rotation};
        use crate::trust::notes::NoteKey;
        let folder = tempfile::tempdir().unwrap();
        let (old, new, evil) = (mint(&folder, "old"), mint(&folder, "new"), mint(&folder, "evil"));
        let [old_key, new_key, evil_key] =
            ["old", "new", "evil"].map(|word| NoteKey::read(&folder.path().join(format!("{word}.pem")), NAME).unwrap());
        let token = old.issue(ACCOUNT, SESSION).unwrap();
        let chain = |from: &NoteKey, to: &NoteKey, seconds: i64| {
            let until = Some(UtcInstant::machine_now().plus_seconds(seconds));
            let event =
                rotation(crate::kernel::id::TenantId::from(Uuid::nil()), 2, &Succession { of: KeyOf::Tokens, old: from, new: to, until });
            let told = Rotation::of_entry(KeyOf::Tokens, None, &serde_json::json!({"content": event.content})).unwrap();
            KeyChain::of(KeyOf::Tokens, &new_key.verifier(), &[told]).0
        };
        assert_eq!(new.verify(&token), None, "nothing is announced");
        new.follow(&chain(&old_key, &new_key, 60)).unwrap();
        assert!(new.verify(&token).is_some());
        assert_eq!(new.key_set()["keys"].as_array().unwrap().len(), 2);
        assert_eq!(decode_header(new.issue(ACCOUNT, SESSION).unwrap()).unwrap().kid, Some(new.held.get().public.kid.clone()));
        new.follow(&chain(&old_key, &new_key, -1)).unwrap();
        assert_eq!((new.verify(&token), new.key_set()["keys"].as_array().unwrap().len()), (None, 1));
        // Whoever writes an announcement without the key before it gains nothing.
        let mut forged = chain(&evil_key, &old_key, 60);
        assert!(!forged.has(&new_key.verifier()) || !forged.has(&evil_key.verifier()));
        forged = KeyChain::from(evil_key.verifier().as_str());
        new.follow(&forged).unwrap();
        assert_eq!(new.verify(&evil.issue(ACCOUNT, SESSION).unwrap()), None);
        assert!(new.verify(&new.issue(ACCOUNT, SESSION).unwrap()).is_some());
        // A process that holds the old key alone takes the new one's tokens as well, and says that it lacks the key.
        assert!(old.follow(&chain(&old_key, &new_key, 60)).is_err());
        assert!(old.verify(&new.issue(ACCOUNT, SESSION).unwrap()).is_some());
    }
}
