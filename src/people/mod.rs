//! People: accounts, sessions, second factors, tokens, roles, and the policy that every change must prove.

pub mod accounts;
pub mod actor;
pub mod api_tokens;
pub mod audit_notices;
pub mod confirmations;
pub mod delegations;
pub mod desk;
pub mod factors;
pub mod invitations;
pub mod password;
pub mod policy;
pub mod posts;
pub mod powers;
pub mod proof;
pub mod readings;
pub mod recoveries;
pub mod resets;
pub mod role;
pub mod scope;
pub mod sessions;
pub mod tenants;
pub mod tokens;

pub use actor::{Actor, Place, Viewer};
pub use desk::{command, query};
pub use policy::{Action, Authorized, Bar, Capacity, Subject};
pub use role::Role;
pub use scope::Scope;
