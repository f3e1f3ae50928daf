//! The `baiyi` program.

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first, so that a plain offer is gone from memory once it is sealed. The allocator beneath is faster than the system's
/// under this service's load, and the wiping costs about as much again.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> std::process::ExitCode {
    baiyi::cli::main()
}
