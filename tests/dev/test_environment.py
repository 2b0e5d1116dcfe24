"""`dev.py` makes its environment once, whole, and says in a sentence why it cannot."""

from __future__ import annotations

import ast
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dev

# A start in a process of its own, with an installer that takes its time and counts its calls.
START = """
import sys, time
from pathlib import Path
import dev

def installer(home, python, lock_file):
    python.parent.mkdir(parents=True)
    with (home.parent / "calls").open("a") as calls:
        calls.write("x")
    time.sleep(float(sys.argv[2]))
    python.touch()

folder = Path(sys.argv[1])
print(dev.prepare(folder, "dev", folder / "dev.lock", installer))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for environments, with a lock file in it."""
    (tmp_path / "dev.lock").write_text("one==1 --hash=sha256:00\n")
    return tmp_path


def start(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Start a set-up whose installer takes so many seconds."""
    return subprocess.Popen(
        [sys.executable, "-S", "-c", START, str(folder), str(seconds)],
        cwd=dev.ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def calls(folder: Path) -> int:
    """Return how often the installer was called."""
    path = folder / "calls"
    return len(path.read_text()) if path.exists() else 0


def wait_for_installer(folder: Path) -> None:
    """Wait until the installer is at work."""
    end = time.monotonic() + 10
    while not calls(folder):
        assert time.monotonic() < end, "the installer was not called"
        time.sleep(0.01)


def test_of_two_starts_at_once_one_installs_and_the_other_waits(folder: Path) -> None:
    first = start(folder, 0.5)
    wait_for_installer(folder)
    second = start(folder, 0.5)

    one, said = first.communicate(timeout=20)
    other, waited = second.communicate(timeout=20)

    assert calls(folder) == 1
    assert one == other
    assert Path(one.strip()).exists()
    assert said == "Setting up the dev environment, once; this takes up to a minute.\n"
    assert waited == "Another start is setting up the environment; waiting for it.\n"


def test_an_interrupted_set_up_is_made_again(folder: Path) -> None:
    killed = start(folder, 60)
    wait_for_installer(folder)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    again, said = start(folder, 0).communicate(timeout=20)

    assert calls(folder) == 2
    assert Path(again.strip()).exists()
    assert said == "Setting up the dev environment, once; this takes up to a minute.\n"


def test_a_made_environment_is_used_without_a_word(folder: Path) -> None:
    start(folder, 0).communicate(timeout=20)

    _, said = start(folder, 0).communicate(timeout=20)

    assert (calls(folder), said) == (1, "")


def test_another_lock_file_means_another_environment(folder: Path) -> None:
    first = dev.prepare(folder, "dev", folder / "dev.lock", pretend)
    (folder / "dev.lock").write_text("one==2 --hash=sha256:00\n")

    assert dev.prepare(folder, "dev", folder / "dev.lock", pretend) != first


def test_an_environment_whose_python_went_away_is_made_again(folder: Path) -> None:
    python = Path(dev.prepare(folder, "dev", folder / "dev.lock", pretend))
    python.unlink()

    assert dev.prepare(folder, "dev", folder / "dev.lock", pretend) == str(python)
    assert python.exists()


def pretend(_home: Path, python: Path, _lock_file: Path) -> None:
    """Install nothing but an empty Python."""
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ((3, 10, 13), "Farsow needs Python 3.11 to 3.14; this is 3.10."),
        ((3, 15, 0), "Farsow needs Python 3.11 to 3.14; this is 3.15."),
        ((3, 11, 0), None),
        ((3, 14, 9), None),
    ],
)
def test_only_the_tried_pythons_are_taken(version: tuple[int, ...], sentence: str | None) -> None:
    assert dev.unsupported(version) == sentence


def test_an_old_python_can_read_the_script_far_enough_to_be_refused() -> None:
    ast.parse((dev.ROOT / "dev.py").read_text(), feature_version=(3, 6))


def test_a_refusal_is_one_sentence_and_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))

    code = dev.main(["demo"])

    assert (code, capsys.readouterr().err) == (1, "Farsow needs Python 3.11 to 3.14; this is 3.9.\n")


def test_debian_without_ensurepip_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    monkeypatch.setenv("PATH", str(tmp_path))  # and no uv

    with pytest.raises(dev.Refused) as refused:
        dev.install(tmp_path / "env", tmp_path / "env/bin/python", tmp_path / "dev.lock")

    minor = sys.version_info[1]
    assert str(refused.value) == (
        f"This Python cannot make environments; on Debian and Ubuntu: apt install python3.{minor}-venv"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(
            "WARNING: Retrying … [Errno -3] Temporary failure in name resolution\nERROR: No matching distribution",
            "The packages could not be fetched: check the network, then start again.",
            id="pip-offline",
        ),
        pytest.param(
            "error: Request failed\n  Caused by: error sending request for url\n  Caused by: dns error",
            "The packages could not be fetched: check the network, then start again.",
            id="uv-offline",
        ),
        pytest.param(
            "Collecting x\nERROR: [Errno 28] No space left on device\nsomething more",
            "The set-up failed: ERROR: [Errno 28] No space left on device (all of it is in {log})",
            id="full-disk",
        ),
        pytest.param("", "The set-up failed: it said nothing (all of it is in {log})", id="silent"),
    ],
)
def test_a_failed_step_of_the_set_up_is_one_sentence(tmp_path: Path, words: str, sentence: str) -> None:
    home = tmp_path / "dev-0"
    failing = [sys.executable, "-S", "-c", "import sys; print(sys.argv[1]); sys.exit(1)", words]

    with pytest.raises(dev.Refused) as refused:
        dev.follow(failing, home)

    assert str(refused.value) == sentence.format(log=tmp_path / "dev-0.log")


def test_uv_is_used_where_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/said\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    dev.install(tmp_path / "env", tmp_path / "env/bin/python", tmp_path / "dev.lock")

    assert (tmp_path / "said").read_text().splitlines() == [
        f"venv --quiet --python {sys.executable} {tmp_path}/env",
        f"pip install --quiet --python {tmp_path}/env/bin/python --no-deps --require-hashes -r {tmp_path}/dev.lock",
    ]
