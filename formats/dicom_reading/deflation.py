"""Deflated DICOM files that would unfold to more than a film is: pydicom unfolds them whole."""

import struct
import zlib
from pathlib import Path

from formats.errors import InputError
from formats.film_reading.size import MAX_PIXELS

# The element of the transfer syntax, as long as this one is.
DEFLATED_SYNTAX = b"\x02\x00\x10\x00UI\x16\x001.2.840.10008.1.2.1.99"
META_START = 132
# The first element holds how many bytes of meta information follow it.
META_HEAD = struct.Struct("<HH2sHI")
# 16 bits a pixel, and whatever stands beside them.
MOST_BYTES = 2 * MAX_PIXELS + 2**24
PIECE_BYTES = 2**20


def check_unfolded_size(path: Path) -> None:
    """Refuse a deflated DICOM file that unfolds to more than any film; others pass.

    Raises:
        InputError: it does.
    """
    with path.open("rb") as file:
        head = file.read(META_START + META_HEAD.size)
        if head[META_START - 4 : META_START] != b"DICM" or len(head) < META_START + META_HEAD.size:
            return
        meta_bytes = META_HEAD.unpack(head[META_START:])[-1]
        if DEFLATED_SYNTAX not in file.read(min(meta_bytes, PIECE_BYTES)):
            return
        file.seek(META_START + META_HEAD.size + meta_bytes)
        unfolding = zlib.decompressobj(-zlib.MAX_WBITS)
        unfolded_bytes = 0
        while piece := unfolding.unconsumed_tail or file.read(PIECE_BYTES):
            try:
                unfolded_bytes += len(unfolding.decompress(piece, PIECE_BYTES))
            except zlib.error:
                # Reading it says what is wrong.
                return
            if unfolded_bytes > MOST_BYTES:
                raise InputError(
                    f"{path}: unfolds to more than {MOST_BYTES:,} bytes, which no film has; check "
                    "where the file comes from"
                )
