"""The rules of the calendar checker, one subject a file. Use it through `tests.calendar_check`.

report   what is found        content   octets to properties       values   one property
vevent   one event            zones     VTIMEZONE and its users    itip     what a METHOD demands
vcalendar   one file          message   the mail around it
"""
