//! `baiyi import`: reference data from CSV files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::boot;
use crate::config::Config;
use crate::db::{Facts, Tx};
use crate::kernel::id::TenantId;
use crate::kernel::{Error, Result, UtcInstant};
use crate::market::catalogues;
use crate::parties::{areas, regulations};
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
    /// Name of the catalogue edition (such as 2026) or of the rule set (such as 2026-01).
    #[arg(long, value_name = "NAME", required_if_eq_any([("kind", "catalogue"), ("kind", "rules")]))]
    name: Option<String>,
    /// The numbers of the rules: rule_id,figure,number,unit
    #[arg(long, value_name = "FILE", required_if_eq("kind", "rules"))]
    figures: Option<PathBuf>,
    /// Publish the catalogue edition at once; without it the edition is a draft.
    #[arg(long)]
    publish: bool,
}

/// Kinds of reference data.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Areas: code,name_zh,name_en,kind,parent_code,valid_from,valid_to,entrusted_to
    Areas,
    /// A guiding-catalogue edition, named by --name: code,parent_code,level,name_zh,name_en,origin
    Catalogue,
    /// A rule set, named by --name, with its --figures; in use at once:
    /// rule_id,topic,statement_zh,legal_basis,article,procedures,severity,confidence,effective_from,effective_to,note
    Rules,
    /// Holidays and make-up working days; a year that comes again is replaced: date,kind,name_zh
    Calendar,
    /// Thresholds by year and level; a year that comes again gets a new version:
    /// year,level,open_tender_fen,statutory_fen,selection_from_fen,quotes_from_fen,minutes_from_fen,confidence,source
    Thresholds,
    /// Budget subjects; a code that comes again is replaced: code,name_zh,kind,confidence,note
    BudgetSubjects,
}

/// A table with what it needs besides its rows.
enum Load {
    Areas(Vec<u8>),
    Catalogue { name: String, table: Vec<u8>, publish: bool },
    Rules { name: String, rules: Vec<u8>, figures: Vec<u8> },
    Calendar(Vec<u8>),
    Thresholds(Vec<u8>),
    BudgetSubjects(Vec<u8>),
}

/// Runs the command.
pub async fn run(config: &Config, options: Options) -> Result<()> {
    let shown = options.file.display().to_string();
    let load = read_all(options)?;
    let db = boot::open(config)?;
    let code = config.district.code.clone();
    let imported = db
        .write(Facts::internal(UtcInstant::machine_now())?, move |tx| {
            let tenant =
                tenants::by_code(tx, &code).map_err(|_| Error::internal(format!("there is no district {code}; run `baiyi migrate`")))?;
            import(tx, tenant, &load)
        })
        .await?;
    println!("{} rows imported from {shown}", imported.rows);
    Ok(())
}

fn read_all(options: Options) -> Result<Load> {
    let Options { kind, file, name, figures, publish } = options;
    refuse_unless(name.is_none() || matches!(kind, Kind::Catalogue | Kind::Rules), "--name goes with catalogue and rules only")?;
    refuse_unless(figures.is_none() || kind == Kind::Rules, "--figures goes with rules only")?;
    refuse_unless(!publish || kind == Kind::Catalogue, "--publish goes with catalogue only")?;
    let name = || name.ok_or_else(|| Error::internal("--name is missing"));
    let table = read(&file)?;
    Ok(match kind {
        Kind::Areas => Load::Areas(table),
        Kind::Catalogue => Load::Catalogue { name: name()?, table, publish },
        Kind::Rules => {
            let figures = figures.ok_or_else(|| Error::internal("--figures is missing"))?;
            Load::Rules { name: name()?, rules: table, figures: read(&figures)? }
        }
        Kind::Calendar => Load::Calendar(table),
        Kind::Thresholds => Load::Thresholds(table),
        Kind::BudgetSubjects => Load::BudgetSubjects(table),
    })
}

fn refuse_unless(holds: bool, words: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::internal(words)) }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).map_err(|e| Error::internal(format!("cannot read {}: {e}", file.display())))?;
    if bytes.len() > IMPORT_BYTES {
        return Err(Error::internal(format!("{} is larger than {IMPORT_BYTES} bytes", file.display())));
    }
    Ok(bytes)
}

/// Imports one table into a district.
fn import(tx: &mut Tx<'_>, tenant: TenantId, load: &Load) -> Result<Imported> {
    let law = || authorize_operator(&regulations::policy::IMPORT, District(tenant));
    match load {
        Load::Areas(table) => areas::import_csv(tx, &authorize_operator(&areas::policy::IMPORT, District(tenant)), table),
        Load::Catalogue { name, table, publish } => {
            let keeper = authorize_operator(&catalogues::policy::IMPORT, District(tenant));
            let (edition, imported) = catalogues::import_edition(tx, &keeper, name, table)?;
            if *publish {
                catalogues::service::publish(tx, &authorize_operator(&catalogues::policy::PUBLISH, edition))?;
            }
            Ok(imported)
        }
        Load::Rules { name, rules, figures } => regulations::import_rules(tx, &law(), name, rules, figures),
        Load::Calendar(table) => regulations::import_calendar(tx, &law(), table),
        Load::Thresholds(table) => regulations::import_thresholds(tx, &law(), table),
        Load::BudgetSubjects(table) => regulations::import_budget_subjects(tx, &law(), table),
    }
}
