"""What a submission wrote past Python's streams, by C code and by subprocesses, cell by cell.

Anybody inside can write the mark that ends a cell. So a number that is no cell's is worth nothing,
and what is kept is bounded: of a cell, however often it ends, and of all cells together.
"""

from __future__ import annotations

from autograder.grading.sandbox import protocol

MOST_IN_ALL = 40  # cells' worth of one stream of a try; honest notebooks have less than one


class Raw:
    """One of the two streams during one try.

    Parameters
    ----------
    limit : bytes kept of one cell
    cells : how many cells there are

    Attributes
    ----------
    of : cell → its text
    """

    def __init__(self, limit: int, cells: int):
        self.limit, self.cells = limit, cells
        self.of: dict[int, str] = {}
        self._kept: dict[int, int] = {}  # cell → bytes
        self._left = limit * MOST_IN_ALL
        self._head, self._tail, self._dropped = bytearray(), bytearray(), 0

    def take(self, data: bytes) -> None:
        """The next bytes of the stream."""
        self._tail += data
        while marked := protocol.MARKED.search(self._tail):
            number, length = int(marked[1]), len(marked[0])
            self._keep(marked.start())
            del self._tail[:length]
            self._flush(number)
        self._keep(max(len(self._tail) - 32, 0))  # a mark may have come in part

    def end(self, number: int) -> None:
        """Nothing more comes; what is left was written in this cell, or after it."""
        self._keep(len(self._tail))
        self._flush(number)

    def _keep(self, count: int) -> None:
        """Move `count` bytes from the tail to the head, where there is room."""
        room = max(self.limit - len(self._head), 0)
        self._head += self._tail[: min(count, room)]
        self._dropped += max(count - room, 0)
        del self._tail[:count]

    def _flush(self, number: int) -> None:
        """What is there belongs to this cell."""
        held, dropped = bytes(self._head), self._dropped
        self._head.clear()
        self._dropped = 0
        if number >= self.cells:
            return
        before = self._kept.get(number, 0)
        if before > self.limit:  # it was said already that there is more
            return
        room = min(self.limit - before, self._left)
        dropped += max(len(held) - room, 0)
        held = held[:room]
        self._left -= len(held)
        self._kept[number] = before + len(held)
        text = held.decode("utf-8", "replace")
        if dropped:
            text += f"\n[{dropped:,} more bytes of this cell were left out]\n"
            self._kept[number] = self.limit + 1
        if text:
            self.of[number] = self.of.get(number, "") + text
