//! Openers' contributions, and the closings that they are to.
#![no_main]

use baiyi_fuzz::contribution;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(contribution::seeds), |data: &[u8]| contribution::run(data));
