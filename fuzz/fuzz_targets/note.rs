//! Signed notes: checkpoints, cosignatures, receipts, requests to a witness, announced keys.
#![no_main]

use baiyi_fuzz::note;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(note::seeds), |data: &[u8]| note::run(data));
