//! What leaves the house: messages written with the change that causes them, delivered after it is durable.

pub mod mail;
pub mod outbox;
