//! What openers and server say in a ceremony: packages, shares, boards.
#![no_main]

use baiyi_fuzz::key_packages;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(key_packages::seeds), |data: &[u8]| key_packages::run(data));
