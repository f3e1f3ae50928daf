//! Who may do what in which state, as one table that a change of policy must change too.

use std::collections::BTreeSet;

use baiyi::app::ACTIONS;
use baiyi::people::{Action, Role};

/// Every role, in the order of its declaration; the test below notices one that is missing here.
const ROLES: &[Role] = &[
    Role::PlatformAdmin,
    Role::CatalogueEditor,
    Role::Purchaser,
    Role::PurchaserLead,
    Role::FinanceOfficer,
    Role::Supervisor,
    Role::Agent,
    Role::Evaluator,
    Role::Opener,
    Role::Incubator,
    Role::OrgAdmin,
    Role::OrgMember,
    Role::SocialWorker,
    Role::ThirdPartyEvaluator,
    Role::Auditor,
];

fn actions() -> impl Iterator<Item = &'static Action> {
    ACTIONS.iter().flat_map(|table| table.iter().copied())
}

fn cell(action: &Action, role: Role) -> String {
    if action.roles.is_empty() {
        "own".to_owned()
    } else if !action.roles.contains(&role) {
        String::new()
    } else if action.states.is_empty() {
        "any".to_owned()
    } else {
        action.states.join(" ")
    }
}

/// Rows are actions, columns are roles, cells are the states in which the role may.
fn matrix() -> String {
    let mut rows: Vec<Vec<String>> = actions()
        .map(|action| {
            let mark = if action.versioned { "*" } else { "" };
            let proof = if action.stepped_up { "!" } else { "" };
            std::iter::once(format!("{}{mark}{proof}", action.name)).chain(ROLES.iter().map(|role| cell(action, *role))).collect()
        })
        .collect();
    rows.sort();
    let head = std::iter::once("action".to_owned()).chain(ROLES.iter().map(|role| role.as_str().to_owned())).collect();
    rows.insert(0, head);
    let widths: Vec<usize> = (0..=ROLES.len()).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    let mut table =
        "any: in every state; own: any signed-in person, on what is their own; *: needs If-Match; !: needs a fresh proof of identity\n\n"
            .to_owned();
    for row in rows {
        let line: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        table.push_str(line.join(" | ").trim_end());
        table.push('\n');
    }
    table
}

#[test]
fn the_matrix_of_roles_actions_and_states_is_the_one_agreed_on() {
    insta::assert_snapshot!("role_action_state_matrix", matrix());
}

#[test]
fn every_role_has_its_column() {
    let source = include_str!("../../src/people/role.rs");
    let declared: BTreeSet<&str> =
        source.lines().filter_map(|line| line.trim().strip_suffix("\",")?.split_once(" = \"")).map(|(_, text)| text).collect();
    assert_eq!(declared, ROLES.iter().map(|role| role.as_str()).collect());
}

#[test]
fn actions_are_named_once_by_slice_and_verb() {
    let mut seen = BTreeSet::new();
    for action in actions() {
        let (slice, verb) = action.name.split_once('.').unwrap_or_else(|| panic!("{} is not slice.verb", action.name));
        for part in [slice, verb] {
            assert!(!part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", action.name);
        }
        assert!(seen.insert(action.name), "{} is declared twice", action.name);
        let (roles, states): (BTreeSet<_>, BTreeSet<_>) = (action.roles.iter().collect(), action.states.iter().collect());
        assert_eq!((roles.len(), states.len()), (action.roles.len(), action.states.len()), "{} names something twice", action.name);
    }
}
