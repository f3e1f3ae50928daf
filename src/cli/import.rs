//! `baiyi import`: reference data from CSV files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::boot;
use crate::config::Config;
use crate::db::{Facts, Tx};
use crate::kernel::id::TenantId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::parties::areas;
use crate::people::policy::{District, authorize_operator};
use crate::people::tenants;
use crate::web::limits::IMPORT_BYTES;
use crate::web::table::Imported;

#[derive(Args)]
pub struct Options {
    /// What the file holds.
    kind: Kind,
    /// A UTF-8 CSV file with a header row.
    file: PathBuf,
}

/// Kinds of reference data.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Areas: code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to
    Areas,
}

/// Runs the command.
pub async fn run(config: &Config, options: Options) -> Result<()> {
    let db = boot::open(config)?;
    let shown = options.file.display().to_string();
    let bytes = read(&options.file)?;
    let code = config.district.code.clone();
    let kind = options.kind;
    let imported = db
        .write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
            let tenant =
                tenants::by_code(tx, &code).map_err(|_| Error::internal(format!("there is no district {code}; run `baiyi migrate`")))?;
            import(tx, tenant, kind, &bytes)
        })
        .await?;
    println!("{} rows imported from {shown}", imported.rows);
    Ok(())
}

fn read(file: &std::path::Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).map_err(|e| Error::internal(format!("cannot read {}: {e}", file.display())))?;
    if bytes.len() > IMPORT_BYTES {
        return Err(Error::internal(format!("{} is larger than {IMPORT_BYTES} bytes", file.display())));
    }
    Ok(bytes)
}

/// Imports one table into a district.
pub fn import(tx: &mut Tx<'_>, tenant: TenantId, kind: Kind, bytes: &[u8]) -> Result<Imported> {
    let district = District(tenant);
    match kind {
        Kind::Areas => areas::import_csv(tx, &authorize_operator(&areas::policy::IMPORT, district), bytes),
    }
}
