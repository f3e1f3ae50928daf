//! Procurement: from a purchase plan to an award. Inside, imports point down this list: legality, imports, frameworks, direct, challenges, awards,
//! evaluation, draws, experts, review, opening, bids, bonds, documents, openers, sourcing, tenders, plans.

pub mod awards;
pub mod bids;
pub mod bonds;
pub mod challenges;
pub mod direct;
pub mod documents;
pub mod draws;
pub mod evaluation;
pub mod experts;
pub mod frameworks;
pub mod imports;
pub mod legality;
pub mod openers;
pub mod opening;
pub mod plans;
pub mod review;
pub mod sourcing;
pub mod tenders;
