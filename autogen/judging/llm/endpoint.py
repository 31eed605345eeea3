"""The door to openai: one OpenAI-compatible endpoint, with errors sorted by the way to handle them.

The key is read from the environment at each call. No attribute of ours keeps it, and it is cut out of every
text that leaves this file: replies, refusals, error messages.
"""

import contextlib
import ipaddress
import os
import re
import warnings
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from autogen.errors import AutogenWarning, MetricError
from autogen.judging.llm.bounded import Bounds, Unbounded
from autogen.judging.llm.replies import Reply

KEY = "OPENAI_API_KEY"
URL = "OPENAI_BASE_URL"
MODEL = "OPENAI_MODEL"
HIDDEN = "[key]"
Problem = Literal["busy", "lost", "unsupported", "denied", "unauthorized"]
_LOOKS_LIKE_KEY = re.compile(r"\b(?:sk|rk|gsk)-[\w*.-]{6,}")
_TOO_LONG = re.compile(r"context.?(?:length|window|size)|too long|too many tokens", re.I)


class EndpointError(Exception):
    """Failed request to an endpoint.

    Attributes:
        problem: ``busy`` (retry later), ``lost`` (server error, time-out or broken connection: retry),
            ``unsupported`` (the server rejects a setting or the request), ``denied`` (retrying is
            useless), ``unauthorized`` (every request will be denied).
        retry_after: pause that the endpoint demands, in seconds, or ``None``.
    """

    def __init__(self, problem: Problem, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.problem: Problem = problem
        self.retry_after = retry_after


class Endpoint:
    """Model on an OpenAI-compatible server.

    Args:
        url: base address, such as ``http://localhost:8000/v1``; by default ``$OPENAI_BASE_URL``.
        model: name of the model; by default ``$OPENAI_MODEL``.
        warned: True if this process, or the one that started it, has warned of an insecure address before.

    Raises:
        MetricError: address or model is missing, the address holds a password, or openai is missing.
    """

    def __init__(self, url: str | None = None, model: str | None = None, *, warned: bool = False) -> None:
        self.url = (url or os.environ.get(URL, "")).rstrip("/")
        self.model = model or os.environ.get(MODEL, "")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MetricError(
                f"a judge needs an address such as http://localhost:8000/v1; set --endpoint or ${URL}"
            )
        if parts.username or parts.password or parts.query:
            raise MetricError(
                f"the endpoint's address must hold no password and no query; put the key in ${KEY}"
            )
        if not warned and (warning := insecure(self.url)):
            warnings.warn(warning, AutogenWarning, stacklevel=2)
        if not self.model:
            raise MetricError(f"a judge needs the name of a model at {self.url}; set --model or ${MODEL}")
        try:
            import openai
        except ImportError:
            raise MetricError("a language model as judge needs openai; run pip install openai") from None
        self._openai: Any = openai
        self._bounds = Bounds()
        client = openai.DefaultHttpxClient(follow_redirects=False, event_hooks=self._bounds.hooks())
        self._client: Any = openai.OpenAI(
            base_url=self.url, api_key=_key() or "none", max_retries=0, http_client=client
        )

    def ask(self, chat: Sequence[dict[str, str]], settings: dict[str, Any], seconds: float = 60.0) -> Reply:
        """Send one request.

        Args:
            chat: messages with role and content.
            settings: further fields of the request: temperature, response_format ...
            seconds: time limit of the whole request in seconds.

        Raises:
            EndpointError: the request failed.
        """
        api = self._openai
        try:
            with self._bounds.request(seconds):
                answer = self._client.chat.completions.create(
                    model=self.model, messages=list(chat), timeout=seconds, **settings
                )
            return _read(answer)
        except Unbounded as error:
            raise EndpointError("lost", f"{error}, from {self.url}") from None
        except api.APITimeoutError:
            raise EndpointError("lost", f"no reply within {seconds:.3g} s") from None
        except api.APIStatusError as error:
            raise _sorted(error.status_code, hide(_described(error)), error.response.headers) from None
        except api.APIConnectionError as error:
            cause = error.__cause__
            what = "useless reply from" if isinstance(cause, Unbounded) else "no connection to"
            raise EndpointError("lost", hide(f"{what} {self.url}: {cause or error}")) from None
        except (api.OpenAIError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            # The server does not follow the protocol; it may answer with a web page.
            raise EndpointError("lost", hide(f"not an OpenAI-compatible reply: {error!s:.200}")) from None

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def hide(text: str) -> str:
    """Replace the API key, anything that looks like one, and what a text file or a terminal cannot show."""
    key = _key()
    shown = _LOOKS_LIKE_KEY.sub(HIDDEN, text.replace(key, HIDDEN) if key else text)
    return "".join(one if one.isprintable() or one in "\n\t" else " " for one in shown)


def insecure(url: str) -> str:
    """Warn of an address whose server, key and texts anyone on the way can read; empty for a safe one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    with contextlib.suppress(ValueError):  # a name, and not a number
        if ipaddress.ip_address(host).is_loopback:
            return ""
    if parts.scheme != "http" or host == "localhost":
        return ""
    return f"{url} is not encrypted: the key and all texts can be read on the way to {host}; use https"


def _key() -> str:
    return os.environ.get(KEY, "").strip()


def _read(answer: Any) -> Reply:
    choice = answer.choices[0]
    places = choice.logprobs.content if choice.logprobs else None
    tokens = [
        (place.token, {other.token: other.logprob for other in place.top_logprobs or ()})
        for place in places or ()
    ]
    stopped = "content filter" if choice.finish_reason == "content_filter" else ""
    return Reply(hide(choice.message.content or ""), hide(choice.message.refusal or stopped), tokens)


def _described(error: Any) -> str:
    """Quote the message of the server in one line."""
    body = error.body if isinstance(error.body, dict) else {}
    words = body.get("message") or body.get("code") or str(error.message)
    return f"HTTP {error.status_code}: {' '.join(str(words).split()):.300}"


def _sorted(status: int, message: str, headers: Any) -> EndpointError:
    if status == 401:
        return EndpointError("unauthorized", f"{message}; set the key in ${KEY}")
    if 300 <= status < 400:
        return EndpointError("denied", f"{message}; redirects are not followed: give the address it leads to")
    if "insufficient_quota" in message:
        return EndpointError("denied", message)
    if status in (408, 409, 425, 429, 503, 529):
        return EndpointError("busy", message, _retry_after(headers))
    if status >= 500:
        return EndpointError("lost", message, _retry_after(headers))
    # A prompt that is too long stays so without any setting.
    retryable = status in (400, 422) and not _TOO_LONG.search(message)
    return EndpointError("unsupported" if retryable else "denied", message)


def _retry_after(headers: Any) -> float | None:
    """Parse the seconds of a Retry-After header; dates are rare and count as missing."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
