//! Tests of the policy: who gets which refusal, and every capacity beyond the own role.

use super::*;
use crate::kernel::id::SessionId;
use crate::people::powers::{Audit, Delegated, Mandated, Powers};
use crate::people::proof::Proof;
use uuid::Uuid;

static CHANGE: Action = Action::change("things.change", &[Role::Purchaser], &["draft"]);

static APPROVE: Action = Action::change("payments.approve", &[Role::FinanceOfficer], &[]);
static PREPARE: Action = Action::new("things.prepare", &[Role::Purchaser, Role::Agent]);
const THING: AnyId = AnyId::new(Uuid::from_u128(100));
const CASE: AnyId = AnyId::new(Uuid::from_u128(101));

struct Thing {
    unit: UnitId,
    hidden: bool,
    drafted_by: AccountId,
    checked_by: Option<AccountId>,
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
    fn bar(&self, action: &Action, account: AccountId) -> Option<Bar> {
        let checked = || (self.checked_by == Some(account)).then(|| Bar::exceptable(words!("核验人", "the checker")));
        self.barred(action, account).map(Bar::absolute).or_else(checked)
    }
    fn resource(&self) -> Option<AnyId> {
        Some(THING)
    }
    fn case(&self) -> Option<AnyId> {
        Some(CASE)
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
        own: roles.to_vec(),
        powers: Powers { audits: vec![Audit { units: Vec::new(), years: 2000..=2100 }], ..Powers::default() },
        proof: Proof::Fresh,
    }
}

fn thing(hidden: bool, drafter: u128) -> Thing {
    Thing { unit: UnitId::new(Uuid::from_u128(1)), hidden, drafted_by: AccountId::new(Uuid::from_u128(drafter)), checked_by: None }
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

fn account(id: u128) -> AccountId {
    AccountId::new(Uuid::from_u128(id))
}

fn unit(id: u128) -> UnitId {
    UnitId::new(Uuid::from_u128(id))
}

/// The capacity in which the actor may, or the code of the refusal.
fn outcome(actor: &Actor, action: &'static Action, thing: Thing) -> std::result::Result<Capacity, &'static str> {
    authorize(actor, action, thing).map(|granted| granted.capacity()).map_err(|refused| refused.code())
}

#[test]
fn a_delegate_acts_for_the_colleague_and_is_barred_by_its_steps_and_the_colleagues() {
    let delegation = DelegationId::new(Uuid::from_u128(50));
    let mut delegate = actor(&[Role::Auditor], 1);
    delegate.powers.delegated = vec![Delegated { id: delegation, from: account(8), roles: vec![Role::Purchaser] }];
    delegate.roles.push(Role::Purchaser);
    let acting = Capacity::Delegate { delegation, of: account(8) };
    assert_eq!(outcome(&delegate, &CHANGE, thing(false, 9)), Ok(acting));
    assert_eq!(outcome(&delegate, &CHANGE, thing(false, 7)), Err("duties_not_separate"), "its own draft");
    assert_eq!(outcome(&delegate, &CHANGE, thing(false, 8)), Err("duties_not_separate"), "the colleague's draft");
    assert_eq!(acting.note().unwrap()["on_behalf_of"], account(8).to_string());
    // By its own role it is a colleague like any other.
    delegate.own.push(Role::Purchaser);
    assert_eq!(outcome(&delegate, &CHANGE, thing(false, 8)), Ok(Capacity::Own));
}

#[test]
fn the_unit_above_approves_only_what_nobody_else_below_may() {
    let above = |staff: &[(u128, Role)]| {
        let mut above = actor(&[Role::FinanceOfficer], 2);
        above.powers.below = vec![Below { unit: unit(1), staff: staff.iter().map(|(id, role)| (account(*id), *role)).collect() }];
        above
    };
    let co = Ok(Capacity::CoApprover { unit: unit(1) });
    assert_eq!(outcome(&above(&[]), &APPROVE, thing(true, 9)), co, "also of what is hidden from others");
    assert_eq!(
        outcome(&above(&[(9, Role::FinanceOfficer), (10, Role::Purchaser)]), &APPROVE, thing(false, 9)),
        co,
        "the one officer is barred"
    );
    assert_eq!(outcome(&above(&[(10, Role::FinanceOfficer)]), &APPROVE, thing(false, 9)), Err("forbidden"), "somebody below may");
    assert_eq!(outcome(&above(&[]), &APPROVE, thing(false, 7)), Err("duties_not_separate"), "its own draft");
    assert_eq!(outcome(&above(&[]), &CHANGE, thing(false, 9)), Err("forbidden"), "not an approval");
    assert_eq!(outcome(&actor(&[Role::FinanceOfficer], 2), &APPROVE, thing(false, 9)), Err("forbidden"), "not above");
}

#[test]
fn an_agent_acts_within_its_mandate() {
    let agent = |case, scope: &str| {
        let mut agent = actor(&[Role::Agent], 3);
        let mandate = MandateId::new(Uuid::from_u128(60));
        agent.powers.mandated = vec![Mandated { id: mandate, unit: unit(1), case, scope: vec![scope.to_owned()] }];
        agent
    };
    let acting = Ok(Capacity::Agent { mandate: MandateId::new(Uuid::from_u128(60)) });
    assert_eq!(outcome(&agent(None, "things"), &PREPARE, thing(true, 9)), acting);
    assert_eq!(outcome(&agent(Some(CASE), "things"), &PREPARE, thing(true, 9)), acting);
    assert_eq!(outcome(&agent(Some(AnyId::new(Uuid::from_u128(5))), "things"), &PREPARE, thing(true, 9)), Err("not_found"));
    assert_eq!(outcome(&agent(None, "lots"), &PREPARE, thing(false, 9)), Err("forbidden"));
    assert_eq!(outcome(&agent(None, "things"), &CHANGE, thing(false, 9)), Err("forbidden"), "not an agent's action");
}

#[test]
fn an_exception_lifts_a_bar_but_never_self_approval() {
    let mut officer = actor(&[Role::FinanceOfficer], 1);
    let checked = |drafter: u128| Thing { checked_by: Some(account(7)), ..thing(false, drafter) };
    assert_eq!(outcome(&officer, &APPROVE, checked(9)), Err("duties_not_separate"));
    let exception = DutyExceptionId::new(Uuid::from_u128(70));
    officer.powers.excepted = vec![Excepted { id: exception, unit: unit(1), action: "payments.approve".to_owned(), resource: THING }];
    assert_eq!(outcome(&officer, &APPROVE, checked(9)), Ok(Capacity::Exception { exception }));
    assert_eq!(outcome(&officer, &APPROVE, checked(7)), Err("duties_not_separate"), "its own draft stays barred");
    assert_eq!(outcome(&officer, &APPROVE, thing(false, 9)), Ok(Capacity::Own), "not marked where nothing bars");
    let mut others = officer.clone();
    others.powers.excepted[0].unit = unit(2);
    assert_eq!(outcome(&others, &APPROVE, checked(9)), Err("duties_not_separate"), "recorded by another unit's lead");
    others.powers.excepted[0] = Excepted { id: exception, unit: unit(1), action: "payments.approve".to_owned(), resource: CASE };
    assert_eq!(outcome(&others, &APPROVE, checked(9)), Err("duties_not_separate"), "for another resource");
}

#[test]
fn a_supervisor_who_took_part_decides_no_complaint() {
    let took_part = [None, Some(account(7))];
    assert!(bar_of_supervisor(account(7), &took_part).is_some_and(|bar| bar.absolute));
    assert_eq!(bar_of_supervisor(account(8), &took_part), None);
}
