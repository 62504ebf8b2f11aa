"""Short questions are answered by a second process, which outlives errors and is replaced when it dies or hangs."""

import os
import subprocess
import sys
import threading

import pytest

from medtune.foundation.errors import ColumnsError, RunError
from medtune.foundation.estimate import Estimate
from medtune.foundation.records import from_plain
from medtune.runs import standby as module
from medtune.runs.execution import environment
from medtune.runs.processes import Process
from medtune.runs.standby import Standby, errand
from medtune.runs.store import home
from tests.runs.trial_questions import QUESTIONS, SECRET
from tests.runs.waiting import until


@pytest.fixture(scope="module")
def standby(tmp_path_factory):
    """One process for the module, as there is one for a server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDTUNE_HOME", str(tmp_path_factory.mktemp("standby")))
        standby = Standby(QUESTIONS, ahead=())
        standby.warm()
        standby.log = home() / "standby.log"
        yield standby
        standby.close()


def pid(standby):
    return standby.ask("double", {"number": 0})["pid"]


def test_questions_are_answered_by_one_other_process(standby):
    first = standby.ask("double", {"number": 21, "name": "年龄"})
    assert first["twice"] == 42
    assert first["name"] == "年龄"
    assert first["pid"] == pid(standby) != os.getpid()
    assert from_plain(Estimate, standby.ask("record")) == pytest.approx(Estimate(0.7, 0.6), nan_ok=True)


def test_what_most_questions_need_is_imported_beforehand(standby):
    assert "sklearn.pipeline" not in standby.ask("imported")["there"]
    ready = Standby(QUESTIONS)
    assert ready.ask("imported")["there"] == ["pandas", "sklearn.pipeline"]
    ready.close()


def test_an_error_comes_back_as_its_own_class_and_sentence(standby):
    before = pid(standby)
    with pytest.raises(ColumnsError, match=r"^Column 'age' is missing; add it\.$") as caught:
        standby.ask("refuse", {"column": "age"})
    assert caught.value.sentence.fields == {"column": "age"}
    assert pid(standby) == before


def test_something_unexpected_is_a_sentence_and_carries_no_cell(standby):
    with pytest.raises(RunError, match="Something unexpected") as caught:
        standby.ask("stumble")
    log = standby.log.read_text()
    assert SECRET not in str(caught.value)
    assert SECRET not in log
    assert "builtins.ValueError" in log
    assert "in stumble" in log


def test_a_question_that_takes_too_long_is_stopped_and_the_next_is_answered(standby):
    before = pid(standby)
    with pytest.raises(RunError, match="took too long"):
        standby.ask("sleep", {"seconds": 600}, timeout=0.3)
    assert not Process.of(before).birth
    assert pid(standby) != before


def test_a_question_the_process_dies_over_is_a_sentence_and_the_next_is_answered(standby):
    with pytest.raises(RunError, match="ended without an answer"):
        standby.ask("die")
    assert standby.ask("double", {"number": 1})["twice"] == 2


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_process_killed_between_questions_is_replaced_without_a_word(standby):
    before = pid(standby)
    os.kill(before, 9)
    assert pid(standby) != before


def test_an_unknown_question_is_refused(standby):
    with pytest.raises(RunError, match="question 'what'"):
        standby.ask("what")


def test_who_waits_for_others_too_long_is_told(standby):
    pid(standby)
    slow = threading.Thread(target=lambda: standby.ask("sleep", {"seconds": 1.0}))
    slow.start()
    until(standby._lock.locked, "the first question")
    with pytest.raises(RunError, match="still being answered"):
        standby.ask("double", {"number": 1}, timeout=0.05)
    slow.join()


def test_many_threads_each_get_their_own_answer(standby):
    answers = {}

    def ask(number):
        answers[number] = standby.ask("double", {"number": number})["twice"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: 2 * number for number in range(20)}


@pytest.mark.parametrize("ending", ["os.kill(os.getpid(), 9)", "sys.exit(0)"])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_it_ends_with_the_server_however_that_ends(ending):
    server = (
        "import os, sys\nfrom medtune.runs.standby import Standby\nfrom tests.runs.trial_questions import QUESTIONS\n"
        "standby = Standby(QUESTIONS, ahead=())\nprint(standby.ask('double', {'number': 1})['pid'], flush=True)\n"
        f"sys.stdin.readline()\n{ending}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        child = Process.of(int(process.stdout.readline()))
        assert child.alive
        process.communicate("\n")
    until(lambda: not child.alive, "the end of the process kept warm")


def test_files_for_a_question_are_gone_afterwards(own_home):
    with errand() as folder:
        (folder / "table.csv").write_text("age\n61\n")
        assert folder.is_relative_to(own_home)
    assert not folder.exists()
    forgotten, waiting = folder.parent / "forgotten", folder.parent / "waiting"
    forgotten.mkdir()
    waiting.mkdir()
    os.utime(forgotten, (0, 0))
    with pytest.raises(KeyError), errand() as folder:
        raise KeyError
    assert [path.name for path in folder.parent.iterdir()] == ["waiting"]


def test_the_log_does_not_grow_for_ever(own_home, monkeypatch):
    monkeypatch.setattr(module, "LOG_LIMIT", 10)
    (own_home / "standby.log").write_text("x" * 11)
    assert not module._log().exists()
    (own_home / "standby.log").write_text("x" * 9)
    assert module._log().exists()
