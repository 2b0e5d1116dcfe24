"""A file of 500 rows as small organisations have them: every untidiness there is, made by rule and always the same.

contacts_final_v3.csv   Windows-1252, semicolons, a title above the headings, French headings among English ones
"""

from __future__ import annotations

import csv
import io

HEADINGS = ["Nom et prénom", "E-mail", "Organisation", "Pays", "Passport no", "Audience rank", "Langue", "Tags"]
FIRST = ("Maria", "Tomás", "Ingrid", "Fatou", "Jos", "Amara", "Sunita", "Edvin", "Layla", "Chloé", "Nguyễn", "Zoë")
LAST = ("Achieng", "Rivadeneira", "Solheim", "Ndiaye", "Peeters", "Okoye", "Rao", "Larsson", "Mansour", "Brûlé")
HOUSES = ("Halden Trust", "Fjord Institute", "Coalición Andina", "Maison des droits", "Eastern Africa Network", "")
COUNTRIES = ("Kenya", "Équateur", "UK", "U.K.", "England", "Noruega", "Côte d’Ivoire", "Narnia", "NA", "n/a", "")
LANGUAGES = ("en", "French", "español", "Sindarin", "")
ROWS = 500


def _address(n: int) -> str:
    """Return the address of the n-th row, in one of the ways in which people leave addresses in cells."""
    first = "mtifjaselczz"[n % 12]
    plain = f"{first}.person{n}@example.org"
    ways = {
        3: f"mailto:{plain}",
        5: f"{FIRST[n % 12]} <{plain}>; second{n}@example.org",
        7: f"\u00a0{plain} ",
        11: plain.upper(),
        13: f"{plain};",
        17: plain.replace("@", "(at)"),
        19: f"{first}.person{n}@exarnple.org",
        23: f"info@house{n}.example",
        27: f"{'mtifjaselczz'[(n - 1) % 12]}.person{n - 1}@example.org",  # as the row above
        29: "n/a",
        31: "",
        37: f"{first} person{n}@example.org",
        41: f"{first}.person{n}@examp1e.org",
        43: f"{first}.person{n}@example",
        47: f"{first}.person{n}@bücher.example",
    }
    return next((text for way, text in sorted(ways.items(), reverse=True) if n % 50 == way), plain)


def _name(n: int) -> str:
    name = f"{FIRST[n % 12]} {LAST[n % 10]}"
    ways = {
        4: name.upper(),
        6: f"  {name}  ",
        8: "",
        9: f"{LAST[n % 10]}, {FIRST[n % 12]}",
        23: "",
        10: f"=HYPERLINK({n})",
    }
    return ways.get(n % 50, name)


def rows() -> list[list[str]]:
    """Return the rows without what stands above them; some are blank."""
    made = []
    for n in range(1, ROWS + 1):
        if n % 100 == 99:
            made.append([""] * len(HEADINGS))
            continue
        country, rank = COUNTRIES[n % 11], ("1", "2", "3", "rank 2", "VIP")[n % 5]
        paper = f"X{n:07}" if n % 3 else ""
        made.append(
            [_name(n), _address(n), HOUSES[n % 6], country, paper, rank, LANGUAGES[n % 5], "press|donor" * (n % 2)]
        )
    return made


def expected() -> dict[int, tuple[str, str | None, set[str]]]:
    """Return what should become of each row that is not blank, as told to three audiences of ranks 1 to 3.

    By the number of the row in the spreadsheet: the verdict, its reason, and the notes on it.
    """
    return {n + 3: (*_verdict(n), _notes(n)) for n in range(1, ROWS + 1) if n % 100 != 99}


def _verdict(n: int) -> tuple[str, str | None]:
    refused = {10: "formula", 17: "bad-address", 29: "no-address", 31: "no-address", 43: "bad-address"}
    if n % 50 in refused:
        return "refuse", refused[n % 50]
    if n % 50 == 23 and not HOUSES[n % 6]:
        return "refuse", "shared-mailbox"
    return ("merge", "same-address") if n % 50 == 27 else ("create", None)


def _notes(n: int) -> set[str]:
    by_cell = {
        5: {"two-addresses"},
        8: {"name-from-address"},
        10: {"formula"},
        17: {"bad-address"},
        19: {"like-known"},
        23: {"name-from-address"} if HOUSES[n % 6] else set[str](),
        27: {"same-address", "names-differ"},
        37: {"more-words"},
        41: {"like-known"},
        43: {"bad-address"},
    }
    unknown = {"country": n % 11 == 7, "audience": n % 5 == 4, "language": n % 5 == 3}
    return by_cell.get(n % 50, set()) | {f"unknown-{field}" for field, is_so in unknown.items() if is_so}


def as_csv() -> bytes:
    """Return the file as old Excel saves it in French."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([["Contacts of the coalition, all lists"], [], HEADINGS, *rows()])
    return text.getvalue().encode("cp1252", "replace")


def as_utf16() -> bytes:
    """Return the file as Excel's “Unicode text”: UTF-16 with a mark, tabs."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t").writerows([HEADINGS, *rows()])
    return text.getvalue().encode("utf-16")
