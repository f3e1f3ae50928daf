//! `baiyi demo`: an example district in a local folder.

use clap::Args;

use crate::kernel::Result;

#[derive(Args)]
pub struct Options {}

/// Runs the command.
pub async fn run(_: Options) -> Result<()> {
    Ok(())
}
