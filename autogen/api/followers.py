"""Who follows a study from Python: listeners, callbacks that may stop it, printed lines, trackers."""

import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from autogen.api.habits import Callback, both, listener, texts_of
from autogen.engine.study_result import StudyResult
from autogen.engine.transfer.update import Update
from autogen.errors import AutogenWarning
from autogen.hpo.study.log import Listener
from autogen.tracking.session import Tracking, trackers_of

#: What a followed call returns.
Outcome = TypeVar("Outcome", StudyResult, Update)


class Followers:
    """All that follow a study.

    Args:
        listen: Called after each event; ``None`` for none.
        callbacks: Called after each trial; they may stop the search.
        verbose: 1 or True to print a line for each trial that ends.
        track: Tools that are shown the study.

    Raises:
        UserError: one of them is none, or a tool is not known or not installed.
    """

    def __init__(
        self,
        listen: Listener | None,
        callbacks: Sequence[Callback],
        verbose: bool | int,
        track: str | Sequence[str],
    ) -> None:
        self._stop = threading.Event()
        self._listen = listener(listen, callbacks, verbose, self._stop.set)
        self._trackers = trackers_of(texts_of("track", track))

    def follow(self, run: Callable[[Listener | None, Callable[[], bool]], Outcome]) -> Outcome:
        """Run a study or an update, show trackers one that was finished, warn of those that were left out.

        Args:
            run: Function of the listener and of a function that tells if the search should end.
        """
        if not self._trackers:
            return run(self._listen, self._stop.is_set)
        with Tracking(self._trackers) as tracking:
            result = run(both(self._listen, tracking.listen), self._stop.is_set)
            study = result.result if isinstance(result, Update) else result
            if study is not None:  # an update may find nothing to train
                tracking.show_finished(study.folder.path)
        for name, why in tracking.problems.items():
            warnings.warn(f"the tracker {name} was left out: {why}", AutogenWarning, stacklevel=3)
        return result
