"""Sample words for the storybook: the contexts that the templates ask for, with invented people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from service.kernel.regions import TILES

Story = tuple[str, dict[str, Any]]

STAFF: dict[str, Any] = {
    "staff": SimpleNamespace(name="Ruth Ellery"),
    "csrf": "sample",
    "project": SimpleNamespace(name="Resource book on coalition campaigning"),
}
SIGN_IN: dict[str, Any] = {
    "email": "ruth.ellery@example",
    "error": "The part after @ needs an ending, such as example.org.",
    "next": "/",
}


def bar(label: str, value: str, words: str, full: float, actual: float, line: float, **more: Any) -> dict[str, Any]:
    return {"label": label, "value": value, "words": words, "full": full, "actual": actual, "line": line, **more}


HOME: dict[str, Any] = STAFF | {
    "plan": [
        bar("Events held", "2 of 7", "On time: the plan expects 2 by now", 7, 2, 2),
        bar("People reached in person or online", "127 of 220", "Ahead: 110 expected by now", 220, 127, 110),
        bar("Civil society, share of invited", "57%, 236 of 413", "3 points under the 60%", 100, 57, 60, behind=True),
    ],
    "strip": {
        "title": "January to April 2027",
        "about": "Five events and seven letters; the same facts are in the list below.",
        "today": 0,
        "months": [
            {"x": 0, "text": "Jan"},
            {"x": 20, "text": "Feb"},
            {"x": 47, "text": "March"},
            {"x": 78, "text": "April"},
        ],
        "letters": [9, 15, 17, 18, 23, 28, 36],
        "events": [
            {"x": 16, "title": "Seminar 2", "about": "Thu 28 Jan, London + online", "sent": True},
            {"x": 23, "title": "Parliamentary briefing", "about": "Thu 4 Feb, Brussels", "sent": True},
            {"x": 36.5, "title": "Seminar 3, in French", "about": "Thu 18 Feb, Dakar + online", "sent": False},
            {"x": 57, "title": "Seminar 4", "about": "Thu 11 March, online", "sent": False},
            {"x": 84, "title": "Seminar 5", "about": "Thu 1 April, Nairobi + online", "sent": False},
        ],
    },
}


def row(name: str, organisation: str, where: str, status: str, source: str, when: str, note: str = "", why: str = ""):
    audience, country = where.split(", ")
    return {
        "name": name,
        "organisation": organisation,
        "audience": audience,
        "country": country,
        "status": status,
        "source": source,
        "when": when,
        "note": note,
        "why": why,
    }


EVENT: dict[str, Any] = STAFF | {
    "nav": "events",
    "path": "/events/1",
    "question": False,
    "toast": {
        "strong": "Reminder to 67 people",
        "text": "leaves at 10:47. Nobody has it yet.",
        "undo": "/mailings/1/undo",
        "until": "2027-01-12T10:47:00Z",
        "seconds": 272,
        "total": 300,
    },
    "steps": [
        {"label": "Invited", "n": 164, "text": "164", "note": "rank 1: 93 · 2: 46 · 3: 25"},
        {"label": "Delivered", "n": 160, "text": "160", "note": "4 came back"},
        {"label": "Accepted", "n": 61, "text": "61", "note": "40 in the room, 21 online"},
        {"label": "Attended", "n": None, "text": "–", "note": "known after 28 January"},
    ],
    "choices": [
        {"text": "All", "href": "/event", "n": 164, "current": True},
        {"text": "Accepted", "href": "/event?status=accepted", "n": 61, "current": False},
        {"text": "Tentative", "href": "/event?status=tentative", "n": 9, "current": False},
        {"text": "Declined", "href": "/event?status=declined", "n": 18, "current": False},
        {"text": "No answer", "href": "/event?status=sent", "n": 70, "current": False},
        {"text": "Came back", "href": "/event?status=bounced", "n": 4, "current": False},
    ],
    "people": [
        row("Maria Achieng", "Lakeside Network", "Civil society, Kenya", "accepted", "Link", "8 Jan", note="online"),
        row("Tomás Rivadeneira", "Mesa Andina", "Civil society, Ecuador", "accepted", "Phone", "11 Jan", note="room"),
        row("Dr Ingrid Solheim", "Fjordvik University", "Academia, Norway", "tentative", "Mail reply", "9 Jan"),
        row("Joseph Karanja", "Ministry", "Policy, Kenya", "substituted", "Link", "12 Jan", why="Grace Mutua"),
        row("Layla Mansour", "Open Door Amman", "Civil society, Jordan", "sent", "Reminder", "due 21 Jan"),
        row(
            "Hugh Penhale", "Committee office", "Policy, United Kingdom", "declined", "Link", "8 Jan", why="travelling"
        ),
        row("Fatou Ndiaye", "Réseau Teranga", "Civil society, Senegal", "waiting", "Link", "online too", note="1st"),
        row("Pavel Horák", "Institute", "Academia, Czechia", "bounced", "Mail", "code 5.1.1", why="no such address"),
    ],
    "letters": [
        {"state": "done", "title": "Save the date", "facts": "29 Dec 09:00 · 164 people · all delivered"},
        {"state": "done", "title": "Invitation", "facts": "7 Jan 09:00 · 164 people · 4 came back"},
        {"state": "today", "title": "Today, 12 January"},
        {
            "state": "next",
            "title": "Reminder",
            "facts": "21 Jan 09:00 · 67 of 70 who have not answered",
            "links": [("Read it", "#"), ("Move", "#"), ("Hold", "#")],
        },
        {"state": "next", "title": "Thank you, with the chapter", "facts": "29 Jan 10:00 · those who came"},
    ],
}

REPORT: dict[str, Any] = STAFF | {
    "nav": "reports",
    "five": [
        {"label": "People who came", "text": "125–129", "note": "target 220 by Dec 2027"},
        {"label": "Events held", "text": "2 of 7", "note": "launch, seminar 1"},
        {"label": "Print copies out", "text": "640", "note": "target 800"},
        {"label": "Civil society share", "text": "57%", "note": "promised 60%; 235 of 410"},
        {"label": "Organisations", "text": "60–64", "note": "target 120"},
    ],
    "rows": [
        bar(
            "E4 Distinct attendees",
            "125–129 / 220",
            "Ahead of 110 expected",
            240,
            125,
            220,
            expected=110,
            state="ahead",
        ),
        bar("R1 People invited", "410–414 / 600", "Ahead of 400 expected", 660, 410, 600, expected=400, state="ahead"),
        bar("R3 Delivery rate", "96% / 95%", "Met: 395 of 410", 105, 96, 95, expected=95, state="met"),
        bar(
            "R6 Priority share",
            "57% / 60%",
            "3 points under: 235 of 410",
            105,
            57,
            60,
            expected=60,
            state="behind",
            behind=True,
        ),
    ],
    "steps": [
        {"label": "Invited", "n": 410, "text": "410–414"},
        {"label": "Delivered", "n": 395, "text": "395–399", "note": "96%, 395 of 410"},
        {"label": "Accepted", "n": 170, "text": "170–174", "note": "43%, 170 of 395"},
        {"label": "Attended", "n": 125, "text": "125–129", "note": "140–144 attendances"},
    ],
    "audiences": [
        bar("1 Civil society", "70–74", "56%, planned 60%: 4 points under", 100, 56, 60, behind=True),
        bar("2 Policy makers", "30–34", "24%, planned 25%: as planned", 100, 24, 25),
        bar("3 Academia", "20–24", "16%, planned 15%: as planned", 100, 16, 15),
    ],
    "tiles": [
        {"key": key, "name": name, "text": text, "level": level, "place": TILES.get(key, (0, 0))}
        for key, name, text, level in (
            ("021", "Northern America", "5–9", 2),
            ("013", "Central America", "<5", 1),
            ("029", "Caribbean", "0", 0),
            ("005", "South America", "5–9", 2),
            ("154", "Northern Europe", "10–14", 3),
            ("151", "Eastern Europe", "5–9", 2),
            ("155", "Western Europe", "20–24", 4),
            ("039", "Southern Europe", "5–9", 2),
            ("143", "Central Asia", "0", 0),
            ("145", "Western Asia", "10–14", 3),
            ("034", "Southern Asia", "10–14", 3),
            ("030", "Eastern Asia", "<5", 1),
            ("035", "South-eastern Asia", "5–9", 2),
            ("015", "Northern Africa", "5–9", 2),
            ("011", "Western Africa", "15–19", 3),
            ("014", "Eastern Africa", "25–29", 5),
            ("017", "Middle Africa", "<5", 1),
            ("018", "Southern Africa", "<5", 1),
            ("053", "Australia and New Zealand", "<5", 1),
            ("none", "Not stated", "5–9", 2),
        )
    ],
}

AXES = {
    "event": "draft announced postponed closed cancelled",
    "invitation": "draft queued sent bounced accepted tentative declined waiting substituted withdrawn "
    "present absent excused",
    "letter": "none queued sent bounced unknown",
    "reply": "NEEDS-ACTION ACCEPTED TENTATIVE DECLINED DELEGATED",
    "seat": "none held waiting offered",
    "attendance": "unknown present absent excused",
    "mailing": "draft approved running paused done cancelled",
    "delivery": "queued sending sent deferred bounced failed unknown suppressed cancelled",
    "verdict": "create update merge skip refuse",
    "import": "reading preview applying stopped applied discarded undoing undone failed",
    "check": "passed look open failed",
    "plan": "planned due done met ahead on_time behind late dropped none",
}
KIT: dict[str, Any] = STAFF | {"axes": {axis: states.split() for axis, states in AXES.items()}}

# Guest pages. The words that come from data stay as they are typed; the page's own words are translated.
LINKS = {"held": "/p/x", "forget": "/p/x?step=confirm", "stop": "/u/x"}
HYBRID = {
    "title": "Seminar 2: Working with governments",
    "city_reader": "Nairobi",
    "when_reader": "Thursday 28 January 2027, 17:00–19:00",
    "city_venue": "London",
    "when_venue": "14:00–16:00",
    "same_day": True,
    "place": "Meeting house, Room 2",
    "has_room": True,
    "has_link": True,
    "cancel_reason": "",
}
ONLINE = HYBRID | {
    "when_reader": "",
    "when_venue": "Thursday 28 January 2027, 14:00–16:00",
    "has_room": False,
    "place": "",
}
ROOM = HYBRID | {"has_link": False}
ASK: dict[str, Any] = {
    "action": "/r/x",
    "sender": "Halden Trust",
    "guest": {"name": "Maria Achieng", "first_name": "Maria"},
    "event": HYBRID,
    "state": "open",
    "chosen": "",
    "reply": "",
    "moved_from": "",
    "queue": 3,
    "colleague": "/r/x/colleague",
    "links": LINKS,
}
THANKS: dict[str, Any] = ASK | {
    "reply": "yes_online",
    "seat": "none",
    "place_in_queue": 0,
    "letter_sent": True,
    "calendar": "/r/x/calendar.ics",
    "series_calendar": "/r/x/series.ics",
    "series_dates": 6,
    "change": "/r/x?a=change",
    "join_url": "",
    "link_comes": "Wednesday 27 January",
    "noted": False,
    "needs": False,
}
SURVEY: dict[str, Any] = {
    "action": "/r/x",
    "sender": "Halden Trust",
    "guest": {"name": "Maria Achieng", "first_name": "Maria"},
    "event": HYBRID,
    "state": "open",
    "marks": (1, 2, 3, 4, 5),
    "is_anonymous": False,
    "answered": False,
    "closes_at": datetime(2027, 2, 27, 17, tzinfo=UTC),
    "zone": "Europe/London",
    "noted": False,
    "error": "",
    "values": {},
    "links": LINKS,
}
CHECK: dict[str, Any] = SURVEY | {
    "commitment": {"words": "Train my team in writing to parliamentarians", "due_on": date(2027, 4, 28)},
    "chapters": {"chapter-1": "Working with governments", "chapter-6": "Engaging parliamentarians"},
    "checked": False,
    "values": {"state": "partly", "used": "yes", "chapter": "chapter-6"},
}
HELD: dict[str, Any] = {
    "quotes": [
        {"id": "q", "words": "It changed how we meet", "credit": "", "where": "Seminar 2", "until": "1 May 2028"}
    ],
    "step": "show",
    "sender": "Halden Trust",
    "held": [
        ("Name", "Maria Achieng"),
        ("E-mail", "m.achieng@example.org"),
        ("Language", "English"),
        ("Where we have it from", "She gave us her card, Geneva, November 2026"),
    ],
    "done": "",
    "error": "",
    "choices": [
        {"scope": "purpose:events", "name": "Invitations to events, and news of them", "since": "", "state": "on"},
        {"scope": "list:1", "name": "Friends of the book", "since": "3 November 2026", "state": "off"},
        {"scope": "list:2", "name": "Chapter authors", "since": "5 November 2026", "state": "barred"},
    ],
    "details": {
        "name": "Maria Achieng",
        "greeting": "Dear Maria",
        "language": "en",
        "time_zone": "Africa/Nairobi",
        "wish": "",
    },
    "languages": [("en", "English"), ("fr", "français"), ("es", "español"), ("ar", "العربية")],
    "zones": ["Africa/Nairobi", "Europe/London"],
    "invitations": [{"title": "Seminar 2", "when": "Thursday 28 January 2027", "answer": "Yes, online"}],
    "letters": 3,
    "newest": [{"subject": "Seminar 2: Working with governments, 28 January", "when": "12 Nov 2026"}],
    "consents": [
        {
            "what": "Friends of the book",
            "ground": "You agreed",
            "when": "3 Nov 2026",
            "source": "card, Geneva",
            "text_version": "sign-up-1",
        },
    ],
    "exports": [{"when": "9 Nov 2026", "who": "Ingrid Solheim", "format": "XLSX"}],
    "action": "/p/x",
    "links": LINKS,
}
STOP: dict[str, Any] = {
    "action": "/u/x",
    "sender": "Halden Trust",
    "list_name": "Friends of the book",
    "address_hint": "m•••@example.org",
}
PUBLIC: dict[str, Any] = {
    "sender": "Halden Trust",
    "event": {
        "title": "The launch of the resource book",
        "summary": "Chapter authors and readers meet.\n\nEveryone gets a copy.",
        "when_venue": "Thursday 4 March 2027, 18:00–20:00",
        "city_venue": "Geneva",
        "utc": "17:00–19:00",
        "place": "Meeting house, Room 2",
        "has_room": True,
        "has_link": True,
        "language_name": "English",
    },
    "state": "open",
    "series": {"title": "Seminars on coalition campaigning", "address": "/series/seminars"},
    "calendar": "/events/launch.ics",
    "web_calendars": (
        ("Google", "https://calendar.google.com/calendar/render?action=TEMPLATE"),
        ("Outlook.com", "https://outlook.live.com/calendar/0/deeplink/compose"),
        ("Microsoft 365", "https://outlook.office.com/calendar/0/deeplink/compose"),
        ("Apple", "webcal://seminars.example.org/events/launch.ics"),
    ),
}
SERIES: dict[str, Any] = {
    "sender": "Halden Trust",
    "series": {"title": "Seminars on coalition campaigning", "summary": "Six seminars, one a month."},
    "coming": [
        {
            "title": "Seminar 3: Organising conferences",
            "when_venue": "Thursday 18 February 2027, 15:00",
            "city_venue": "Dakar",
            "place": "Maison des associations",
            "address": "/events/seminar-3",
            "state": "announced",
        },
        {
            "title": "Seminar 4: Working with the press",
            "when_venue": "Thursday 18 March 2027, 15:00",
            "city_venue": "Dakar",
            "place": "",
            "address": "/events/seminar-4",
            "state": "postponed",
        },
    ],
    "past": [],
    "feed": "webcal://seminars.example.org/series/seminars.ics",
    "file": "/series/seminars.ics",
}

SIGN_UP: dict[str, Any] = {
    "sender": "Halden Trust",
    "list_name": "Friends of the book",
    "action": "/join/friends",
    "sent": False,
    "error": "",
    "typed": {},
}

GUEST_STORIES: dict[str, Story] = {
    "answer": ("guest/answer.html", ASK),
    "answer-chosen": ("guest/answer.html", ASK | {"chosen": "yes_online"}),
    "answer-online": ("guest/answer.html", ASK | {"event": ONLINE, "queue": 0, "colleague": ""}),
    "answer-moved": (
        "guest/answer.html",
        ASK | {"event": ROOM, "queue": 0, "reply": "yes", "moved_from": "Wednesday 27 January 2027, 17:00–19:00"},
    ),
    "answer-cancelled": (
        "guest/answer.html",
        ASK | {"state": "cancelled", "event": HYBRID | {"cancel_reason": "The speaker is ill."}},
    ),
    "answer-past": ("guest/answer.html", ASK | {"state": "past"}),
    "colleague": ("guest/colleague.html", ASK | {"wish": "", "errors": {}, "typed": {}}),
    "colleague-refused": (
        "guest/colleague.html",
        ASK
        | {
            "wish": "refused",
            "errors": {"email": True},
            "typed": {"name": "Joseph Karanja", "email": "joseph at example", "agreed": "yes"},
        },
    ),
    "answered": ("guest/answered.html", THANKS),
    "answered-waiting": ("guest/answered.html", THANKS | {"reply": "yes", "seat": "waiting", "place_in_queue": 7}),
    "answered-no": ("guest/answered.html", THANKS | {"reply": "no", "link_comes": "", "noted": True}),
    "answered-offered": ("guest/answered.html", THANKS | {"reply": "yes", "seat": "offered"}),
    "survey": ("guest/survey.html", SURVEY),
    "survey-back": (
        "guest/survey.html",
        SURVEY | {"error": "due_on", "values": {"usefulness": "4", "promise": "Call them", "due_on": "2020-01-01"}},
    ),
    "survey-nameless": ("guest/survey.html", SURVEY | {"is_anonymous": True, "error": "nothing"}),
    "survey-answered": ("guest/survey.html", SURVEY | {"state": "answered", "answered": True}),
    "survey-closed": ("guest/survey.html", SURVEY | {"state": "past"}),
    "check": ("guest/check.html", CHECK),
    "check-nameless": ("guest/check.html", CHECK | {"is_anonymous": True, "checked": True, "error": "nothing"}),
    "gone": ("guest/gone.html", {}),
    "unsubscribe": ("guest/unsubscribe.html", STOP),
    "unsubscribed": ("guest/unsubscribed.html", STOP | {"scope": "list", "preferences": "/p/x", "again": "/u/x/again"}),
    "preferences": ("guest/preferences.html", HELD),
    "forget": ("guest/preferences.html", HELD | {"step": "confirm"}),
    "forgotten": ("guest/preferences.html", HELD | {"step": "done"}),
    "event-public": ("guest/event_public.html", PUBLIC),
    "sign-up": ("guest/sign_up.html", SIGN_UP),
    "sign-up-refused": (
        "guest/sign_up.html",
        SIGN_UP | {"error": "email", "typed": {"email": "maria at example", "name": "Maria"}},
    ),
    "sign-up-sent": ("guest/sign_up.html", SIGN_UP | {"sent": True}),
    "sign-up-confirm": ("guest/joined.html", SIGN_UP | {"done": False, "address_hint": "m…@example.org"}),
    "sign-up-done": ("guest/joined.html", SIGN_UP | {"done": True, "address_hint": ""}),
    "series-public": ("guest/series_public.html", SERIES),
}

ARABIC_WORDS = {
    "Halden Trust": "مؤسسة هالدن",
    "Maria Achieng": "ليلى منصور",
    "Maria": "ليلى",
    "Seminar 2: Working with governments": "الندوة الثانية: العمل مع الحكومات",
    "Nairobi": "عمّان",
    "London": "لندن",
    "Thursday 28 January 2027, 17:00–19:00": "الخميس، 28 كانون الثاني 2027، 17:00–19:00",
    "Thursday 28 January 2027, 14:00–16:00": "الخميس، 28 كانون الثاني 2027، 14:00–16:00",
    "Wednesday 27 January 2027, 17:00–19:00": "الأربعاء، 27 كانون الثاني 2027، 17:00–19:00",
    "Wednesday 27 January": "الأربعاء 27 كانون الثاني",
    "Meeting house, Room 2": "دار الاجتماعات، القاعة 2",
}


def in_arabic(context: Any) -> Any:
    """Return a sample with its typed words in Arabic, as far as they have some."""
    if isinstance(context, dict):
        return {key: in_arabic(value) for key, value in context.items()}
    return ARABIC_WORDS.get(context, context) if isinstance(context, str) else context


BROKEN = {
    "/broken": """<!doctype html><html><head><title>Broken</title></head>
<body bgcolor="#ffffff" onload="document.title = 'ran'"><p style="color: red">Inline</p>
<script>document.title = "ran"</script><img src="http://elsewhere.test/pixel.png"><input name="nameless">
<table width="900"><tr><td><font color="#e0e0e0">Pale words on a pale ground</font></td></tr></table>
</body></html>""",
    "/blank": """<!doctype html><html lang="en"><head><title>Blank</title></head>
<body bgcolor="#ffffff"><main><h1>Words</h1><p><font color="#ffffff">White on white</font></p></main></body></html>""",
}
