"""The commands, one line each; what they do lies beside: serving, data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli import backups, data, domain, serving
from service.cli.output import say

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Farsow.")
staff_app = typer.Typer(no_args_is_help=True, help="People who work here.")
key_app = typer.Typer(no_args_is_help=True, help="Keys for programs.")
keys_app = typer.Typer(no_args_is_help=True, help="Keys of sealed texts: notes, phone numbers, needs.")
people_app = typer.Typer(no_args_is_help=True, help="People who are written to.")
app.add_typer(staff_app, name="staff")
app.add_typer(key_app, name="key")
app.add_typer(people_app, name="people")
app.add_typer(keys_app, name="keys")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database up to date first.")] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Do not start the worker beside it.")] = False,
) -> None:
    """Serve the pages and the API; on SQLite the worker runs beside them."""
    serving.serve(host=host, port=port, migrate=migrate, with_worker=not no_worker)


@app.command()
def worker(
    parent: Annotated[int | None, typer.Option(hidden=True, help="End when this process is gone.")] = None,
) -> None:
    """Run the duties: letters, planned letters, imports."""
    serving.work(parent=parent)


@app.command()
def demo(
    port: int = 8000,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo keeps its data.")] = Path("var/demo"),
) -> None:
    """Serve the sample project on this machine; letters stay in a local mailbox."""
    serving.demo(port=port, folder=folder)


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    data.migrate()
    say("The database is up to date.")


@app.command()
def seed(folder: Annotated[Path | None, typer.Argument(help="Default: the sample project.")] = None) -> None:
    """Load a folder of data; loading it again changes nothing."""
    data.seed(folder)


@app.command()
def doctor(
    dns: Annotated[bool, typer.Option("--dns", help="Ask the DNS what it holds for the sender's domain.")] = False,
    json: Json = False,
) -> None:
    """Check settings, database and mail, and show what the DNS must hold; exit 1 with reasons."""
    raise SystemExit(data.doctor(asks_dns=dns, as_json=json))


@staff_app.command("add")
def staff_add(email: str, role: str = "manager", name: str = "", json: Json = False) -> None:
    """Add someone who works here and print a one-time sign-in link."""
    data.add_staff(email, role=role, name=name, as_json=json)


@key_app.command("add")
def key_add(name: str, role: str = "viewer", project: str | None = None, json: Json = False) -> None:
    """Make a key for a program; it is shown once."""
    data.add_key(name, role=role, project=project, as_json=json)


@keys_app.command("make")
def keys_make(key_id: Annotated[str, typer.Argument(help="Its name, such as 2027.")]) -> None:
    """Print a fresh key for FARSOW_FIELD_KEYS; put it first there, then rotate."""
    data.make_key(key_id)


@keys_app.command("dkim")
def keys_dkim(
    selector: Annotated[str, typer.Argument(help="Its name in the DNS, such as f2027.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the private key.")],
    kind: Annotated[str, typer.Option(help="rsa or ed25519; most receivers know rsa only.")] = "rsa",
) -> None:
    """Make a key that signs letters, and print the record to publish."""
    domain.make_dkim_key(selector, kind=kind, output=output)


@keys_app.command("rotate")
def keys_rotate(json: Json = False) -> None:
    """Seal every text under the current key again; safe while others work, and to be run again when stopped."""
    raise SystemExit(data.rotate_keys(as_json=json))


@people_app.command("import")
def people_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    list_key: Annotated[str | None, typer.Option("--list", help="The list they join.")] = None,
    basis: Annotated[str | None, typer.Option(help="consent, legitimate_interest or contract.")] = None,
    source: Annotated[str, typer.Option(help="Where these addresses come from.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen.")] = False,
    json: Json = False,
) -> None:
    """Import people from a CSV file."""
    data.import_people(file, list_key=list_key, basis=basis, source=source, dry_run=dry_run, as_json=json)


@app.command()
def report(
    project: str,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write it.")],
    format: Annotated[str, typer.Option(help="html, csv or json.")] = "html",
    profile: Annotated[str, typer.Option(help="internal, donor or public.")] = "internal",
) -> None:
    """Freeze a snapshot of a project and write its report."""
    data.write_report(project, output=output, format=format, profile=profile)


@app.command()
def ics(event: str, output: Annotated[Path, typer.Option("-o", "--output")]) -> None:
    """Write an event's PUBLISH file."""
    data.write_ics(event, output=output)


@app.command()
def intake(
    files: Annotated[list[Path] | None, typer.Argument(help="Raw messages; standard input when none.")] = None,
    json: Json = False,
) -> None:
    """Take in raw mail; exit 0, 65 (not a message we can use) or 75 (try again), as an MTA pipe expects."""
    raise SystemExit(data.take_in(files or [], as_json=json))


@app.command()
def forget(
    email: str,
    even_that: Annotated[bool, typer.Option("--even-that", help="Keep not even the hash that stops letters.")] = False,
    json: Json = False,
) -> None:
    """Erase everything held on an address and print the certificate."""
    data.forget(email, even_that=even_that, as_json=json)


@app.command()
def backup(file: Path, json: Json = False) -> None:
    """Write everything to a new file, while Farsow works: the database, its key, the list of erasures."""
    backups.backup(file, as_json=json)


@app.command()
def restore(file: Path, json: Json = False) -> None:
    """Make an empty installation what a backup holds. Nothing that waited then leaves by itself."""
    backups.restore(file, as_json=json)


@app.command("erase-again")
def erase_again(json: Json = False) -> None:
    """After a backup was restored: erase again whoever was erased since. `serve` and `migrate` do so too."""
    data.erase_again(as_json=json)


@app.command()
def certificates(
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when one was changed or is missing.")] = False,
    json: Json = False,
) -> None:
    """Print what was deleted by its time, by a promise or by a wish."""
    raise SystemExit(data.certificates(check=check, as_json=json))


@app.command("export-subject")
def export_subject(email: str, output: Annotated[Path, typer.Option("-o", "--output")]) -> None:
    """Write everything held on one person."""
    data.export_subject(email, output=output)
