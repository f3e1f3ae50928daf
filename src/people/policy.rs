//! Who may do what to which resource in which state. `Authorized<T>` can only be made here, and every mutation asks for one.

use super::actor::Actor;
use super::role::Role;
use crate::db::Tx;
use crate::kernel::error::{self, problems};
use crate::kernel::id::{AccountId, OrganisationId, TenantId, UnitId};
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
}

impl Action {
    /// An action that needs no version and is legal in any state (a creation or a read).
    pub const fn new(name: &'static str, roles: &'static [Role]) -> Self {
        Self { name, roles, states: &[], versioned: false }
    }

    /// A change: the caller must name the version, and the state must be one of these (none named: any).
    pub const fn change(name: &'static str, roles: &'static [Role], states: &'static [&'static str]) -> Self {
        Self { name, roles, states, versioned: true }
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
    /// The organisation it belongs to.
    fn organisation(&self) -> Option<OrganisationId> {
        None
    }
    /// Whether the actor may know that it exists. Default: everybody of the tenant may.
    fn visible_to(&self, _actor: &Actor) -> bool {
        true
    }
    /// Accounts that already took a step which bars them from this action, with the reason.
    fn barred(&self, _action: &Action, _account: AccountId) -> Option<Words> {
        None
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

    /// The subject itself.
    pub fn into_subject(self) -> T {
        self.subject
    }

    /// The same proof for a part of the subject.
    pub fn narrow<U>(self, part: impl FnOnce(T) -> U) -> Authorized<U> {
        Authorized { subject: part(self.subject), by: self.by, action: self.action }
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

/// Proves that the actor may: 404 when it may not know of the subject, 403 when it may not change it.
pub fn authorize<T: Subject>(actor: &Actor, action: &'static Action, subject: T) -> Result<Authorized<T>> {
    if subject.tenant() != actor.tenant || !subject.visible_to(actor) {
        return Err(error::NOT_FOUND.error());
    }
    let allowed = action.roles.is_empty() || actor.reaches(action.roles, subject.unit(), subject.organisation());
    if !allowed {
        return Err(error::FORBIDDEN.error());
    }
    if let Some(reason) = subject.barred(action, actor.account) {
        return Err(DUTIES_NOT_SEPARATE.because(reason));
    }
    Ok(Authorized { subject, by: actor.account, action })
}

/// The proof of the operator at the command line, who is no account.
pub fn authorize_operator<T: Subject>(action: &'static Action, subject: T) -> Authorized<T> {
    Authorized { subject, by: OPERATOR, action }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::SessionId;
    use uuid::Uuid;

    static CHANGE: Action = Action::change("things.change", &[Role::Purchaser], &["draft"]);

    struct Thing {
        unit: UnitId,
        hidden: bool,
        drafted_by: AccountId,
    }

    impl Subject for Thing {
        fn tenant(&self) -> TenantId {
            TenantId::new(Uuid::nil())
        }
        fn unit(&self) -> Option<UnitId> {
            Some(self.unit)
        }
        fn visible_to(&self, _: &Actor) -> bool {
            !self.hidden
        }
        fn barred(&self, _: &Action, account: AccountId) -> Option<Words> {
            (account == self.drafted_by).then(|| words!("起草人", "the drafter"))
        }
    }

    fn actor(roles: &[Role], unit: u128) -> Actor {
        Actor {
            account: AccountId::new(Uuid::from_u128(7)),
            tenant: TenantId::new(Uuid::nil()),
            session: SessionId::new(Uuid::nil()),
            roles: roles.to_vec(),
            unit: Some(UnitId::new(Uuid::from_u128(unit))),
            serves_every_unit: false,
            organisation: None,
        }
    }

    fn thing(hidden: bool, drafter: u128) -> Thing {
        Thing { unit: UnitId::new(Uuid::from_u128(1)), hidden, drafted_by: AccountId::new(Uuid::from_u128(drafter)) }
    }

    #[test]
    fn who_may_not_know_of_it_gets_404_and_who_may_not_change_it_403() {
        let code = |actor: &Actor, thing| authorize(actor, &CHANGE, thing).err().map(|e| e.code());
        assert_eq!(code(&actor(&[Role::Purchaser], 1), thing(false, 9)), None);
        assert_eq!(code(&actor(&[Role::Purchaser], 1), thing(true, 9)), Some("not_found"));
        assert_eq!(code(&actor(&[Role::Purchaser], 2), thing(false, 9)), Some("forbidden"));
        assert_eq!(code(&actor(&[Role::FinanceOfficer], 1), thing(false, 9)), Some("forbidden"));
        assert_eq!(code(&actor(&[Role::Purchaser], 1), thing(false, 7)), Some("duties_not_separate"));
        let mut foreign = actor(&[Role::Purchaser], 1);
        foreign.tenant = TenantId::new(Uuid::from_u128(5));
        assert_eq!(code(&foreign, thing(false, 9)), Some("not_found"));
    }
}
