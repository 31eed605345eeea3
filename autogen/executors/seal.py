"""Messages between processes, unpickled only where the sender has the key: unpickling can run code."""

import hashlib
import hmac
import pickle
from typing import Any

_SIZE = 32  # bytes of a signature


class ForeignMessageError(Exception):
    """A message that was not sealed with the key, which is left as it is."""


class Seal:
    """Signs what is sent to another process, and opens nothing that is signed otherwise.

    Args:
        key: secret that both processes know, up to 64 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, content: bytes | memoryview) -> bytes:
        """Compute the signature of bytes, by BLAKE2 with the key (Aumasson 2013)."""
        return hashlib.blake2b(content, key=self._key, digest_size=_SIZE).digest()

    def check(self, content: bytes | memoryview, signature: bytes) -> None:
        """Compare bytes with their signature. Raises ``ForeignMessageError`` if it is another's."""
        if not hmac.compare_digest(self.sign(content), signature):
            raise ForeignMessageError("a message without the key of this study was refused")

    def pack(self, message: object) -> bytes:
        """Pickle and sign a message."""
        content = pickle.dumps(message)
        return self.sign(content) + content

    def unpack(self, sealed: bytes) -> Any:
        """Unpickle a message of ``pack``.

        Raises:
            ForeignMessageError: it was not sealed with the key; nothing of it is unpickled.
        """
        content = memoryview(sealed)[_SIZE:]
        self.check(content, sealed[:_SIZE])
        return pickle.loads(content)  # noqa: S301 - signed by one of us
