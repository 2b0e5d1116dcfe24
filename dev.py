#!/usr/bin/env python3
"""Everything that is done in a checkout, in one command each; needs nothing but Python.

The first use makes an environment under var/env of a lock file, whose packages are pinned
by hash; `demo` and `run` take the runtime's, all else the developers'. What this script says
goes to stderr, and a failure is a sentence. It must parse on old Pythons, to refuse them.
"""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 14)
USAGE = """usage: python3 dev.py COMMAND

  demo [--port N] [--dir FOLDER]  serve the sample project on this machine
  run ARGS...                     run `farsow ARGS...`
  test [PYTEST ARGS...]           run the tests
  check                           style, types, import floors, migrations, lock files
  bench [mail|guest|import|report|memory|calendar|people|kill|capacity|wake]
                                  measure; all of them when none is named
  trust kill [--minutes N]        kill senders at random for a while, and look whether a letter was lost
  migration "WHAT CHANGES"        draft a revision of what differs between tables and migrations
  lock                            write requirements/*.lock anew (needs uv)
"""
BENCHES = {
    "mail": "bench.mail",
    "guest": "bench.guest",
    "import": "bench.imports",
    "report": "bench.report",
    "memory": "bench.memory",
    "calendar": "bench.calendar",
    "people": "bench.people",
    "kill": "bench.kill",
    "capacity": "bench.capacity",
    "wake": "bench.wake",
}
TRUSTS = {"kill": "bench.kill"}
OFFLINE = re.compile(
    r"name resolution|name or service not known|dns error|NewConnectionError|Max retries|ConnectTimeout|"
    r"connection refused|network is unreachable|error sending request|proxyerror|failed to fetch|from versions: none",
    re.IGNORECASE,
)


class Refused(Exception):
    """Something that cannot be done; its text is the sentence to show."""


def main(arguments: "list[str]") -> int:
    """Do one command; returns the exit code."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    commands = {
        "demo": demo,
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "trust": trust,
        "migration": migration,
        "lock": lock,
    }
    if name not in commands:
        (sys.stdout if name in ("-h", "--help") else sys.stderr).write(USAGE)
        return 0 if name in ("-h", "--help") else 2
    try:
        return commands[name](rest)
    except Refused as refused:
        say(str(refused))
    except OSError as error:
        say(f"This machine refused: {error}.")
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 1


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, file=sys.stderr, flush=True)


# --- commands -------------------------------------------------------------------------


def demo(arguments: "list[str]") -> int:
    """Serve the sample project."""
    return become([environment("runtime"), "-m", "service", "demo", "--dir", str(ROOT / "var" / "demo"), *arguments])


def run(arguments: "list[str]") -> int:
    """Be the command line; paths are those of the folder one stands in."""
    return become([environment("runtime"), "-m", "service", *arguments])


def test(arguments: "list[str]") -> int:
    """Run the tests, on as many cores as there are."""
    python = environment("dev")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not os.environ.get("FARSOW_TEST_DATABASE_URL"):
        say("As root: the PostgreSQL of the tests will not run as root and makes a system user called pgserver.")
    os.chdir(ROOT)
    return become([python, "-m", "pytest", "-n", "auto", "--dist", "loadgroup", *arguments])


def check(_arguments: "list[str]") -> int:
    """Run every check to the end, a line each; 1 when any failed."""
    python = environment("dev")
    tool = [python, "-m"]
    passed = [
        step("style", [*tool, "ruff", "check", "."]),
        step("format", [*tool, "ruff", "format", "--check", "."]),
        step("types", [*tool, "mypy"]),
        step("import floors", [str(Path(python).with_name("lint-imports"))]),
        step("migrations", [*tool, "pytest", "-rs", "tests/house/test_migrations.py", "-k", "drift"]),
        step_lock_files(),
    ]
    return 0 if all(passed) else 1


def step(name: str, command: "list[str]") -> bool:
    """Run one check and report it; a part that was skipped is said with its reason."""
    done = subprocess.run(
        command, cwd=ROOT, env=our_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        return report(name, False, done.stdout)
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    return report(name, True, "\n".join(skipped))


def step_lock_files() -> bool:
    """Check the lock files."""
    problems = lock_problems(ROOT)
    return report("lock files", not problems, "\n".join(problems))


def report(name: str, passed: bool, words: str) -> bool:
    """Print one line a check, and what there is to say about it below."""
    print("{:<15}{}".format(name, "ok" if passed else "FAILED"), flush=True)
    if words:
        print(re.sub(r"(?m)^(?=.)", "    ", words.rstrip()), flush=True)
    return passed


def bench(arguments: "list[str]") -> int:
    """Measure by name, or everything."""
    unknown = [name for name in arguments if name not in BENCHES]
    if unknown:
        raise Refused("There is no bench called {}; there are {}.".format(unknown[0], ", ".join(BENCHES)))
    python, worst = environment("dev"), 0
    for name in arguments or BENCHES:
        code = "import {0}; {0}.main()".format(BENCHES[name])
        done = subprocess.run([python, "-c", code], cwd=ROOT, env=our_environment())
        worst = max(worst, abs(done.returncode))
    return min(worst, 1)


def trust(arguments: "list[str]") -> int:
    """Prove by trying, for as long as one likes; 1 when a promise did not hold."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name not in TRUSTS:
        raise Refused("Say what to prove: python3 dev.py trust kill --minutes 10.")
    python = environment("dev")
    os.chdir(ROOT)
    return become([python, "-m", TRUSTS[name], *rest])


def migration(arguments: "list[str]") -> int:
    """Draft a revision: bring a scratch database up to date, then compare it with the tables."""
    if len(arguments) != 1:
        raise Refused('Say what changes: python3 dev.py migration "waiting list by hand".')
    scratch = ROOT / "var" / f"migration-{os.getpid()}.db"
    alembic = [environment("dev"), "-m", "alembic", "-x", f"url=sqlite:///{scratch}"]
    try:
        for words in (["upgrade", "head"], ["revision", "--autogenerate", "-m", arguments[0]]):
            if subprocess.run([*alembic, *words], cwd=ROOT, env=our_environment()).returncode:
                return 1
    finally:
        for left in scratch.parent.glob(scratch.name + "*"):
            left.unlink()
    return 0


def lock(_arguments: "list[str]") -> int:
    """Write the lock files anew; no registry is named in them."""
    uv = shutil.which("uv")
    if uv is None:
        raise Refused("Writing the lock files needs uv: pip install uv.")
    options = "-q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url"
    for name in ("runtime", "dev"):
        files = [f"{name}.in", "-o", f"{name}.lock"]
        command = [uv, "pip", "compile", *options.split(), *files]
        if subprocess.run(command, cwd=ROOT / "requirements").returncode:
            return 1
    return 0


# --- the environment ------------------------------------------------------------------


def become(command: "list[str]") -> int:
    """Let the command take this process's place, so that Ctrl-C and the exit code are its own."""
    if os.name != "nt":
        os.execve(command[0], command, our_environment())  # noqa: S606
    return subprocess.run(command, env=our_environment()).returncode  # on Windows exec returns to the prompt at once


def our_environment() -> "dict[str, str]":
    """Return the variables for a command: the package is found from any folder."""
    return dict(os.environ, PYTHONPATH=str(ROOT))


def unsupported(version: "tuple[int, ...]") -> "str | None":
    """Return the sentence for a Python outside the tried range, or None."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    return "Farsow needs Python {}.{} to {}.{}; this is {}.{}.".format(*OLDEST, *NEWEST, *version[:2])


def environment(kind: str) -> str:
    """Return the Python of the environment `runtime` or `dev`, made when it is not there yet."""
    sentence = unsupported(sys.version_info)
    if sentence:
        raise Refused(sentence)
    return prepare(ROOT / "var" / "env", kind, ROOT / "requirements" / (kind + ".lock"), install)


def prepare(folder: Path, kind: str, lock_file: Path, installer: "Callable[[Path, Path, Path], None]") -> str:
    """Return the Python of an environment, made by the installer once for each lock and Python.

    The stamp is written last: a folder without it was interrupted and is made again. Of two
    that come at once, one waits.
    """
    facts = lock_file.read_bytes() + repr((sys.version_info[:3], sys.base_prefix)).encode()
    home = folder / f"{kind}-{hashlib.sha256(facts).hexdigest()[:12]}"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / "ready"
    if stamp.exists() and python.exists():
        return str(python)
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(home.with_suffix(".lock")):
        if not (stamp.exists() and python.exists()):
            shutil.rmtree(home, ignore_errors=True)
            say(f"Setting up the {kind} environment, once; this takes up to a minute.")
            installer(home, python, lock_file)
            stamp.touch()
    return str(python)


@contextlib.contextmanager
def only_one(path: Path) -> "Iterator[None]":
    """Hold a lock file; it ends with this process, however that ends."""
    with path.open("ab") as file:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is setting up the environment; waiting for it.")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(home: Path, python: Path, lock_file: Path) -> None:
    """Make the environment with uv where it is found, else with venv and pip."""
    uv = shutil.which("uv")
    if uv:
        follow([uv, "venv", "--quiet", "--python", sys.executable, str(home)], home)
        command = [uv, "pip", "install", "--quiet", "--python", str(python)]
    else:
        refuse_without_ensurepip()
        follow([sys.executable, "-m", "venv", str(home)], home)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"]
    follow([*command, "--no-deps", "--require-hashes", "-r", str(lock_file)], home)


def refuse_without_ensurepip() -> None:
    """Refuse where Debian keeps ensurepip in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise Refused(f"This Python cannot make environments; on Debian and Ubuntu: apt install {package}")


def follow(command: "list[str]", home: Path) -> None:
    """Run one command of the set-up; its words are kept in a log and read when it fails."""
    log = home.with_suffix(".log")
    with log.open("wb") as file:
        code = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode
    if code == 0:
        log.unlink()
        return
    words = log.read_text(errors="replace")
    if OFFLINE.search(words):
        raise Refused("The packages could not be fetched: check the network, then start again.")
    lines = [line.strip() for line in words.splitlines() if line.strip()] or ["it said nothing"]
    telling = next((line for line in lines if "error" in line.lower()), lines[-1])
    raise Refused(f"The set-up failed: {telling} (all of it is in {log})")


# --- lock files -----------------------------------------------------------------------


def lock_problems(root: Path) -> "list[str]":
    """Return what is wrong with the lock files, a sentence each."""
    requirements = root / "requirements"
    problems = []
    for kind in ("runtime", "dev"):
        words = (requirements / (kind + ".lock")).read_text()
        if re.search(r"https?://|index-url|find-links", words):
            problems.append(f"{kind}.lock names where packages come from.")
        hashed = pinned(words)
        problems += [f"{kind}.lock pins {name} without a hash." for name in hashed if not hashed[name]]
        wanted = names((requirements / (kind + ".in")).read_text())
        problems += [f"{kind}.in wants {n}, {kind}.lock does not pin it." for n in wanted - set(hashed)]
    missing = package_dependencies(root) - names((requirements / "runtime.in").read_text())
    return problems + [f"pyproject.toml wants {name}, runtime.in does not." for name in sorted(missing)]


def pinned(lock_text: str) -> "dict[str, int]":
    """Return the packages a lock pins, and how many hashes each has."""
    found: dict[str, int] = {}
    current = ""
    for line in lock_text.splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", line)
        if pin:
            current = normal(pin.group(1))
            found.setdefault(current, 0)
        if current and "--hash=" in line:
            found[current] += line.count("--hash=sha256:")
    return found


def names(requirements_text: str) -> "set[str]":
    """Return the packages that a list of requirements names."""
    lines = (re.match(r"[A-Za-z0-9._-]+", line) for line in requirements_text.splitlines())
    return {normal(name.group(0)) for name in lines if name and not name.group(0).startswith("-")}


def normal(name: str) -> str:
    """Return a package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def package_dependencies(root: Path) -> "set[str]":
    """Return the packages that the wheel depends on."""
    import tomllib  # not on the old Pythons that we refuse

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return names("\n".join(project["dependencies"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
