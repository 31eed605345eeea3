"""Whether a test fails when a module that bears a promise is changed in one place.

    python -m benchmarks.mutations [--named] [--survivors] [--count 220] [--seed 0] [--modules PART ...]

``--named`` applies the faults of ``benchmarks/mutants/named.py``, each of which must be noticed. Else single
mutations are drawn by the seed, from each module in proportion to how many it has. Each is applied to a copy
of the checkout in a temporary folder; then the tests of ``benchmarks/mutants/modules.py`` run, the fast ones
first, until one fails. ``--survivors`` tries those again that survived when the results were written, and
``--modules`` takes parts of paths, or of names of faults.

``results/mutations.json`` has, by module, how many were tried and killed, how many change nothing that can be
seen (not tried; with their reasons in ``benchmarks/mutants/modules.py``), and which survived.
"""

import argparse
import json
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.mutants.modules import EQUIVALENT, KEPT, MODULES, Tests
from benchmarks.mutants.named import NAMED
from benchmarks.mutants.operators import Mutation, mutations
from benchmarks.mutants.workshop import Workshop
from benchmarks.results import FOLDER, ROOT, save

#: Tests of a mutant have failed once they take so many seconds, and so many times those without a mutation.
LEAST_LIMIT, TIMES = 20.0, 5
#: Fewest mutations of a module.
FEWEST = 3


@dataclass(frozen=True)
class Mutant:
    """One mutation of one module.

    Attributes:
        module: Path below ``autogen``.
        mutation: The mutation.
        text: The line that it changes.
    """

    module: str
    mutation: Mutation
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Module, line and change: what identifies it when the file has changed elsewhere."""
        return self.module, self.text, self.mutation.change

    def told(self) -> dict[str, Any]:
        """What a reader needs to find it."""
        found = {"line": self.mutation.line, "text": self.text, "change": self.mutation.change}
        return found | ({"kept": KEPT[self.key]} if self.key in KEPT else {})


class Figures:
    """Figures of ``results/mutations.json``, which stay from one run to the next.

    Args:
        path: Path of the file.
    """

    def __init__(self, path: Path) -> None:
        known = json.loads(path.read_text()) if path.exists() else {}
        self.named: dict[str, list[str]] = known.get("named", {"killed": [], "survivors": []})
        self.drawn: dict[str, Any] = known.get("random", {"modules": {}})

    def note_fault(self, what: str, noticed: bool) -> None:
        """Note whether a fault by name was noticed; what it was before is forgotten."""
        for names in self.named.values():
            names[:] = [name for name in names if name != what]
        self.named["killed" if noticed else "survivors"].append(what)

    def note(self, one: Mutant, noticed: bool | None) -> None:
        """Note whether a mutant was noticed; ``None`` for one that changes nothing."""
        empty = {"tried": 0, "killed": 0, "equivalent": 0, "survivors": []}
        found = self.drawn["modules"].setdefault(one.module, empty)
        found["tried"] += noticed is not None
        found["killed"] += bool(noticed)
        found["equivalent"] += noticed is None
        if noticed is False:
            found["survivors"].append(one.told())

    def forget(self, one: Mutant) -> None:
        """Forget a survivor that is tried again."""
        found = self.drawn["modules"][one.module]
        same = [old for old in found["survivors"] if (old["text"], old["change"]) == one.key[1:]]
        if same:
            found["survivors"].remove(same[0])
            found["tried"] -= 1

    def survivors(self) -> list[Mutant]:
        """Find the mutants that survived; a line that is no longer there is forgotten."""
        found = []
        for module, figures in self.drawn["modules"].items():
            every = {one.key: one for one in mutants(module)}
            keys = [(module, one["text"], one["change"]) for one in figures["survivors"]]
            found += [every[key] for key in keys if key in every]
            gone = [key for key in keys if key not in every]
            figures["tried"] -= len(gone)
            figures["survivors"] = [
                one for one, key in zip(figures["survivors"], keys, strict=True) if key in every
            ]
        return found

    def write(self) -> None:
        """Write the file."""
        modules = self.drawn["modules"].values()
        totals = {name: sum(one[name] for one in modules) for name in ("tried", "killed", "equivalent")}
        explained = sum("kept" in old for one in modules for old in one["survivors"])
        order = {fault.what: place for place, fault in enumerate(NAMED)}
        named = {
            name: sorted((one for one in faults if one in order), key=order.__getitem__)
            for name, faults in self.named.items()
        }
        save(
            "mutations",
            {"named": named, "random": self.drawn | totals | {"survivors_with_a_reason": explained}},
        )


def drawn(count: int, seed: int, modules: Iterable[str]) -> list[Mutant]:
    """Draw mutants of modules: about so many, in proportion to what there are."""
    pools = {module: list(mutants(module)) for module in modules}
    total = sum(map(len, pools.values()))
    found = []
    for module, pool in pools.items():
        share = min(len(pool), max(FEWEST, round(count * len(pool) / total)))
        chosen = random.Random(f"{seed} {module}").sample(pool, share)
        found += sorted(chosen, key=lambda one: one.mutation.start)
    return found


def mutants(module: str) -> Iterator[Mutant]:
    """Yield all mutants of a module."""
    source = (ROOT / "autogen" / module).read_text()
    lines = source.splitlines()
    for mutation in mutations(source):
        yield Mutant(module, mutation, lines[mutation.line - 1].strip())


class Trials:
    """Tries mutants, after the tests of their module have passed once without a mutation.

    Args:
        workshop: Where the tests run.
    """

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._seconds: dict[Tests, float] = {}

    def notice(self, module: str, source: str, what: str) -> bool:
        """Tell if the tests of a module notice another source of it.

        Raises:
            SystemExit: a test fails that should pass.
        """
        began = self._checked(module)
        noticed = self.workshop.notices(f"autogen/{module}", source, MODULES[module].groups)
        print(
            f"{'killed  ' if noticed else 'SURVIVES'} {time.monotonic() - began:5.1f} s  {what}", flush=True
        )
        return noticed

    def _checked(self, module: str) -> float:
        """Run the tests as they are, once, and limit the time of mutants by theirs; returns the time."""
        shop, tests = self.workshop, MODULES[module]
        if tests not in self._seconds:
            file, began = f"autogen/{module}", time.monotonic()
            shop.most = Workshop.most
            if shop.notices(file, shop.read(file), tests.groups):
                raise SystemExit(f"the tests of {module} fail without a mutation:\n{shop.log()}")
            self._seconds[tests] = time.monotonic() - began
            print(f"         {self._seconds[tests]:5.1f} s  tests of {module}", flush=True)
        shop.most = max(LEAST_LIMIT, TIMES * self._seconds[tests])
        return time.monotonic()

    def faults(self, wanted: Iterable[str], figures: Figures) -> None:
        """Try the faults by name whose names or files hold one of the texts."""
        for fault in NAMED:
            if any(part in f"{fault.what} {fault.file}" for part in wanted):
                source = fault.apply(self.workshop.read(f"autogen/{fault.file}"))
                figures.note_fault(fault.what, self.notice(fault.file, source, fault.what))
                figures.write()
        print(f"{len(figures.named['killed'])} of {len(NAMED)} faults by name are noticed")

    def mutants(self, chosen: Iterable[Mutant], figures: Figures, again: bool) -> None:
        """Try mutants, but those that change nothing; or survivors again."""
        for one in chosen:
            source = one.mutation.apply(self.workshop.read(f"autogen/{one.module}"))
            what = f"{one.module}:{one.mutation.line}  {one.mutation.change}"
            noticed = None if one.key in EQUIVALENT else self.notice(one.module, source, what)
            if again:
                figures.forget(one)
            figures.note(one, noticed)
            figures.write()


def main() -> None:
    """Try mutations, and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--named", action="store_true", help="the faults by name")
    parser.add_argument("--survivors", action="store_true", help="those that survived the last time")
    parser.add_argument("--count", type=int, default=220, help="about how many mutations (220)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", nargs="*", default=[""], help="parts of paths, or of names of faults")
    parser.add_argument("--dry", action="store_true", help="print the mutations that would be tried")
    given = parser.parse_args()
    figures = Figures(FOLDER / "mutations.json")
    modules = [module for module in MODULES if any(part in module for part in given.modules)]
    if given.survivors:
        tried = [one for one in figures.survivors() if one.module in modules]
    else:
        tried = drawn(given.count, given.seed, modules)
    if given.dry:
        for one in tried:
            print(f"{one.module}:{one.mutation.line}  {one.mutation.change}\n    {one.text}")
        return
    with TemporaryDirectory() as folder:
        trials = Trials(Workshop(Path(folder)))
        if given.named:
            trials.faults(given.modules, figures)
            return
        if not given.survivors:
            kept = {} if given.modules == [""] else figures.drawn["modules"]
            kept = {module: found for module, found in kept.items() if module not in modules}
            figures.drawn = {"seed": given.seed, "modules": kept}
        trials.mutants(tried, figures, given.survivors)


if __name__ == "__main__":
    main()
