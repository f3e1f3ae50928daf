//! Opened bids.
#![no_main]

use baiyi_fuzz::manifest;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(manifest::seeds), |data: &[u8]| manifest::run(data));
