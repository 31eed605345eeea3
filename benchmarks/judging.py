"""How far the embedded scorers agree with people: rank correlations and AUCs with intervals.

    python -m benchmarks.judging [--embeddings minilm|tfidf-svd|FOLDER] [--only SET]

Reads ../shared/data/text_judged ($AUTOGEN_DATA). Scores are raw values, before the scale from 1 to 5.
Choices were made on parts that are not reported: STS-B train, CoLA train, BEGIN test without the
contexts of dev, one half of the documents elsewhere (``reported``). Intervals resample documents.
"""

import argparse
import csv
import gzip
import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from autogen.judging.criteria import Item, get_criterion
from autogen.judging.embedded.embedded import raw_values
from autogen.judging.embedded.embedding import Embedding, open_embedding
from autogen.judging.embedded.texts import bigrams, content, share, words
from benchmarks.results import FOLDER, save

DATA = Path(os.environ.get("AUTOGEN_DATA", Path(__file__).parents[2] / "shared/data"))
RESAMPLES = 1000
Statistic = Callable[[np.ndarray, np.ndarray], float]


def rows(name: str, file: str = "data.jsonl.gz") -> list[dict[str, Any]]:
    """All rows of a set."""
    with gzip.open(DATA / "text_judged" / name / file, "rt", encoding="utf-8", newline="") as lines:
        if ".csv" in file:
            return list(csv.DictReader(lines))
        return [json.loads(line) for line in lines]


def reported(group: str) -> bool:
    """Whether a document belongs to the half that was not looked at when choices were made."""
    return hashlib.sha256(group.encode()).digest()[0] % 2 == 1


def rho(scores: np.ndarray, people: np.ndarray) -> float:
    """Spearman's rank correlation."""
    return float(spearmanr(scores, people).statistic)


def area(scores: np.ndarray, people: np.ndarray) -> float:
    """Area under the ROC curve."""
    return float(roc_auc_score(people, scores))


def agreement(
    scores: Sequence[float], people: Sequence[float], groups: Sequence[str], kind: Statistic
) -> Any:
    """A statistic with its 95 % bootstrap interval over documents, and its mean within documents."""
    told, wanted = np.asarray(scores, float), np.asarray(people, float)
    kept = np.isfinite(told)
    told, wanted, names = told[kept], wanted[kept], np.asarray(groups)[kept]
    assert len(told), "no item has a score: too little real text"
    places = [np.flatnonzero(names == name) for name in dict.fromkeys(names)]
    dice = np.random.default_rng(0)
    draws = []
    for _ in range(RESAMPLES):
        picked = np.concatenate([places[at] for at in dice.integers(0, len(places), len(places))])
        if np.ptp(wanted[picked]):
            draws.append(kind(told[picked], wanted[picked]))
    low, high = np.quantile(draws, [0.025, 0.975])
    within = [
        kind(told[p], wanted[p]) for p in places if len(p) > 3 and np.ptp(wanted[p]) and np.ptp(told[p])
    ]
    figures = {
        "value": kind(told, wanted),
        "low": low,
        "high": high,
        "n": len(told),
        "documents": len(places),
    }
    figures = {name: round(float(value), 4) for name, value in figures.items()}
    return figures | {"within": round(float(np.mean(within)), 4) if within else None}


def overlap(item: Item, against: str) -> float:
    """Baseline: mean share of the answer's words and word pairs that a text holds (n-gram precision)."""
    own, pairs = words(item.answer), bigrams(item.answer)
    singles = share(own, set(words(against)))
    return (singles + share(pairs, set(bigrams(against)))) / 2 if pairs else singles


def word_f1(one: str, other: str) -> float:
    """Baseline: F1 of content words."""
    ours, theirs = set(content(one)), set(content(other))
    return 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))


class Board:
    """Collects and prints figures."""

    def __init__(self, embedding: Embedding | None, name: str | None) -> None:
        self.embedding, self.name = embedding, name
        self.figures: dict[str, Any] = {}

    def vectors(self, texts: Sequence[str]) -> Embedding:
        """The embedding; TF-IDF is fitted on the set's own texts, as a user's would be."""
        return self.embedding or open_embedding(self.name, texts)

    def scores(self, metric: str, items: Sequence[Item], real: Sequence[str] = ()) -> np.ndarray:
        """Raw values of a metric."""
        told = [
            text for item in items for text in (item.answer, item.question, item.context, item.truth) if text
        ]
        return raw_values(self.vectors([*told, *real]), get_criterion(metric), items, list(real))

    def add(
        self, label: str, scores: Any, people: Any, groups: Sequence[str], kind: Statistic, **known: Any
    ) -> None:
        """Compare scores with people and print the line."""
        found = (
            agreement(scores, people, groups, kind) | {"statistic": "rho" if kind is rho else "auc"} | known
        )
        self.figures[label] = found
        within = "" if found["within"] is None else f"  within {found['within']:+.3f}"
        told = f"{found['statistic']} {found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}]"
        print(f"{label:<58} {told}  n {found['n']:.0f}{within}  {known or ''}", flush=True)


def begin(board: Board) -> None:
    """Groundedness, and relevance against other messages, on BEGIN's dev part."""
    found = [row for row in rows("begin_wow") if "_dev_" in row["id"]]
    items = [Item(row["output"], row["message"], row["context"]) for row in found]
    people, groups = [row["scores"]["groundedness"] for row in found], [row["context"] for row in found]
    label = "BEGIN dev, attributable, groundedness"
    board.add(label, board.scores("groundedness", items), people, groups, area)
    board.add(f"{label}: n-grams", [overlap(item, item.context) for item in items], people, groups, area)


def qags(board: Board) -> None:
    """Groundedness on the reported half of QAGS-CNNDM, and on all of it."""
    found = rows("qags_cnndm")
    items = [Item(row["output"], context=row["source"]) for row in found]
    scores = board.scores("groundedness", items)
    base = np.array([overlap(item, item.context) for item in items])
    people = np.array([row["scores"]["consistency"] for row in found])
    groups = np.array([row["group"] for row in found])
    half = np.array([reported(name) for name in groups])
    label = "QAGS-CNNDM, consistency, groundedness"
    for part, where in (("reported half", half), ("all", np.ones_like(half))):
        board.add(
            f"{label} ({part})", scores[where], people[where], groups[where], rho, first_scorer_all=0.568
        )
        board.add(f"{label} ({part}): n-grams", base[where], people[where], groups[where], rho)


def summeval(board: Board) -> None:
    """All metrics but relevance on the reported half of SummEval; real text: the sources."""
    whole = rows("summeval_a")
    found = [row for row in whole if reported(row["group"])]
    groups = [row["group"] for row in found]
    items = [Item(row["output"], context=row["source"], truth=row["references"][0]) for row in found]
    real = list(dict.fromkeys(row["source"] for row in whole))
    for metric, asked in (
        ("groundedness", "consistency"),
        ("coherence", "coherence"),
        ("fluency", "fluency"),
        ("similarity", "relevance"),
    ):
        people = [row["scores"][asked] for row in found]
        label = f"SummEval, {asked}, {metric}"
        board.add(label, board.scores(metric, items, real), people, groups, rho)
        against = [item.truth if metric == "similarity" else item.context for item in items]
        base = [overlap(item, text) for item, text in zip(items, against, strict=True)]
        board.add(f"{label}: n-grams", base, people, groups, rho)


def topical_chat(board: Board) -> None:
    """Relevance, groundedness and fluency on the reported half of Topical-Chat, and on all of it."""
    found = rows("topicalchat_usr")
    groups = np.array([row["group"] for row in found])
    items = [Item(row["output"], row["message"], row["context"]) for row in found]
    half = np.array([reported(name) for name in groups])
    real = list(dict.fromkeys(line for row in found for line in row["message"].splitlines() if line.strip()))
    for metric, asked, known in (
        ("relevance", "coherence", {"first_scorer_all": 0.459, "unieval_all": 0.613}),
        ("groundedness", "groundedness", {"first_scorer_all": 0.414, "unieval_all": 0.575}),
        ("fluency", "naturalness", {"unieval_all": 0.51}),
    ):
        people = np.array([row["scores"][asked] for row in found])
        scores = board.scores(metric, items, real if metric == "fluency" else ())
        against = [item.question if metric == "relevance" else item.context for item in items]
        base = np.array([overlap(item, text) for item, text in zip(items, against, strict=True)])
        for part, where in (("reported half", half), ("all", np.ones_like(half))):
            label = f"Topical-Chat, {asked}, {metric} ({part})"
            board.add(label, scores[where], people[where], groups[where], rho, **known)
            board.add(f"{label}: n-grams", base[where], people[where], groups[where], rho)


def stsb(board: Board) -> None:
    """Similarity on the dev part of the STS benchmark."""
    found = rows("stsb", "dev.csv.gz")
    items = [Item(row["sentence1"], truth=row["sentence2"]) for row in found]
    people, groups = [float(row["score"]) for row in found], [str(number) for number in range(len(found))]
    known = {"minilm_cosine": 0.867, "published_minilm_test": 0.820}
    board.add("STS-B dev, similarity", board.scores("similarity", items), people, groups, rho, **known)
    base = [word_f1(item.answer, item.truth) for item in items]
    board.add("STS-B dev, similarity: content-word F1", base, people, groups, rho)


def cola(board: Board) -> None:
    """Fluency on CoLA's in-domain dev part; real text: STS-B train and WikiText-2, no label of CoLA's."""
    found = rows("cola", "in_domain_dev.csv.gz")
    items = [Item(row["sentence"]) for row in found]
    people, groups = (
        [float(row["acceptable"]) for row in found],
        [str(number) for number in range(len(found))],
    )
    board.add("CoLA dev, fluency", board.scores("fluency", items, plain_sentences()), people, groups, area)
    lengths = [-len(words(item.answer)) for item in items]
    board.add("CoLA dev, fluency: shortness", lengths, people, groups, area)


def bagel(board: Board) -> None:
    """Fluency and similarity on the reported half of BAGEL; real text: the references."""
    found = [row for row in rows("bagel") if reported(row["group"])]
    groups = [row["group"] for row in found]
    real = list(dict.fromkeys(text for row in found for text in row["references"]))
    items = [Item(row["output"], truth=row["references"][0]) for row in found]
    for metric, asked in (
        ("fluency", "quality"),
        ("fluency", "naturalness"),
        ("similarity", "informativeness"),
    ):
        people = [row["scores"][asked] for row in found]
        label = f"BAGEL, {asked}, {metric}"
        board.add(label, board.scores(metric, items, real), people, groups, rho)
        base = [overlap(item, item.truth) for item in items]
        board.add(f"{label}: n-grams", base, people, groups, rho)


def xquad(board: Board) -> None:
    """Similarity of five systems' wrong and right answers to the true one, on the reported half of XQuAD."""
    found = [row for row in rows("xquad_systems", "questions.jsonl.gz") if reported(row["group"])][:300]
    told = [(row, answer) for row in found for answer in row["systems"].values()]
    items = [Item(answer["answer"], row["question"], truth=row["answers"][0]) for row, answer in told]
    people = [float(answer["em"]) for _, answer in told]
    groups = [row["group"] for row, _ in told]
    board.add(
        "XQuAD systems, exact match, similarity", board.scores("similarity", items), people, groups, area
    )
    board.add("XQuAD systems, exact match, relevance", board.scores("relevance", items), people, groups, area)


def plain_sentences() -> list[str]:
    """Real sentences for CoLA: 1,500 of STS-B train and 1,500 of WikiText-2."""
    sts = list(dict.fromkeys(row["sentence1"] for row in rows("stsb", "train.csv.gz")))
    with gzip.open(DATA / "text/wikitext2_valid/data.txt.gz", "rt", encoding="utf-8") as lines:
        wiki = [part.strip() + " ." for line in lines for part in line.split(" . ")]
    wiki = [part for part in wiki if 5 <= len(part.split()) < 25 and "<unk>" not in part and "=" not in part]
    return sts[::3][:1500] + wiki[:1500]


SETS = {task.__name__: task for task in (stsb, cola, begin, qags, bagel, topical_chat, summeval, xquad)}


def main() -> None:
    """Run all sets and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--embeddings", default="minilm")
    parser.add_argument("--only", choices=SETS)
    chosen = parser.parse_args()
    embedding = None if chosen.embeddings == "tfidf-svd" else open_embedding(chosen.embeddings, [])
    board = Board(embedding, chosen.embeddings)
    start = time.perf_counter()
    for name, task in SETS.items():
        if chosen.only in (None, name):
            task(board)
        keep(chosen.embeddings, board.figures, round(time.perf_counter() - start, 1))


def keep(embeddings: str, figures: dict[str, Any], seconds: float) -> None:
    """Write the figures so far; those of sets that were not run stay as they are."""
    name = "judging_tfidf" if embeddings == "tfidf-svd" else "judging"
    path = FOLDER / f"{name}.json"
    known = json.loads(path.read_text())["figures"] if path.is_file() else {}
    save(name, {"embeddings": embeddings, "seconds": seconds, "figures": known | figures})


if __name__ == "__main__":
    main()
