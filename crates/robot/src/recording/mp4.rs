//! Cutting a fragmented MP4 while it is made: first what every player needs (`ftyp`, `moov`), then one piece for each fragment
//! (`moof`, `mdat`). Without one of the pieces behind the first, the others can still be played.

/// Larger boxes are not made by our encoder: the stream is broken.
const LARGEST: usize = 64 * 1024 * 1024;

/// Takes bytes and gives pieces.
#[derive(Default)]
pub(super) struct Cutter {
    bytes: Vec<u8>,
    /// How many of the bytes are whole boxes.
    whole: usize,
}

/// The stream is not what our encoder makes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl Cutter {
    /// Takes more of the stream; the pieces that are whole now.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
        self.bytes.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while let Some((kind, length)) = self.next_box()? {
            self.whole += length;
            if matches!(&kind, b"moov" | b"mdat") {
                let rest = self.bytes.split_off(self.whole);
                pieces.push(std::mem::replace(&mut self.bytes, rest));
                self.whole = 0;
            }
        }
        Ok(pieces)
    }

    /// The kind and length of the next box, if it is there whole.
    fn next_box(&self) -> Result<Option<([u8; 4], usize)>, Broken> {
        let Some(head) = self.bytes.get(self.whole..).and_then(|rest| rest.first_chunk::<8>()) else { return Ok(None) };
        let [a, b, c, d, kind @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| Broken)?;
        if !(8..=LARGEST).contains(&length) {
            return Err(Broken);
        }
        Ok((self.bytes.len() >= self.whole + length).then_some((kind, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(kind);
        bytes.extend_from_slice(content);
        bytes
    }

    #[test]
    fn it_is_cut_behind_the_head_and_behind_each_fragment_however_it_comes() {
        let head = [part(b"ftyp", b"iso5"), part(b"moov", &[1; 40])].concat();
        let first = [part(b"moof", &[2; 30]), part(b"mdat", &[3; 100])].concat();
        let second = [part(b"moof", &[4; 30]), part(b"mdat", b"")].concat();
        let stream = [head.clone(), first.clone(), second.clone(), part(b"moof", b"not whole")].concat();
        for step in [1, 7, 64, 1000] {
            let mut cutter = Cutter::default();
            let pieces: Vec<Vec<u8>> = stream.chunks(step).flat_map(|bytes| cutter.take(bytes).unwrap()).collect();
            assert_eq!(pieces, [head.clone(), first.clone(), second.clone()], "{step} bytes at a time");
        }
    }

    #[test]
    fn what_is_no_such_stream_is_noticed() {
        assert_eq!(Cutter::default().take(b"ffmpeg version 5"), Err(Broken));
        assert_eq!(Cutter::default().take(&[0; 16]), Err(Broken));
    }
}
