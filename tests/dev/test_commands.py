"""The commands of `dev.py` as a person at the terminal meets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dev


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 2
    assert capsys.readouterr().err == dev.USAGE


def test_help_is_asked_for_and_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    assert capsys.readouterr().out == dev.USAGE


def test_an_unknown_bench_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["bench", "coffee"]) == 1
    assert (
        capsys.readouterr().err == "There is no bench called coffee; "
        "there are mail, guest, import, report, memory, calendar, people, kill, capacity, wake.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["coffee"]])
def test_what_to_prove_wants_its_name(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["trust", *arguments]) == 1
    assert capsys.readouterr().err == "Say what to prove: python3 dev.py trust kill --minutes 10.\n"


def test_the_soak_takes_its_own_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(dev, "environment", lambda _kind: "python")
    monkeypatch.setattr(dev, "become", lambda command: became.append(command) or 0)
    monkeypatch.chdir(tmp_path)

    assert dev.main(["trust", "kill", "--minutes", "10"]) == 0
    assert became == [["python", "-m", "bench.kill", "--minutes", "10"]]
    assert Path.cwd() == dev.ROOT


def test_a_migration_wants_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["migration"]) == 1
    assert capsys.readouterr().err == 'Say what changes: python3 dev.py migration "waiting list by hand".\n'


def test_the_lock_needs_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert dev.main(["lock"]) == 1
    assert capsys.readouterr().err == "Writing the lock files needs uv: pip install uv.\n"


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(_kind: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dev, "environment", full)

    assert dev.main(["demo"]) == 1
    assert capsys.readouterr().err == "This machine refused: [Errno 28] No space left on device.\n"


def test_run_takes_the_place_of_the_process_and_keeps_folder_and_exit_code(tmp_path: Path) -> None:
    script = f"""
import sys; sys.path.insert(0, {str(dev.ROOT)!r})
import dev
code = "import os, sys; print(os.getcwd(), os.environ['PYTHONPATH'], sys.argv[1:]); sys.exit(7)"
dev.become([sys.executable, "-S", "-c", code, "ics", "x"])
"""

    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (7, f"{tmp_path} {dev.ROOT} ['ics', 'x']\n")


@pytest.mark.parametrize(
    ("code", "output", "passed", "printed"),
    [
        pytest.param(0, "all well", True, "style          ok\n", id="passes"),
        pytest.param(3, "line 1: wrong", False, "style          FAILED\n    line 1: wrong\n", id="fails"),
        pytest.param(
            0,
            "SKIPPED [1] tests/databases.py:26: no server\n3 passed",
            True,
            "style          ok\n    SKIPPED [1] tests/databases.py:26: no server\n",
            id="skips-with-the-reason",
        ),
    ],
)
def test_a_check_is_one_line_and_its_words_when_it_fails(
    code: int, output: str, passed: bool, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-S", "-c", "import sys; print(sys.argv[1]); sys.exit(int(sys.argv[2]))", output]

    assert dev.step("style", [*command, str(code)]) is passed
    assert capsys.readouterr().out == printed
