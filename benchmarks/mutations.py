"""Whether a test fails when a module that bears a promise is changed in one place.

    python -m benchmarks.mutations [--named] [--survivors] [--count 200] [--seed 0] [--modules PART ...]

``--named`` applies the faults of ``benchmarks/mutants/named.py``, each of which must be noticed. Else single
mutations are drawn by the seed, from each module in proportion to how many it has. Each is applied to a copy
of the checkout in a temporary folder; then the tests of ``benchmarks/mutants/modules.py`` run, the fast ones
first, until one fails. ``--survivors`` tries those again that survived when the results were written.
``results/mutations.json`` has, by module, how many were tried and killed and which survived, and apart from
these the ones that change nothing, each with the reason.
"""

import argparse
import itertools
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
        return {"line": self.mutation.line, "text": self.text, "change": self.mutation.change}


def drawn(count: int, seed: int, modules: Iterable[str]) -> list[Mutant]:
    """Draw mutants of modules: about so many, in proportion to what there are, without those explained."""
    pools = {module: [one for one in mutants(module) if one.key not in EQUIVALENT] for module in modules}
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


def survivors(known: dict[str, Any]) -> list[Mutant]:
    """Find the mutants that survived when the results were written."""
    wanted = {
        (module, one["text"], one["change"])
        for module, found in known.get("random", {}).get("modules", {}).items()
        for one in found["survivors"]
    }
    modules = dict.fromkeys(module for module, _, _ in wanted)
    every = {one.key: one for module in modules for one in mutants(module)}
    return [every[key] for key in wanted if key in every and key not in EQUIVALENT]


class Checked:
    """Runs the tests of modules without a change, once, and limits how long a mutant's may take.

    Args:
        workshop: Where they run.
    """

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._seconds: dict[Tests, float] = {}

    def limit(self, module: str) -> None:
        """Set the limit for a module.

        Raises:
            SystemExit: a test fails that should pass.
        """
        shop, tests = self.workshop, MODULES[module]
        if tests not in self._seconds:
            file, began = f"autogen/{module}", time.monotonic()
            shop.most = Workshop.most
            if shop.notices(file, shop.read(file), tests.groups):
                raise SystemExit(f"the tests of {module} fail without a mutation:\n{shop.log()}")
            self._seconds[tests] = time.monotonic() - began
            print(f"{self._seconds[tests]:13.1f} s  tests of {module}", flush=True)
        shop.most = max(LEAST_LIMIT, TIMES * self._seconds[tests])


def run_named(workshop: Workshop, wanted: str) -> dict[str, Any]:
    """Try the named faults whose names or files hold a text."""
    killed, left, checked = 0, list[str](), Checked(workshop)
    for fault in NAMED:
        if wanted not in f"{fault.what} {fault.file}":
            continue
        checked.limit(fault.file)
        file = f"autogen/{fault.file}"
        noticed = workshop.notices(file, fault.apply(workshop.read(file)), MODULES[fault.file].groups)
        killed += noticed
        left += [] if noticed else [fault.what]
        print("killed  " if noticed else "SURVIVES", fault.what, flush=True)
    return {"tried": killed + len(left), "killed": killed, "survivors": left}


def run_drawn(workshop: Workshop, chosen: Iterable[Mutant]) -> Iterator[dict[str, Any]]:
    """Try mutants; after each one the figures of all modules so far."""
    modules, checked = dict[str, Any](), Checked(workshop)
    for one in chosen:
        checked.limit(one.module)
        found = modules.setdefault(one.module, {"tried": 0, "killed": 0, "survivors": []})
        file = f"autogen/{one.module}"
        source = one.mutation.apply(workshop.read(file))
        began = time.monotonic()
        noticed = workshop.notices(file, source, MODULES[one.module].groups)
        found["tried"] += 1
        found["killed"] += noticed
        if not noticed:
            reason = {"kept": KEPT[one.key]} if one.key in KEPT else {}
            found["survivors"].append(one.told() | reason)
        mark = "killed  " if noticed else "SURVIVES"
        where = f"{one.module}:{one.mutation.line}"
        print(f"{mark} {time.monotonic() - began:4.1f} s  {where}  {one.mutation.change}", flush=True)
        yield {
            "tried": sum(one["tried"] for one in modules.values()),
            "killed": sum(one["killed"] for one in modules.values()),
            "modules": modules,
        }


def main() -> None:
    """Try mutations, and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--named", action="store_true", help="the faults by name")
    parser.add_argument("--survivors", action="store_true", help="those that survived the last time")
    parser.add_argument("--count", type=int, default=200, help="about how many mutations (200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", nargs="*", default=[""], help="parts of paths, or of names of faults")
    parser.add_argument("--dry", action="store_true", help="print the mutations that would be tried")
    given = parser.parse_args()
    path = FOLDER / "mutations.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    chosen = [module for module in MODULES if any(part in module for part in given.modules)]
    tried = survivors(known) if given.survivors else drawn(given.count, given.seed, chosen)
    if given.dry:
        for one in tried:
            print(f"{one.module}:{one.mutation.line}  {one.mutation.change}\n    {one.text}")
        return
    partial = given.modules != [""] or given.survivors
    with TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        if given.named:
            figures = {"named": run_named(workshop, given.modules[0])}
            print(f"{figures['named']['killed']} of {figures['named']['tried']} killed")
        else:
            figures = {}
            for found in run_drawn(workshop, tried):
                figures = {"random": {"seed": given.seed} | found}
                if not partial:
                    keep(known, figures)
            print(f"{figures['random']['killed']} of {figures['random']['tried']} killed")
    if not partial:
        keep(known, figures)


def keep(known: dict[str, Any], figures: dict[str, Any]) -> None:
    """Write figures beside those of the other part that are known."""
    parts = {name: known[name] for name in ("named", "random") if name in known} | figures
    explained = [
        {"module": module, "text": text, "change": change, "why": why}
        for (module, text, change), why in EQUIVALENT.items()
    ]
    save("mutations", dict(itertools.chain(sorted(parts.items()), [("equivalent", explained)])))


if __name__ == "__main__":
    main()
