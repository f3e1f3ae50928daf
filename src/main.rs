//! The `baiyi` program.

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first, so that a plain offer is gone from memory once it is sealed. `docs/decisions/0017` says what
/// that costs.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> std::process::ExitCode {
    baiyi::cli::main()
}
