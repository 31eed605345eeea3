"""Evidence of memorisation: the gate's figures, distances, and the nearest training samples themselves."""

from autogen.report.contents import Nearest, ReportData, Rows
from autogen.report.figures.verdict import distances
from autogen.report.markup import Content, cell, picture, table, tag
from autogen.report.page.figure import drawn
from autogen.report.page.music import tunes
from autogen.report.result import Result
from autogen.report.schema import Memorization
from autogen.report.verdict import chance

#: Share of samples nearer to train above which copying is no longer excused as small.
GATE = 0.55
#: Share of all but equal samples below which it is not refused for them.
TOLERATED = 0.05


def copying(page: ReportData) -> list[Content]:
    """What is known of the winner's copying, and of the baselines that bound it."""
    result = page.result
    if result is None:
        return []
    if result.memorisation is None:
        return ["Not tested."]
    near = page.nearest
    shown = [drawn(distances(near), "distances"), *_neighbours(near)] if near else []
    return [_told(result, result.memorisation), *shown]


def _told(result: Result, found: Memorization) -> Content:
    verb = "passes" if found.passed else "fails"
    share, p_value = 100 * found.share, chance(found.p_value)
    text = (
        f"{share:.0f} % of the generated samples lie nearer to a training sample than to any of equally "
        f"many real samples that no model has seen. A generator that copies nothing has about 50 %, the "
        f"mark on the bars; above {100 * GATE:.0f} %, and beyond chance (p {p_value} here, limit 0.01), "
        f"it is refused. This one {verb}.{_copied(found)}"
    )
    entries = [("the best model", found)]
    entries += [(one.name, one.memorisation) for one in result.baselines if one.memorisation]
    rows = [_row(name, entry) for name, entry in entries]
    header = ("", "Share nearer to train", "", "p", "Gate")
    return tag("div", tag("p", text), table(header, rows, numbers=(1, 3)))


def _copied(found: Memorization) -> str:
    """The gate's second question, where the record answers it."""
    if found.copied is None:
        return ""
    share, p_value = 100 * max(0.0, found.copied), chance(found.copied_p_value)
    return (
        f" About {share:.1f} % of its samples are all but equal to a training sample, beyond what unseen "
        f"ones explain (p {p_value}): more than {100 * TOLERATED:.0f} %, beyond chance, would be refused too."
    )


def _row(name: str, entry: Memorization) -> tuple[Content, ...]:
    bar = tag("span", tag("i", style=f"width:{100 * entry.share:.0f}%"), class_="share")
    word, mood = ("passed", "good") if entry.passed else ("refused", "bad")
    pill = tag("span", word, class_=f"pill {mood}")
    return name, f"{entry.share:.2f}", bar, chance(entry.p_value), pill


def _neighbours(near: Nearest) -> list[Content]:
    """Generated samples beside the training samples nearest to them, the nearest of all first."""
    about = (
        f"The {near.count} generated samples that lie nearest to the training data, each with the training "
        f"sample nearest to it, out of {len(near.generated)} that were looked at."
    )
    if isinstance(near.pairs, bytes):
        says = f"{near.count} generated images, each followed by the training image nearest to it"
        words = "From left to right, in pairs: a generated image, then its nearest training image."
        shown = tag("figure", picture(near.pairs, says), tag("figcaption", words), class_="nearest")
        return [tag("p", about), shown]
    if isinstance(near.pairs, tuple):
        sides = ("Generated", near.pairs[::2]), ("Nearest", near.pairs[1::2])
        both = (tag("div", tunes(name, side)) for name, side in sides)
        return [tag("p", about), tag("div", *both, class_="pair")]
    return [tag("p", about), tag("div", _pairs(near.pairs), class_="rows")]


def _pairs(rows: Rows) -> Content:
    """Two lines a pair, generated and real; what a pair has in common is set in bold."""
    lines: list[list[Content]] = []
    for fake, real in zip(rows.rows[::2], rows.rows[1::2], strict=True):
        same = [str(a) == str(b) for a, b in zip(fake, real, strict=True)]
        lines += [[name, *(tag("b", cell(value)) if alike else cell(value)
                           for value, alike in zip(row, same, strict=True))]
                  for name, row in (("generated", fake), ("nearest", real))]  # fmt: skip
    return table(("", *rows.header), lines)
