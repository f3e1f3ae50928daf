//! Electronic seals (电子印章): services that keep public bodies' and organisations' seals and sign for it when one is used. Which services count is configured;
//! nothing of a seal itself is here.

use serde::Serialize;

use super::signing;
use crate::kernel::{Error, Result, UtcInstant};

/// The format of what a service signs.
pub const FORMAT: &str = "baiyi-electronic-seal-1";

/// What a service signs: the canonical JSON (RFC 8785) of this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealStatement<'s> {
    /// [`FORMAT`].
    pub format: &'s str,
    /// Id of what is sealed.
    pub contract_id: String,
    /// Which party's seal it is.
    pub party: &'s str,
    /// Name of the public body, or credit code of the organisation, whose seal it is.
    pub holder: &'s str,
    /// SHA-256 of the sealed file, lower-case hex.
    pub document_sha256: &'s str,
    /// When.
    pub sealed_at: UtcInstant,
}

/// A sealing service whose word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    name: String,
    key: String,
}

/// The sealing services of the configuration.
#[derive(Debug, Clone, Default)]
pub struct SealServices(Vec<Service>);

impl SealServices {
    /// Reads pairs of a name and an Ed25519 public key, base64 of 32 bytes. Errors name the service whose key is none.
    pub fn new<'c>(services: impl IntoIterator<Item = (&'c str, &'c str)>) -> Result<Self> {
        let read = |(name, key): (&str, &str)| {
            let fault = || Error::internal(format!("configuration: the key of the sealing service {name} is not base64 of 32 bytes"));
            signing::public_bytes(key).ok_or_else(fault)?;
            Ok(Service { name: name.to_owned(), key: key.to_owned() })
        };
        services.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Whether a service of this name is known and signed the statement; `None` when there is none.
    pub fn verifies(&self, name: &str, statement: &SealStatement<'_>, signature: &str) -> Result<Option<bool>> {
        let Some(service) = self.0.iter().find(|one| one.name == name) else { return Ok(None) };
        Ok(Some(signing::verify(&service.key, &signing::canonical(statement)?, signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::signing::LocalKey;

    #[test]
    fn a_seal_holds_for_its_service_its_file_and_its_party() {
        let key = LocalKey::ephemeral().unwrap();
        let public = key.public();
        let services = SealServices::new([("湖州政务印章", public.as_str())]).unwrap();
        let statement = SealStatement {
            format: FORMAT,
            contract_id: "0192f0c1-7a10-7000-8000-000000000001".to_owned(),
            party: "purchaser",
            holder: "月河街道办事处",
            document_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            sealed_at: UtcInstant::parse("2026-03-20T01:00:00Z").unwrap(),
        };
        let signature = key.sign(&signing::canonical(&statement).unwrap());
        assert_eq!(services.verifies("湖州政务印章", &statement, &signature).unwrap(), Some(true));
        assert_eq!(services.verifies("别处", &statement, &signature).unwrap(), None);
        let other = SealStatement { party: "organisation", ..statement.clone() };
        assert_eq!(services.verifies("湖州政务印章", &other, &signature).unwrap(), Some(false));
        let other = SealStatement { document_sha256: "00", ..statement };
        assert_eq!(services.verifies("湖州政务印章", &other, &signature).unwrap(), Some(false));
        assert!(SealServices::new([("坏", "AAAA")]).unwrap_err().to_string().contains("坏"));
    }
}
