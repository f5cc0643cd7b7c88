from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from devora_admin.core import clock
from devora_admin.staff import elevation
from tests.conftest import PASSWORD

PATH = "/account/recovery-codes/"


def proved(client: Client, *, minutes_ago: float) -> None:
    session = client.session
    session[elevation._KEY] = (clock.now() - timedelta(minutes=minutes_ago)).isoformat()
    session.save()


def asks(client: Client) -> bool:
    return b'name="proof"' in client.get(PATH).content


def test_proof_lasts_a_quarter_of_an_hour(client_for):
    client = client_for("viewer")
    assert asks(client)
    proved(client, minutes_ago=14.9)
    assert not asks(client)
    proved(client, minutes_ago=15.1)
    assert asks(client)


def test_signing_in_is_proof(staff):
    client = Client()
    client.post("/login/", {"email": staff("viewer").email, "password": PASSWORD})
    assert not asks(client)


def test_proof_is_of_one_session(client_for, staff):
    one, other = client_for("viewer"), client_for("viewer")
    proved(one, minutes_ago=1)
    assert asks(other)


def test_proof_for_secrets_is_five_minutes_old_at_most(client_for, rf, staff):
    client = client_for("viewer")
    request = rf.get("/")
    for minutes, expected in ((4.9, True), (5.1, False)):
        proved(client, minutes_ago=minutes)
        request.session = client.session
        assert elevation.is_fresh(request, elevation.FOR_SECRETS) is expected


def test_sixty_parallel_guesses_at_proof_reach_the_hasher_at_most_five_times(
    client_for, staff, totp_for
):
    totp_for(staff("viewer"))
    client = client_for("viewer")
    hashed = []
    verify = Argon2PasswordHasher.verify

    def counting(self: Any, password: str, encoded: str) -> bool:
        hashed.append(password)
        return verify(self, password, encoded)

    def guess(number: int) -> int:
        copy = Client(raise_request_exception=False)
        copy.cookies = client.cookies
        return copy.post(PATH, {"proof": f"wrong-{number}"}).status_code

    # The hasher still runs; it is only counted.
    with patch.object(Argon2PasswordHasher, "verify", counting), ThreadPoolExecutor(20) as pool:
        statuses = set(pool.map(guess, range(60)))
    assert len(hashed) <= 5
    assert statuses == {422}
    assert b"Too many attempts" in client.post(PATH, {"proof": PASSWORD}).content
