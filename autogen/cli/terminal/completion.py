"""Values that a shell completes: names of families, metrics, formats and the like, and folders of runs."""

import os
from collections.abc import Callable, Iterable
from glob import escape, glob
from pathlib import Path
from typing import Any, get_type_hints

from typer.models import ParameterInfo

from autogen import registry

#: Function from the beginning of a word to all words that it may become. None: the shell completes files.
Complete = Callable[[str], list[str]]
Words = Callable[[], Iterable[str]]


def _one(words: Words) -> Complete:
    """Complete one of several words."""

    def complete(incomplete: str) -> list[str]:
        return sorted(word for word in words() if word.startswith(incomplete))

    return complete


def _list(words: Words) -> Complete:
    """Complete the last word of a list with commas, with those that are not in it."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        taken = before.split(",")
        return [f"{before}{comma}{word}" for word in _one(words)(last) if word not in taken]

    return complete


def _registered(kind: str) -> Words:
    """Names of plug-ins of a kind, those of other packages among them."""
    return lambda: registry.names(kind)


def _metrics() -> Iterable[str]:
    from autogen.hpo.objective import COSTS

    return (*registry.names("metric"), *COSTS)


def _judges() -> Iterable[str]:
    return (name for name in registry.names("metric") if name.endswith((".judge", ".embedded")))


def _criteria() -> Iterable[str]:
    from autogen.judging.criteria import CRITERIA

    return (*CRITERIA, *(f"{name}.{by}" for name in CRITERIA for by in ("judge", "embedded")))


def _spaces() -> Iterable[str]:
    from autogen.hpo.space.shipped import space_names

    return space_names()


def _plans() -> Iterable[str]:
    from autogen.benchmarking.shipped import plan_names

    return plan_names()


def _formats() -> Iterable[str]:
    from autogen.exporting.formats import FORMATS

    return FORMATS


def _paths(start: str, below: str) -> list[str]:
    """Paths that begin with a text, as they are written there (``./a`` stays so), and have a path below."""
    return glob(f"{escape(start)}{below}")  # noqa: PTH207 - Path drops a leading ./


def _data(incomplete: str) -> list[str]:
    """Complete built-in names, beside files and folders."""
    from autogen.data.builtin import IMAGE_SETS, TABLE_SETS

    found = _one(lambda: (*IMAGE_SETS, *TABLE_SETS))(incomplete)
    return found and found + sorted(_paths(incomplete, "*"))


def _runs(incomplete: str) -> list[str]:
    """Complete folders of runs, at most two folders below what is written."""
    below = ("*/study.toml", "*/*/study.toml", "*/*/*/study.toml")
    found = [path for one in below for path in _paths(incomplete, one)]
    return sorted({str(Path(path).parent) for path in found})


#: How the value of a parameter is completed, by its name, or by command and name where that says more.
COMPLETE: dict[str, Complete] = {
    **dict.fromkeys(("run.data", "inspect.data"), _data),
    **dict.fromkeys(("run", "runs", "init_from", "learn_from"), _runs),
    "kind": _one(_registered("data")),
    "space": _one(_spaces),
    "show": _one(_spaces),
    "plan": _one(_plans),
    "families": _list(_registered("family")),
    "objective": _list(_metrics),
    "metric": _list(_registered("metric")),
    "judge.metric": _list(_criteria),
    "judge": _list(_judges),
    "features": _one(_registered("features")),
    "sampler": _one(_registered("sampler")),
    "pruner": _one(_registered("pruner")),
    "executor": _one(_registered("executor")),
    "track": _one(_registered("tracker")),
    "form": _one(_formats),
    "device": _one(lambda: ("cpu", "cuda")),
    "retrain": _one(lambda: ("auto", "no")),
    "embeddings": _one(lambda: ("minilm", "tfidf-svd")),
}


def completing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the parameters of a command the functions that complete their values."""
    for name, hint in get_type_hints(command, include_extras=True).items():
        complete = COMPLETE.get(f"{command.__name__}.{name}") or COMPLETE.get(name)
        for info in getattr(hint, "__metadata__", ()):
            if complete and isinstance(info, ParameterInfo):
                info.autocompletion = complete
    return command


def join_cut_words() -> None:
    """Join ``--option=value`` of a line that bash asks about, which bash cuts at the sign."""
    if not os.environ.get("_AUTOGEN_COMPLETE", "").endswith("bash"):
        return
    line = os.environ.get("COMP_WORDS", "")
    between = "\n" if "\n" in line else " "  # the script of typer joins the words by lines
    words = line.split(between)
    cut = [place for place, word in enumerate(words) if word == "=" and words[place - 1].startswith("--")]
    place = int(os.environ.get("COMP_CWORD", "0"))
    os.environ["COMP_CWORD"] = str(place - sum(one < place for one in cut))
    os.environ["COMP_WORDS"] = between.join(word for one, word in enumerate(words) if one not in cut)
