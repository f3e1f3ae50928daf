//! The file of one organisation as a whole: what it is, what stands against it, what it has shown, and what runs out.

pub mod api;
mod view;
