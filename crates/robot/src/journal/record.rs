//! The bytes of the journal: a head, then records of length, checksum and payload. A record that was not written whole
//! ends the journal; everything before it counts.

/// The first bytes of a journal.
pub(super) const HEAD: &[u8; 8] = b"BGJRNL1\n";
/// Larger than any entry: an assignment is at most one frame of the uplink.
const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// Appends one record to `bytes`.
pub(super) fn append(bytes: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    bytes.extend_from_slice(payload);
}

/// The payloads of all whole records, and how many bytes of `bytes` (head included) they cover.
pub(super) fn read(bytes: &[u8]) -> (Vec<&[u8]>, usize) {
    let Some(mut rest) = bytes.strip_prefix(HEAD) else { return (Vec::new(), 0) };
    let mut payloads = Vec::new();
    while let Some((payload, after)) = first(rest) {
        payloads.push(payload);
        rest = after;
    }
    (payloads, bytes.len() - rest.len())
}

fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    // Zeros, which a file may end in after a power cut, are not a record.
    if length == 0 || length > MAX_PAYLOAD || rest.len() < length {
        return None;
    }
    let (payload, rest) = rest.split_at(length);
    (crc32fast::hash(payload) == u32::from_le_bytes(*checksum)).then_some((payload, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn journal(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = HEAD.to_vec();
        for payload in payloads {
            append(&mut bytes, payload);
        }
        bytes
    }

    proptest! {
        #[test]
        fn a_journal_cut_anywhere_gives_the_records_before_the_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
            zeros in 0_usize..40,
        ) {
            let whole = journal(&payloads);
            let mut ends = vec![HEAD.len()];
            for payload in &payloads {
                ends.push(ends.last().unwrap() + (8 + payload.len()));
            }
            for cut in 0..=whole.len() {
                let mut torn = whole[..cut].to_vec();
                torn.resize(cut + zeros, 0);
                let (read, good) = super::read(&torn);
                let expected = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
                // Zeros that happen to be the right continuation make a record whole; they never make a wrong one.
                prop_assert!(read.len() >= expected && good <= torn.len());
                for (read, written) in read.iter().zip(&payloads) {
                    prop_assert_eq!(read, written);
                }
            }
        }

        #[test]
        fn a_flipped_bit_never_gives_a_wrong_record(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..6),
            at in any::<prop::sample::Index>(), bit in 0_u8..8,
        ) {
            let mut bytes = journal(&payloads);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let (read, _) = super::read(&bytes);
            prop_assert!(read.len() < payloads.len());
            for (read, written) in read.iter().zip(&payloads) {
                prop_assert_eq!(read, written);
            }
        }
    }
}
