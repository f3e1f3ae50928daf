//! The market's standing offer. The slices in their order, each using only those before it: catalogues, incubation.

pub mod catalogues;
pub mod incubation;
