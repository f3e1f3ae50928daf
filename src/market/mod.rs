//! The market's standing offer. The slices in their order, each using only those before it: catalogues, incubation, directory.

pub mod catalogues;
pub mod directory;
pub mod incubation;
