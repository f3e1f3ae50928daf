//! Outcomes: the hundred projects with their indicators, the social workers and sessions of them, and the reports on them. Upper to lower: `reports`,
//! `sessions`, `workers`, `projects`.

pub mod projects;
pub mod reports;
pub mod sessions;
pub mod workers;
