"""Rows become drafts: columns by heading or content, cells cleaned, what is odd noted."""

from __future__ import annotations

import pytest

from service.people.cards import UNFINISHED, read_cards
from service.people.headings import NoAddressColumn, find_layout
from service.people.importing import SENTENCES, audience_finder, read_addresses, read_drafts
from service.people.reading import read_table
from service.people.values import Audience, AudienceId, Draft, Reason

AUDIENCES = [
    Audience(AudienceId("a1"), 1, "civil-society", "Civil society", None),
    Audience(AudienceId("a2"), 2, "officials", "Officials and policy makers", None),
]
FIND = audience_finder(AUDIENCES)


def fields_of(*headings: str) -> list[str | None]:
    records = [list(headings), ["1 2"] * len(headings)]
    layout = find_layout(records, is_audience=lambda cell: FIND(cell) is not None)
    return [column.field if column.is_held else "left out" for column in layout.columns]


def drafts_of(text: str) -> list[Draft]:
    return drafts_from(read_table(text.encode()).records)


def drafts_from(records: list[list[str]]) -> list[Draft]:
    return read_drafts(records, find_layout(records, is_audience=lambda cell: FIND(cell) is not None), FIND)


def draft_of(cells: str, headings: str = "Name,E-mail") -> Draft:
    (draft,) = drafts_of(f"{headings}\n{cells}\n")
    return draft


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (
            ["Name", "E-mail", "Organisation", "Country", "Passport no", "Audience rank"],
            ["name", "email", "organisation", "country", "left out", "audience"],
        ),
        (["First Name", "LAST_NAME", "Email Address"], ["first_name", "last_name", "email"]),
        (["Nom", "Prénom", "Courriel", "Pays"], ["last_name", "first_name", "email", "country"]),
        (["Nom", "Adresse e-mail", "Organisme", "Langue"], ["name", "email", "organisation", "language"]),
        (["Nombre", "Apellidos", "Correo electrónico", "País"], ["first_name", "last_name", "email", "country"]),
        (["Nombre", "Correo", "Institución", "Idioma"], ["name", "email", "organisation", "language"]),
        (["E-mail", "E-mail", "Other email"], ["email", "other_email", "other_email"]),
        (["Mail", "Tél.", "Job title", "Remarques"], ["email", "phone", "role", "notes"]),
    ],
)
def test_headings_in_three_languages_are_understood(headings: list[str], fields: list[str]) -> None:
    assert fields_of(*headings) == fields


@pytest.mark.parametrize(
    "heading",
    ["Passport No.", "Passeport", "Pasaporte", "National ID", "ID number", "N° carte d'identité", "DNI", "Cédula",
     "Date of birth", "DOB", "Date de naissance", "Fecha de nacimiento", "Religion", "Ethnicity", "IBAN", "Disability"],
)  # fmt: skip
def test_columns_we_do_not_want_to_hold_are_left_out(heading: str) -> None:
    draft = draft_of("Maria Achieng,m@x.org,AB123", f"Name,E-mail,{heading}")

    assert fields_of("Name", "E-mail", heading) == ["name", "email", "left out"]
    assert "AB123" not in str(draft)


ADDRESS_BOOKS = {
    "Google, today": (
        "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Nickname,File As,Organization Name,"
        "Organization Title,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,"
        "Phone 1 - Value,Address 1 - Country",
        "First Name:first_name Middle Name:middle_name Last Name:last_name Organization Name:organisation "
        "Organization Title:role Notes:notes Labels:tags E-mail 1 - Value:email E-mail 2 - Value:other_email "
        "Phone 1 - Value:phone Address 1 - Country:country",
    ),
    "Google, earlier": (
        "Name,Given Name,Additional Name,Family Name,Language,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
        "E-mail 2 - Type,E-mail 2 - Value,Organization 1 - Name,Organization 1 - Title",
        "Name:name Given Name:first_name Additional Name:middle_name Family Name:last_name "
        "Language:language Group Membership:tags "
        "E-mail 1 - Value:email E-mail 2 - Value:other_email Organization 1 - Name:organisation "
        "Organization 1 - Title:role",
    ),
    "Outlook": (
        "First Name,Middle Name,Last Name,Title,Company,Department,Job Title,Business Country/Region,E-mail Address,"
        "E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Display Name,E-mail 3 Address,Categories,Birthday",
        "First Name:first_name Middle Name:middle_name Last Name:last_name Company:organisation "
        "Job Title:role Business Country/Region:country "
        "E-mail Address:email E-mail 2 Address:other_email E-mail 3 Address:other_email Categories:tags",
    ),
    "Outlook in French": (
        "Titre,Prénom,Deuxième prénom,Nom,Société,Poste,Pays/Région (Bureau),Adresse de messagerie,"
        "Adresse de messagerie 2,Catégories",
        "Prénom:first_name Deuxième prénom:middle_name Nom:last_name Société:organisation "
        "Poste:role Pays/Région (Bureau):country "
        "Adresse de messagerie:email Adresse de messagerie 2:other_email Catégories:tags",
    ),
    "Outlook in Spanish": (
        "Tratamiento,Nombre,Apellidos,Organización,Cargo,País o región del trabajo,Dirección de correo electrónico,"
        "Dirección de correo electrónico 2,Categorías",
        "Nombre:first_name Apellidos:last_name Organización:organisation Cargo:role "
        "País o región del trabajo:country Dirección de correo electrónico:email "
        "Dirección de correo electrónico 2:other_email Categorías:tags",
    ),
}


@pytest.mark.parametrize(("headings", "fields"), ADDRESS_BOOKS.values(), ids=ADDRESS_BOOKS)
def test_exports_of_address_books_are_understood(headings: str, fields: str) -> None:
    layout = find_layout([headings.split(",")], is_audience=lambda _text: False)

    assert " ".join(f"{c.heading}:{c.field}" for c in layout.columns if c.field) == fields


def test_titles_above_the_headings_are_passed_over() -> None:
    (draft,) = drafts_of("Contacts Geneva\n\nName,E-mail\nMaria,m@x.org\n")

    assert draft == Draft(4, {"name": "Maria", "email": "m@x.org", "email_key": "m@x.org"})


def test_without_headings_content_tells() -> None:
    text = "Maria Achieng;m@x.org;Kenya;Fjord Institute;en;1\nBo Lund;b@x.org;Norway;Fjord Institute;nb;2\n"
    records = read_table(text.encode()).records
    layout = find_layout(records, is_audience=lambda cell: FIND(cell) is not None)

    assert layout.heading_at is None
    assert [(c.letter, c.field) for c in layout.columns] == [
        ("A", "name"), ("B", "email"), ("C", "country"), ("D", "organisation"), ("E", "language"), ("F", "audience"),
    ]  # fmt: skip
    assert [draft.row for draft in read_drafts(records, layout, FIND)] == [1, 2]


def test_headings_in_other_words_are_still_headings() -> None:
    drafts = drafts_of("Gast;Post;Land\nMaria Achieng;m@x.org;Kenya\nBo Lund;b@x.org;Norway\n")

    assert [d.fields for d in drafts] == [
        {"name": "Maria Achieng", "email": "m@x.org", "email_key": "m@x.org", "country": "KE"},
        {"name": "Bo Lund", "email": "b@x.org", "email_key": "b@x.org", "country": "NO"},
    ]


def test_a_table_without_addresses_is_refused() -> None:
    with pytest.raises(NoAddressColumn) as refused:
        drafts_of("Name,Country\nMaria,Kenya\n")

    assert refused.value.code == "no-address-column"


@pytest.mark.parametrize(
    ("cell", "keys", "name"),
    [
        ("m@x.org", ["m@x.org"], ""),
        ("Maria <m@x.org>; maria2@x.org", ["m@x.org", "maria2@x.org"], "Maria"),
        ('"Achieng, Maria" <m@x.org>', ["m@x.org"], "Achieng, Maria"),
        ("mailto:M@x.org", ["m@x.org"], ""),
        ("m@x.org / maria2@x.org", ["m@x.org", "maria2@x.org"], ""),
        ("m@x.org/maria2@x.org", ["m@x.org", "maria2@x.org"], ""),
        ("m@x.org, M@X.org", ["m@x.org"], ""),
        ("(m@x.org)", ["m@x.org"], ""),
        ("nobody@; m@x.org", ["m@x.org"], ""),
        ("hpenhale(at)example", [], ""),
        ("\uff4d\uff20\uff58\u3002\uff4f\uff52\uff47", ["m@x.org"], ""),
        ("m@x.org.;", ["m@x.org"], ""),
        ("m@b\u00fccher.example", ["m@xn--bcher-kva.example"], ""),
    ],
)
def test_addresses_in_a_cell_are_found(cell: str, keys: list[str], name: str) -> None:
    found, in_cell, fault = read_addresses(cell)

    assert ([address.key for address in found], in_cell, bool(fault)) == (keys, name, not keys)


def test_turned_cells_are_set_right_and_ask_for_a_look() -> None:
    (draft,) = drafts_of("Name,E-mail\nMaria,\u202em@x.org\u202c\n")

    assert draft == Draft(2, {"name": "Maria", "email": "m@x.org", "email_key": "m@x.org"}, (("turned", "m@x.org"),))


@pytest.mark.parametrize("cell", ["n/a", "N/A", "-", "none", "Aucun", "no tiene", "#N/A"])
def test_words_for_no_address_are_none(cell: str) -> None:
    drafts = drafts_of(f"Name,E-mail,Country\nMaria,{cell},n/a\nJos,jos@x.org,NA\n")

    assert drafts == [
        Draft(2, {"name": "Maria"}, (), Reason.NO_ADDRESS),
        Draft(3, {"name": "Jos", "email": "jos@x.org", "email_key": "jos@x.org", "country": "NA"}),
    ]


def test_an_address_in_place_of_a_name_is_no_name() -> None:
    (draft,) = drafts_of("Name,E-mail\nmaria.achieng@x.org,maria.achieng@x.org\n")

    assert (draft.fields["name"], draft.notes) == ("Maria Achieng", (("name-from-address", ""),))


def test_labels_and_names_in_parts_of_an_address_book_are_put_together() -> None:
    headings = "First Name,Middle Name,Last Name,Labels,E-mail 1 - Value"
    (draft,) = drafts_of(f"{headings}\nMaria,A.,Achieng,Press ::: NGO ::: * myContacts,m@x.org ::: n@x.org\n")

    assert draft.fields == {
        "name": "Maria A. Achieng",
        "tags": ["Press", "NGO"],
        "email": "m@x.org",
        "email_key": "m@x.org",
        "other_emails": ["n@x.org"],
    }


def test_card_that_is_cut_is_refused_with_what_is_wrong_with_it() -> None:
    (draft,) = drafts_from(list(read_cards(["BEGIN:VCARD\n", "FN:Maria\n", "EMAIL:m@x.o"])))

    assert draft == Draft(2, {"name": "Maria"}, (("broken-card", UNFINISHED),), Reason.BROKEN_CARD)


def test_second_address_is_kept_and_noted() -> None:
    assert draft_of("Fatou Ndiaye,fatou@x.org; f.ndiaye@x.org") == Draft(
        2,
        {
            "name": "Fatou Ndiaye",
            "email": "fatou@x.org",
            "email_key": "fatou@x.org",
            "other_emails": ["f.ndiaye@x.org"],
        },
        ((Reason.TWO_ADDRESSES, "f.ndiaye@x.org"),),
    )


@pytest.mark.parametrize(
    ("cells", "fields", "notes", "refusal"),
    [
        ("Maria,", {"name": "Maria"}, (), Reason.NO_ADDRESS),
        (
            "H. Penhale,hpenhale(at)example",
            {"name": "H. Penhale", "email": "hpenhale(at)example"},
            ((Reason.BAD_ADDRESS, "The address has no @."),),
            Reason.BAD_ADDRESS,
        ),
        (",info@x.org", {"email": "info@x.org", "email_key": "info@x.org"}, (), Reason.SHARED_MAILBOX),
        (
            ",amara.okoye@x.org",
            {"name": "Amara Okoye", "email": "amara.okoye@x.org", "email_key": "amara.okoye@x.org"},
            ((Reason.NAME_FROM_ADDRESS, ""),),
            None,
        ),
        (",Maria <m@x.org>", {"name": "Maria", "email": "m@x.org", "email_key": "m@x.org"}, (), None),
    ],
)
def test_missing_names_and_addresses(cells: str, fields: object, notes: object, refusal: object) -> None:
    assert draft_of(cells) == Draft(2, fields, notes, refusal)  # type: ignore[arg-type]


def test_shared_mailbox_takes_the_name_of_its_organisation() -> None:
    draft = draft_of(",info@x.org,Fjord Institute", "Name,E-mail,Organisation")

    assert (draft.fields["name"], draft.refusal) == ("Fjord Institute", None)


def test_address_in_the_second_column_only_is_used() -> None:
    draft = draft_of("Maria,,m@x.org", "Name,E-mail,Other email")

    assert draft == Draft(2, {"name": "Maria", "email": "m@x.org", "email_key": "m@x.org"})


def test_unknown_values_leave_the_field_empty_and_are_noted() -> None:
    headings = "Name,E-mail,Country,Language,Time zone,Audience"

    assert draft_of("Maria,m@x.org,Narnia,Klingonese,Mars/Base,Wizards", headings) == Draft(
        2,
        {"name": "Maria", "email": "m@x.org", "email_key": "m@x.org"},
        (
            (Reason.UNKNOWN_COUNTRY, "Narnia"),
            (Reason.UNKNOWN_LANGUAGE, "Klingonese"),
            (Reason.UNKNOWN_TIME_ZONE, "Mars/Base"),
            (Reason.UNKNOWN_AUDIENCE, "Wizards"),
        ),
    )


def test_all_fields_of_a_row_are_read() -> None:
    headings = (
        "First name;Surname;E-mail;Greeting;Role;Organisation;Audience;Country;Language;Time zone;Tags;At risk;Source"
    )
    cells = (
        "Tomás;Rivadeneira;t@x.org;Dear Tomás;Lecturer;Fjord;rank 2;Ecuador;es;America/Guayaquil;panel, press;yes;card"
    )

    assert draft_of(cells, headings) == Draft(
        2,
        {
            "name": "Tomás Rivadeneira",
            "email": "t@x.org",
            "email_key": "t@x.org",
            "greeting": "Dear Tomás",
            "role": "Lecturer",
            "organisation": "Fjord",
            "audience_id": "a2",
            "country": "EC",
            "language": "es",
            "time_zone": "America/Guayaquil",
            "tags": ["panel", "press"],
            "at_risk": True,
            "source": "card",
        },
    )


def test_blank_rows_are_no_rows() -> None:
    assert [d.row for d in drafts_of("Name,E-mail\nM,m@x.org\n , \n\nN,n@x.org\n")] == [2, 5]


def test_long_cells_are_cut_to_what_a_column_holds() -> None:
    fields = draft_of(f"{'N' * 400},m@x.org,{'R' * 400}", "Name,E-mail,Role").fields
    halves = draft_of(f"{'N' * 400},{'M' * 400},m@x.org", "First name,Last name,E-mail").fields
    many = draft_of(
        f"M,{';'.join(f'a{n}@x.org' for n in range(99))},{'|'.join(map(str, range(99)))}", "Name,E-mail,Tags"
    )

    assert (len(fields["name"]), len(fields["role"]), len(halves["name"])) == (300, 200, 300)
    assert (len(many.fields["other_emails"]), len(many.fields["tags"])) == (19, 20)


@pytest.mark.parametrize("written", ["1", "rank 1", "Rank 1", "civil-society", "civil society", "CIVIL  SOCIETY"])
def test_audience_is_found_by_rank_key_and_name(written: str) -> None:
    assert FIND(written) == "a1"


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
