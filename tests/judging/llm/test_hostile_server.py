"""A hostile or broken server costs a bounded time and memory, and its words do no harm."""

import gzip
import json
import math
import socket
import threading
import tracemalloc
from contextlib import contextmanager

import pandas as pd
import pytest

pytest.importorskip("openai", reason="the extra `judge` is not installed")

from autogen.errors import AutogenWarning, MetricError
from autogen.judging.criteria import CRITERIA, Item
from autogen.judging.llm.bounded import MOST_BYTES
from autogen.judging.llm.cache import Cache
from autogen.judging.llm.endpoint import Endpoint, EndpointError, insecure
from autogen.judging.llm.judge import LanguageModelJudge
from autogen.judging.llm.replies import Reply, expected_grade, read_grade
from autogen.judging.metrics import AskedFluency
from autogen.judging.tables import write_table
from tests.judging.llm.fake_server import fails, says, serving

CHAT = [{"role": "user", "content": "a secret of the user"}]
ITEM = Item("It is in Paris.", question="Where is the tower?")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"


def asked(url, seconds=5.0):
    endpoint = Endpoint(url, "m")
    try:
        return endpoint.ask(CHAT, {}, seconds)
    finally:
        endpoint.close()


@contextmanager
def talking(talk):
    """A server that gives each connection to a function; its address, and what it heard."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    heard = []

    def serve():
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))
                try:
                    talk(connection, over)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", heard
    finally:
        over.set()
        listener.close()


def dripping(first):
    def talk(connection, over):
        connection.sendall(first)
        while not over.wait(0.1):
            connection.sendall(b" " if b"\r\n\r\n" in first else b"x")

    return talk


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", [HEAD + b"\r\n", HEAD + b"X-Drip: ", b"HTTP/1.1 200 OK"], ids=["body", "header", "status"]
)
def test_a_server_that_drips_is_given_up_at_the_deadline(first):
    late = pytest.raises(EndpointError, match="no whole reply within 1 s")
    with talking(dripping(first)) as (url, _), late as raised:
        asked(url, seconds=1.0)
    assert raised.value.problem == "lost"


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_reply_is_cut_while_it_arrives(status):
    def talk(connection, _):
        connection.sendall(
            HEAD.replace(b"200 OK", b"%d Odd" % status).replace(b"100000", b"9999999999") + b"\r\n"
        )
        while True:
            connection.sendall(b"x" * 65536)

    tracemalloc.start()
    with talking(talk) as (url, _), pytest.raises(EndpointError, match="longer than 1,000,000 bytes"):
        asked(url, seconds=30.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * MOST_BYTES


@pytest.mark.parametrize("status", [200, 400])
def test_a_packed_reply_is_refused_unopened(status):
    bomb = gzip.compress(bytes(10_000_000))
    script = lambda *_: (status, {"Content-Encoding": "gzip"}, bomb)  # noqa: E731
    with serving(script) as server, pytest.raises(EndpointError, match="the reply is packed"):
        asked(server.url)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_prompts_are_not_sent_along_to_another_host(status):
    with (
        serving(lambda *_: says("5")) as other,
        serving(lambda *_: fails(status, Location=other.url)) as server,
        pytest.raises(EndpointError, match="redirects are not followed") as raised,
    ):
        asked(server.url)
    assert other.calls == 0
    assert raised.value.problem == "denied"


def test_a_refused_key_ends_the_judging_and_is_not_shown(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123456789")
    cache = Cache()
    with serving(lambda *_: fails(401, "bad key sk-secret-123456789")) as server:
        endpoint = Endpoint(server.url, "m")
        with pytest.raises(
            MetricError, match="refuses the key: HTTP 401: .*set the key in .OPENAI_API_KEY"
        ) as raised:
            LanguageModelJudge(endpoint, cache=cache).judge(CRITERIA["relevance"], [ITEM])
        endpoint.close()
    cache.close()
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"choices":' + b"[" * 200_000, b"9" * 5000, b"\xff\xfe", b"null", b"{}"]
)
def test_a_reply_that_no_parser_takes_is_lost(body):
    script = lambda *_: (200, {"Content-Type": "application/json"}, body)  # noqa: E731
    with serving(script) as server, pytest.raises(EndpointError) as raised:
        asked(server.url)
    assert raised.value.problem == "lost"


def test_a_servers_words_steer_no_terminal():
    script = lambda *_: fails(400, "\x1b[2J\x07 no \ud800")  # noqa: E731
    with serving(script) as server, pytest.raises(EndpointError) as raised:
        asked(server.url)
    assert str(raised.value).isprintable()
    with serving(lambda *_: says('{"score": 4, "reason": "\\u001b[2J \\ud800 good"}')) as server:
        text = asked(server.url).text
    text.encode()
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([("5", {"5": 1e6})], 5.0),
        ([("5", {"5": math.inf})], 5.0),
        ([("5", {"5": math.nan})], None),
        ([("5", {"5": -math.inf})], None),
    ],
)
def test_an_odd_log_probability_raises_nothing(tokens, expected):
    assert expected_grade(tokens) == expected


@pytest.mark.parametrize(
    "text", ["{" * 1_000_000, "<score>" * 200_000, '{"a":' * 200_000, "score is " * 100_000]
)
def test_a_long_reply_is_read_in_little_time(text):
    assert isinstance(read_grade(Reply(text), False), str)


def test_the_last_object_with_a_score_counts_as_before():
    text = 'I first thought {"score": 2} but {"reason": "better {so}", "score": 4}.'
    assert read_grade(Reply(text), False).value == 4


@pytest.mark.parametrize(
    "url", ["http://example.org/v1", "http://10.0.0.7:8000/v1", "http://127.example.org/v1"]
)
def test_an_address_without_encryption_is_warned_of(url):
    assert "is not encrypted" in insecure(url)
    with pytest.warns(AutogenWarning, match="is not encrypted"):
        Endpoint(url, "m").close()
    Endpoint(url, "m", warned=True).close()


def test_a_study_warns_of_such_an_address_when_its_judge_is_made(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.example.org/v1")
    monkeypatch.setenv("OPENAI_MODEL", "m")
    with pytest.warns(AutogenWarning, match="is not encrypted"):
        assert not AskedFluency().prepare([], None).trust.reliable


@pytest.mark.parametrize(
    "url", ["https://example.org/v1", "http://localhost:8000", "http://127.0.0.1/v1", "http://[::1]/v1", ""]
)
def test_an_address_on_this_machine_or_with_encryption_is_not(url):
    assert insecure(url) == ""


def test_no_reason_is_a_formula_for_a_spreadsheet(tmp_path):
    reasons = ["=HYPERLINK(1)", "+1", "-1", "@a", "\tx", "fine"]
    table = pd.DataFrame({"answer": ["=mine"] * 6, "relevance.judge.reason": reasons})
    write_table(table, tmp_path / "judged.csv")
    found = pd.read_csv(tmp_path / "judged.csv")
    assert [one[0] for one in found["relevance.judge.reason"]] == ["'"] * 5 + ["f"]
    assert list(found["answer"]) == ["=mine"] * 6
    write_table(table, tmp_path / "judged.jsonl")
    lines = (tmp_path / "judged.jsonl").read_text().splitlines()
    assert [json.loads(line)["relevance.judge.reason"] for line in lines] == reasons
