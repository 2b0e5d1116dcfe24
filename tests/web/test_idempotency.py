"""`Idempotency-Key`: one effect, one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from service.db.engine import reading
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import Open, rule
from tests.web.support import key_headers

NOTES = "/api/v1/notes"


@pytest.fixture
def program(visitor, house):
    visitor.headers.update(key_headers(house, "coordinator"))
    return visitor


def count(house) -> int:
    with reading(house.engine) as session:
        return session.execute(text("SELECT count(*) FROM note")).scalar_one()


def seen(answer) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.text


def test_the_same_request_again_gets_the_first_answer_and_has_no_effect(program, house):
    key = {"Idempotency-Key": "k-1"}

    first = program.post(NOTES, json={"word": "seed"}, headers=key)
    program.post(NOTES, json={"word": "another"})
    second = program.post(NOTES, json={"word": "seed"}, headers=key)

    assert seen(first) == (201, "application/json", '{"word":"seed","count":1}')
    assert seen(second) == seen(first)
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
    assert count(house) == 2


@pytest.mark.parametrize(
    ("path", "body"), [(NOTES, {"word": "other"}), (NOTES + "?x=1", {"word": "seed"})], ids=["body", "query"]
)
def test_the_key_of_another_request_is_refused(program, house, path, body):
    key = {"Idempotency-Key": "k-1"}
    program.post(NOTES, json={"word": "seed"}, headers=key)

    answer = program.post(path, json=body, headers=key)

    assert (answer.status_code, answer.json()["code"], count(house)) == (409, "idempotency-mismatch", 1)


def test_two_programs_may_choose_the_same_key(program, house):
    key = {"Idempotency-Key": "k-1"}

    one = program.post(NOTES, json={"word": "seed"}, headers=key)
    other = program.post(NOTES, json={"word": "seed"}, headers=key | key_headers(house, "coordinator"))

    assert (one.json()["count"], other.json()["count"]) == (1, 2)


def test_a_refusal_is_not_kept_so_the_next_try_is_fresh(program, house):
    key = {"Idempotency-Key": "k-1"}

    refused = program.post(NOTES, json={"word": "seed", "shelf": 7}, headers=key)
    with house.engine.begin() as connection:
        connection.execute(text("INSERT INTO shelf VALUES (7)"))
    again = program.post(NOTES, json={"word": "seed", "shelf": 7}, headers=key)

    assert (refused.status_code, again.status_code, count(house)) == (409, 201, 1)


@pytest.mark.parametrize("key", ["", "k" * 201, "a\tb"], ids=["empty", "long", "tab"])
def test_a_key_that_cannot_be_used_is_refused_before_anything_happens(program, house, key):
    answer = program.post(NOTES, json={"word": "seed"}, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"], count(house)) == (422, "idempotency-key", 0)


def test_twenty_at_once_have_one_effect_and_one_answer(program, house):
    def send(_):
        return program.post(NOTES, json={"word": "seed"}, headers={"Idempotency-Key": "k-1"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))

    assert {seen(answer) for answer in answers} == {(201, "application/json", '{"word":"seed","count":1}')}
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == [""] + ["true"] * 19
    assert count(house) == 1


def test_a_second_upload_with_other_boundaries_is_the_same_request(program, house):
    answers = []
    for boundary, word in (("aaaa1111", "seed"), ("bbbb2222", "seed"), ("cccc3333", "other")):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="word"\r\n\r\n{word}\r\n--{boundary}--\r\n'
        sent = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": "k-1"}
        answers.append(program.post(NOTES + "/upload", content=body, headers=sent))

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert count(house) == 1


def test_a_post_without_a_write_session_cannot_be_made():
    router = api_router("/loose", tag="loose")

    class Body(ApiModel):
        word: str

    with pytest.raises(TypeError, match="WriteSession"):

        @router.post("")
        @rule(Open.PUBLIC)
        def loose(body: Body) -> Body:
            return body
