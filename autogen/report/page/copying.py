"""Evidence of copying: the hard tests' figures, distances, and the nearest training samples themselves."""

from autogen.report.contents import Nearest, ReportData, Rows
from autogen.report.figures.verdict import distances
from autogen.report.hard_tests import Memorization
from autogen.report.markup import Content, cell, picture, table, tag
from autogen.report.page.figure import drawn
from autogen.report.page.music import tunes
from autogen.report.result import Result
from autogen.report.verdict import chance, noticed, number

#: Share of samples nearer to train above which copying is no longer excused as small.
GATE = 0.55
#: Share of all but equal samples below which it is not refused for them.
TOLERATED = 0.05
#: Share of near duplicates beyond those of real samples below which a model is not refused for them.
REPEATS = 0.1


def copying(page: ReportData) -> list[Content]:
    """The winner's memorization and diversity tests, beside those of the baselines that bound it."""
    result = page.result
    if result is None:
        return []
    if result.memorisation is None:
        return ["Not tested."]
    near = page.nearest
    shown = [drawn(distances(near), "distances"), *_neighbours(near)] if near else []
    return [_told(result, result.memorisation), *_records(result), *_repeated(result), *shown]


def _told(result: Result, found: Memorization) -> Content:
    verb = "passes" if found.passed else "fails"
    share, p_value = 100 * found.share, chance(found.p_value)
    text = (
        f"{share:.0f} % of the generated samples lie nearer to a training sample than to any of equally "
        f"many real samples that no model has seen. A generator that copies nothing has about 50 %, the "
        f"mark on the bars; above {100 * GATE:.0f} %, and beyond chance (p {p_value} here, limit 0.01), "
        f"it is refused. This one {verb}.{_copied(found)}{_power(found)}"
    )
    entries = [("the best model", found)]
    entries += [(one.name, one.memorisation) for one in result.baselines if one.memorisation]
    rows = [_row(name, entry) for name, entry in entries]
    header = ("", "Share nearer to train", "", "p", "Memorization test")
    return tag("div", tag("p", text), table(header, rows, numbers=(1, 3)))


def _power(found: Memorization) -> str:
    """What the test would have found, where the record tells."""
    if found.samples is None:
        return ""
    return f" With a probability of .8 the test would have noticed {noticed(found.found_from)}."


def _records(result: Result) -> list[Content]:
    """Distances to the closest training records, the samples' beside those of unseen real ones."""
    found = result.memorisation
    if found is None or found.dcr is None or found.nndr is None:
        return []
    named = {
        "Distance to the closest record (DCR)": found.dcr,
        "Nearest-neighbor distance ratio (NNDR)": found.nndr,
    }
    rows = [
        (name, *map(number, (d.samples.p5, d.holdout.p5, d.samples.median, d.holdout.median)))
        for name, d in named.items()
    ]
    header = ("", "5th percentile", "of unseen real ones", "Median", "of unseen real ones")
    return [table(header, rows, numbers=(1, 2, 3, 4))]


def _repeated(result: Result) -> list[Content]:
    """Result of the diversity test."""
    found = result.diversity
    if found is None:
        return []
    verb, p_value = "passes" if found.passed else "fails", chance(found.p_value)
    text = (
        f"Diversity: {found.near_duplicates} of {found.samples} samples are near duplicates of other "
        f"samples, against {found.real_near_duplicates} of as many real ones. A model is refused whose "
        f"excess is above {100 * REPEATS:.0f} % of the samples, beyond chance (p {p_value} here, limit "
        f"0.002). This one {verb}. With a probability of .8 the test would have noticed a model that has no "
        f"more than {found.found_up_to:,} different samples."
    )
    return [tag("p", text)]


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
