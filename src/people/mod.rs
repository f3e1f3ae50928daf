//! People: accounts, sessions, roles, and the policy that every change must prove.

pub mod accounts;
pub mod actor;
pub mod delegations;
pub mod desk;
pub mod password;
pub mod policy;
pub mod powers;
pub mod role;
pub mod scope;
pub mod sessions;
pub mod tenants;
pub mod tokens;

pub use actor::{Actor, Viewer};
pub use desk::{command, query};
pub use policy::{Action, Authorized, Bar, Capacity, Subject};
pub use role::Role;
pub use scope::Scope;
