"""Makes seeds/demo/people.csv by a rule: the same people at every run, none of them real.

Names are drawn from lists by region with steps that share no factor, so that no pair repeats early.
"""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "seeds" / "demo"

# country, language, given names, family names, people of audience 1, 2, 3
REGIONS = (
    ("KE", "en", "Amani Baraka Chiku Daudi Eshe Faraji", "Otieno Wanjala Mutiso Kiplagat Achieng", (22, 6, 3)),
    ("SN", "fr", "Aminata Babacar Coumba Demba Ndeye", "Sarr Gueye Faye Diatta Camara", (16, 5, 2)),
    ("UG", "en", "Akello Byamukama Kato Nakato Opio", "Lwanga Mugisha Nsubuga Okello", (9, 2, 1)),
    ("EC", "es", "Alba Bruno Carmela Darío Eloísa", "Paredes Cevallos Quishpe Andrade", (10, 4, 2)),
    ("CO", "es", "Fabio Gloria Hernán Inés", "Restrepo Cárdenas Murillo", (7, 3, 2)),
    ("GB", "en", "Ailsa Bevan Cerys Dougal Elspeth Fergus", "Ashdown Birkett Calloway Drummond Eastwick", (10, 9, 9)),
    ("DE", "en", "Almut Benno Clemens Dörte Ekkehard", "Albrecht Brandhorst Claasen Dreyling", (5, 7, 5)),
    ("FR", "fr", "Aubin Blandine Corentin Delphine", "Arnoult Beauchêne Cordier Delmas", (5, 7, 3)),
    ("CH", "fr", "Anselme Beatrix Cyrille Doris", "Aebi Bolliger Chappuis", (3, 8, 2)),
    ("NO", "en", "Arvid Birgit Dagfinn Eldrid", "Aune Brekke Dalseth", (3, 5, 4)),
    ("ES", "es", "Adela Benito Casilda", "Arribas Bermejo Cuadrado", (3, 2, 2)),
    ("PL", "en", "Alicja Bogdan Celina", "Adamczak Borecki Cichy", (4, 2, 1)),
    ("JO", "ar", "Abeer Basel Dana Fadi", "Haddad Khoury Nassar", (8, 3, 1)),
    ("LB", "ar", "Carla Elie Ghada", "Saade Rahme Tannous", (5, 2, 1)),
    ("EG", "ar", "Amal Hossam Mona", "Shafik Mansi Ragab", (5, 2, 1)),
    ("IN", "en", "Anjali Bhaskar Chandni Deepak", "Ahluwalia Bhat Deshmukh Gokhale", (9, 4, 3)),
    ("NP", "en", "Asmita Bishnu", "Adhikari Basnet", (4, 1, 0)),
    ("KH", "en", "Bopha Chann", "Heng Keo", (5, 1, 1)),
    ("PH", "en", "Althea Benjie", "Abad Buenaflor", (4, 1, 1)),
    ("JP", "en", "Aoi Daichi", "Aizawa Endo", (2, 2, 1)),
    ("ZA", "en", "Ayanda Bongani", "Dlamini Khumalo", (3, 1, 1)),
    ("US", "en", "Abigail Bradley Cora Dexter", "Abernathy Blakeslee Crandall", (6, 8, 6)),
    ("AU", "en", "Alinta Bryce", "Ackland Burnett", (2, 1, 1)),
    ("KG", "en", "Aida Bakyt", "Asanov Bekova", (2, 1, 0)),
)
KINDS = {
    1: (
        "civil_society",
        (
            "Lakeside Survivors Network",
            "Open Door Initiative",
            "Coalition for Safe Streets",
            "Rural Voices",
            "Mesa Común",
            "Réseau des Rives",
            "Bridges Together",
            "Women of the Valley",
            "Youth Against Harm",
        ),
    ),
    2: (
        "policy",
        ("Ministry of Regional Affairs", "Office of the Assembly", "Permanent Mission", "Donor Liaison Office"),
    ),
    3: ("academia", ("Institute for Movement Studies", "Faculty of International Law", "Centre for Civic Research")),
}
DOMAINS = ("example.org", "example.net", "example.com")
AT_RISK = {41: "Person 0041", 97: "Person 0097", 160: "Person 0160"}


def people() -> list[dict[str, str]]:
    """Return every row of people.csv."""
    rows: list[dict[str, str]] = []
    for country, language, given, family, sizes in REGIONS:
        first, last = given.split(), family.split()
        for rank, size in enumerate(sizes, 1):
            for n in range(size):
                rows.append(_row(len(rows) + 1, rank, n, country, language, first, last))
    return rows


def _row(
    number: int, rank: int, n: int, country: str, language: str, first: list[str], last: list[str]
) -> dict[str, str]:
    step = number + rank * 3
    name = f"{first[step % len(first)]} {last[(step * 2 + n) % len(last)]}"
    audience, houses = KINDS[rank]
    house = f"{houses[step % len(houses)]}, {country}"
    lists = ["seminar_guests"] if number % 5 else []
    lists += ["newsletter"] if number % 3 == 0 else []
    return {
        "name": name,
        "e-mail": f"p{number:03}@{DOMAINS[number % 3]}",
        "organisation": house,
        "audience": audience,
        "country": country,
        "language": language,
        "at risk": "yes" if number in AT_RISK else "",
        "pseudonym": AT_RISK.get(number, ""),
        "lists": " ".join(lists),
    }


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    made = people()
    write(FOLDER / "people.csv", made)
    print(len(made), "people")
