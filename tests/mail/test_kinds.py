"""Templates are checked when they are loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from service.mail.kinds import BadTemplate, Kinds
from tests.mail.cast import TEMPLATES, kinds

GOOD = '{% set purpose = "events" %}{% block subject %}s{% endblock %}{% block text %}t{% endblock %}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES / "emails", tmp_path / "emails")
    return tmp_path


def test_kinds_are_files_with_a_purpose():
    made = kinds()

    assert made.purposes == {
        "action_alert": "news",
        "cancellation": "events",
        "commitment_check": "events",
        "confirmation": "events",
        "daily_briefing": "news",
        "invitation": "events",
        "joining": "events",
        "message": "news",
        "missed_you": "events",
        "newsletter": "news",
        "next_steps": "events",
        "postponement": "events",
        "press_release": "news",
        "readdressed": "events",
        "reminder": "events",
        "save_the_date": "events",
        "sign_up": "sign_up",
        "survey": "events",
        "survey_reminder": "events",
        "thank_you": "events",
        "update": "events",
    }


def test_language_falls_back_to_english():
    made = kinds()

    spoken = [made.language("invitation", tag) for tag in ("fr", "fr-CA", "AR_jo", "sw", "", "en-US")]

    assert spoken == ["fr", "fr", "ar", "en", "en", "en"]
    with pytest.raises(BadTemplate, match="no kind of letter called “party”"):
        made.language("party", "en")


def test_kind_without_translation_is_written_in_english(folder: Path):
    (folder / "emails/fr/invitation.j2").unlink()

    assert Kinds(folder).language("invitation", "fr") == "en"


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("party.j2", GOOD + "{% block html %}{{ tokn }}{% endblock %}", "speaks of tokn"),
        ("party.j2", GOOD + "{% block html %}{{ w.helo }}{% endblock %}", "speaks of w.helo"),
        ("party.j2", GOOD, "lacks html"),
        ("party.j2", GOOD.replace("purpose", "p") + "{% block html %}{% endblock %}", "lacks its purpose"),
        ("_facts.html", "{{ secret }}", "speaks of secret"),
        ("fr/_words.j2", '{% set dear = "x" %}', "differs from _words.j2"),
    ],
)
def test_template_that_would_fail_is_refused_at_start(folder: Path, name: str, source: str, why: str):
    (folder / "emails" / name).write_text(source)

    with pytest.raises(BadTemplate, match=why):
        Kinds(folder)


def test_missing_part_is_refused_at_start(folder: Path):
    (folder / "emails/_answers.txt").unlink()

    with pytest.raises(BadTemplate, match=r"_answers\.txt is missing"):
        Kinds(folder)
