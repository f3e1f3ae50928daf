//! Baiyi (百益): the marketplace through which a city district buys public services and funds good ideas.
//!
//! The storeys, top to bottom; imports point down this list only: `cli`, `app`, `jobs`, `disclosure`, `procurement`, `delivery`, `outcomes`,
//! `money`, `market`, `parties`, `people`, `notices`, `trust`, `law`, `web`, `db`, `kernel`. `docs/architecture.md` walks through the house.
// Diesel lists every pair of tables by recursion, one step a table.
#![recursion_limit = "512"]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::allow_attributes
    )
)]
#![warn(missing_docs, clippy::todo, clippy::unimplemented, clippy::dbg_macro)]

// The roof reads nothing foreign by itself; without it the fuzz targets are built in a fraction of the time.
#[cfg(not(fuzzing))]
pub mod app;
#[cfg(not(fuzzing))]
pub mod cli;
pub mod config;
pub mod db;
pub mod delivery;
pub mod disclosure;
#[cfg(not(fuzzing))]
pub mod jobs;
pub mod kernel;
pub mod law;
pub mod market;
pub mod money;
pub mod notices;
pub mod outcomes;
pub mod parties;
pub mod people;
pub mod procurement;
pub mod trust;
pub mod web;
