"""The shared folder: real processes, one of which is killed; who is gone, late, or comes back."""

import json
import multiprocessing
import os
import pickle
import resource
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import torch

from autogen.errors import RunError, SettingsError
from autogen.federated.folder import FolderTransport, Watch, beating, check_name, join
from autogen.federated.messages import Message, pack
from autogen.federated.server import ROUNDS
from autogen.federated.study import RESULT, Plan, start
from tests.executors.local.test_executor import wait_until
from tests.federated.parts import owners, space

FORK = multiprocessing.get_context("fork")


def served(folder, names, path):
    """Serve a study of one trial in a folder."""
    torch.set_num_threads(1)
    transport = FolderTransport(folder, patience=4.0)
    try:
        while len(transport.present()) < names:
            time.sleep(0.1)
        start(Plan("1trials", path), transport, folder / "run")
    finally:
        transport.close()


def joined(folder, owner):
    """Take part until the study ends."""
    torch.set_num_threads(1)
    join(folder, owner, patience=60.0)


def started(target, *arguments):
    process = FORK.Process(target=target, args=arguments)
    process.start()
    return process


def rounds(folder):
    path = folder / "run" / ROUNDS
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("comes_back", [False, True])
def test_a_killed_owner_ends_no_study_and_doubles_nothing(tmp_path, comes_back):
    most = 60 if comes_back else 12
    long = tmp_path / "long.toml"
    long.write_text(Path(space(tmp_path)).read_text().replace("steps = 4", f"steps = {most}"))
    made = owners("north", "south", "west")
    server = started(served, tmp_path, 3, str(long))
    running = {owner.name: started(joined, tmp_path, owner) for owner in made}
    try:
        wait_until(lambda: len(rounds(tmp_path)) >= 3, seconds=240)
        os.kill(running["south"].pid, signal.SIGKILL)
        running["south"].join()
        if comes_back:
            wait_until(
                lambda: [line for line in rounds(tmp_path) if "south" not in line["asked"]], seconds=240
            )
            running["south"] = started(joined, tmp_path, made[1])
        server.join(400)
        assert server.exitcode == 0
        for name, process in running.items():
            process.join(60)
            assert process.exitcode == (0 if comes_back or name != "south" else -signal.SIGKILL)
    finally:
        for process in (server, *running.values()):
            process.kill()
    lines = [line for line in rounds(tmp_path) if line["sha256"]]
    assert Counter(line["round"] for line in lines) == Counter(range(1, most + 1))
    assert all(len(line["counted"]) == len(set(line["counted"])) for line in lines)
    assert all({"north", "west"} <= set(line["counted"]) for line in lines)
    assert any("south" not in line["counted"] for line in lines)
    assert ("south" in lines[-1]["counted"]) == comes_back
    record = json.loads((tmp_path / "run" / RESULT).read_text())
    assert {"north", "west"} <= set(record["test"]["owners"])


def test_who_answers_too_late_is_missing_and_its_answer_is_swept_away(tmp_path):
    with_owner = tmp_path / "owners" / "north"
    transport = FolderTransport(tmp_path)
    try:
        with beating(with_owner / "alive"):
            assert transport.present() == ("north",)
            assert transport.ask({"north": Message("sketch")}, 0.3) == {}
            (with_owner / "answer-late").write_bytes(b"late")
            assert transport.ask({"north": Message("sketch")}, 0.3) == {}
            assert [one.name for one in with_owner.iterdir()] == ["alive"]
    finally:
        transport.close()


def test_an_answer_that_is_damaged_is_a_failed_one(tmp_path):
    place = tmp_path / "owners" / "north"

    def answering():
        asked = wait_until(lambda: list(place.glob("ask-*")))[0]
        asked.with_name(asked.name.replace("ask-", "answer-")).write_bytes(b"\x00\x01")

    transport = FolderTransport(tmp_path)
    try:
        with beating(place / "alive"):
            process = started(answering)
            found = transport.ask({"north": Message("sketch")}, 60.0)
            process.join()
    finally:
        transport.close()
    assert found["north"].act == "failed"
    assert "damaged" in found["north"].about["reason"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "pickle", "of 100 MB"])
def test_what_is_no_file_of_an_answer_is_a_failed_one_and_ends_nothing(tmp_path, kind):
    place, secret = tmp_path / "owners" / "north", tmp_path / "secret"
    secret.write_bytes(pack(Message("sketch", {"of": "another place"})))

    def answering():
        asked = wait_until(lambda: list(place.glob("ask-*")))[0]
        answer = asked.with_name(asked.name.replace("ask-", "answer-"))
        match kind:
            case "folder":
                answer.mkdir()
            case "pipe":
                os.mkfifo(answer)
            case "link":
                answer.symlink_to(secret)
            case "pickle":
                answer.write_bytes(pickle.dumps({"weights": [1.0]}))
            case _:
                part = place / "part"
                size = (10**8).to_bytes(8, "little")
                part.write_bytes(size + b'{"a": "' + b"x" * (10**8 - 9) + b'"}')
                part.rename(answer)

    transport = FolderTransport(tmp_path)
    try:
        with beating(place / "alive"):
            process = started(answering)
            found = transport.ask({"north": Message("sketch")}, 60.0)
            process.join()
            assert found["north"].act == "failed"
            assert "another place" not in str(found)
            assert (
                transport.ask({"north": Message("sketch")}, 0.2) == {}
            )  # what lies there harms no later one
    finally:
        transport.close()


def test_nothing_is_written_or_removed_where_an_owner_s_folder_is_a_link(tmp_path):
    elsewhere, place = tmp_path / "elsewhere", tmp_path / "shared" / "owners" / "north"
    elsewhere.mkdir()
    (elsewhere / "answer-mine").write_text("mine")
    transport = FolderTransport(tmp_path / "shared")
    try:
        with beating(elsewhere / "alive"):
            place.mkdir()
            assert transport.present() == ()
            place.rmdir()
            place.symlink_to(elsewhere)
            assert transport.present() == ()
            assert transport.ask({"north": Message("sketch")}, 0.2) == {}
            assert sorted(one.name for one in elsewhere.iterdir()) == ["alive", "answer-mine"]
    finally:
        transport.close()


def test_of_two_servers_that_begin_at_one_moment_one_stops(tmp_path):
    transport = FolderTransport(tmp_path)
    try:
        (tmp_path / "alive").write_text("0f0f0f0f 0")  # the other one had not seen the file either
        with pytest.raises(RunError, match="another server runs in"):
            wait_until(lambda: [transport.present(), time.sleep(0.05)][2:], seconds=10)
        assert (tmp_path / "alive").read_text() == "0f0f0f0f 0"
    finally:
        transport.close()
    assert (tmp_path / "alive").exists()  # it is the other one's


def test_an_owner_that_gets_no_model_is_told_why(tmp_path):
    (owner,) = owners("north")
    place = tmp_path / "owners" / "north"
    transport = FolderTransport(tmp_path)
    try:
        place.mkdir()
        (place / "ask-1").write_bytes(pack(Message("end", {"why": "it had begun\nbefore"})))
        with pytest.raises(RunError, match="it had begun before"):
            join(tmp_path, owner)
    finally:
        transport.close()


def limited(folder, done):
    """Ask with a request that the disk has no room for."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    transport = FolderTransport(folder)
    try:
        with beating(folder / "owners" / "north" / "alive"):
            transport.ask({"north": Message("codec", {"codec": "x" * 9000})}, 5.0)
    except RunError as error:
        done.put(str(error))
    finally:
        transport.close()


def test_a_disk_without_room_is_one_line_that_says_what_to_do(tmp_path):
    done = FORK.Queue()
    process = started(limited, tmp_path, done)
    said = done.get(timeout=60)
    process.join()
    assert "File too large; free space or give permissions, then start this command again" in said


def test_an_owner_without_a_sign_of_life_is_not_there(tmp_path):
    place = tmp_path / "owners" / "north"
    place.mkdir(parents=True)
    (place / "alive").write_text("x 1")
    transport = FolderTransport(tmp_path, patience=0.5)
    try:
        assert transport.present() == ("north",)  # it may just have begun
        time.sleep(0.7)
        assert transport.present() == ()
    finally:
        transport.close()


def test_a_second_server_and_a_second_owner_of_one_name_are_refused(tmp_path):
    (owner,) = owners("north")
    transport = FolderTransport(tmp_path)
    try:
        with pytest.raises(RunError, match="another server runs"):
            FolderTransport(tmp_path)
        with beating(tmp_path / "owners" / "north" / "alive"), pytest.raises(RunError, match="another owner"):
            join(tmp_path, owner)
    finally:
        transport.close()


def test_an_owner_gives_up_where_there_is_no_server(tmp_path):
    (owner,) = owners("north")
    with pytest.raises(RunError, match=r"no server shows a sign of life in .* for 0.5 s; start it"):
        join(tmp_path, owner, patience=0.5)


@pytest.mark.parametrize("name", ["", "a/b", "..", "ä", "x" * 41, "-a"])
def test_a_name_that_is_no_folder_is_refused(name):
    with pytest.raises(SettingsError, match="the name of an owner"):
        check_name(name)


def test_a_watch_counts_by_its_own_clock(tmp_path):
    watch = Watch(tmp_path / "alive")
    assert watch.quiet() == float("inf")
    (tmp_path / "alive").write_text("a 1")
    assert watch.quiet() < 0.2
    time.sleep(0.3)
    assert watch.quiet() >= 0.3
