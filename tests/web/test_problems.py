"""Every error is one answer: problem+json for programs, a page for people."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.kernel import errors
from service.web import faults
from service.web.problems import status_of
from tests.web.support import key_headers, staff_client

NOTES = "/api/v1/notes"


@pytest.fixture
def program(visitor, house):
    visitor.headers.update(key_headers(house, "coordinator"))
    return visitor


def problem(answer) -> dict:
    """Return a problem without the number of the request, which differs each time."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.pop("request_id") == answer.headers["x-request-id"]
    return body


def test_a_refusal_carries_its_code_its_sentence_and_its_facts(program):
    answer = program.post(NOTES, json={"word": "seed", "refuse": True})

    assert problem(answer) == {
        "type": "about:blank", "title": "Conflict", "status": 409,
        "detail": "Not today.", "code": "refused", "note_id": "n1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"word": "seed", "colour": "green"}, "unknown-field", "colour"),
        ({}, "invalid-field", "word"),
        ({"word": 7}, "invalid-field", "word"),
        ({"word": "\ud800"}, "invalid-field", "word"),
        ([], "invalid-field", "body"),
    ],
    ids=["unknown", "missing", "wrong type", "half a character", "not an object"],
)
def test_a_wrong_body_names_the_field(program, body, code, field):
    answer = program.post(NOTES, content=json.dumps(body), headers={"Content-Type": "application/json"})

    said = problem(answer)
    assert (said["status"], said["code"], said["field"]) == (422, code, field)
    assert [(each["field"], each["code"]) for each in said["errors"]] == [(field, code)]


def test_two_wrong_fields_are_both_named(program):
    said = problem(program.post(NOTES, json={"shelf": "top", "colour": "green"}))

    assert [(each["field"], each["code"]) for each in said["errors"]] == [
        ("word", "invalid-field"), ("shelf", "invalid-field"), ("colour", "unknown-field"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", "invalid-json"), (b"word=seed", "invalid-json"), (b"\xff", "bad-request")]
)
def test_what_is_not_json_is_said_to_be_none(program, content, code):
    answer = program.post(NOTES, content=content, headers={"Content-Type": "application/json"})

    assert problem(answer)["code"] == code


def test_a_nul_cannot_be_stored_and_is_no_fault_of_ours(program, house):
    answer = program.post(NOTES, json={"word": "a\x00b"})

    assert answer.status_code == (422 if house.engine.dialect.name == "postgresql" else 201)


def test_unknown_addresses_and_methods(program):
    nowhere = program.get("/api/v1/nowhere")
    wrong = program.delete(NOTES)

    assert (nowhere.status_code, problem(nowhere)["code"]) == (404, "not-found")
    assert (wrong.status_code, problem(wrong)["code"], wrong.headers["allow"]) == (
        405, "method-not-allowed", "OPTIONS, POST",
    )  # fmt: skip


def test_options_says_what_is_taken(visitor):
    answer = visitor.options("/g/token")

    assert (answer.status_code, answer.headers["allow"], answer.text) == (204, "GET, HEAD, OPTIONS, POST", "")


def test_without_a_key_a_program_is_told_how_to_send_one(visitor):
    answer = visitor.get(f"{NOTES}/1")

    assert (answer.status_code, problem(answer)["code"], answer.headers["www-authenticate"]) == (
        401, "sign-in-needed", "Bearer",
    )  # fmt: skip


def test_people_get_a_page_with_the_sentence_and_the_number(visitor, house):
    staff_client(visitor, house, "viewer")

    answer = visitor.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page." in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_a_program_that_asks_a_page_for_json_gets_it(visitor):
    assert problem(visitor.get("/nowhere", headers={"Accept": "application/json"}))["code"] == "not-found"


@pytest.mark.parametrize("path", ["/api/v1/notes/broken/code", "/open/broken"])
def test_a_fault_shows_a_number_and_nothing_else(program, path):
    answer = program.post(path) if path == "/open/broken" else program.get(path)

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "maria" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(("kind", "status", "code"), [("table", 503, "not-migrated"), ("disk", 507, "disk-full")])
def test_faults_that_have_a_name(program, kind, status, code):
    answer = program.get(f"{NOTES}/broken/{kind}")

    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Invalid("x"), 422),
        (errors.UnknownZone("x"), 422),
        (errors.Conflict("x"), 409),
        (errors.NotFound("x"), 404),
        (errors.Gone("x"), 410),
        (errors.Forbidden("x"), 403),
        (errors.Unauthorised("x"), 401),
        (errors.TooMany("x"), 429),
        (errors.TooLarge("x"), 413),
        (errors.Temporary("x"), 503),
        (errors.Permanent("x"), 502),
        (errors.FarsowError("x"), 500),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_the_tree_of_errors_maps_to_statuses(error, status):
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("raised", "trouble"),
    [
        (OperationalError("", {}, pg.DiskFull()), faults.FULL),
        (OperationalError("", {}, pg.TooManyConnections()), faults.BUSY),
        (OperationalError("", {}, pg.AdminShutdown()), faults.AWAY),
        (OperationalError("", {}, psycopg.OperationalError("connection refused")), faults.AWAY),
        (DBAPIError("", {}, pg.DeadlockDetected()), faults.BUSY),
        (DBAPIError("", {}, pg.UndefinedColumn()), faults.OLD),
        (DataError("", {}, psycopg.DataError("NUL")), faults.ODD),
        (DataError("", {}, pg.StringDataRightTruncation()), faults.ODD),
        (DBAPIError("", {}, pg.SyntaxError()), None),
        (PoolTimeout(), faults.BUSY),
    ],
    ids=lambda value: type(getattr(value, "orig", None) or value).__name__,
)
def test_what_postgresql_says_means(raised, trouble):
    assert faults.database_trouble(raised) == trouble
