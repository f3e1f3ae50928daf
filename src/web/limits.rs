//! Bounds on what a caller may send.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::kernel::{Result, error};

/// Largest JSON body, in bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Largest JSON body that carries a sealed bid, in bytes.
pub const BID_BODY_BYTES: usize = 512 * 1024;
/// Largest reference table that may be imported over HTTP, in bytes.
pub const IMPORT_BYTES: usize = 2 * 1024 * 1024;
/// Largest document that may be uploaded, in bytes.
pub const UPLOAD_BYTES: usize = 20 * 1024 * 1024;
/// Largest file of a bid, in bytes: drawings and plans, sealed and opened as streams.
pub const BID_FILE_BYTES: usize = 200 * 1024 * 1024;

/// A token bucket per account name and per client address.
pub struct Throttle {
    by_name: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
}

impl Throttle {
    /// Allows `per_minute` attempts on a name and five times as many from an address.
    pub fn per_minute(per_minute: NonZeroU32) -> Self {
        Self {
            by_name: RateLimiter::keyed(Quota::per_minute(per_minute)),
            by_address: RateLimiter::keyed(Quota::per_minute(per_minute.saturating_mul(NonZeroU32::new(5).unwrap_or(per_minute)))),
        }
    }

    /// Counts one attempt; refuses with the seconds to wait when either bucket is empty. Names are one whatever their case and outer
    /// space, as for a login. The caller bounds their length.
    pub fn admit(&self, name: &str, address: IpAddr) -> Result<()> {
        // Keep memory bounded under a flood of made-up names.
        if self.by_name.len() > 100_000 {
            self.by_name.retain_recent();
        }
        if self.by_address.len() > 100_000 {
            self.by_address.retain_recent();
        }
        let now = DefaultClock::default().now();
        let seconds = |wait: std::time::Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        self.by_address.check_key(&address).map_err(|no| error::RATE_LIMITED.error().retry_after(seconds(no.wait_time_from(now))))?;
        self.by_name
            .check_key(&name.trim().to_lowercase())
            .map_err(|no| error::RATE_LIMITED.error().retry_after(seconds(no.wait_time_from(now))))
    }
}
