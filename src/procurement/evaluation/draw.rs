//! The draw: one permutation of the eligible experts from a recorded seed. Pure and reproducible.

use crate::kernel::Entropy;

/// A permutation of `0..count` from the seed: Fisher–Yates over SHA-256 in counter mode, without modulo bias.
pub fn permutation(seed: [u8; 32], count: usize) -> Vec<usize> {
    let mut stream = Entropy::from_seed(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let other = below(&mut stream, last.saturating_add(1));
        order.swap(last, other);
    }
    order
}

/// A number below `bound` (at least 1), every one equally likely: values of the last, incomplete stretch are thrown away.
fn below(stream: &mut Entropy, bound: usize) -> usize {
    let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
    let remainder = u64::MAX.checked_rem(bound).unwrap_or(0).saturating_add(1);
    let whole = if remainder == bound { u64::MAX } else { u64::MAX.saturating_sub(remainder) };
    loop {
        let block = stream.next_256();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(block.get(..8).unwrap_or(&[0; 8]));
        let value = u64::from_be_bytes(bytes);
        if value <= whole {
            return usize::try_from(value.checked_rem(bound).unwrap_or(0)).unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    fn seed(n: u64) -> [u8; 32] {
        Sha256::digest(n.to_be_bytes()).into()
    }

    proptest! {
        #[test]
        fn a_draw_is_a_permutation_and_the_same_for_the_same_seed(n in any::<u64>(), count in 0_usize..60) {
            let drawn = permutation(seed(n), count);
            let mut sorted = drawn.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..count).collect::<Vec<_>>());
            prop_assert_eq!(drawn, permutation(seed(n), count));
        }
    }

    #[test]
    fn every_expert_is_equally_likely_in_every_place() {
        // χ² over 7 × 7 cells of 7 000 draws: each cell expects 1 000; 36 degrees of freedom, 67.99 is the 0.1 % quantile.
        let mut cells = [[0_i64; 7]; 7];
        for n in 0..7_000 {
            for (place, expert) in permutation(seed(n), 7).into_iter().enumerate() {
                cells[place][expert] += 1;
            }
        }
        let chi_square: f64 = cells.iter().flatten().map(|seen| ((seen - 1_000) as f64).powi(2) / 1_000.0).sum();
        assert!(chi_square < 67.99, "{chi_square}");
        let orders: std::collections::BTreeSet<Vec<usize>> = (0..2_000).map(|n| permutation(seed(n), 4)).collect();
        assert_eq!(orders.len(), 24, "every order comes up");
    }
}
