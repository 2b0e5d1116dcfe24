"""One tree of errors. Each has a stable `code`, a sentence for people, and its facts.

FarsowError
├── Invalid        the value given cannot be used            422
├── Conflict       true, but not now or not twice            409
├── NotFound       no such thing, or not yours to see        404
├── Gone           it was here once                          410
├── Forbidden      signed in, but this role may not          403
├── Unauthorised   not signed in                             401
├── TooMany        slow down                                 429
├── TooLarge       more than we take                         413
└── Fault          the world outside failed
    ├── Temporary  try again later                           503
    └── Permanent  trying again will not help                502
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class FarsowError(Exception):
    """The root. `str(error)` is a sentence for people; `code` is for programs."""

    code = "error"

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts


class Invalid(FarsowError):
    """A value that cannot be used; `field` names it when one field is at fault."""

    code = "invalid"

    def __init__(self, sentence: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(sentence, **facts)
        self.field = field


class Conflict(FarsowError):
    """The wish is well formed but the state of things forbids it."""

    code = "conflict"


class NotFound(FarsowError):
    """No such thing, or none that this caller may see."""

    code = "not-found"


class Gone(FarsowError):
    """It was here once."""

    code = "gone"


class Forbidden(FarsowError):
    """Signed in, but the role does not allow it."""

    code = "forbidden"


class Unauthorised(FarsowError):
    """Not signed in, or the key is not known."""

    code = "unauthorised"


class TooMany(FarsowError):
    """Too many tries; wait."""

    code = "too-many"


class TooLarge(FarsowError):
    """More than we take."""

    code = "too-large"


class Fault(FarsowError):
    """The world outside failed."""

    code = "fault"


class Temporary(Fault):
    """Worth another try later, as an SMTP 4xx."""

    code = "temporary"


class Permanent(Fault):
    """Another try will not help, as an SMTP 5xx."""

    code = "permanent"


class UnknownZone(Invalid):
    """The tz database has no such zone."""

    code = "unknown-zone"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no time zone called “{name[:60]}”. Use a name such as Europe/London.", field="time_zone"
        )


class NoSuchTime(Invalid):
    """The clocks skip this local time."""

    code = "no-such-time"

    def __init__(self, local: datetime, zone_name: str) -> None:
        super().__init__(
            f"{local:%H:%M} does not exist on {local.day} {local:%B %Y} in {zone_name}: the clocks go forward then.",
            field="starts_at",
        )


class AmbiguousZone(Invalid):
    """A local time was wanted and an instant was given."""

    code = "local-time-wanted"

    def __init__(self, given: str) -> None:
        super().__init__(
            f"“{given[:40]}” carries an offset. Give the local time, such as 2027-03-04T18:00, and the zone beside it.",
            field="starts_at",
        )
