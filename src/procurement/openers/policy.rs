//! Who registers and confirms openers' keys, names openers, takes part, closes and contributes.

use crate::people::{Action, Role};

/// Roles that see keys and ceremonies.
pub const READERS: &[Role] =
    &[Role::Opener, Role::Purchaser, Role::PurchaserLead, Role::Agent, Role::Supervisor, Role::Auditor, Role::PlatformAdmin];

/// Read openers' keys.
pub static READ_KEYS: Action = Action::new("opener_keys.read", READERS);
/// Register one's own key.
pub static REGISTER_KEY: Action = Action::new("opener_keys.register", &[Role::Opener]);
/// Confirm a key whose fingerprint was compared out of band; never one's own. Whoever runs the platform could otherwise confirm keys of its own making.
pub static CONFIRM_KEY: Action =
    Action::change("opener_keys.confirm", &[Role::Opener, Role::PurchaserLead, Role::Supervisor], &["proposed"]).stepped_up();
/// Stop using a key.
pub static REVOKE_KEY: Action = Action::change(
    "opener_keys.revoke",
    &[Role::Opener, Role::PurchaserLead, Role::Supervisor, Role::PlatformAdmin],
    &["proposed", "confirmed"],
)
.stepped_up();
/// Name the openers of a tender. It needs no version: the tender itself does not change.
pub static NAME: Action =
    Action::new("opener_ceremonies.name", &[Role::PurchaserLead]).within(&["draft", "in_review", "returned", "approved"]).stepped_up();
/// Read a ceremony.
pub static READ: Action = Action::new("opener_ceremonies.read", READERS);
/// Send one's first package.
pub static SEND_PACKAGE: Action = Action::new("opener_ceremonies.send_package", &[Role::Opener]).within(&["packages"]);
/// Send one's sealed shares.
pub static SEND_SHARES: Action = Action::new("opener_ceremonies.send_shares", &[Role::Opener]).within(&["shares"]);
/// Sign the transcript.
pub static SIGN: Action = Action::new("opener_ceremonies.sign", &[Role::Opener]).within(&["signatures"]);
/// Give a ceremony up before its tender is published.
pub static ABANDON: Action = Action::new("opener_ceremonies.abandon", &[Role::PurchaserLead, Role::Opener]).within(&[
    "packages",
    "shares",
    "signatures",
    "complete",
]);
/// Publish the closing of a tender after its deadline. It needs no version: the tender itself does not change.
pub static CLOSE: Action = Action::new("tenders.close", &[Role::Opener, Role::Purchaser, Role::PurchaserLead]).within(&["published"]);
/// Contribute to the opening of a tender.
pub static CONTRIBUTE: Action = Action::new("tenders.contribute", &[Role::Opener]).within(&["published"]);

/// Give the openers up, so that bidders reveal. It needs no version: the tender itself does not change.
pub static GIVE_UP: Action = Action::new("tenders.give_up_openers", &[Role::PurchaserLead]).within(&["published"]).stepped_up();

/// All actions of this slice.
pub static ACTIONS: &[&Action] = &[
    &READ_KEYS,
    &REGISTER_KEY,
    &CONFIRM_KEY,
    &REVOKE_KEY,
    &NAME,
    &READ,
    &SEND_PACKAGE,
    &SEND_SHARES,
    &SIGN,
    &ABANDON,
    &CLOSE,
    &CONTRIBUTE,
    &GIVE_UP,
];
