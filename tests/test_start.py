"""The start script: what it says when it cannot go on, and what it leaves alone when nothing changed."""

from __future__ import annotations

import ast
import json
import os
import socket
import sys

import pytest

import start
from tests.sources import ROOT, Source


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project folder with requirement files and no environment."""
    for name in ("ROOT", "ENVIRONMENT", "PYTHON", "STAMP", "INSTALL_LOG", "SERVER_LOG", "CHROMIUM_LOG"):
        monkeypatch.setattr(start, name, tmp_path / getattr(start, name).relative_to(ROOT))
    (tmp_path / "requirements.txt").write_text("one>=1,<2\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\ntwo>=1,<2\n")
    (tmp_path / ".venv").mkdir()
    return tmp_path


@pytest.fixture
def installs(folder, monkeypatch):
    """What would have been installed, with a Python that is there already."""
    done = []
    monkeypatch.setattr(start, "environment_version", lambda: "3.11.7")
    monkeypatch.setattr(start, "install", done.append)
    return done


def test_it_needs_nothing_but_python():
    outside = {name.split(".")[0] for _, name in Source(ROOT / "start.py").imports} - set(sys.stdlib_module_names)
    assert outside == set()


def test_an_old_python_can_read_it_and_say_that_it_is_too_old(monkeypatch, capsys):
    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 9))
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(start, "works", lambda command: command == "python3.12")
    assert start.main([]) == 1
    assert capsys.readouterr().out == (
        "Python 3.9 is too old, medtune needs 3.11 or newer: run: python3.12 start.py.\n"
    )


def test_packages_are_installed_once(installs):
    start.prepare(start.FOR_USE)
    start.prepare(start.FOR_USE)
    assert installs == [start.FOR_USE]


def test_packages_are_installed_again_when_the_requirements_change(installs, folder):
    start.prepare(start.FOR_USE)
    (folder / "requirements.txt").write_text("one>=1,<3\n")
    start.prepare(start.FOR_USE)
    assert len(installs) == 2


def test_packages_are_installed_again_for_another_python(installs, monkeypatch):
    start.prepare(start.FOR_USE)
    monkeypatch.setattr(start, "environment_version", lambda: "3.12.1")
    start.prepare(start.FOR_USE)
    assert len(installs) == 2


def test_what_the_tests_need_holds_what_the_dashboard_needs(installs):
    start.prepare(start.FOR_TESTS)
    start.prepare(start.FOR_USE)
    start.prepare(start.FOR_TESTS)
    assert installs == [start.FOR_TESTS]


@pytest.mark.parametrize("stamp", ["", "{", "3", json.dumps(None)])
def test_a_damaged_stamp_means_install_again(installs, folder, stamp):
    (folder / ".venv" / "installed.json").write_text(stamp)
    start.prepare(start.FOR_USE)
    assert installs == [start.FOR_USE]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (["WARNING: Retrying ... NewConnectionError('Temporary failure in name resolution')"], "network or proxy"),
        (["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"], "disk is full"),
        (["Collecting one", "ERROR: No matching distribution found for one"], "No matching distribution found for one"),
        ([], "no word from pip"),
    ],
)
def test_a_failed_installation_is_one_sentence_that_names_the_log(folder, said, sentence):
    told = start.why_pip_failed(said)
    assert sentence in told
    assert os.path.join(".venv", "install.log") in told
    assert "\n" not in told


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert start.free_port(port) > port


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused_in_a_sentence(port):
    with pytest.raises(start.CannotGoOn, match=f"Port {port} does not exist"):
        start.free_port(port)


def test_a_refusal_by_the_system_is_a_sentence(monkeypatch, capsys):
    def refuse(_):
        raise PermissionError(13, "Permission denied", ".venv")

    monkeypatch.setattr(start, "prepare", refuse)
    assert start.main(["--no-browser"]) == 1
    assert capsys.readouterr().out.startswith("The computer refused a step: ")


def test_a_browser_that_is_named_but_absent_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDTUNE_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(start.CannotGoOn, match="MEDTUNE_CHROMIUM names"):
        start.find_chromium()


def test_without_a_browser_continuous_integration_fails_and_a_user_is_told(monkeypatch, capsys):
    monkeypatch.setattr(start, "find_chromium", lambda: None)
    monkeypatch.setattr(start, "may_install_chromium", lambda: False)
    with pytest.raises(start.CannotGoOn, match="no browser to test in"):
        start.with_chromium(required=True)
    start.with_chromium(required=False)
    assert "its tests are skipped" in capsys.readouterr().out


def test_no_browser_window_is_opened_where_nobody_sees_it(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert not start.has_screen()


def test_continuous_integration_runs_the_command_of_the_readme():
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "python3 start.py test"
