"""A mail server that refuses, is slow or gone: what is tried again, what is given up, and that no
e-mail waits for another."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.config.env import BASE_DIR
from devora_admin.core import clock
from devora_admin.support.mail import outbox, sending
from devora_admin.support.mail.composing import letter_of
from devora_admin.support.mail.outbox import MOST_TRIES, pause_s
from devora_admin.support.queries.issue import issue
from devora_admin.support.services import writing
from tests.live import free_port
from tests.support import smtp_server
from tests.support.test_mail import delivery, send_all, text_of


@pytest.fixture
def server(settings: Any) -> Any:
    with smtp_server.serving() as found:
        smtp_server.use(settings, found)
        yield found


@pytest.fixture
def replied(opened, actor):
    return lambda **fields: writing.reply(opened(**fields), "Hello", seen=1, actor=actor)


@pytest.fixture
def now_due(mongo):
    """now_due() → what waits is due, as if its pause or its lease were over."""
    return lambda: mongo.support_outbox.update_many(
        {"state": "waiting"}, {"$set": {"due_at": clock.now()}}
    )


@pytest.mark.parametrize(
    ("verb", "answer", "words"),
    [
        ("RCPT", "550 5.1.1 No such user", "550 5.1.1 No such user"),
        ("END", "554 5.7.1 This is spam", "554 5.7.1 This is spam"),
        ("MAIL", "552 5.3.4 Too big", "552 5.3.4 Too big"),
    ],
)
def test_what_the_server_refuses_for_good_is_given_up_at_once(
    verb: str, answer: str, words: str, replied, server, now_due
):
    server.answers[verb] = answer
    written = replied()
    send_all()
    now_due()
    send_all()
    found = delivery(written)
    assert (found.state, found.attempts, server.talks) == ("failed", 1, 1)
    assert words in found.error


@pytest.mark.parametrize(
    ("verb", "answer", "words"),
    [
        ("CONNECT", "421 Busy", "421 Busy"),
        ("CONNECT", "554 Not today", "554 Not today"),
        ("CONNECT", "drop", "could not be reached"),
        ("MAIL", "550 You are not let in", "refused our address"),
        ("RCPT", "450 4.2.1 Try later", "450 4.2.1 Try later"),
        ("DATA", "drop", "could not be reached"),
        ("END", "451 4.3.0 Disk full", "451 4.3.0 Disk full"),
        ("END", "drop", "could not be reached"),
    ],
)
def test_what_may_pass_is_tried_again_and_arrives(
    verb: str, answer: str, words: str, replied, server, now_due
):
    server.answers[verb] = answer
    written = replied()
    send_all()
    found = delivery(written)
    assert (found.state, found.attempts) == ("waiting", 1)
    assert words in found.error
    assert found.due_at
    assert timedelta(seconds=20) < found.due_at - clock.now() < timedelta(seconds=40)
    server.answers.clear()
    send_all()
    assert server.received == []  # it is not due yet
    now_due()
    send_all()
    found = delivery(written)
    assert (found.state, found.attempts, found.error) == ("sent", 2, "")
    assert len(server.received) == 1


def test_a_password_that_is_wrong_is_no_reason_to_give_up(replied, server, settings):
    server.answers |= {"EHLO": "250-loopback\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 Wrong"}
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = "x"
    written = replied()
    send_all()
    found = delivery(written)
    assert found.state == "waiting"
    assert "did not let us in: 535 5.7.8 Wrong" in found.error


def test_a_server_that_is_not_there_is_tried_again(replied, server, settings):
    settings.EMAIL_PORT = free_port()
    written = replied()
    send_all()
    assert delivery(written).state == "waiting"
    assert "could not be reached" in delivery(written).error


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "RCPT", "END"])
def test_a_hung_server_is_left_after_the_timeout(verb: str, replied, server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    server.answers[verb] = "sleep"
    written = replied()
    began = time.monotonic()
    send_all()
    assert time.monotonic() - began < 5
    assert delivery(written).state == "waiting"


def test_a_bad_one_does_not_hold_up_the_others(replied, server, make_customer, mongo, now_due):
    bad = [
        replied(user_id=make_customer(email=f"bad{number}@x.example")["id"]) for number in range(3)
    ]
    server.by_recipient |= {
        "bad0@x.example": "550 No", "bad1@x.example": "450 Later", "bad2@x.example": "drop",
    }  # fmt: skip
    good = replied()
    broken = replied()
    mongo.support_messages.update_one({"_id": broken.message_id}, {"$unset": {"text": ""}})
    last = replied()
    send_all()
    states = [delivery(each).state for each in (*bad, good, broken, last)]
    assert states == ["failed", "waiting", "waiting", "sent", "waiting", "sent"]
    assert delivery(broken).error == "It could not be made: KeyError."


def test_those_of_one_issue_leave_in_their_order_whatever_is_refused_meanwhile(
    opened, actor, server, now_due, mongo
):
    number, other = opened(), opened()
    server.answers["CONNECT"] = "421 busy"

    def reply(text: str, to: int = number) -> None:
        writing.reply(to, text, seen=issue(to).sequence, actor=actor)

    def sent() -> list[str]:
        return [text_of(mail).split()[0] for mail in server.mails()]

    reply("one")
    send_all()
    del server.answers["CONNECT"]
    reply("two")
    reply("three")
    reply("elsewhere", other)
    send_all()
    assert sent() == ["elsewhere"]
    now_due()  # those that were kept back, too
    send_all()
    assert sent() == ["elsewhere", "one", "two", "three"]
    # What waits does so no longer once the one before it is given up.
    server.answers["CONNECT"] = "421 busy"
    reply("four")
    send_all()
    reply("five")
    send_all()
    mongo.support_outbox.update_many(
        {"state": "waiting", "attempts": 1}, {"$set": {"attempts": MOST_TRIES}}
    )
    first = {"state": "waiting", "attempts": MOST_TRIES}
    mongo.support_outbox.update_one(first, {"$set": {"due_at": clock.now()}})
    outbox.put_off(outbox.claim() | {"attempts": MOST_TRIES}, "busy")
    del server.answers["CONNECT"]
    send_all()
    assert sent()[4:] == ["five"]
    assert mongo.support_outbox.count_documents({"is_held": True}) == 0


def test_what_was_held_back_is_let_go_however_the_one_before_it_ends(
    opened, actor, server, mongo, monkeypatch
):
    one, two = opened(), opened()
    written = [
        writing.reply(one, text, seen=seen, actor=actor) for seen, text in enumerate("ab", 1)
    ]
    first, found = outbox.claim(), outbox._earlier
    assert first

    def just_before_it_ends(row: Any) -> Any:
        monkeypatch.setattr(outbox, "_earlier", found)
        earlier = found(row)
        outbox.mark_sent(first, "x@x.example")
        return earlier

    monkeypatch.setattr(outbox, "_earlier", just_before_it_ends)
    second = outbox.claim()
    assert second
    assert second["_id"] == written[1].message_id

    old, held = (
        writing.reply(two, text, seen=seen, actor=actor) for seen, text in enumerate("ab", 1)
    )
    outbox.put_off(outbox.claim() or {}, "busy")
    assert outbox.claim() is None
    long_ago = {"waiting_since": clock.now() - timedelta(days=3)}
    mongo.support_outbox.update_one({"_id": old.message_id}, {"$set": long_ago})
    assert outbox.give_up_old() == 1
    assert (outbox.claim() or {})["_id"] == held.message_id


def test_after_two_days_of_tries_it_is_given_up(replied, server, now_due):
    server.answers["RCPT"] = "450 Later"
    written = replied()
    for _ in range(MOST_TRIES + 3):
        now_due()
        send_all()
    found = delivery(written)
    assert (found.state, found.attempts) == ("failed", MOST_TRIES)
    assert found.error.startswith(f"Given up after {MOST_TRIES} tries. ")
    assert "450 Later" in found.error


def test_pauses_grow_to_about_two_days_and_are_not_the_same_for_all():
    hours = sum(pause_s(number) for number in range(1, MOST_TRIES)) / 3600
    assert 35 < hours < 60
    assert len({pause_s(3) for _ in range(20)}) > 10
    assert 24 <= pause_s(1) <= 36
    assert pause_s(MOST_TRIES) < 8 * 3600


def test_what_the_server_says_is_cut_and_on_one_line(replied, server):
    server.answers["RCPT"] = "550 \x1b[31m" + "x" * 400
    written = replied()
    send_all()
    found = delivery(written).error
    assert found.isprintable()
    assert len(found) <= 300


def test_two_workers_never_send_the_same_one(replied, server):
    server.delay_s = 0.02
    for _ in range(12):
        replied()
    threads = [threading.Thread(target=send_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({mail["Message-ID"] for mail in server.mails()}) == len(server.received) == 12


def test_one_whose_sender_died_is_sent_again_with_the_same_message_id(replied, server, now_due):
    written = replied()
    claimed = outbox.claim()
    assert claimed
    sending.hand_over(letter_of(claimed).mail)  # and dies before that is noted
    send_all()
    assert delivery(written).state == "waiting"  # while the lease holds
    now_due()
    send_all()
    first, second = server.mails()
    assert first["Message-ID"] == second["Message-ID"]
    assert delivery(written).state == "sent"
    assert not outbox.mark_failed(claimed, "who lost the lease changes nothing")
    assert delivery(written).state == "sent"


def test_who_lost_a_lease_changes_nothing(replied, server, now_due):
    written = replied()
    slow = outbox.claim()
    now_due()
    quick = outbox.claim()
    assert slow
    assert quick
    assert not outbox.mark_failed(slow, "too late")
    assert not outbox.put_off(slow, "too late")
    assert not outbox.mark_sent(slow, "x@x.example")
    assert delivery(written).error == ""
    assert outbox.mark_sent(quick, "x@x.example")


def test_a_server_that_drops_after_taking_it_gets_it_again_with_the_same_message_id(
    replied, server, now_due
):
    server.answers["END"] = "drop after"
    replied()
    send_all()
    server.answers.clear()
    now_due()
    send_all()
    first, second = server.mails()
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("answer", ["sleep", "drop", "250 " + "x" * 9_000])
def test_a_server_that_spoils_the_farewell_has_taken_it(answer: str, replied, server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    server.answers["QUIT"] = answer
    written = replied()
    send_all()
    assert delivery(written).state == "sent"


def test_one_that_ends_the_worker_each_time_is_given_up(replied, server, mongo, now_due):
    written = replied()
    for _ in range(MOST_TRIES):
        assert outbox.claim()
        now_due()
    send_all()
    assert server.talks == 0
    assert "the worker stopped at every try" in delivery(written).error


def test_without_a_server_replies_wait_and_are_given_up_after_two_days(
    replied, server, settings, mongo
):
    settings.MAIL_IS_ON = False
    old, new = replied(), replied()
    past = clock.now() - timedelta(days=2, minutes=1)
    mongo.support_outbox.update_one({"_id": old.message_id}, {"$set": {"waiting_since": past}})
    assert sending.step() > 0
    assert [delivery(each).state for each in (old, new)] == ["failed", "waiting"]
    assert delivery(old).error == "No mail server was set for two days."
    settings.MAIL_IS_ON = True
    send_all()
    assert [delivery(each).state for each in (old, new)] == ["failed", "sent"]


def test_the_worker_sends_within_seconds_of_a_reply(replied, server, mongo, tmp_path):
    env = {
        **os.environ,
        "MEMORY_ENABLED": "0",
        "DB_NAME": mongo.name,
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}?tls=0",
        "SUPPORT_EMAIL": "support@devora.example",
    }
    command = [sys.executable, str(BASE_DIR / "manage.py"), "worker"]
    worker = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout
        assert "waiting for jobs" in worker.stdout.readline()
        written = replied(text="From another process")
        until = time.monotonic() + 20
        while time.monotonic() < until and delivery(written).state != "sent":
            time.sleep(0.1)
        assert delivery(written).state == "sent"
        assert "Hello" in text_of(server.mails()[0])
    finally:
        worker.terminate()
        assert worker.wait(timeout=15) == 0
        assert worker.stdout
        worker.stdout.close()
