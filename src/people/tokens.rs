//! Access tokens: JWT with EdDSA, 15 minutes, `iss`, `aud`, `exp` and `kid` checked; the key set is public. They use real time, never the business clock.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::db::Tx;
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Error, Result, UtcInstant};
use crate::trust::keys::TokenKey;
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

/// Signs and checks access tokens.
pub struct Mint {
    kid: String,
    x: String,
    signing: EncodingKey,
    checking: DecodingKey,
}

impl Mint {
    /// A mint from its key.
    pub fn new(key: &TokenKey) -> Result<Self> {
        let checking = DecodingKey::from_ed_components(&key.x).map_err(|e| Error::internal(format!("token key: {e}")))?;
        Ok(Self { kid: key.kid.clone(), x: key.x.clone(), signing: EncodingKey::from_ed_der(&key.pkcs8), checking })
    }

    /// An access token for a session.
    pub fn issue(&self, account: AccountId, session: SessionId) -> Result<String> {
        let now = UtcInstant::machine_now().unix_seconds();
        self.sign(account, session, now, now.saturating_add(ACCESS_SECONDS))
    }

    fn sign(&self, account: AccountId, session: SessionId, iat: i64, exp: i64) -> Result<String> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims { iss: ISSUER.to_owned(), aud: AUDIENCE.to_owned(), sub: account, sid: session, iat, exp };
        encode(&header, &claims, &self.signing).map_err(|e| Error::internal(format!("signing a token: {e}")))
    }

    /// The public keys (RFC 7517).
    pub fn key_set(&self) -> serde_json::Value {
        serde_json::json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": self.x}]})
    }
}

impl TokenVerifier for Mint {
    fn verify(&self, token: &str) -> Option<Principal> {
        if token.starts_with(MACHINE_PREFIX) {
            let fits = token.len() == MACHINE_TOKEN_LENGTH;
            return fits.then(|| Principal::Machine(token_hash(token)));
        }
        if decode_header(token).ok()?.kid.as_deref() != Some(self.kid.as_str()) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 5;
        let claims = decode::<Claims>(token, &self.checking, &validation).ok()?.claims;
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

    #[test]
    fn only_a_fresh_token_of_this_mint_is_accepted() {
        let mint = Mint::new(&TokenKey::ephemeral().unwrap()).unwrap();
        let other = Mint::new(&TokenKey::ephemeral().unwrap()).unwrap();
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
}
