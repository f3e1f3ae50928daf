//! Records that were tampered with are named where they differ.
