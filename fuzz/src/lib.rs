//! Fuzz targets for what Baiyi reads from outside. Each module has `run`, which holds one input against the laws of its readers and panics where one is
//! broken, and `seeds`, inputs to begin with. The first byte of an input says which reader it is for.

pub mod archive;
pub mod ciphertext;
pub mod contribution;
pub mod fixture;
pub mod key_packages;
pub mod manifest;
pub mod note;
pub mod quorum;

/// Inputs to begin with, by file name.
pub type Seeds = Vec<(String, Vec<u8>)>;

/// Before the first input. With `BAIYI_FUZZ_SEEDS` the seeds are written into that folder, with `BAIYI_FUZZ_CEREMONY` another ceremony into that file, and
/// nothing is run.
pub fn prepare(seeds: fn() -> Seeds) {
    if let Some(file) = std::env::var_os("BAIYI_FUZZ_CEREMONY") {
        std::fs::write(file, serde_json::to_string(&quorum::make()).unwrap() + "\n").unwrap();
        std::process::exit(0);
    }
    if let Some(folder) = std::env::var_os("BAIYI_FUZZ_SEEDS") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, input) in seeds() {
            std::fs::write(folder.join(name), input).unwrap();
        }
        std::process::exit(0);
    }
}

/// A seed: the letter of its reader, then what that reads.
fn seed(name: &str, letter: u8, input: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    (name.to_owned(), [&[letter], input.as_ref()].concat())
}

/// The letter and the input after it.
fn split(data: &[u8]) -> Option<(u8, &[u8])> {
    data.split_first().map(|(letter, rest)| (*letter, rest))
}
