"""Lock files pin everything that is wanted, by hash, and name no place to fetch it from."""

from __future__ import annotations

from pathlib import Path

import pytest

import dev

GOOD = {
    "runtime.in": "# what runs\nFast_API\nuvicorn[standard]>=0.40\n",
    "runtime.lock": "fast-api==1.0 \\\n    --hash=sha256:00\n"
    "uvicorn==0.40 ; python_version < '4' \\\n    --hash=sha256:01\n",
    "dev.in": "-r runtime.in\npytest\n",
    "dev.lock": "pytest==9.0 \\\n    --hash=sha256:02 \\\n    --hash=sha256:03\n",
}
PROJECT = '[project]\nname = "x"\ndependencies = ["fast.api>=1", "uvicorn[standard]"]\n'


def make(folder: Path, changed: dict[str, str], project: str = PROJECT) -> Path:
    """Return a checkout with these requirement files."""
    (folder / "requirements").mkdir()
    for name, words in (GOOD | changed).items():
        (folder / "requirements" / name).write_text(words)
    (folder / "pyproject.toml").write_text(project)
    return folder


def test_ours_are_in_order() -> None:
    assert dev.lock_problems(dev.ROOT) == []


def test_good_ones_have_no_problem(tmp_path: Path) -> None:
    assert dev.lock_problems(make(tmp_path, {})) == []


@pytest.mark.parametrize(
    ("name", "more", "problem"),
    [
        ("runtime.lock", "--index-url somewhere\n", "runtime.lock names where packages come from."),
        ("dev.lock", "x @ https://example.org/x.whl\n", "dev.lock names where packages come from."),
        ("dev.lock", "--find-links folder\n", "dev.lock names where packages come from."),
        ("dev.lock", "bare==1.0\n", "dev.lock pins bare without a hash."),
        ("dev.in", "mypy\n", "dev.in wants mypy, dev.lock does not pin it."),
    ],
)
def test_each_fault_is_named(tmp_path: Path, name: str, more: str, problem: str) -> None:
    assert dev.lock_problems(make(tmp_path, {name: GOOD[name] + more})) == [problem]


def test_a_dependency_of_the_wheel_that_is_not_locked_is_named(tmp_path: Path) -> None:
    project = PROJECT.replace('"uvicorn', '"httpx>=0.28", "uvicorn')

    assert dev.lock_problems(make(tmp_path, {}, project)) == ["pyproject.toml wants httpx, runtime.in does not."]
