//! Conflicts of interest of a lot: who may neither read nor score (实施条例 第9条, R068).

use crate::db::{Db, Tx};
use crate::kernel::id::{AccountId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::law::facts::Tie;
use crate::law::{Rule, WorkCalendar};
use crate::parties::{organisations, regulations};
use crate::people::accounts::AccountRow;
use crate::procurement::bids::{self, BidState};
use crate::procurement::experts::rules::{Party, bars, names, ties_to, works_for};
use crate::procurement::experts::{self, ExpertFile};
use crate::procurement::tenders::LotState;
use crate::procurement::tenders::model::LotFile;

/// The rule that bars by former ties.
const TIES: &str = "R068";

crate::text_enum! {
    /// What bars somebody from a lot.
    pub enum Conflict {
        /// Drafted the tender.
        Drafter = "drafted_the_tender",
        /// The account belongs to a bidder.
        Bidder = "belongs_to_bidder",
        /// An employment, a seat, kinship or an interest ties them to a bidder.
        Tie = "tied_to_bidder",
        /// An expert may not judge for its own employer.
        Employer = "employed_by_purchaser",
    }
}

/// What conflicts of a lot are judged by.
pub struct Bench {
    tenant: TenantId,
    drafter: AccountId,
    unit: UnitId,
    parties: Vec<Party>,
    lookback: Option<Rule>,
    calendar: WorkCalendar,
    now: UtcInstant,
}

impl Bench {
    /// Gathers the bidders of the lot. While bids are sealed nobody is told who has bid, so then there are none.
    pub fn of(db: &mut Db, file: &LotFile, now: UtcInstant) -> Result<Self> {
        let tenant = file.lot.tenant_id;
        let bids = if file.lot.state == LotState::Open { Vec::new() } else { bids::store::of_lot(db, file.lot.id, BidState::ALL)? };
        let mut parties: Vec<Party> = Vec::new();
        for bid in bids {
            if parties.iter().any(|party| party.organisation == bid.organisation_id) {
                continue;
            }
            if let Some(row) = organisations::find(db, tenant, bid.organisation_id)? {
                parties.push(Party { organisation: row.id, uscc: row.uscc.as_str().to_owned(), name: row.name_zh });
            }
        }
        let rules = regulations::rules_of(db, file.tender.rule_set_id)?;
        Ok(Self {
            tenant,
            drafter: file.tender.drafted_by,
            unit: file.tender.unit_id,
            parties,
            lookback: rules.into_iter().find(|rule| rule.id == TIES),
            calendar: regulations::calendar(db, tenant)?,
            now,
        })
    }

    /// The same at the instant of a change.
    pub fn today(tx: &mut Tx<'_>, file: &LotFile) -> Result<Self> {
        let now = tx.now();
        Self::of(tx, file, now)
    }

    /// What bars the account, with what is known of it as an expert.
    pub fn conflict(&self, account: &AccountRow, expert: Option<&ExpertFile>) -> Result<Option<Conflict>> {
        if account.id == self.drafter {
            return Ok(Some(Conflict::Drafter));
        }
        if account.organisation_id.is_some_and(|own| self.parties.iter().any(|party| party.organisation == own)) {
            return Ok(Some(Conflict::Bidder));
        }
        let day = self.now.date_in_shanghai();
        for tie in expert.map_or(&[][..], |file| &file.ties) {
            if self.parties.iter().any(|party| names(tie, party)) && bars(tie, day, self.lookback.as_ref(), &self.calendar)? {
                return Ok(Some(Conflict::Tie));
            }
        }
        Ok(None)
    }

    /// The same for somebody to be drawn as an expert, who may not judge for its own employer either.
    pub fn conflict_of_expert(&self, account: &AccountRow, expert: &ExpertFile) -> Result<Option<Conflict>> {
        let employed = account.unit_id == Some(self.unit) || works_for(&expert.ties, self.unit, self.now.date_in_shanghai());
        if employed {
            return Ok(Some(Conflict::Employer));
        }
        self.conflict(account, Some(expert))
    }

    /// The conflict of a stored account, looking its entry in the pool up.
    pub fn conflict_of(&self, db: &mut Db, account: &AccountRow) -> Result<Option<Conflict>> {
        let expert = expert_of(db, self.tenant, account.id)?;
        self.conflict(account, expert.as_ref())
    }

    /// The ties of an account to the bidders in the words of the law.
    pub fn ties(&self, db: &mut Db, account: AccountId) -> Result<Vec<Tie>> {
        Ok(expert_of(db, self.tenant, account)?.map_or_else(Vec::new, |file| ties_to(&file.ties, &self.parties)))
    }
}

fn expert_of(db: &mut Db, tenant: TenantId, account: AccountId) -> Result<Option<ExpertFile>> {
    match experts::store::by_account(db, tenant, account)? {
        Some(row) => experts::service::file_of(db, row).map(Some),
        None => Ok(None),
    }
}
