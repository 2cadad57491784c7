"""Frame blobs: how a revision's A5 frames are kept, readable from any language without this package.

Format 1 is one MessagePack map (https://msgpack.org), compressed as one Zstandard frame (RFC 8878):

    {"format": "sfm-archive a5 frames", "version": 1,
     "frames": [[sub, page_hi, page_lo, data, chk_byte, checksum_valid], …]}

`data` is a MessagePack bin, `checksum_valid` a boolean, the rest are unsigned integers below 256, in the order
received. The map's keys stand in the order shown and every number and length takes its shortest form, so equal
frames give equal bytes; their SHA-256, taken before compression, is the identity of the frames.

This is the one format module that needs packages; both are imported when first used.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sfm_archive.errors import BadInput
from sfm_archive.model.frames import A5Frame

FORMAT_NAME = "sfm-archive a5 frames"
FORMAT_VERSION = 1
CODEC = "zstd"

MAX_LOGICAL_SIZE = 64 * 1024 * 1024
"""A unit's whole memory is smaller; a blob that announces more is refused before memory is spent."""

MAX_FRAMES = 200_000

_KEYS = 3
_TYPES = (int, int, int, bytes, int, bool)
_COMPRESSION_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBlob:
    """A serialised stream: `data` as stored, with the identity and size of the bytes before compression."""

    format_version: int
    codec: str
    sha256: str
    logical_size: int
    frame_count: int
    data: bytes


def serialise_frames(frames: Sequence[A5Frame]) -> bytes:
    """The logical bytes of format 1, uncompressed."""
    import msgpack

    packed: bytes = msgpack.packb({"format": FORMAT_NAME, "version": FORMAT_VERSION, "frames": list(frames)})
    return packed


def pack_frames(frames: Sequence[A5Frame]) -> FrameBlob:
    """Serialise, hash and compress frames. Raises BadInput when they are more than a blob may hold."""
    logical = serialise_frames(frames)
    if len(logical) > MAX_LOGICAL_SIZE or len(frames) > MAX_FRAMES:
        raise BadInput(
            f"{len(frames):,} frames of {len(logical):,} bytes: this program keeps up to {MAX_FRAMES:,} frames of "
            f"{MAX_LOGICAL_SIZE:,} bytes of one event; nothing was stored"
        )
    return FrameBlob(
        format_version=FORMAT_VERSION,
        codec=CODEC,
        sha256=hashlib.sha256(logical).hexdigest(),
        logical_size=len(logical),
        frame_count=len(frames),
        data=compress(logical),
    )


def unpack_frames(blob: FrameBlob) -> tuple[A5Frame, ...]:
    """The frames of a stored blob; its hash is checked first.

    Raises BadInput when format or codec is unknown, or the bytes are not what was stored.
    """
    if blob.format_version != FORMAT_VERSION:
        raise BadInput(
            f"frame blob format {blob.format_version} is not known here (this package reads {FORMAT_VERSION}); "
            "a newer sfm-archive may read it"
        )
    logical = decompress(blob.data, blob.codec, blob.logical_size)
    found = hashlib.sha256(logical).hexdigest()
    if found != blob.sha256:
        raise BadInput(f"the frames hash to {found[:12]}…, recorded was {blob.sha256[:12]}…")
    return deserialise_frames(logical)


def deserialise_frames(logical: bytes) -> tuple[A5Frame, ...]:
    """The inverse of `serialise_frames`. Raises BadInput on anything that format 1 does not say."""
    import msgpack

    try:
        document = msgpack.unpackb(logical, max_array_len=MAX_FRAMES, max_map_len=16, max_ext_len=0)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise BadInput(f"the frame blob is not MessagePack as format 1 writes it: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT_NAME:
        raise BadInput("the frame blob holds something else than A5 frames")
    version, frames = document.get("version"), document.get("frames")
    if type(version) is not int or version != FORMAT_VERSION:
        raise BadInput(f"the frame blob says version {version!r}; this package reads {FORMAT_VERSION}")
    if not isinstance(frames, list) or len(document) != _KEYS:
        raise BadInput("the frame blob's map has not the three keys of format 1")
    if not _are_frames(frames):
        for number, fields in enumerate(frames):
            if not _are_frames([fields]):
                raise BadInput(f"frame {number} of the blob has not the six fields of format 1")
    return tuple(map(_frame, frames))


_frame = partial(tuple.__new__, A5Frame)


def _are_frames(frames: list[Any]) -> bool:
    """Whether each has the six fields of format 1, looked at field by field."""
    if not set(map(type, frames)) <= {list} or not set(map(len, frames)) <= {len(_TYPES)}:
        return False
    return not frames or all(
        set(map(type, values)) == {kind} and (kind is not int or 0 <= min(values) <= max(values) <= 255)
        for values, kind in zip(zip(*frames, strict=True), _TYPES, strict=True)
    )


def compress(logical: bytes) -> bytes:
    """One Zstandard frame that states its content's size."""
    packed: bytes = _coders().compressor.compress(logical)
    return packed


def decompress(data: bytes, codec: str, logical_size: int) -> bytes:
    """The bytes that `compress` was given.

    The announced size is checked against `logical_size` and the limit before any memory is spent on it.
    Raises BadInput when codec, size or bytes are not right.
    """
    if codec != CODEC:
        raise BadInput(f"codec {codec!r} is not known here; a newer sfm-archive may read it")
    if not 0 <= logical_size <= MAX_LOGICAL_SIZE:
        raise BadInput(f"a size of {logical_size} bytes is recorded; at most {MAX_LOGICAL_SIZE} are read")
    import zstandard

    try:
        announced = zstandard.frame_content_size(data)
        if announced != logical_size:
            raise BadInput(f"the compressed bytes announce {announced} bytes, recorded are {logical_size}")
        logical: bytes = _coders().decompressor.decompress(data, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadInput(f"the compressed bytes cannot be read: {error}") from error
    return logical


def decompress_at_most(data: bytes, codec: str, most: int) -> bytes:
    """Bytes of which the size is only announced, up to `most`. Raises BadInput as `decompress`."""
    import zstandard

    try:
        announced = zstandard.frame_content_size(data)
    except zstandard.ZstdError as error:
        raise BadInput(f"the compressed bytes cannot be read: {error}") from error
    if not 0 <= announced <= most:
        raise BadInput(f"the compressed bytes announce {announced} bytes; at most {most} belong there")
    return decompress(data, codec, announced)


@cache
def _coders() -> Any:
    """The compressor and the decompressor of each thread."""
    import zstandard

    class Coders(threading.local):
        def __init__(self) -> None:
            self.compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)
            # The window a stream may ask for is bounded like the content itself (2**26 bytes).
            self.decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_LOGICAL_SIZE)

    return Coders()
