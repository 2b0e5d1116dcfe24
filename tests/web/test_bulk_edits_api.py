"""Changing many people by the API, with a preview, and taking it back."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.people import bulk_edits
from service.web.house import House
from tests.web.support import key_headers
from tests.web.test_bulk_edits import languages
from tests.web.test_segments import fill

URL = "/api/v1/bulk-edits"
WISH = {"filter": {"country": "KE"}, "set": {"language": "Swahili", "add_tags": ["east"]}}


def test_seen_done_and_undone(client: TestClient, house: House) -> None:
    fill(house)
    headers = key_headers(house, "coordinator")

    seen = client.post(f"{URL}/preview", json=WISH, headers=headers).json()
    assert (len(seen["people"]), seen["same"]) == (2, 0)
    assert languages(house) == {"Amina": None, "Ben": None, "Chloe": None}

    made = client.post(URL, json=WISH, headers=headers)
    assert (made.status_code, made.json()["people"]) == (201, 2)
    assert made.json()["set"] == {"language": "sw", "add_tags": ["east"]}
    assert languages(house) == {"Amina": None, "Ben": "sw", "Chloe": "sw"}

    undo = f"{URL}/{made.json()['id']}/undo"
    answers = [client.post(undo, headers=headers).json() for _twice in range(2)]
    assert answers == [{"put_back": 2, "kept": 0}, {"put_back": 0, "kept": 0}]
    assert languages(house) == {"Amina": None, "Ben": None, "Chloe": None}
    assert client.get(undo.removesuffix("/undo"), headers=headers).json()["undone_at"] is not None


def test_what_cannot_be_is_refused_with_a_code_and_changes_nothing(
    client: TestClient, house: House, monkeypatch
) -> None:
    fill(house)
    headers = key_headers(house, "coordinator")

    def code(body: dict[str, object], path: str = "") -> tuple[int, str]:
        answer = client.post(URL + path, json=body, headers=headers)
        return answer.status_code, answer.json()["code"]

    assert code({**WISH, "filter": {"colour": "red"}}) == (422, "bad-filter")
    assert code({**WISH, "set": {}}) == (422, "invalid")
    assert code({**WISH, "set": {"name": "X"}})[0] == 422
    monkeypatch.setattr(bulk_edits, "MOST", 1)
    assert [code(WISH, path) for path in ("", "/preview")] == [(422, "too-many-people")] * 2
    assert client.post(URL, json=WISH, headers=key_headers(house, "viewer")).status_code == 403
    assert client.get(f"{URL}/nowhere", headers=headers).status_code == 404
    assert languages(house) == {"Amina": None, "Ben": None, "Chloe": None}
