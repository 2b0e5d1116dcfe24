"""Pages of an import: from the file or what was pasted to people, and nothing lost on the way."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from service.db.engine import reading
from service.people import imports, store
from service.web.house import House
from tests.messy import as_csv
from tests.people.test_files import PLAIN
from tests.people.test_large_files import workbook

KEY = b"a" * 32
FORM = {"list_id": "", "new_list": "", "basis": "", "source": ""}


def text_of(answer: Response) -> str:
    """Return what a page says, without markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def upload(manager: TestClient, data: bytes, name: str = "people.csv", **form: str) -> Response:
    return manager.post("/people/import", data=FORM | form, files={"file": (name, data)})


def paste(manager: TestClient, text: str, **form: str) -> Response:
    empty = {"file": ("", b"", "application/octet-stream")}
    return manager.post("/people/import", data=FORM | form | {"pasted": text}, files=empty)


def carry_out(house: House, location: str) -> None:
    keys: dict[str, Any] = {"address_key": KEY, "ring": house.ring}
    while imports.apply_chunk(house.engine, location.rpartition("/")[2], **keys, now=house.clock()):
        pass


def people_of(house: House) -> list[tuple[str, str]]:
    with reading(house.engine) as session:
        return sorted((p.name, p.email) for p in store.read_people(session, limit=1000).items)


def test_pasted_addresses_become_people(house: House, manager: TestClient) -> None:
    read = paste(manager, "Maria Achieng <maria@example.org>; jos@example.org", new_list="Guests", basis="consent")
    here = read.headers["location"]
    preview = text_of(manager.get(here))
    pressed = manager.post(f"{here}/apply")
    carry_out(house, here)
    done = manager.get(here)
    after = text_of(done)

    assert (read.status_code, pressed.status_code) == (303, 303)
    assert "pasted list" in preview
    assert "2 rows read. Nothing is stored until you press Import." in preview
    assert people_of(house) == [("Jos", "jos@example.org"), ("Maria Achieng", "maria@example.org")]
    assert "Imported. 2 people were made or brought up to date." in after
    assert "See the people Undo this import They are on the list “Guests”." in after
    onward = re.search(r'class="b first" href="(/people\?in_list=\w+)"', done.text)
    assert onward
    assert "2 people" in text_of(manager.get(onward[1]))


def test_address_cards_become_people(house: House, manager: TestClient) -> None:
    cards = b"BEGIN:VCARD\nFN:Maria\nEMAIL:m@example.org\nEND:VCARD\nBEGIN:VCARD\nFN:Cut\nEMAIL:cut@exam"

    here = upload(manager, cards, "contacts.vcf").headers["location"]
    page = text_of(manager.get(here))
    manager.post(f"{here}/apply")
    carry_out(house, here)

    assert "UTF-8, address cards." in page
    assert "Cut The card has no end." in page
    assert people_of(house) == [("Maria", "m@example.org")]


def test_what_was_typed_survives_an_error(manager: TestClient) -> None:
    answer = paste(manager, "Maria & Jos, no address here", new_list="Old <friends>", basis="consent", source="card")

    assert answer.status_code == 422
    assert "Maria &amp; Jos, no address here</textarea>" in answer.text
    assert 'value="Old &lt;friends&gt;"' in answer.text
    assert 'value="card"' in answer.text
    assert re.search(r'value="consent"\s+checked', answer.text)
    assert answer.text.count('role="alert"') == 1


def test_nothing_given_is_one_sentence(house: House, manager: TestClient) -> None:
    answer = paste(manager, "  ", new_list="Guests")

    assert answer.status_code == 422
    assert "Choose a file, or paste addresses into the box." in text_of(answer)
    with reading(house.engine) as session:
        assert store.read_lists(session) == []


def test_preview_says_of_each_row_what_will_become_of_it(manager: TestClient) -> None:
    text = (
        "Name,E-mail,Country\nMaria,maria@example.org,Kenya\nM.,maria@example.org,\nBo,bo@example,\nC,c@examp1e.org,\n"
    )
    here = upload(manager, text.encode()).headers["location"]

    page = text_of(manager.get(here))
    looks = text_of(manager.get(f"{here}?look=true"))
    refused = text_of(manager.get(f"{here}?verdict=refuse"))

    assert "Maria maria@example.org Kenya Leave out row 2" in page
    assert "The same address as row 2, which it completes." in page
    assert "The address cannot be used: The part after @ needs an ending, such as example.org." in refused
    assert "The domain looks like example.org, and is another. Is it the right one?" in looks
    assert "maria@example.org Kenya" not in looks


def test_row_is_left_out_and_taken_in_again(house: House, manager: TestClient) -> None:
    here = upload(manager, b"Name,E-mail\nMaria,m@example.org\nJos,j@example.org\n").headers["location"]

    left = manager.post(f"{here}/rows", data={"row": "2", "choice": "leave-out", "back": "create-"})
    page = text_of(manager.get(here))
    manager.post(f"{here}/rows", data={"row": "3", "choice": "leave-out"})
    manager.post(f"{here}/rows", data={"row": "3", "choice": "take-in"})
    manager.post(f"{here}/apply")
    carry_out(house, here)

    assert left.headers["location"] == f"{here}?verdict=create#row-2"
    assert "Left out by you. Take in again row 2" in page
    assert "Import one person" in page
    assert people_of(house) == [("Jos", "j@example.org")]


def test_way_back_repeats_nothing_that_was_sent(manager: TestClient) -> None:
    here = upload(manager, b"Name,E-mail\nMaria,m@example.org\n").headers["location"]

    answer = manager.post(f"{here}/rows", data={"row": "2", "choice": "leave-out", "back": "look-10&x=//evil.example"})

    assert answer.headers["location"] == f"{here}?look=true#row-2"


def test_progress_is_a_small_fragment_and_leads_on_when_it_is_done(house: House, manager: TestClient) -> None:
    here = upload(manager, b"Name,E-mail\nMaria,m@example.org\nJos,j@example.org\n").headers["location"]
    manager.post(f"{here}/apply")

    begun = manager.get(f"{here}/progress", headers={"HX-Request-Type": "partial"})
    carry_out(house, here)
    done = manager.get(f"{here}/progress", headers={"HX-Request-Type": "partial"})

    assert "0 of 2 rows" in begun.text
    assert "<html" not in begun.text
    assert 'hx-trigger="load"' in done.text
    assert "It has come to an end" in done.text


def test_past_imports_are_listed(manager: TestClient) -> None:
    upload(manager, b"Name,E-mail\nMaria,m@example.org\n", "spring.csv")

    page = text_of(manager.get("/people/import"))

    assert "Past imports" in page
    assert "spring.csv" in page


def test_messy_file_is_told_row_by_row(manager: TestClient) -> None:
    here = upload(manager, as_csv(), "contacts_final_v3.csv").headers["location"]

    page = text_of(manager.get(here))

    assert "495 rows read." in page
    assert "Column E, “Passport no”, is left out : Farsow does not hold such things." in page
    assert "X0000001" not in page


def test_columns_are_chosen_on_the_page_and_remembered(manager: TestClient) -> None:
    odd = b"Gast;Post;Wo\nMaria Achieng;m@example.org;Nairobi\n"
    here = upload(manager, odd).headers["location"]

    answer = manager.post(f"{here}/columns", data={"c0": "name", "c1": "email", "c2": "tags"})
    page = text_of(manager.get(here))
    next_page = text_of(manager.get(upload(manager, odd).headers["location"]))

    assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert "C tags ( “Wo” )" in page or "C tags (“Wo”)" in page
    assert "The columns are as you chose them for the last file of this shape." not in page
    assert "The columns are as you chose them for the last file of this shape." in next_page


def test_columns_without_addresses_are_told_and_what_was_chosen_stays(manager: TestClient) -> None:
    here = upload(manager, b"Gast;Post\nMaria Achieng;m@example.org\n").headers["location"]

    answer = manager.post(f"{here}/columns", data={"c0": "organisation", "c1": "tags"})

    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    assert re.findall(r'<option value="(\w+)" selected', answer.text) == ["organisation", "tags"]


def test_file_without_addresses_asks_which_column_it_is(manager: TestClient) -> None:
    read = upload(manager, b"Name,Contact details\nMaria,m at example\nJos,j@example.org\nBo,none\n")

    page = manager.get(read.headers["location"])

    assert read.status_code == 303
    assert "We cannot see which column holds the e-mail addresses." in text_of(page)
    assert "<details open>" in page.text


def test_file_survives_an_error_beside_it(house: House, manager: TestClient) -> None:
    first = upload(manager, b"Name,E-mail\nMaria,m@example.org\n", "guests.csv", list_id="gone", source="card")
    kept = re.search(r'name="kept" value="(\w+)"', first.text)
    assert kept

    second = paste(manager, "", new_list="Guests", kept=kept[1])
    page = text_of(manager.get(second.headers["location"]))

    assert first.status_code == 422
    assert "“guests.csv” is kept: you need not choose it again." in text_of(first)
    assert "1 rows read" in page or "One row read." in page
    with reading(house.engine) as session:
        states = sorted(view.state for view in store.imports.read_imports(session))
    assert states == ["discarded", "preview"]


def test_workbook_is_read_whatever_it_is_called(house: House, manager: TestClient) -> None:
    here = upload(manager, PLAIN, "guests.csv").headers["location"]
    page = text_of(manager.get(here))
    manager.post(f"{here}/apply")
    carry_out(house, here)

    assert "Sheet “Guests” (not read: “Notes of others”), first row is headings." in page
    assert people_of(house) == [("Maria", "maria@example.org")]


def test_another_sheet_of_the_workbook_is_read_instead(house: House, manager: TestClient) -> None:
    book = workbook({"Board": [["Name", "E-mail"], ["Ann", "ann@example.org"]], "Press": [["E-mail"], ["p@x.org"]]})
    here = upload(manager, book, "guests.xlsx").headers["location"]
    assert "Sheet “Board” (not read: “Press”)" in text_of(manager.get(here))

    answer = manager.post(f"{here}/sheet", data={"sheet": "Press"})
    page = manager.get(here)
    assert (answer.status_code, "Sheet “Press” (not read: “Board”)" in text_of(page)) == (303, True)
    assert ("p@x.org" in page.text, "ann@example.org" in page.text) == (True, False)

    assert manager.post(f"{here}/sheet", data={"sheet": "Private"}).status_code == 422
    manager.post(f"{here}/apply")
    carry_out(house, here)
    assert people_of(house) == [("P", "p@x.org")]
    assert manager.post(f"{here}/sheet", data={"sheet": "Board"}).status_code == 409


def test_workbook_that_cannot_be_opened_is_one_sentence(manager: TestClient) -> None:
    answer = upload(manager, PLAIN[:-40], "guests.xlsx", new_list="Old friends")

    assert answer.status_code == 422
    assert "This workbook cannot be opened." in text_of(answer)
    assert answer.text.count('role="alert"') == 1
    assert 'value="Old friends"' in answer.text


def test_headings_below_a_title_are_named_by_their_row(manager: TestClient) -> None:
    page = text_of(manager.get(upload(manager, as_csv()).headers["location"]))

    assert "Windows-1252, semicolons, row 3 is headings." in page
