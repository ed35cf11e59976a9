//! A recording as one file of bytes, any part of it: only the chunks that are asked for are fetched and opened.

use baigong_model::{Error, Result};
use baigong_protocol::{RecordingKey, RecordingRef, recording::TAG_BYTES};
use baigong_store::{entity::recording_chunk, recordings as rows};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{key_of, name_of};
use crate::{
    Platform,
    downloads::{Download, Part, Range},
};

/// The bytes of the file that a chunk holds.
fn length(chunk: &recording_chunk::Model) -> u64 {
    u64::try_from(chunk.size).unwrap_or(0).saturating_sub(TAG_BYTES as u64)
}

/// The size of the file.
pub(super) fn size_of(chunks: &[recording_chunk::Model]) -> i64 {
    i64::try_from(chunks.iter().map(length).sum::<u64>()).unwrap_or(i64::MAX)
}

/// A chunk, and which of its bytes are wanted.
struct Slice {
    number: i32,
    key: String,
    size: u64,
    from: u64,
    to: u64,
}

/// The bytes of a recording, for a download whose address was given to somebody who may see it.
pub(crate) async fn open(platform: &Platform, id: i64, range: Option<Range>) -> Result<Download> {
    let row = rows::find(&platform.store, id).await?.ok_or_else(|| Error::not_found("recording", id))?;
    let chunks = rows::chunks(&platform.store, id).await?;
    let total = chunks.iter().map(length).sum();
    // It grows while it is being made: another size is another file.
    let tag = format!("{id}-{}-{total}", chunks.len());
    let range = range.filter(|range| range.only_of.as_ref().is_none_or(|of| *of == tag));
    let part = range.map(|range| range.wanted.within(total));
    let (from, to) = match part {
        None => (0, total),
        Some(Part::Bytes { from, to, .. }) => (from, to),
        Some(Part::Beyond { .. }) => (0, 0),
    };
    let (key, name, blobs) = (key_of(platform, &row)?, name_of(&row), platform.blobs.clone());
    let body = stream::iter(slices(chunks, from, to)).then(move |slice| {
        let (key, blobs) = (key.clone(), blobs.clone());
        async move {
            let sealed = match blobs.get(&slice.key).await {
                Ok((_, bytes)) => bytes.try_collect::<BytesMut>().await.unwrap_or_default(),
                Err(Error::NotFound { .. }) => BytesMut::new(),
                Err(error) => return Err(error),
            };
            Ok(opened(&key, name, &slice, &sealed))
        }
    });
    let file = format!("task-{}-{}-{}.mp4", row.task_id, row.fence, row.part);
    Ok(Download { name: file, size: to - from, tag, body: body.boxed(), part })
}

/// The slices of the chunks that make up the bytes `from..to` of the file.
fn slices(chunks: Vec<recording_chunk::Model>, from: u64, to: u64) -> Vec<Slice> {
    let mut begins = 0;
    let mut slices = Vec::new();
    for chunk in chunks {
        let (start, size) = (begins, length(&chunk));
        begins += size;
        if let Some(key) = chunk.blob_key
            && start < to
            && begins > from
        {
            let (from, to) = (from.max(start) - start, to.min(begins) - start);
            slices.push(Slice { number: chunk.number, key, size, from, to });
        }
    }
    slices
}

/// The wanted bytes of a chunk. Where its bytes are gone or were changed, a box that players skip stands for it: what
/// comes behind it can still be seen.
fn opened(key: &RecordingKey, name: RecordingRef, slice: &Slice, sealed: &[u8]) -> Bytes {
    let opened = key.open(name, slice.number, sealed).filter(|bytes| bytes.len() as u64 == slice.size);
    let bytes = opened.unwrap_or_else(|| {
        tracing::error!(task = name.task_id, chunk = slice.number, "a chunk of a recording is gone or was changed");
        skipped(slice.size)
    });
    let within = |place: u64| usize::try_from(place).unwrap_or(bytes.len()).min(bytes.len());
    let (from, to) = (within(slice.from), within(slice.to));
    Bytes::from(bytes).slice(from..to)
}

/// A box of MP4 of `size` bytes with nothing in it.
fn skipped(size: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    if let (Some(head), Ok(length)) = (bytes.first_chunk_mut::<8>(), u32::try_from(size)) {
        head[..4].copy_from_slice(&length.to_be_bytes());
        head[4..].copy_from_slice(b"free");
    }
    bytes
}
