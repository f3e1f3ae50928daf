//! age files as they come in.
#![no_main]

use baiyi_fuzz::ciphertext;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(ciphertext::seeds), |data: &[u8]| ciphertext::run(data));
