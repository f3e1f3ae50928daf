//! What an auditor is handed: a bundle's files, padded files.
#![no_main]

use baiyi_fuzz::archive;

libfuzzer_sys::fuzz_target!(init: baiyi_fuzz::prepare(archive::seeds), |data: &[u8]| archive::run(data));
