"""Keep a limited part of a node's output, with secrets masked."""

from __future__ import annotations

from stentor.journal.operation import Kept

MASK = b"[secret]"


class Keeper:
    """Takes the chunks of one stream and keeps its beginning and its end within a limit.

    A secret may be split over chunks, so the last bytes that could begin one are held back
    until more comes. Memory is bounded by twice the limit.
    """

    def __init__(self, limit: int, secrets: tuple[bytes, ...] = ()) -> None:
        self._head_size = limit - limit // 2
        self._tail_size = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        # The longest first: a secret may be the beginning of another.
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)
        if self._secrets:
            import re  # not at every start

            self._pattern = re.compile(b"|".join(re.escape(secret) for secret in self._secrets))
        self._held = b""

    def feed(self, data: bytes) -> None:
        """Take a chunk."""
        if self._secrets:
            data = self._masked(self._held + data)
        self._store(data)

    def kept(self) -> Kept:
        """End the stream and return what is kept of it."""
        if self._held:
            self._store(self._pattern.sub(MASK, self._held))
            self._held = b""
        del self._tail[: max(0, len(self._tail) - self._tail_size)]
        data = bytes(self._head + self._tail)
        return Kept(data, len(self._head), self._total - len(data))

    def _masked(self, data: bytes) -> bytes:
        """Mask complete secrets; hold back what may be the beginning of another."""
        longest = len(self._secrets[0])
        open_at = next(
            (
                start
                for start in range(max(0, len(data) - longest + 1), len(data))
                if any(secret.startswith(data[start:]) for secret in self._secrets)
            ),
            len(data),
        )
        done, end = bytearray(), 0
        for match in self._pattern.finditer(data):
            if match.start() >= open_at:
                break
            done += data[end : match.start()] + MASK
            end = match.end()
        stop = max(open_at, end)
        self._held = data[stop:]
        return bytes(done + data[end:stop])

    def _store(self, data: bytes) -> None:
        self._total += len(data)
        room = self._head_size - len(self._head)
        self._head += data[:room]
        data = data[room:]
        self._tail += data[-self._tail_size :]
        if len(self._tail) > 2 * self._tail_size:
            del self._tail[: len(self._tail) - self._tail_size]
