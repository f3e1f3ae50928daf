//! Declarations that a bid repeats from its bidder's file: an organisation declares once, and what counts is what its file says.

use chrono::NaiveDate;

use super::model::BidDesk;
use super::rules::Declared;
use crate::db::Db;
use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::kernel::id::{DeclarationId, OrganisationId, TenantId};
use crate::parties::declarations::{self, DeclarationRow, ReuseFlaw};

/// A declaration of a bid as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The declaration; where it repeats one of the file, with the text and the last day that stand there.
    pub declared: Declared,
    /// Why it does not serve on the day that was asked about.
    pub flaw: Option<ReuseFlaw>,
}

fn in_file(db: &mut Db, tenant: TenantId, bidder: OrganisationId, declared: &Declared) -> Result<Option<DeclarationRow>> {
    match declared.declaration_id {
        Some(id) => declarations::own(db, tenant, bidder, DeclarationId::new(id.uuid())),
        None => Ok(None),
    }
}

/// Resolves a declaration of a bid against its bidder's file, for a day.
pub fn resolve(db: &mut Db, tenant: TenantId, bidder: OrganisationId, declared: Declared, day: NaiveDate) -> Result<Resolved> {
    let row = in_file(db, tenant, bidder, &declared)?;
    let flaw = match &row {
        Some(row) => declarations::reuse_flaw(row, &declared.kind, day),
        None if declared.declaration_id.is_some() => Some(ReuseFlaw::NotOwn),
        None => declared.expired_on(day).then_some(ReuseFlaw::Expired),
    };
    let declared = match row {
        Some(row) => Declared { text: row.statement, valid_to: row.valid_to, ..declared },
        None => declared,
    };
    Ok(Resolved { declared, flaw })
}

/// Refuses a plain offer that repeats what its bidder's file does not hold on the day of the deadline. One that the bidder sealed is looked at in the
/// review: nobody can read it before.
pub fn check(db: &mut Db, desk: &BidDesk, given: &[Declared], pointer: &str) -> Result<()> {
    let tender = &desk.file.tender;
    let Some(day) = tender.bid_deadline.map(|at| at.date_in_shanghai()) else { return Ok(()) };
    let mut fields = Fields::default();
    for (index, declared) in given.iter().enumerate().filter(|(_, declared)| declared.declaration_id.is_some()) {
        if let Some(flaw) = resolve(db, tender.tenant_id, desk.organisation, declared.clone(), day)?.flaw {
            fields.require(false, &format!("{pointer}/{index}/declaration_id"), || flaw.words());
        }
    }
    fields.finish()
}
