//! Import of purchases run elsewhere from CSV, one lot each: every bad row is reported with its line, and all rows come in or none.

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{NewExternal, NewWinner};
use super::service;
use crate::db::Tx;
use crate::kernel::id::{CatalogueItemId, FundId};
use crate::kernel::{Fen, Result};
use crate::law::Procedure;
use crate::people::Authorized;
use crate::procurement::plans::model::Mode;
use crate::procurement::plans::policy::UnitDesk;
use crate::web::table::{Imported, Table, Whole};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    catalogue_item_id: CatalogueItemId,
    fund_id: FundId,
    title: String,
    description: String,
    mode: Mode,
    plan_number: String,
    platform: String,
    announcement_url: String,
    procedure_used: Procedure,
    announced_on: NaiveDate,
    deadline_on: NaiveDate,
    bidders: Option<Whole>,
    notice_number: String,
    notice_url: String,
    awarded_on: NaiveDate,
    uscc: String,
    ceiling_fen: Whole,
    price_fen: Whole,
}

/// Imports a table whose columns are those of the import of one purchase, with one lot each and without a panel.
pub fn import_csv(tx: &mut Tx<'_>, granted: &Authorized<UnitDesk>, bytes: &[u8]) -> Result<Imported> {
    let mut table = Table::<Line>::read(bytes)?;
    for (line, row) in table.take_rows() {
        let in_range = |Whole(fen): Whole| Fen::new(fen.clamp(0, crate::kernel::fen::MAX_FEN));
        let lot =
            NewWinner { title: row.title.clone(), ceiling: in_range(row.ceiling_fen), uscc: row.uscc, price: in_range(row.price_fen) };
        let new = NewExternal {
            item: row.catalogue_item_id,
            fund: row.fund_id,
            plan: None,
            title: row.title,
            description: row.description,
            mode: row.mode,
            plan_number: row.plan_number,
            platform: row.platform,
            announcement_url: row.announcement_url,
            procedure_used: row.procedure_used,
            announced_on: row.announced_on,
            deadline_on: row.deadline_on,
            bidders: row.bidders.map(|Whole(count)| i32::try_from(count).unwrap_or(0)),
            panel: Vec::new(),
            notice_number: row.notice_number,
            notice_url: row.notice_url,
            awarded_on: row.awarded_on,
            lots: vec![lot],
        };
        table.check(line, service::create(tx, granted, &new))?;
    }
    table.finish()
}
