//! Disclosure: what others may know of it all. SELECT only.

pub mod bundle;
pub mod case_file;
pub mod evidence;
pub mod journal;
pub mod org_file;
pub mod papers;
pub mod reports;
