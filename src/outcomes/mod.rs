//! Outcomes: the hundred projects with their indicators, and the reports on them. Upper to lower: `reports`, `projects`.

pub mod projects;
pub mod reports;
