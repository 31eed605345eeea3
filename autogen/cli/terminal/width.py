"""Width of the tables on the terminal."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

#: No table of a command is wider, in characters.
_WIDEST = 1000


def widen(console: Console, table: Table) -> None:
    """Give a console the width of a table: a narrow terminal wraps its lines instead of cutting its cells."""
    wide = Measurement.get(console, console.options.update(max_width=_WIDEST), table)
    console.width = max(console.width, 100, wide.maximum)
