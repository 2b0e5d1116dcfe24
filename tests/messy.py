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
        27: f"{first}.person{n - 1}@example.org",
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
