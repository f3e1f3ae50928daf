//! Pure values that every storey above uses: ids, money, time, codes, errors. No I/O here.

pub mod area_code;
pub mod basis_points;
pub mod catalogue_code;
pub mod entropy;
pub mod error;
pub mod fen;
pub mod id;
pub mod sql;
pub mod text;
pub mod time;
pub mod uscc;

pub use area_code::AreaCode;
pub use basis_points::BasisPoints;
pub use catalogue_code::CatalogueCode;
pub use entropy::Entropy;
pub use error::{Error, Problem, Result, RuleRef, Words};
pub use fen::{Fen, Money};
pub use time::{Clock, UtcInstant};
pub use uscc::Uscc;
