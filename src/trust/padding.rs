//! Padding of files before they are sealed, by Padmé (Nikitin et al., PURBs, 2019): the length of a sealed file tells little more than its order of magnitude.
//!
//! `content ‖ zeros ‖ length of content (8 bytes, big-endian) ‖ "baiyi-f1"`. What does not end so was sealed without padding and is taken as it is.

/// The last bytes of a padded file.
const MARK: [u8; 8] = *b"baiyi-f1";
/// Bytes of the length and the mark.
const TRAILER: u64 = 16;
/// The same, as a length in memory.
const LAST: usize = 16;

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

/// A stretch of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run<'b> {
    /// So many zeros.
    Zeros(u64),
    /// These bytes.
    Bytes(&'b [u8]),
}

/// Takes the padding off an opened file as it streams past, in constant memory: zeros and the last bytes are held back, as numbers, until it is known
/// whether they are padding. What is not padded exactly so is content to its end.
#[derive(Debug, Default)]
pub struct Content {
    /// Bytes handed on.
    passed: u64,
    /// Zeros after them that are held back.
    zeros: u64,
    /// The last bytes, at most [`TRAILER`] of them, behind the zeros.
    last: Vec<u8>,
}

impl Content {
    /// Takes the next bytes and hands on what is certainly content.
    pub fn push(&mut self, bytes: &[u8], mut to: impl FnMut(Run<'_>)) {
        let kept = bytes.len().min(LAST);
        let (early, late) = bytes.split_at(bytes.len().saturating_sub(kept));
        let leaving = self.last.len().saturating_add(kept).saturating_sub(LAST).min(self.last.len());
        let left: Vec<u8> = self.last.drain(..leaving).collect();
        self.hand_on(&left, &mut to);
        self.hand_on(early, &mut to);
        self.last.extend_from_slice(late);
    }

    /// Hands on the rest; gives the bytes of the content.
    pub fn end(mut self, mut to: impl FnMut(Run<'_>)) -> u64 {
        let total = self.passed.saturating_add(self.zeros).saturating_add(u64::try_from(self.last.len()).unwrap_or(u64::MAX));
        if let Some(size) = self.padded_content(total) {
            zeros(size.saturating_sub(self.passed), &mut to);
            return size;
        }
        zeros(self.zeros, &mut to);
        if !self.last.is_empty() {
            to(Run::Bytes(&std::mem::take(&mut self.last)));
        }
        total
    }

    /// The bytes of content before the padding, when what is held back is padding.
    fn padded_content(&self, total: u64) -> Option<u64> {
        let size = u64::from_be_bytes(self.last.strip_suffix(&MARK)?.try_into().ok()?);
        let between = self.passed.checked_add(self.zeros)?.checked_sub(size)?;
        (between <= self.zeros && padded(size) == total && tail(size).0 == between).then_some(size)
    }

    fn hand_on(&mut self, bytes: &[u8], to: &mut impl FnMut(Run<'_>)) {
        let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at.saturating_add(1));
        let (content, rest) = bytes.split_at(length);
        if !content.is_empty() {
            zeros(self.zeros, to);
            to(Run::Bytes(content));
            let handed = u64::try_from(content.len()).unwrap_or(u64::MAX);
            self.passed = self.passed.saturating_add(self.zeros).saturating_add(handed);
            self.zeros = 0;
        }
        self.zeros = self.zeros.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
    }
}

fn zeros(count: u64, to: &mut impl FnMut(Run<'_>)) {
    if count > 0 {
        to(Run::Zeros(count));
    }
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

    /// What streams out, in whatever pieces it came in.
    fn content(whole: &[u8], cut: usize) -> Vec<u8> {
        let (mut content, mut out) = (Content::default(), Vec::new());
        let take = |out: &mut Vec<u8>, run: Run<'_>| match run {
            Run::Zeros(count) => out.extend(vec![0; count as usize]),
            Run::Bytes(bytes) => out.extend_from_slice(bytes),
        };
        for piece in whole.chunks(cut) {
            content.push(piece, |run| take(&mut out, run));
        }
        let size = content.end(|run| take(&mut out, run));
        assert_eq!(size, out.len() as u64);
        out
    }

    /// Contents with many zeros, which are what padding is made of.
    fn contents() -> impl Strategy<Value = Vec<u8>> {
        let run = (prop_oneof![Just(0_u8), any::<u8>()], 0_usize..40);
        proptest::collection::vec(run, 0..12).prop_map(|runs| runs.into_iter().flat_map(|(byte, count)| vec![byte; count]).collect())
    }

    #[test]
    fn what_ends_almost_as_padding_does_is_content() {
        let trailer = |size: u64| [&size.to_be_bytes()[..], &MARK].concat();
        let size = 100;
        let whole = pad(&[7; 100]);
        for wrong in [
            [&[7; 100][..], &[0; 3], &trailer(size)].concat(),
            [&[7; 100][..], &[0; 5], &trailer(size)].concat(),
            // A length that leaves something else than zeros; one that takes a zero in is padding of another content.
            [&[7; 100][..], &[0; 4], &trailer(size - 1)].concat(),
            [&[7; 100][..], &[0; 4], &trailer(u64::MAX)].concat(),
            [&[7; 99][..], &[0; 2], &[7; 3], &trailer(size)].concat(),
            trailer(0)[1..].to_vec(),
            MARK.to_vec(),
            [&whole[..], &[0]].concat(),
        ] {
            assert_eq!(content(&wrong, 11), wrong);
        }
        assert_eq!(content(&trailer(0), 5), b"", "an empty file that is padded");
        assert_eq!(content(&whole, 1), [7; 100]);
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
        fn the_content_comes_back_and_what_was_not_padded_is_left(given in contents(), flip in 0_usize..1000, cut in 1_usize..60) {
            let whole = pad(&given);
            prop_assert_eq!(whole.len() as u64, padded(given.len() as u64));
            prop_assert_eq!(content(&whole, cut), &given[..]);
            prop_assert_eq!(content(&given, cut), &given[..]);
            let mut changed = whole.clone();
            // The zeros and the mark; another length may be padding of another content, which the seal of the file decides.
            let (zeros, mark) = (whole.len() - given.len() - 16, whole.len() - 8);
            let at = flip % (zeros + 8);
            changed[if at < zeros { given.len() + at } else { mark + at - zeros }] ^= 1;
            prop_assert_eq!(content(&changed, cut), &changed[..], "a changed tail is no padding");
        }
    }
}
