"""The hard tests on the page: figures, distances, and the nearest training samples themselves."""

from autogen.errors import agreed
from autogen.report.contents import Nearest, ReportData, Rows
from autogen.report.figures.verdict import distances
from autogen.report.hard_tests import GATE, TOLERATED, Memorization, noticed
from autogen.report.markup import Content, cell, picture, table, tag
from autogen.report.page.figure import drawn
from autogen.report.page.music import tunes
from autogen.report.result import Result
from autogen.report.scores import chance, number
from autogen.report.verdict import called

#: Share of near duplicates, beyond those of real samples, above which a model is refused.
REPEATS = 0.1


def copying(page: ReportData) -> list[Content]:
    """The hard tests of the delivered model beside the memorization tests of the baselines."""
    result = page.result
    if result is None:
        return []
    if result.memorisation is None:
        return ["Not tested."]
    near = page.nearest
    shown = [drawn(distances(near), "distances"), *_neighbors(near)] if near else []
    return [_memorization(result, result.memorisation), *_distances(result), *_diversity(result), *shown]


def _memorization(result: Result, found: Memorization) -> Content:
    verb = "passes" if found.passed else "fails"
    share, p_value = 100 * found.share, chance(found.p_value)
    text = (
        f"{share:.0f} % of the generated samples lie nearer to a training sample than to any of equally many "
        "unseen real samples. A generator that copies nothing has about 50 %, the mark on the bars. It is "
        f"refused above {100 * GATE:.0f} %, if chance does not explain that (p {p_value} here, limit 0.01)."
        f"{_copied(found)} This one {verb}.{_power(found)}"
    )
    entries = [("the delivered model", found)]
    entries += [
        (called(one), one.memorisation)
        for one in result.finalists
        if one.memorisation and not one.memorisation.passed and one.trial != result.best.trial
    ]
    entries += [(one.name, one.memorisation) for one in result.baselines if one.memorisation]
    rows = [_row(name, entry) for name, entry in entries]
    header = ("", "Share nearer to train", "", "p", "Copied", "p", "Memorization test")
    return tag("div", tag("p", text), table(header, rows, numbers=(1, 3, 4, 5)))


def _power(found: Memorization) -> str:
    """Sentence on the power of the test; empty for files of the first autogen."""
    if found.samples is None:
        return ""
    return f" Power: with a probability of 80 % the test would refuse {noticed(found.found_from)}."


def _distances(result: Result) -> list[Content]:
    """A table of DCR and NNDR, of samples beside those of unseen real ones."""
    found = result.memorisation
    if found is None or found.dcr is None or found.nndr is None:
        return []
    named = {
        "Distance to the closest record (DCR)": found.dcr,
        "Nearest-neighbor distance ratio (NNDR)": found.nndr,
    }
    rows = [
        (f"{name}, {level}", number(samples), number(unseen))
        for name, d in named.items()
        for level, samples, unseen in (
            ("5th percentile", d.samples.p5, d.holdout.p5),
            ("median", d.samples.median, d.holdout.median),
        )
    ]
    header = ("", "Samples", "Unseen real samples")
    text = (
        "DCR is the distance from a sample to the closest training sample. NNDR divides it by the distance "
        "to the second closest one: near 0, it sits on one of them; near 1, it lies between two. Samples "
        "should have about the values of unseen real ones. Much smaller ones, above all at the 5th "
        "percentile, are a sign of copies, unless short or common samples are equal by chance."
    )
    return [table(header, rows, numbers=(1, 2)), tag("p", text, class_="caption")]


def _diversity(result: Result) -> list[Content]:
    """Result of the diversity test."""
    found = result.diversity
    if found is None:
        return []
    verb, p_value = "passes" if found.passed else "fails", chance(found.p_value)
    text = (
        f"Diversity: {found.near_duplicates} of {found.samples} samples "
        f"{agreed(found.near_duplicates, 'is a near duplicate', 'are near duplicates')} of other samples, "
        f"against {found.real_near_duplicates} of as many real ones. A model is refused if the "
        f"difference is above {100 * REPEATS:.0f} % of the samples and chance does not explain it (p "
        f"{p_value} here, limit 0.002). This one {verb}. Power: with a probability of 80 % the test would "
        f"refuse a model that draws at most {found.found_up_to:,} different samples."
    )
    return [tag("p", text)]


def _copied(found: Memorization) -> str:
    """Sentence on the samples nearly equal to training rows; empty for files of the first autogen."""
    if found.copied is None:
        return ""
    share, p_value = 100 * max(0.0, found.copied), chance(found.copied_p_value)
    return (
        f" About {share:.1f} % of its samples are nearly equal to a training sample, beyond the share of "
        f"unseen ones (p {p_value}); more than {100 * TOLERATED:.0f} %, beyond chance, is refused too."
    )


def _row(name: str, entry: Memorization) -> tuple[Content, ...]:
    bar = tag("span", tag("i", style=f"width:{100 * entry.share:.0f}%"), class_="share")
    word, mood = ("passed", "good") if entry.passed else ("refused", "bad")
    pill = tag("span", word, class_=f"pill {mood}")
    copied = "–" if entry.copied is None else f"{100 * max(0.0, entry.copied):.0f} %"
    near = f"{entry.share:.2f}", bar, chance(entry.p_value)
    return name, *near, copied, chance(entry.copied_p_value), pill


def _neighbors(near: Nearest) -> list[Content]:
    """Generated samples beside the training samples nearest to them, the nearest pair first."""
    about = (
        f"The {near.count} of {len(near.generated)} generated samples that lie nearest to the training data, "
        f"each with the training sample nearest to it, which is real data."
    )
    if near.pairs is None:
        return []
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
    """Two lines for each pair, generated and real; equal cells are bold."""
    lines: list[list[Content]] = []
    for fake, real in zip(rows.rows[::2], rows.rows[1::2], strict=True):
        same = [str(a) == str(b) for a, b in zip(fake, real, strict=True)]
        lines += [[name, *(tag("b", cell(value)) if alike else cell(value)
                           for value, alike in zip(row, same, strict=True))]
                  for name, row in (("generated", fake), ("nearest", real))]  # fmt: skip
    return table(("", *rows.header), lines)
