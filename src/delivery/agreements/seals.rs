//! Electronic seals under a contract: a configured sealing service signed that a party's seal is on a document of it. A seal is given with its party's signature.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{ContractParty, ContractRow};
use crate::db::schema::contract_seals;
use crate::db::{Db, Tx};
use crate::kernel::error::problems;
use crate::kernel::id::{ContractId, TenantId};
use crate::kernel::{Error, Result, UtcInstant, Words};
use crate::parties::{organisations, units};
use crate::trust::documents;
use crate::trust::seals::{FORMAT, SealServices, SealStatement};
use crate::words;

problems! {
    /// The seal does not hold.
    SEAL_WRONG = "electronic_seal_wrong", 422, "电子印章无效", "The electronic seal does not hold",
        "须为平台认可的印章服务对本合同所附文件签发的证明；请核对文件、签署方与时间。",
        "A seal counts when a service that the platform knows signed for a document of this contract; compare the document, the party and the instant.";
}

/// How far a seal's instant may lie ahead of the server's clock, in seconds.
const AHEAD_SECONDS: i64 = 60;

/// A seal as it is given.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenSeal {
    /// Name of the sealing service.
    #[schema(min_length = 1, max_length = 64, example = "湖州政务印章")]
    pub service: String,
    /// SHA-256 of the sealed file, which is a document of the contract; lower-case hex.
    #[schema(min_length = 64, max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_sha256: String,
    /// When it was sealed.
    pub sealed_at: UtcInstant,
    /// The service's Ed25519 signature, base64, over the canonical JSON (RFC 8785) of `format` (`baiyi-electronic-seal-1`), `contract_id`, `party`,
    /// `holder` (the unit's name, or the organisation's credit code), `document_sha256` and `sealed_at`.
    #[schema(
        min_length = 88,
        max_length = 88,
        example = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=="
    )]
    pub signature: String,
}

/// A stored seal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = contract_seals)]
pub struct SealRow {
    /// Contract.
    pub contract_id: ContractId,
    /// Whose.
    pub party: ContractParty,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Which service signed for it.
    pub service: String,
    /// The sealed file.
    pub document_sha256: String,
    /// When it was sealed.
    pub sealed_at: UtcInstant,
    /// The service's signature.
    pub signature: String,
    /// When it was given.
    pub created_at: UtcInstant,
}

/// The seals under a contract.
pub fn of_contract(db: &mut Db, contract: ContractId) -> Result<Vec<SealRow>> {
    Ok(contract_seals::table.filter(contract_seals::contract_id.eq(contract)).order(contract_seals::party).load(db)?)
}

fn wrong(what: Words) -> Error {
    SEAL_WRONG.because(what)
}

/// Holds a seal against the services and the contract's documents and keeps it; gives what the journal says of it.
pub fn affix(tx: &mut Tx<'_>, contract: &ContractRow, party: ContractParty, given: &GivenSeal, services: &SealServices) -> Result<Value> {
    let lost = || Error::internal("a contract without its parties");
    let holder = match party {
        ContractParty::Purchaser => units::store::find(tx, contract.tenant_id, contract.unit_id)?.ok_or_else(lost)?.name_zh,
        ContractParty::Organisation => {
            let row = organisations::store::find(tx, contract.tenant_id, contract.organisation_id)?.ok_or_else(lost)?;
            row.uscc.as_str().to_owned()
        }
    };
    let statement = SealStatement {
        format: FORMAT,
        contract_id: contract.id.to_string(),
        party: party.as_str(),
        holder: &holder,
        document_sha256: &given.document_sha256,
        sealed_at: given.sealed_at,
    };
    match services.verifies(&given.service, &statement, &given.signature)? {
        Some(true) => {}
        Some(false) => return Err(wrong(words!("印章服务的签名不符", "the service did not sign this"))),
        None => return Err(wrong(words!("未配置该印章服务", "no such service is configured"))),
    }
    let there = documents::of_owner(tx, contract.tenant_id, contract.id.any())?;
    if !there.iter().any(|document| document.sha256 == given.document_sha256) {
        return Err(wrong(words!("合同没有这份文件", "the contract has no such document")));
    }
    if given.sealed_at < contract.created_at || given.sealed_at > tx.now().plus_seconds(AHEAD_SECONDS) {
        return Err(wrong(words!("用印时间早于合同或在将来", "sealed before the contract was drafted, or in the future")));
    }
    let row = SealRow {
        contract_id: contract.id,
        party,
        tenant_id: contract.tenant_id,
        service: given.service.clone(),
        document_sha256: given.document_sha256.clone(),
        sealed_at: given.sealed_at,
        signature: given.signature.clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(contract_seals::table).values(&row).execute(&mut **tx)?;
    Ok(
        json!({"service": row.service, "document_sha256": row.document_sha256, "sealed_at": row.sealed_at, "holder": holder, "signature": row.signature}),
    )
}
