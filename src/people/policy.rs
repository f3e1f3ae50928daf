//! Who may do what to which resource in which state. `Authorized<T>` can only be made here, and every mutation asks for one.

use serde_json::{Value, json};

use super::actor::{Actor, Place};
use super::powers::{Below, Excepted};
use super::role::Role;
use crate::db::Tx;
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, AnyId, DelegationId, DutyExceptionId, MandateId, OrganisationId, TenantId, UnitId};
use crate::kernel::{Result, Words};
use crate::words;

problems! {
    /// Separation of duties.
    DUTIES_NOT_SEPARATE = "duties_not_separate", 403, "职责须分离", "Separation of duties",
        "同一人不得完成该业务中应由不同人承担的两步（如起草与审批）。请由另一位同事办理。",
        "One person may not take two steps that must be taken by different people, such as drafting and approving. Ask a colleague.";
}

/// A thing that can be done: its name, who may, from which states, and whether the caller must name the version it read.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Stable name, such as `tenders.publish`.
    pub name: &'static str,
    /// Roles that may; empty means any signed-in person whose own resource it is.
    pub roles: &'static [Role],
    /// States it is legal in; empty means any.
    pub states: &'static [&'static str],
    /// Whether `If-Match` is needed.
    pub versioned: bool,
    /// Whether it needs a fresh proof of identity.
    pub stepped_up: bool,
}

impl Action {
    /// An action that needs no version and is legal in any state (a creation or a read).
    pub const fn new(name: &'static str, roles: &'static [Role]) -> Self {
        Self { name, roles, states: &[], versioned: false, stepped_up: false }
    }

    /// A change: the caller must name the version, and the state must be one of these (none named: any).
    pub const fn change(name: &'static str, roles: &'static [Role], states: &'static [&'static str]) -> Self {
        Self { name, roles, states, versioned: true, stepped_up: false }
    }

    /// An action that needs a fresh proof of identity: approvals, payments, bank details, awards, and who may do what.
    pub const fn stepped_up(mut self) -> Self {
        self.stepped_up = true;
        self
    }

    /// An action that is legal only in these states.
    pub const fn within(mut self, states: &'static [&'static str]) -> Self {
        self.states = states;
        self
    }
}

/// What policy needs to know of a resource.
pub trait Subject {
    /// Its tenant.
    fn tenant(&self) -> TenantId;
    /// Its version, for `If-Match`.
    fn version(&self) -> Option<i64> {
        None
    }
    /// Its state, in the words of its state machine.
    fn state(&self) -> Option<&'static str> {
        None
    }
    /// The unit it belongs to.
    fn unit(&self) -> Option<UnitId> {
        None
    }
    /// The year it belongs to: of money its budget year, of a project its cohort, of anything else the year in which it was made. An auditor sees those that a
    /// notice names; `None` belongs to all.
    fn year(&self) -> Option<i32> {
        None
    }
    /// The organisation it belongs to.
    fn organisation(&self) -> Option<OrganisationId> {
        None
    }
    /// Whether the actor may know that it exists. Default: everybody of the tenant may.
    fn visible_to(&self, _actor: &Actor) -> bool {
        true
    }
    /// The case it belongs to, for mandates that name one.
    fn case(&self) -> Option<AnyId> {
        None
    }
    /// Its own id, for mandates and exceptions that name it.
    fn resource(&self) -> Option<AnyId> {
        None
    }
    /// Accounts that already took a step which bars them from this action, with the reason.
    fn barred(&self, _action: &Action, _account: AccountId) -> Option<Words> {
        None
    }
    /// The same, saying whether a marked exception may lift the bar. Absolute unless a slice says otherwise: nobody approves an own draft.
    fn bar(&self, action: &Action, account: AccountId) -> Option<Bar> {
        self.barred(action, account).map(Bar::absolute)
    }
}

/// Why somebody may not take a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The reason.
    pub reason: Words,
    /// Whether nothing lifts it: it would be self-approval. Otherwise a marked exception with later review may.
    pub absolute: bool,
}

impl Bar {
    /// A bar that nothing lifts.
    pub const fn absolute(reason: Words) -> Self {
        Self { reason, absolute: true }
    }

    /// A bar that a marked exception lifts.
    pub const fn exceptable(reason: Words) -> Self {
        Self { reason, absolute: false }
    }
}

/// Bars a supervisor who took part in what is complained of: who decides a complaint never approved the award or contract behind it. Absolute.
pub fn bar_of_supervisor(account: AccountId, took_part: &[Option<AccountId>]) -> Option<Bar> {
    took_part.contains(&Some(account)).then(|| {
        Bar::absolute(words!(
            "您参与过该业务的审批，不得处理对它的投诉",
            "you took part in the approvals of this matter and may not decide the complaint against it"
        ))
    })
}

/// Actions that the unit above may take when the unit itself has nobody else who may (two-person offices).
pub const CO_APPROVED: &[&str] = &[
    "tenders.approve",
    "tenders.return",
    "awards.confirm",
    "contracts.approve",
    "contracts.sign",
    "payments.accept",
    "payments.approve",
    "projects.select",
];

/// Roles that co-approve for the units below.
pub const CO_APPROVERS: &[Role] = &[Role::PurchaserLead, Role::FinanceOfficer];

/// Actions whose bars a marked exception may lift; each slice says by [`Subject::bar`] which of its bars.
pub const EXCEPTABLE: &[&str] = &["contracts.sign", "payments.approve"];

/// In what capacity somebody acts; the journal entry names every one but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capacity {
    /// By an own role.
    Own,
    /// For a colleague (AB角).
    Delegate {
        /// The delegation.
        delegation: DelegationId,
        /// The colleague.
        of: AccountId,
    },
    /// For a unit that gave a mandate.
    Agent {
        /// The mandate.
        mandate: MandateId,
    },
    /// For a unit below that has nobody else.
    CoApprover {
        /// The unit below.
        unit: UnitId,
    },
    /// Under a marked exception.
    Exception {
        /// The exception.
        exception: DutyExceptionId,
    },
}

impl Capacity {
    /// What the journal says of it; nothing for an own role.
    pub fn note(self) -> Option<Value> {
        match self {
            Self::Own => None,
            Self::Delegate { delegation, of } => Some(json!({"as": "delegate", "delegation_id": delegation, "on_behalf_of": of})),
            Self::Agent { mandate } => Some(json!({"as": "agent", "mandate_id": mandate})),
            Self::CoApprover { unit } => Some(json!({"as": "co_approver", "for_unit_id": unit})),
            Self::Exception { exception } => Some(json!({"as": "exception", "duty_exception_id": exception})),
        }
    }
}

/// The district itself, as the subject of creations and of district-wide reads.
#[derive(Debug, Clone, Copy)]
pub struct District(pub TenantId);

impl Subject for District {
    fn tenant(&self) -> TenantId {
        self.0
    }
}

/// Stands for the operator at the command line; no account has the nil id.
const OPERATOR: AccountId = AccountId::new(uuid::Uuid::nil());

/// Proof that an actor may do an action to a subject.
#[derive(Debug)]
pub struct Authorized<T> {
    subject: T,
    by: AccountId,
    action: &'static Action,
    capacity: Capacity,
}

impl<T> Authorized<T> {
    /// What may be changed.
    pub const fn subject(&self) -> &T {
        &self.subject
    }

    /// Who changes it.
    pub const fn by(&self) -> AccountId {
        self.by
    }

    /// The account that changes it; `None` for the operator at the command line.
    pub fn person(&self) -> Option<AccountId> {
        (self.by != OPERATOR).then_some(self.by)
    }

    /// Which action was authorised.
    pub const fn action(&self) -> &'static Action {
        self.action
    }

    /// In what capacity.
    pub const fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// The subject itself.
    pub fn into_subject(self) -> T {
        self.subject
    }

    /// The same proof for something that belongs to the subject, which stays proven.
    pub const fn of_part<U>(&self, part: U) -> Authorized<U> {
        Authorized { subject: part, by: self.by, action: self.action, capacity: self.capacity }
    }

    /// The same proof for a part of the subject.
    pub fn narrow<U>(self, part: impl FnOnce(T) -> U) -> Authorized<U> {
        Authorized { subject: part(self.subject), by: self.by, action: self.action, capacity: self.capacity }
    }
}

impl<T: Subject> Authorized<T> {
    /// The checks between authorisation and effect: version (428, 412), then state (409).
    pub fn begin(&self, tx: &Tx<'_>) -> Result<()> {
        if self.action.versioned
            && let Some(version) = self.subject.version()
        {
            tx.expect_version(version)?;
        }
        require_state(self.action, &self.subject)
    }
}

/// Refuses with `wrong_state` unless the action is legal in the subject's state.
fn require_state(action: &Action, subject: &impl Subject) -> Result<()> {
    match subject.state() {
        Some(state) if !action.states.is_empty() && !action.states.contains(&state) => {
            let legal = action.states.join(", ");
            Err(error::WRONG_STATE
                .because(words!("现状为 {state}，此操作只允许在：{legal}", "the state is {state}; this is allowed only in: {legal}")))
        }
        _ => Ok(()),
    }
}

/// Proves that the actor may: 404 when it may not know of the subject, 403 when it may not change it or took a step that bars it, and last 401
/// when the step needs a fresher proof of who it is.
pub fn authorize<T: Subject>(actor: &Actor, action: &'static Action, subject: T) -> Result<Authorized<T>> {
    if subject.tenant() != actor.tenant {
        return Err(error::NOT_FOUND.error());
    }
    let ways = ways(actor, action, &subject);
    let invited = ways.iter().any(|way| matches!(way, Capacity::Agent { .. } | Capacity::CoApprover { .. }));
    if !invited && !subject.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let mut bars = Vec::new();
    for way in &ways {
        match bar_of(actor, action, &subject, *way) {
            None => {
                actor.proof.admits(action)?;
                return Ok(Authorized { subject, by: actor.account, action, capacity: *way });
            }
            Some(bar) => bars.push(bar),
        }
    }
    let Some(bar) = bars.first() else { return Err(error::FORBIDDEN.error()) };
    match exception_for(actor, action, &subject) {
        Some(exception) if !bar.absolute => {
            actor.proof.admits(action)?;
            Ok(Authorized { subject, by: actor.account, action, capacity: Capacity::Exception { exception } })
        }
        _ => Err(DUTIES_NOT_SEPARATE.because(bar.reason.clone())),
    }
}

/// Every capacity in which the actor could take the action, the plainest first.
fn ways<T: Subject>(actor: &Actor, action: &Action, subject: &T) -> Vec<Capacity> {
    let (unit, place) = (subject.unit(), Place::of(subject));
    let mut ways = Vec::new();
    if action.roles.is_empty() || actor.reaches_as(&actor.own, action.roles, place) {
        ways.push(Capacity::Own);
    }
    for one in &actor.powers.delegated {
        if actor.reaches_as(&one.roles, action.roles, place) {
            ways.push(Capacity::Delegate { delegation: one.id, of: one.from });
        }
    }
    if action.roles.contains(&Role::Agent) && actor.roles.contains(&Role::Agent) {
        let about: Vec<AnyId> = subject.case().into_iter().chain(subject.resource()).collect();
        let mandates = actor.powers.mandated.iter().filter(|one| one.covers(action.name, unit, &about));
        ways.extend(mandates.map(|one| Capacity::Agent { mandate: one.id }));
    }
    ways.extend(co_approves(actor, action, subject).map(|unit| Capacity::CoApprover { unit }));
    ways
}

/// The unit below for which the actor may co-approve: it has nobody who may take the action and is not barred from it.
fn co_approves<T: Subject>(actor: &Actor, action: &Action, subject: &T) -> Option<UnitId> {
    let below = actor.powers.below.iter().find(|one| subject.unit() == Some(one.unit))?;
    let may = CO_APPROVED.contains(&action.name)
        && CO_APPROVERS
            .iter()
            .any(|role| action.roles.contains(role) && actor.roles.contains(role) && held_by_nobody(below, *role, action, subject));
    may.then_some(below.unit)
}

fn held_by_nobody<T: Subject>(below: &Below, role: Role, action: &Action, subject: &T) -> bool {
    below.staff.iter().filter(|(_, held)| *held == role).all(|(account, _)| subject.bar(action, *account).is_some())
}

/// What bars the actor in a capacity: own earlier steps always, and for a delegate those of the colleague, whose second step it would be.
fn bar_of<T: Subject>(actor: &Actor, action: &Action, subject: &T, way: Capacity) -> Option<Bar> {
    let own = subject.bar(action, actor.account);
    let Capacity::Delegate { of, .. } = way else { return own };
    own.or_else(|| {
        subject.bar(action, of).map(|bar| {
            let Words { zh, en } = bar.reason;
            Bar::absolute(words!("受托代行的同事已被排除：{zh}", "the colleague you act for is barred: {en}"))
        })
    })
}

/// The exception that a lead of the subject's unit recorded for this actor, action and resource.
fn exception_for<T: Subject>(actor: &Actor, action: &Action, subject: &T) -> Option<DutyExceptionId> {
    let fits = |one: &&Excepted| {
        one.action == action.name
            && EXCEPTABLE.contains(&action.name)
            && subject.resource() == Some(one.resource)
            && subject.unit() == Some(one.unit)
    };
    actor.powers.excepted.iter().find(fits).map(|one| one.id)
}

/// The proof of the operator at the command line, who is no account.
pub fn authorize_operator<T: Subject>(action: &'static Action, subject: T) -> Authorized<T> {
    Authorized { subject, by: OPERATOR, action, capacity: Capacity::Own }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
