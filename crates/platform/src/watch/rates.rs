//! How often one address may call what is open to all: signing in, the public key, downloads by signed address.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicUsize, Ordering},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// After so many calls, addresses that have been quiet are forgotten.
const SWEEP: usize = 4096;

/// The limit by address; none where the setting is 0.
pub(super) struct Rates {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    calls: AtomicUsize,
}

impl Rates {
    pub(super) fn new(per_second: u32) -> Self {
        let limiter = NonZeroU32::new(per_second).map(|limit| RateLimiter::keyed(Quota::per_second(limit)));
        Self { limiter, calls: AtomicUsize::new(0) }
    }

    /// Whether one more call of `address` is within the limit; it is counted.
    pub(super) fn takes(&self, address: IpAddr) -> bool {
        let Some(limiter) = &self.limiter else { return true };
        if self.calls.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(&network(address)).is_ok()
    }
}

/// Whoever has one address of version 6 has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => IpAddr::V6((it.to_bits() & !u128::from(u64::MAX)).into()),
        it => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_beyond_its_limit_is_refused_and_others_are_not() {
        let rates = Rates::new(3);
        let takes = |text: &str| rates.takes(text.parse().unwrap());
        assert!((0..3).all(|_| takes("10.0.0.1")));
        assert!(!takes("10.0.0.1") && takes("10.0.0.2"));
        assert!((0..3).all(|_| takes("2001:db8::1")) && !takes("2001:db8::2") && takes("2001:db8:0:1::1"));
    }

    #[test]
    fn no_limit_is_no_limit_and_keys_do_not_pile_up() {
        assert!((0..10_000).all(|_| Rates::new(0).takes(IpAddr::from([127, 0, 0, 1]))));
        // A limit so high that each address is quiet again at once.
        let rates = Rates::new(u32::MAX);
        for index in 0..100_000u32 {
            assert!(rates.takes(IpAddr::from(index.to_be_bytes())));
        }
        let kept = rates.limiter.as_ref().unwrap().len();
        assert!(kept <= 2 * SWEEP, "{kept} addresses are kept");
    }
}
