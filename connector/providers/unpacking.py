"""The body of an answer, unpacked a piece at a time: never more than was asked for.

We ask for gzip alone. Another encoding, several of them, bytes behind the end and an
end that is missing all make an answer that cannot be trusted.
"""

import zlib
from collections.abc import Iterator

PIECE = 1024 * 1024
_GZIP = 31


class Untrusted(Exception):
    """This is no answer that can be trusted; the text says why."""


def packed(encodings: str) -> bool:
    """Say whether a body is packed, by what Content-Encoding names."""
    named = [encoding.strip().lower() for encoding in encodings.split(",")]
    if len(named) > 1 or named[0] not in ("", "identity", "gzip", "x-gzip"):
        raise Untrusted("the answer is packed in a way that was not asked for")
    return named[0] in ("gzip", "x-gzip")


class Body:
    """Takes the bytes of a body as they come, and gives what is in them."""

    def __init__(self, *, gzip: bool) -> None:
        self._unzip = zlib.decompressobj(_GZIP) if gzip else None
        self._begun = False

    def fed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what these bytes unpack to, in pieces of bounded size."""
        if self._unzip is None:
            yield chunk
            return
        while chunk:
            self._begun = True
            if self._unzip.eof:
                raise Untrusted("bytes follow the end of the packed answer")
            yield _piece(self._unzip, chunk)
            chunk = self._unzip.unconsumed_tail or self._unzip.unused_data

    def rest(self) -> bytes:
        """Return what is left at the end; Untrusted where the end is missing."""
        if self._unzip is None or not self._begun:
            return b""
        left = _piece(self._unzip, b"")
        if not self._unzip.eof:
            raise Untrusted("the packed answer is cut off")
        return left


def _piece(unzip: "zlib._Decompress", chunk: bytes) -> bytes:
    try:
        return unzip.decompress(chunk, PIECE)
    except zlib.error:
        raise Untrusted("the packed answer cannot be unpacked") from None
