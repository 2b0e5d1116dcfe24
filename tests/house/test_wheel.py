"""The wheel carries everything that Farsow needs, and runs away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.house import tree
from tests.house.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without a network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(tree.ROOT)]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def farsow(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `farsow` of an environment that has the wheel and sees the packages of this one."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=True)
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(command, check=True)
    return home / "bin" / "farsow"


def test_the_package_with_templates_seeds_and_migrations_is_inside_and_nothing_else(wheel: Path) -> None:
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("farsow-")}
    names = [path.relative_to(tree.ROOT) for path in tree.files()]
    data = {f"service/_data/{name}" for name in names if name.parts[0] in ("templates", "seeds", "alembic")}
    code = {str(name) for name in names if name.parts[0] == "service"}

    assert carried == data | code


def test_the_wheel_runs_away_from_the_checkout(farsow: Path, tmp_path: Path) -> None:
    done = subprocess.run([farsow, "--help"], cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert [name for name in ("serve", "worker", "demo", "migrate") if name not in done.stdout] == []


def test_the_wheel_migrates_a_database(farsow: Path, tmp_path: Path) -> None:
    environment = {
        "FARSOW_DATA_DIR": str(tmp_path),
        "FARSOW_PUBLIC_URL": "https://events.example.org",
        "FARSOW_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    }

    done = subprocess.run([farsow, "migrate"], cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "farsow.db").exists()


def test_the_wheel_runs_the_demo(farsow: Path, tmp_path: Path) -> None:
    port = free_port()

    with subprocess.Popen(
        [farsow, "demo", "--port", str(port), "--dir", tmp_path / "demo"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            printed = [demo.stdout.readline() for _ in range(4)]
            status = first_answer(f"http://127.0.0.1:{port}/readyz", demo)
        finally:
            demo.terminate()

    assert printed[0] == f"Farsow is at     http://127.0.0.1:{port}\n"
    assert status == 200
    assert (tmp_path / "demo" / "farsow.db").exists()


def first_answer(url: str, server: subprocess.Popen[str]) -> int:
    """Return the status of the first answer, waiting at most 30 seconds while the server lives."""
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return answer.status
        except OSError:
            time.sleep(0.2)
    return 0
