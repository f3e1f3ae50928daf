//! The HTTP toolkit: extractors, the command and query desks, problems, ETags, pages, idempotency, OpenAPI finishing.

pub mod call;
pub mod client;
pub mod command;
pub mod etag;
pub mod example;
pub mod extract;
pub mod idempotency;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod parting;
pub mod problem;
pub mod reply;
pub mod spreadsheet;
pub mod table;

pub use call::{Call, Caller, Desk, Principal, TokenVerifier};
pub use command::{command, query};
pub use etag::Tag;
pub use extract::{Body, Id, Ids, Params, RawBody};
pub use page::{Page, PageRequest};
pub use parting::{FILENAME, Filename, hang_up};
pub use problem::Failure;
pub use reply::Reply;

/// What every handler returns.
pub type Answer = Result<actix_web::HttpResponse, Failure>;
