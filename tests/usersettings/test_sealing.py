"""`encrypt_secrets`: what the platform wrote in plain text is sealed, and keys are rotated."""

import threading
from io import StringIO
from random import Random

import pytest
from bson import Binary, Int64, ObjectId
from django.core.management import call_command

from devora_admin.core import sealed
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.usersettings import stored
from devora_admin.usersettings.documents import WORKER_STATE
from devora_admin.usersettings.services import sealing
from devora_admin.usersettings.services.secrets import opened
from tests.usersettings.conftest import GITHUB, OPENAI, seal

OLD, NEW = b"o" * 32, b"n" * 32


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("encrypt_secrets", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def texts(user_id: str) -> dict[str, str]:
    return {place.field: opened(user_id, place) for place in stored.read(user_id).secrets}


def states(user_id: str) -> set[str]:
    return {sealed.key_id_of(place.text or "") for place in stored.read(user_id).secrets}


EVERYTHING = {
    "api_keys": {"openai": OPENAI, "a.b": "with a dot in its name", "$x": GITHUB,
                 "": "no name at all!", "deep": {"list": [{"key": OPENAI}, GITHUB]},
                 "ключ": "тайна тайна тайна"},
    "integrations": {"github": {"token": GITHUB, "login": "marta", "scopes": ["repo"], "since": 5},
                     "hook": "https://hooks.example.com/services/x"},
}  # fmt: skip


def test_plain_secrets_are_sealed_and_nothing_else_is_touched(settings_of, held):
    user_id = settings_of(**EVERYTHING, preferences={"theme": "dark", "n": Int64(1)})
    before, plain = held(user_id), texts(user_id)
    assert "9 plain-text secrets encrypted" in run()
    assert texts(user_id) == plain
    assert states(user_id) == {sealed.keys()[0].id}
    after = held(user_id)
    assert after["preferences"] == before["preferences"]
    assert after["integrations"]["github"]["login"] == "marta"
    assert after["integrations"]["github"]["scopes"] == ["repo"]
    assert OPENAI not in str(after)
    assert GITHUB not in str(after)


def test_running_again_changes_nothing(settings_of, held, mongo):
    user_id = settings_of(**EVERYTHING)
    run()
    after = held(user_id)
    assert "0 plain-text secrets encrypted" in run()
    assert held(user_id) == after
    assert mongo[AUDIT_LOG].count_documents({"action": "secrets.encrypt"}) == 1


def test_a_rehearsal_writes_nothing(settings_of, held, mongo):
    user_id = settings_of(**EVERYTHING)
    before = held(user_id)
    assert "9 plain-text secrets would be encrypted" in run("--dry-run")
    assert held(user_id) == before
    assert mongo[WORKER_STATE].count_documents({}) == 0


def test_what_is_no_text_or_has_no_owner_is_counted_and_left(settings_of, held, mongo):
    user_id = settings_of(api_keys={"pin": 1234567890123, "bytes": Binary(b"x" * 30), "no": None})
    odd = {"_id": "text id", "user_id": 5, "api_keys": {"openai": OPENAI}}
    mongo.settings.insert_one(odd)
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys.bad": "enc:v1:x"}})
    before = held(user_id)
    told = run()
    assert "2 are not text" in told
    assert "1 stand in settings whose user_id is no text" in told
    assert "1 cannot be read" in told
    assert held(user_id) == before
    assert mongo.settings.find_one({"_id": "text id"}) == odd


def test_ids_of_every_type_are_walked_past(mongo):
    ids = [ObjectId(), "text", 5, Int64(2**40), {"a": 1}, Binary(b"x", 4), True, None, 1.5]
    for at, key in enumerate(ids):
        mongo.settings.insert_one({"_id": key, "user_id": f"u{at}", "api_keys": {"x": OPENAI}})
    counts = sealing.seal_all(report=lambda counts: None, batch=2)
    assert counts.plain == len(ids)
    assert all(texts(f"u{at}") == {"api_keys.x": OPENAI} for at in range(len(ids)))


def test_a_run_that_broke_off_goes_on_where_it_was(settings_of, mongo):
    users = [settings_of(api_keys={"openai": OPENAI}) for _ in range(6)]

    def stop(counts):
        if counts.customers == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealing.seal_all(report=stop, batch=2)
    assert len([user for user in users if states(user) == {sealed.keys()[0].id}]) == 4
    seen = []
    counts = sealing.seal_all(report=lambda counts: seen.append(counts.customers), batch=2)
    assert (seen[0], counts.customers, counts.plain) == (6, 6, 6)
    assert mongo[WORKER_STATE].count_documents({}) == 0


def test_a_run_for_another_key_begins_anew(settings_of, settings):
    settings.SECRETS_KEYS = (OLD,)
    user_id = settings_of(api_keys={"openai": OPENAI})

    def stop(counts):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealing.seal_all(report=stop)
    settings.SECRETS_KEYS = (NEW, OLD)
    assert sealing.seal_all(report=lambda counts: None).old == 1
    assert states(user_id) == {sealed.keys()[0].id}


@pytest.mark.parametrize("theirs", ["another-secret-of-theirs", None, {"key": GITHUB}, [OPENAI], 5])
@pytest.mark.parametrize("name", ["openai", "a.b"])
def test_the_platforms_write_in_between_wins(settings_of, held, mongo, monkeypatch, theirs, name):
    user_id = settings_of(api_keys={name: OPENAI, "other": GITHUB})
    real, number = sealing._write, iter(range(99))

    def write(planned):
        if next(number) == 0:
            keys = {"other": GITHUB} | ({} if theirs is None else {name: theirs})
            mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys": keys}})
        return real(planned)

    monkeypatch.setattr(sealing, "_write", write)
    sealing.seal_all(report=lambda counts: None)
    after = held(user_id)["api_keys"]
    assert sealed.is_sealed(after["other"])
    if theirs is None:
        assert name not in after
    elif isinstance(theirs, str):
        assert theirs in texts(user_id).values()
    elif isinstance(theirs, int):
        assert after[name] == 5
    else:
        assert type(after[name]) is type(theirs)
    assert sealing.seal_all(report=lambda counts: None).sealed == 0


def test_a_secret_that_no_document_could_hold_is_left_in_plain(settings_of, held):
    user_id = settings_of(api_keys={"huge": "x9" * 7_000_000, "openai": OPENAI})
    told = run()
    assert "1 would make their document larger" in told
    assert sealed.is_sealed(held(user_id)["api_keys"]["openai"])
    assert held(user_id)["api_keys"]["huge"].startswith("x9")


def test_after_a_rotation_the_old_key_can_go(settings_of, settings):
    settings.SECRETS_KEYS = (OLD,)
    user_id = settings_of(**EVERYTHING)
    plain = texts(user_id)
    run()
    settings.SECRETS_KEYS = (NEW, OLD)
    assert texts(user_id) == plain
    assert "9 moved from older keys" in run()
    settings.SECRETS_KEYS = (NEW,)
    assert texts(user_id) == plain
    assert states(user_id) == {sealed.keys()[0].id}


def test_reads_go_on_without_a_fault_while_keys_rotate(settings_of, settings, mongo):
    settings.SECRETS_KEYS = (OLD,)
    users = [settings_of(api_keys={"openai": OPENAI, "a.b": GITHUB}) for _ in range(60)]
    run()
    expected = texts(users[0])
    settings.SECRETS_KEYS = (NEW, OLD)
    ended, faults, reads = threading.Event(), [], []

    def read(seed: int) -> None:
        random = Random(seed)
        while not ended.is_set():
            try:
                assert texts(random.choice(users)) == expected
                reads.append(1)
            except BaseException as error:
                faults.append(error)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    try:
        counts = sealing.seal_all(report=lambda counts: None, batch=5)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert not faults
    assert reads
    assert counts.old == 120


def test_a_value_moved_to_another_customer_or_field_is_not_sealed_again(settings_of, mongo):
    owner, thief = settings_of(), settings_of()
    value = seal(OPENAI, owner, "api_keys.openai")
    mongo.settings.update_one({"user_id": owner}, {"$set": {"api_keys.other": value}})
    mongo.settings.update_one({"user_id": thief}, {"$set": {"api_keys.openai": value}})
    assert "2 cannot be read" in run()
    assert mongo.settings.find_one({"user_id": thief})["api_keys"] == {"openai": value}
