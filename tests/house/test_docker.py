"""The image and the compose file, as far as they can be tried without a Docker engine.

Every path that is copied exists, every command is one of ours, and CMD with its health check
runs as written, outside an image.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import load
from tests.house import tree
from tests.house.ports import free_port

DOCKERFILE = (tree.ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((tree.ROOT / "compose.yaml").read_text())


def last(instruction: str) -> list[str]:
    """Return the JSON list of the last such instruction."""
    return list(json.loads(re.findall(rf"(?m){instruction} (\[.*\])$", DOCKERFILE)[-1]))


def farsow(arguments: list[str]) -> list[str]:
    """Return the command that `farsow …` stands for in the image."""
    assert arguments[0] == "farsow"
    return [sys.executable, "-m", "service", *arguments[1:]]


def test_every_path_that_is_copied_exists_and_reaches_the_builder() -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(\S+) \S+$", DOCKERFILE)
    ignored = (tree.ROOT / ".dockerignore").read_text().split("\n")

    assert copied == ["requirements/runtime.lock", "LICENSE", "alembic", "seeds", "templates", "service"]
    assert [path for path in copied if not (tree.ROOT / path).exists()] == []
    assert [path for path in copied if f"!{path}" not in ignored] == []


def test_the_image_takes_every_folder_that_the_code_looks_for() -> None:
    used = {name for _, words in tree.texts() for name in re.findall(r'data_folder\("(\w+)"\)', words)}

    assert used == {"alembic", "seeds", "templates"}


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"(?m)^USER (\w+)$", DOCKERFILE) == ["farsow"]


def test_compose_has_pages_a_worker_and_postgresql() -> None:
    services = COMPOSE["services"]

    assert set(services) == {"database", "web", "worker"}
    assert services["database"]["image"].startswith("postgres:")
    assert services["worker"]["environment"] == services["web"]["environment"]
    assert services["worker"]["build"] == "."


def test_compose_gives_settings_that_are_taken() -> None:
    given = {name: filled(value) for name, value in COMPOSE["services"]["web"]["environment"].items()}

    settings = load(given)

    assert settings.database_url == "postgresql://farsow:s3cret@database/farsow"
    assert settings.mail_url == "mailbox:"


def filled(value: str) -> str:
    """Fill in what a .env file would give; what has a default keeps it."""
    answers = {
        "POSTGRES_PASSWORD": "s3cret",
        "FARSOW_PUBLIC_URL": "https://events.example.org",
        "FARSOW_SECRET_KEY": secrets.token_hex(32),
        "FARSOW_SUPPRESSION_KEY": secrets.token_hex(32),
    }
    return re.sub(r"\$\{(\w+)(?::[-?][^}]*)?\}", lambda match: answers.get(match.group(1), ""), value)


@pytest.mark.parametrize("command", [last("CMD"), COMPOSE["services"]["worker"]["command"]], ids=lambda words: words[1])
def test_every_command_is_one_of_ours(command: list[str]) -> None:
    done = subprocess.run([*farsow(command), "--help"], cwd=tree.ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    options = [word for word in command if word.startswith("--")]
    assert [option for option in options if option not in done.stdout] == []


@pytest.mark.slow
def test_cmd_serves_and_the_health_check_says_so(tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {
        "FARSOW_DATA_DIR": str(tmp_path),
        "FARSOW_PUBLIC_URL": "https://events.example.org",
        "FARSOW_SECRET_KEY": secrets.token_hex(32),
    }
    command = [word.replace("0.0.0.0", "127.0.0.1") for word in last("CMD")]  # noqa: S104
    health = [word.replace(":8000", f":{port}") for word in last("HEALTHCHECK .*CMD")]
    health[0] = sys.executable

    with subprocess.Popen([*farsow(command), "--port", str(port)], cwd=tree.ROOT, env=environment) as server:
        try:
            codes = healthy(health, environment, server)
        finally:
            server.terminate()

    assert codes[-1] == 0
    assert (tmp_path / "farsow.db").exists()


def healthy(command: list[str], environment: dict[str, str], server: subprocess.Popen[bytes]) -> list[int]:
    """Ask until the answer is 0, for at most two minutes while the server lives; return the exit codes."""
    codes, end = [1], time.monotonic() + 120
    while codes[-1] and server.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
        codes.append(subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode)
    return codes
