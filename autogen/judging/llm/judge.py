"""A language model as judge, with a cache, limits, and further requests after useless replies."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from autogen.errors import MetricError
from autogen.judging.criteria import Criterion, Item, Judgement, skipped
from autogen.judging.llm.cache import Cache, cache_key
from autogen.judging.llm.endpoint import Endpoint, EndpointError
from autogen.judging.llm.limits import BudgetSpent, Limits, RateLimiter
from autogen.judging.llm.replies import Grade, Reply, read_grade
from autogen.judging.llm.rubrics import LEVELS, again, messages, response_format, rubric_id

#: Maximum number of replies per item, and of attempts to send one request.
REPLIES = 3
SENDINGS = 6
#: Time limit of one request, and first pause after a failed one, in seconds.
REQUEST_SECONDS = 120.0
FIRST_PAUSE = 0.5
#: Longest pause that an endpoint may demand, in seconds; beyond it an item is missing.
LONGEST_PAUSE = 600.0
#: Settings that a server may not support, in the order in which they are dropped.
OPTIONAL = ("logprobs", "seed", "temperature")


@dataclass(frozen=True, slots=True)
class Abilities:
    """Known abilities of an endpoint.

    Attributes:
        level: format of replies that it accepts, one of ``LEVELS``.
        optional: optional settings that it accepts.
        length: name of the setting for the maximum number of tokens.
    """

    level: str = LEVELS[0]
    optional: tuple[str, ...] = OPTIONAL
    length: str = "max_tokens"

    def settings(self, level: str, attempt: int) -> dict[str, Any]:
        """Compose the fields of a request beside model and messages."""
        values: dict[str, Any] = {"temperature": 0.0, "seed": attempt, "logprobs": True}
        fields = {name: values[name] for name in self.optional}
        if "logprobs" in fields:
            fields["top_logprobs"] = 5
        form = response_format(level)
        return fields | {self.length: 800} | ({"response_format": form} if form else {})

    def without(self, complaint: str) -> "Abilities | None":
        """Drop the setting that the endpoint rejected; ``None`` if there is nothing left to drop."""
        complaint = complaint.lower()
        if self.length == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, length="max_completion_tokens")
        for name in self.optional:
            if name in complaint:
                return replace(self, optional=tuple(other for other in self.optional if other != name))
        if self.level != LEVELS[-1]:
            return replace(self, level=LEVELS[LEVELS.index(self.level) + 1])
        return replace(self, optional=self.optional[1:]) if self.optional else None


class LanguageModelJudge:
    """Judge that asks a language model.

    Args:
        endpoint: model on an OpenAI-compatible server.
        limits: limits on requests.
        cache: cache of earlier judgements.
        listen: callback for each judgement, new or cached.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        limits: Limits | None = None,
        cache: Cache | None = None,
        listen: Callable[[Judgement], None] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._limits = limits or Limits()
        self._gate = RateLimiter(self._limits)
        self._cache = cache or Cache()
        self._listen = listen
        self._place = cache_key(endpoint=endpoint.url, model=endpoint.model, kind="abilities")
        known = self._cache.recall(self._place)
        self._abilities = (
            Abilities(known["level"], tuple(known["optional"]), known["length"]) if known else Abilities()
        )
        self._settled = known is not None
        self._settling = threading.Lock()

    @property
    def model(self) -> str:
        """Name of the language model at its endpoint."""
        return self._endpoint.model

    @property
    def calls(self) -> int:
        """Number of requests sent so far."""
        return self._gate.calls

    def judge(self, criterion: Criterion, items: Sequence[Item]) -> list[Judgement]:
        """Judge items in parallel, (N,); a failed item is missing and does not stop the others.

        Raises:
            MetricError: the endpoint refuses the key.
        """
        with ThreadPoolExecutor(self._limits.concurrency) as pool:
            return list(pool.map(lambda item: self._judge(criterion, item), items))

    def _judge(self, criterion: Criterion, item: Item) -> Judgement:
        found = skipped(criterion, item)
        if found is None:
            key = self._key(criterion, item)
            found = self._cache.get(key)
            if found is None:
                found, lasting = self._ask(criterion, item)
                if lasting:
                    self._cache.put(key, found)
        if self._listen:
            self._listen(found)
        return found

    def _key(self, criterion: Criterion, item: Item) -> str:
        """Compute the cache key from the texts that the criterion reads."""
        read = {name: getattr(item, name).strip() for name in criterion.needs + criterion.uses}
        params = {"temperature": 0.0, "replies": REPLIES}
        place = {"endpoint": self._endpoint.url, "model": self._endpoint.model}
        return cache_key(rubric=rubric_id(criterion), params=params, inputs=read, **place)

    def _ask(self, criterion: Criterion, item: Item) -> tuple[Judgement, bool]:
        """Ask until a reply holds a grade; return the judgement, and True if it should be cached."""
        why, history = "", list[dict[str, str]]()
        for attempt in range(REPLIES):
            try:
                reply = self._request(criterion, item, history, attempt)
            except BudgetSpent as spent:
                return Judgement("missing", reason=str(spent), tries=attempt), False
            except EndpointError as error:
                if error.problem == "unauthorized":
                    raise MetricError(f"{self._endpoint.url} refuses the key: {error}") from None
                return Judgement("missing", reason=str(error), tries=attempt + 1), False
            found = read_grade(reply, criterion.whole)
            if isinstance(found, Grade):
                return _judgement(criterion, found, attempt + 1), True
            why = found
            history = again(reply.text, why, plainer(self._abilities.level, attempt + 1))
        return Judgement("missing", reason=f"{why} ({REPLIES} replies)", tries=REPLIES), True

    def _request(
        self, criterion: Criterion, item: Item, history: list[dict[str, str]], attempt: int
    ) -> Reply:
        """Send a request; drop settings that the endpoint rejects, and remember them.

        The very first request goes alone, so that only one thread has to find the rejected settings.
        """
        with contextlib.nullcontext() if self._settled else self._settling:
            abilities = self._abilities
            while True:
                level = plainer(abilities.level, attempt)
                chat = [*messages(criterion, item, level), *history]
                try:
                    reply = self._send(chat, abilities.settings(level, attempt))
                except EndpointError as error:
                    fewer = abilities.without(str(error)) if error.problem == "unsupported" else None
                    if fewer is None:
                        raise
                    abilities = fewer
                else:
                    self._learn(abilities)
                    return reply

    def _learn(self, abilities: Abilities) -> None:
        if not self._settled or abilities != self._abilities:
            self._abilities = abilities
            self._settled = True
            known = {"level": abilities.level, "optional": abilities.optional, "length": abilities.length}
            self._cache.note(self._place, known)

    def _send(self, chat: list[dict[str, str]], settings: dict[str, Any]) -> Reply:
        """Send a request, again after growing pauses if needed.

        Raises:
            EndpointError: the last attempt failed, or retrying is useless.
            BudgetSpent: a limit is reached.
        """
        for sending in range(SENDINGS):
            try:
                with self._gate as gate:
                    return self._endpoint.ask(chat, settings, min(REQUEST_SECONDS, gate.remaining()))
            except EndpointError as error:
                if error.problem not in ("busy", "lost") or sending == SENDINGS - 1:
                    raise
                self._pause(error, sending)
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, error: EndpointError, sending: int) -> None:
        """Wait before the next attempt; if the endpoint is busy, all other calls wait too."""
        pause = error.retry_after or FIRST_PAUSE * 2**sending * random.uniform(0.8, 1.2)
        if pause > LONGEST_PAUSE:
            raise EndpointError("denied", f"{error}; the endpoint demands a pause of {pause:.0f} s")
        self._gate.check(pause)
        if error.problem == "busy":
            self._gate.hold(pause)
        else:
            time.sleep(pause)


def plainer(level: str, attempt: int) -> str:
    """Choose the format of a further reply: simpler with each attempt."""
    return LEVELS[min(LEVELS.index(level) + attempt, len(LEVELS) - 1)]


def _judgement(criterion: Criterion, grade: Grade, tries: int) -> Judgement:
    expected = grade.value if grade.expected is None else grade.expected
    return Judgement("ok", grade.value if criterion.whole else expected, expected, grade.reason, tries)
