"""The variables that say how e-mails leave."""

from pathlib import Path
from typing import Any

import pytest

from devora_admin.config import env
from devora_admin.config.email_url import MailServer
from devora_admin.config.env import BadEnvironment

FROM = {"SUPPORT_EMAIL": "Devora Support <support@devora.example>"}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    return lambda **values: env.read({"DEVORA_DATA_DIR": str(tmp_path), **values})


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.x.example", MailServer("mail.x.example", 587)),
        ("smtp://u%40x:p%2Fw@mail.x.example:25", MailServer("mail.x.example", 25, "u@x", "p/w")),
        ("smtp://relay?tls=0", MailServer("relay", 587, use_starttls=False)),
        (
            "smtps://u:p@mail.x.example",
            MailServer("mail.x.example", 465, "u", "p", use_starttls=False, use_tls=True),
        ),
        ("", None),
    ],
)
def test_a_server_is_named_by_its_address(url: str, server: MailServer | None, read):
    assert read(EMAIL_URL=url, **FROM).email_url == server


@pytest.mark.parametrize(
    "values",
    [
        {"EMAIL_URL": "mail.x.example", **FROM},
        {"EMAIL_URL": "http://mail.x.example", **FROM},
        {"EMAIL_URL": "smtp://", **FROM},
        {"EMAIL_URL": "smtp://x:port", **FROM},
        {"EMAIL_URL": "smtp://x?tls=maybe", **FROM},
        {"EMAIL_URL": "smtp://mail.x.example"},
        {"SUPPORT_EMAIL": "nobody"},
        {"SUPPORT_EMAIL": "a@x.example, b@x.example"},
        {"SUPPORT_EMAIL": "a@x.example\nBcc: b@x.example"},
        {"SUPPORT_REPLY_TO": "nobody"},
        {"PUBLIC_URL": "admin.example.com"},
    ],
)
def test_what_cannot_be_used_is_one_sentence_at_the_start(values: dict[str, str], read):
    with pytest.raises(BadEnvironment):
        read(**values)


def test_a_name_before_an_address_may_be_of_any_alphabet(read):
    assert read(SUPPORT_EMAIL="Unterstützung <a@x.example>").support_email.endswith("<a@x.example>")
    assert read(SUPPORT_EMAIL="a@x.example").support_email == "a@x.example"


def test_an_address_of_ours_goes_without_a_slash_at_its_end(read):
    assert read(PUBLIC_URL="https://admin.example.com/").public_url == "https://admin.example.com"


def test_no_password_is_in_what_is_printed_of_it(read):
    assert "hidden" not in repr(read(EMAIL_URL="smtp://u:hidden@x.example", **FROM))
