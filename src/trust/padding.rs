//! Padding of files before they are sealed, by Padmé (Nikitin et al., PURBs, 2019): the length of a sealed file tells little more than its order of magnitude.
//!
//! `content ‖ zeros ‖ length of content (8 bytes, big-endian) ‖ "baiyi-f1"`. What does not end so was sealed without padding and is taken as it is.

/// The last bytes of a padded file.
const MARK: [u8; 8] = *b"baiyi-f1";
/// Bytes of the length and the mark.
const TRAILER: u64 = 16;

/// The length that Padmé gives to `length` bytes: at most 12 % more, and few lengths are left to tell apart.
pub fn padme(length: u64) -> u64 {
    let Some(exponent) = length.checked_ilog2().filter(|exponent| *exponent > 0) else { return length };
    let significant = exponent.ilog2().saturating_add(1);
    let mask = 1_u64.checked_shl(exponent.saturating_sub(significant)).unwrap_or(1).saturating_sub(1);
    length.saturating_add(mask) & !mask
}

/// Bytes of a file of `size` bytes once it is padded.
pub fn padded(size: u64) -> u64 {
    padme(size.saturating_add(TRAILER))
}

/// What follows the content of `size` bytes: the number of zeros, and the trailer after them.
pub fn tail(size: u64) -> (u64, [u8; 16]) {
    let mut trailer = [0; 16];
    for (to, from) in trailer.iter_mut().zip(size.to_be_bytes().into_iter().chain(MARK)) {
        *to = from;
    }
    (padded(size).saturating_sub(size).saturating_sub(TRAILER), trailer)
}

/// The content of an opened file. What is not padded exactly so is content to its end.
pub fn content(plaintext: &[u8]) -> &[u8] {
    unpadded(plaintext).unwrap_or(plaintext)
}

fn unpadded(plaintext: &[u8]) -> Option<&[u8]> {
    let size = u64::from_be_bytes(plaintext.strip_suffix(&MARK)?.last_chunk().copied()?);
    let total = u64::try_from(plaintext.len()).ok()?;
    let (content, rest) = plaintext.split_at_checked(usize::try_from(size).ok()?)?;
    let (zeros, trailer) = tail(size);
    let between = rest.strip_suffix(&trailer)?;
    (padded(size) == total && u64::try_from(between.len()) == Ok(zeros) && between.iter().all(|byte| *byte == 0)).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pad(content: &[u8]) -> Vec<u8> {
        let (zeros, trailer) = tail(content.len() as u64);
        [content, &vec![0; zeros as usize], &trailer].concat()
    }

    #[test]
    fn the_lengths_are_those_of_the_paper() {
        // E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1: the last E − S bits are zero.
        let lengths = [
            (0, 0),
            (1, 1),
            (2, 2),
            (8, 8),
            (9, 10),
            (11, 12),
            (100, 104),
            (1000, 1024),
            (1 << 20, 1 << 20),
            ((1 << 20) + 1, (1 << 20) + (1 << 15)),
        ];
        for (length, padded) in lengths {
            assert_eq!(padme(length), padded, "{length}");
        }
    }

    proptest! {
        #[test]
        fn padding_is_bounded_rests_where_it_is_and_leaves_few_lengths(length in 2_u64..(1 << 50)) {
            let padded = padme(length);
            prop_assert!(padded >= length && (padded - length) as f64 <= 0.12 * length as f64);
            prop_assert_eq!(padme(padded), padded);
            let exponent = padded.ilog2();
            let free = exponent.saturating_sub(exponent.max(1).ilog2() + 1);
            prop_assert!(padded.trailing_zeros() >= free, "{} has {} zero bits, {} are asked for", padded, padded.trailing_zeros(), free);
            prop_assert!(padme(length + 1) >= padded);
        }

        #[test]
        fn the_content_comes_back_and_what_was_not_padded_is_left(content_: Vec<u8>, flip in 0_usize..1000) {
            let whole = pad(&content_);
            prop_assert_eq!(whole.len() as u64, padded(content_.len() as u64));
            prop_assert_eq!(content(&whole), &content_[..]);
            prop_assert_eq!(content(&content_), &content_[..]);
            let mut changed = whole.clone();
            // The zeros and the mark; another length may be padding of another content, which the seal of the file decides.
            let (zeros, mark) = (whole.len() - content_.len() - 16, whole.len() - 8);
            let at = flip % (zeros + 8);
            changed[if at < zeros { content_.len() + at } else { mark + at - zeros }] ^= 1;
            prop_assert_eq!(content(&changed), &changed[..], "a changed tail is no padding");
        }
    }
}
