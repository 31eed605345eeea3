"""What a command is doing before its study begins: shown at once, before anything heavy is imported."""

import sys
from types import TracebackType
from typing import Self


class Opening:
    """Says what is loaded and read on a terminal, in one line that is replaced.

    Elsewhere it says nothing: there an error is one line and no more, and the columns of the data come first.

    Args:
        silent: True to show nothing.
    """

    def __init__(self, silent: bool) -> None:
        self._silent = silent or not sys.stderr.isatty()
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def say(self, doing: str) -> None:
        """Show what is being done."""
        if self._silent:
            return
        self.clear()
        self._width = len(doing)
        sys.stderr.write(doing)
        sys.stderr.flush()

    def clear(self) -> None:
        """Remove the line from a terminal."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0
