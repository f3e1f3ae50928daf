//! Laws of the draw: uniform, bound to its commitments, and independent of the order in which the pool was gathered.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn draw() -> DrawId {
    DrawId::new(Uuid::from_u128(0x0192_f0c1))
}

fn number(n: u64) -> Hash {
    sha256(&[&n.to_be_bytes()])
}

fn unit(n: u128) -> UnitId {
    UnitId::new(Uuid::from_u128(n))
}

proptest! {
    #[test]
    fn a_draw_is_a_permutation_and_the_same_for_the_same_seed(n in any::<u64>(), count in 0_usize..60) {
        let drawn = permutation(number(n), count);
        let mut sorted = drawn.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..count).collect::<Vec<_>>());
        prop_assert_eq!(drawn, permutation(number(n), count));
    }

    #[test]
    fn the_order_in_which_a_pool_was_gathered_changes_nothing(members in prop::collection::vec(any::<u64>(), 1..40), turn in any::<prop::sample::Index>()) {
        let mut leaves: Vec<Hash> = members.iter().map(|n| leaf(draw(), &number(*n), AnyId::new(Uuid::from_u128(u128::from(*n))))).collect();
        let root = pool_root(draw(), &leaves);
        let by = turn.index(leaves.len());
        leaves.rotate_left(by);
        prop_assert_eq!(root, pool_root(draw(), &leaves));
        leaves.push(number(1));
        prop_assert_ne!(root, pool_root(draw(), &leaves), "one more member is another pool");
    }

    #[test]
    fn any_other_nonce_pool_or_draw_is_another_seed(a in any::<u64>(), b in any::<u64>(), bit in 0_usize..256, which in 0_usize..2) {
        let (root, nonces) = (number(7), [number(a), number(b)]);
        let first = seed(draw(), &root, &nonces);
        let mut other = nonces;
        other[which][bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(first, seed(draw(), &root, &other));
        let mut changed = root;
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(first, seed(draw(), &changed, &nonces));
        prop_assert_ne!(first, seed(DrawId::new(Uuid::from_u128(1)), &root, &nonces));
    }

    #[test]
    fn a_commitment_binds_its_draw_its_unit_and_every_bit_of_its_nonce(n in any::<u64>(), bit in 0_usize..256) {
        let nonce = number(n);
        let made = commitment(draw(), unit(1), &nonce);
        let mut other = nonce;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(made, commitment(draw(), unit(1), &other));
        prop_assert_ne!(made, commitment(draw(), unit(2), &nonce), "another unit cannot use it");
        prop_assert_ne!(made, commitment(DrawId::new(Uuid::from_u128(9)), unit(1), &nonce), "nor another draw");
    }
}

#[test]
fn every_member_is_equally_likely_in_every_place() {
    // χ² over 7 × 7 cells of 7 000 draws: each cell expects 1 000; 36 degrees of freedom, 67.99 is the 0.1 % quantile.
    let mut cells = [[0_i64; 7]; 7];
    for n in 0..7_000 {
        for (place, member) in permutation(number(n), 7).into_iter().enumerate() {
            cells[place][member] += 1;
        }
    }
    let chi_square: f64 = cells.iter().flatten().map(|seen| ((seen - 1_000) as f64).powi(2) / 1_000.0).sum();
    assert!(chi_square < 67.99, "{chi_square}");
    let orders: std::collections::BTreeSet<Vec<usize>> = (0..2_000).map(|n| permutation(number(n), 4)).collect();
    assert_eq!(orders.len(), 24, "every order comes up");
}

#[test]
fn the_formulas_are_those_of_the_documentation() {
    // Worked out with Python's hashlib from the module's documentation; tests/verify_draw.py has the same functions.
    let (draw, nonce) = (DrawId::new(Uuid::from_u128(1)), [0x11; 32]);
    let leaves: Vec<Hash> = (1..=5).map(|n| leaf(draw, &[n; 32], AnyId::new(Uuid::from_u128(u128::from(n))))).collect();
    let root = pool_root(draw, &leaves);
    let seed = seed(draw, &root, &[nonce, [0x22; 32]]);
    let [of_unit, of_pool, of_seed] = [hex::encode(commitment(draw, unit(2), &nonce)), hex::encode(root), hex::encode(seed)];
    assert_eq!(of_unit, "d08a6d4525e2ba4f56a87496d949cdc8c26038c1df52985a4b6c7333961eb888");
    assert_eq!(of_pool, "16848e48e71e2b6643f5fca45d0d5bb4f4d96a877dcea49ada71f0e9b804091d");
    assert_eq!(of_seed, "ec208528daebb342fceb144df015ad520971c5b34001846b00dc39d49db449cc");
    assert_eq!(permutation(seed, 5), [3, 1, 2, 0, 4]);
}

#[test]
fn two_units_are_related_when_one_stands_above_the_other() {
    let (street, bureau, district, office) = (unit(1), unit(2), unit(3), unit(4));
    assert!(related(&[street], &[street]));
    assert!(related(&[street, district], &[district]) && related(&[district], &[office, street, district]));
    assert!(!related(&[street, district], &[bureau, district]), "two units under one roof are two");
    assert_eq!(reveal_order(street, &[bureau, street]), [street, bureau]);
    assert_eq!(reveal_order(street, &[bureau, office]), [bureau, office]);
}

#[test]
fn only_whole_lower_case_hex_is_a_hash() {
    assert!(from_hex(&"0f".repeat(32)).is_some());
    for bad in ["", "0f", &"0F".repeat(32), &"0g".repeat(32), &"0f".repeat(33)] {
        assert_eq!(from_hex(bad), None, "{bad}");
    }
}
