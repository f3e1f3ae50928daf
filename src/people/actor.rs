//! Who acts: loaded in the caller's own transaction, so that a suspension, a revoked session or a changed role acts at once.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::factors::rules::needs_factor;
use super::policy::{CO_APPROVERS, Subject};
use super::powers::{self, Powers};
use super::proof::{self, Grant, Proof};
use super::role::{Reach, Role};
use super::sessions::store::SessionRow;
use super::{api_tokens, factors, tenants};
use crate::db::Db;
use crate::db::schema::{account_roles, accounts, sessions, units};
use crate::kernel::error;
use crate::kernel::id::{AccountId, OrganisationId, SessionId, TenantId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::web::{Call, Principal};
use crate::words;

/// Units whose finance officers see the whole district's money.
const DISTRICT_FINANCE: &str = "finance_bureau";

/// What something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its unit.
    pub unit: Option<UnitId>,
    /// Its organisation.
    pub organisation: Option<OrganisationId>,
    /// Its year.
    pub year: Option<i32>,
}

impl Place {
    /// What a subject belongs to.
    pub fn of(subject: &impl Subject) -> Self {
        Self { unit: subject.unit(), organisation: subject.organisation(), year: subject.year() }
    }
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its tenant.
    pub tenant: TenantId,
    /// The login session.
    pub session: SessionId,
    /// What it may do: its own roles and those that colleagues delegate to it today.
    pub roles: Vec<Role>,
    /// Its unit, for people of public bodies.
    pub unit: Option<UnitId>,
    /// Whether its unit is one whose finance officers serve every unit.
    pub serves_every_unit: bool,
    /// Its organisation, for people of suppliers.
    pub organisation: Option<OrganisationId>,
    /// The roles that it holds itself.
    pub own: Vec<Role>,
    /// What it may do beyond them.
    pub powers: Powers,
    /// How well it proved who it is.
    pub proof: Proof,
}

impl Actor {
    /// Whether the actor holds any of the roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether one of the actor's roles among `roles` reaches something of that unit and organisation, so that the actor may know of it.
    /// Who co-approves for a unit below may know what the unit does, and an agent what the unit does that mandated it without naming a case;
    /// whether they may also act is for [`authorize`](super::policy::authorize) to say.
    pub fn reaches(&self, roles: &[Role], unit: Option<UnitId>, organisation: Option<OrganisationId>) -> bool {
        self.reaches_place(roles, Place { unit, organisation, year: None })
    }

    /// The same for a subject: an auditor's notice names its year too.
    pub fn sees(&self, roles: &[Role], subject: &impl Subject) -> bool {
        self.reaches_place(roles, Place::of(subject))
    }

    /// The same for what belongs to a place.
    pub fn reaches_place(&self, roles: &[Role], place: Place) -> bool {
        let unit = place.unit;
        if self.reaches_as(&self.roles, roles, place) {
            return true;
        }
        let approves = CO_APPROVERS.iter().any(|role| roles.contains(role) && self.roles.contains(role));
        let below = approves && self.powers.below.iter().any(|one| unit == Some(one.unit));
        let mandated = roles.contains(&Role::Agent) && self.powers.mandated.iter().any(|one| one.case.is_none() && unit == Some(one.unit));
        below || mandated
    }

    /// Whether one of `held` among `roles` reaches something of that unit, organisation and year.
    pub fn reaches_as(&self, held: &[Role], roles: &[Role], place: Place) -> bool {
        let Place { unit, organisation, year } = place;
        held.iter().filter(|role| roles.contains(role)).any(|role| match role.reach() {
            Reach::District => *role != Role::Auditor || self.powers.audits(unit, year),
            Reach::Unit => self.serves_every_unit_as(*role) || unit.is_none_or(|unit| self.unit == Some(unit)),
            Reach::Organisation => organisation.is_none_or(|organisation| self.organisation == Some(organisation)),
        })
    }

    /// Whether by this role it serves every unit: a finance officer of the finance bureau does; whoever buys or leads there does so for the bureau.
    pub fn serves_every_unit_as(&self, role: Role) -> bool {
        self.serves_every_unit && role == Role::FinanceOfficer
    }

    /// Whether the actor leads the unit, by its own role or a delegated one.
    pub fn leads(&self, unit: UnitId) -> bool {
        self.unit == Some(unit) && self.roles.contains(&Role::PurchaserLead)
    }

    /// Whether the actor leads the unit above.
    pub fn leads_above(&self, unit: UnitId) -> bool {
        self.roles.contains(&Role::PurchaserLead) && self.powers.below.iter().any(|one| one.unit == unit)
    }
}

/// Who reads: a person, or the public of a district.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The tenant read in.
    pub tenant: TenantId,
    /// The person; `None` for the public.
    pub actor: Option<Actor>,
}

impl Viewer {
    /// The signed-in person, or 401.
    pub fn person(&self) -> Result<&Actor> {
        self.actor.as_ref().ok_or_else(|| error::UNAUTHENTICATED.error())
    }
}

/// Paths that a person may use before its roles' second factor is proved: to see itself, to enrol, to sign out.
const BEFORE_THE_FACTOR: &[&str] =
    &["/api/v1/me", "/api/v1/me/password", "/api/v1/me/second-factor", "/api/v1/me/second-factor/confirmation", "/api/v1/sessions"];

/// Who asks, by the call's token; 401 when there is none, the session or token is over or the account suspended; 403 when a role needs a second factor that
/// the session did not prove or the token's account does not have, or a token does not cover reading.
pub fn identify(db: &mut Db, call: &Call) -> Result<Actor> {
    match call.principal {
        None => Err(error::UNAUTHENTICATED.error()),
        Some(Principal::Session { account, session }) => person(db, call, account, session),
        Some(Principal::Machine(hash)) => machine(db, call, &hash),
    }
}

fn person(db: &mut Db, call: &Call, account: AccountId, session: SessionId) -> Result<Actor> {
    type Row = (TenantId, Option<UnitId>, Option<OrganisationId>, SessionRow);
    let (tenant, unit, organisation, login): Row = accounts::table
        .inner_join(sessions::table.on(sessions::account_id.eq(accounts::id)))
        .filter(accounts::id.eq(account).and(sessions::id.eq(session)).and(accounts::state.eq("active")))
        .select((accounts::tenant_id, accounts::unit_id, accounts::organisation_id, sessions::all_columns))
        .first(db)
        .optional()?
        .ok_or_else(|| error::UNAUTHENTICATED.error())?;
    let now = UtcInstant::machine_now();
    if login.revoked_at.is_some() || login.expires_at <= now {
        return Err(error::UNAUTHENTICATED.error());
    }
    let proof = if proof::is_fresh(login.proved_at, now) { Proof::Fresh } else { Proof::Stale };
    let day = call.desk.clock.now().date_in_shanghai();
    let actor = compose(db, Belonging { account, tenant, session, unit, organisation, proof }, Some(day))?;
    let open = BEFORE_THE_FACTOR.contains(&call.path()) || call.path().starts_with("/api/v1/sessions/");
    if !open && login.factor_at.is_none() && needs_factor(&actor.roles, &call.desk.second_factor_for) {
        return Err(proof::SECOND_FACTOR_REQUIRED.error());
    }
    Ok(actor)
}

fn machine(db: &mut Db, call: &Call, hash: &[u8]) -> Result<Actor> {
    let token = api_tokens::store::by_hash(db, hash)?.ok_or_else(|| error::UNAUTHENTICATED.error())?;
    if token.revoked_at.is_some() || token.expires_at <= UtcInstant::machine_now() {
        return Err(error::UNAUTHENTICATED.error());
    }
    let (account, tenant) = (token.account_id, token.tenant_id);
    let (unit, organisation) = accounts::table
        .filter(accounts::id.eq(account).and(accounts::state.eq("active")))
        .select((accounts::unit_id, accounts::organisation_id))
        .first(db)
        .optional()?
        .ok_or_else(|| error::UNAUTHENTICATED.error())?;
    let scopes = token.scopes();
    if call.reads() && !scopes.iter().any(|scope| scope == api_tokens::READ) {
        return Err(proof::TOKEN_SCOPE.because(words!("须有权限 read", "it needs the scope read")));
    }
    let proof = Proof::Token(Grant { token: token.id, reads: call.reads(), actions: scopes });
    let day = call.desk.clock.now().date_in_shanghai();
    let session = SessionId::new(uuid::Uuid::nil());
    let actor = compose(db, Belonging { account, tenant, session, unit, organisation, proof }, Some(day))?;
    // A machine types no code; its account must have proved one, also where a role came to it after the token was made.
    if needs_factor(&actor.roles, &call.desk.second_factor_for) && factors::store::confirmed(db, account)?.is_none() {
        return Err(proof::SECOND_FACTOR_REQUIRED.error());
    }
    Ok(actor)
}

/// An account acting without a login (the example district), by its own roles only and always freshly proved. The session is the nil one, which no row has.
pub fn of_account(db: &mut Db, account: AccountId) -> Result<Actor> {
    let (tenant, unit, organisation) = accounts::table
        .filter(accounts::id.eq(account).and(accounts::state.eq("active")))
        .select((accounts::tenant_id, accounts::unit_id, accounts::organisation_id))
        .first(db)
        .optional()?
        .ok_or_else(|| error::NOT_FOUND.error())?;
    let session = SessionId::new(uuid::Uuid::nil());
    compose(db, Belonging { account, tenant, session, unit, organisation, proof: Proof::Fresh }, None)
}

/// What the account's row says.
struct Belonging {
    account: AccountId,
    tenant: TenantId,
    session: SessionId,
    unit: Option<UnitId>,
    organisation: Option<OrganisationId>,
    proof: Proof,
}

/// Adds what the account's roles and unit give, and on a day what it may do beyond them.
fn compose(db: &mut Db, row: Belonging, day: Option<NaiveDate>) -> Result<Actor> {
    let own: Vec<Role> = account_roles::table.filter(account_roles::account_id.eq(row.account)).select(account_roles::role).load(db)?;
    let mut serves_every_unit = false;
    if let Some(unit) = row.unit {
        let own = units::tenant_id.eq(row.tenant).and(units::id.eq(unit));
        let kind: Option<String> = units::table.filter(own).select(units::kind).first(db).optional()?;
        serves_every_unit = kind.as_deref() == Some(DISTRICT_FINANCE);
    }
    let powers = match day {
        Some(day) => powers::load(db, row.tenant, row.account, row.unit, &own, day)?,
        None => Powers::default(),
    };
    let mut roles = own.clone();
    for role in powers.delegated.iter().flat_map(|one| &one.roles) {
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
    Ok(Actor {
        account: row.account,
        tenant: row.tenant,
        session: row.session,
        roles,
        unit: row.unit,
        serves_every_unit,
        organisation: row.organisation,
        own,
        powers,
        proof: row.proof,
    })
}

/// The reader of a call: the signed-in person in its own tenant, or the public of the named district.
pub fn viewer(db: &mut Db, call: &Call) -> Result<Viewer> {
    if call.principal.is_some() {
        let actor = identify(db, call)?;
        return Ok(Viewer { tenant: actor.tenant, actor: Some(actor) });
    }
    Ok(Viewer { tenant: tenants::by_code(db, &call.district)?, actor: None })
}
