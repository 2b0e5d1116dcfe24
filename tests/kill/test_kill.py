"""kill -9 at every point of a letter's way: nobody is lost, and every extra copy is named.

Farsow's bound: extra copies are at most the connections that were open at each kill. More
rounds: FARSOW_TEST_KILLS=50, or `python3 dev.py trust kill --minutes 10`.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from service.db.engine import make_engine, writing
from service.kernel.clock import utc_now
from service.mail import actions
from service.mail.values import DeliveryState, MailingState, Semantics, SuppressionReason
from tests.kill.harness import Outcome, Run, soak
from tests.kill.sink import Plan
from tests.mail.cast import ADDRESS_KEY

KILLS = int(os.environ.get("FARSOW_TEST_KILLS", "6"))
CONNECTIONS = 4
ONCE, ONE_OR_MORE = Semantics.AT_MOST_ONCE, Semantics.AT_LEAST_ONCE
# Where the sender dies, and the least and most letters in doubt when it dies at its seventh.
POINTS = {
    "after claim": (0, 0),
    "before dot mark": (0, CONNECTIONS),
    "after dot mark": (1, CONNECTIONS),
    "after dot": (1, CONNECTIONS),
    "accepted": (1, CONNECTIONS),
    "before result": (1, CONNECTIONS),
    "after result": (0, CONNECTIONS),
}
AT_THE_SINK = ("after dot", "accepted")
SURELY_TWICE = ("accepted", "before result")


def assert_kept(outcome: Outcome, semantics: Semantics, connections: int = CONNECTIONS) -> None:
    """Check the promise."""
    assert outcome.lost == []
    assert outcome.differing == []
    assert outcome.unnamed == []
    assert outcome.mailing is MailingState.DONE
    in_doubt = outcome.unknown if semantics is ONCE else outcome.copies
    assert in_doubt <= outcome.kills * connections
    assert (outcome.copies if semantics is ONCE else outcome.unknown) == 0


@pytest.mark.parametrize("semantics", [ONE_OR_MORE, ONCE], ids=["at least once", "at most once"])
@pytest.mark.parametrize("point", POINTS)
def test_sender_killed_at_a_point_loses_nobody(database_url: str, tmp_path: Path, point: str, semantics: Semantics):
    run = Run(database_url, tmp_path, semantics)
    with run.sink(Plan(point if point in AT_THE_SINK else "", nth=7)) as orders:
        run.die(replace(orders, point=point, nth=7))
        run.finish(orders)

    outcome = run.outcome()
    least, most = POINTS[point]
    assert_kept(outcome, semantics)
    if semantics is ONCE:
        assert least <= outcome.unknown <= most
        assert outcome.states == {state: n for state, n in known(outcome.unknown, run.count).items() if n}
    else:
        assert outcome.copies >= (1 if point in SURELY_TWICE else 0)
        assert outcome.states == {DeliveryState.SENT: run.count}


def impatient(url: str) -> str:
    """Return the URL with which PostgreSQL soon ends the session of a process that is frozen amid a transaction."""
    options = {"options": "-c idle_in_transaction_session_timeout=2000"}
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def known(unknown: int, count: int) -> dict[DeliveryState, int]:
    return {DeliveryState.SENT: count - unknown, DeliveryState.UNKNOWN: unknown}


# At the sink it would be chance whose letter it is.
@pytest.mark.parametrize("semantics", [ONE_OR_MORE, ONCE], ids=["at least once", "at most once"])
@pytest.mark.parametrize("point", [point for point in POINTS if point not in AT_THE_SINK])
def test_one_of_three_workers_is_killed_and_the_others_finish(
    database_url: str, tmp_path: Path, point: str, semantics: Semantics
):
    run = Run(database_url, tmp_path, semantics, count=90)
    with run.sink() as orders:
        orders = replace(orders, is_alone=False)
        others = [run.start(orders) for _ in range(2)]
        run.die(replace(orders, point=point, nth=3))
        for other in others:
            other.join(60)

    assert [other.exitcode for other in others] == [0, 0]
    outcome = run.outcome()
    assert_kept(outcome, semantics)
    assert outcome.states == {state: n for state, n in known(outcome.unknown, 90).items() if n}


@pytest.mark.parametrize("semantics", [ONE_OR_MORE, ONCE], ids=["at least once", "at most once"])
def test_killed_again_and_again(database_url: str, tmp_path: Path, semantics: Semantics):
    run = Run(database_url, tmp_path, semantics, count=400)

    outcome = soak(run, seed=7, kills=KILLS, connections=8)

    assert outcome.kills >= 1
    assert_kept(outcome, semantics, connections=8)


# A SQLite file has one worker, and one that is frozen while it writes keeps the file from everyone.
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_stopped_beyond_its_lease_a_worker_changes_nothing(database_url: str, tmp_path: Path):
    run = Run(database_url, tmp_path, count=60)
    with run.sink(Plan(delay=0.02)) as orders:
        orders = replace(orders, url=impatient(database_url))
        stopped = run.start(orders)
        while not run.has_sent():
            time.sleep(0.01)
        os.kill(stopped.pid or 0, signal.SIGSTOP)
        try:
            run.finish(orders)
        finally:
            os.kill(stopped.pid or 0, signal.SIGCONT)
            stopped.join(60)

    outcome = replace(run.outcome(), kills=1)  # the stop is what may put letters in doubt
    assert stopped.exitcode in (0, 1)  # 1: PostgreSQL had ended its session
    assert_kept(outcome, ONE_OR_MORE)
    assert outcome.states == {DeliveryState.SENT: 60}


def test_who_stops_letters_meanwhile_gets_none_of_the_next_claim(database_url: str, tmp_path: Path):
    run = Run(database_url, tmp_path, count=60)
    last = "guest-59@example.org"
    with run.sink() as orders:
        run.die(replace(orders, point="after result", nth=5))
        engine = make_engine(database_url)
        with writing(engine) as session:
            reason = SuppressionReason.UNSUBSCRIBED
            address_key, now = ADDRESS_KEY, utc_now()
            actions.suppress(session, last, "all", reason, address_key=address_key, now=now, actor="guest")
        engine.dispose()
        run.finish(orders)

    assert run.outcome().states == {DeliveryState.SENT: 59, DeliveryState.SUPPRESSED: 1}
    assert run.outcome().lost == []
    assert last not in run.accepted()
