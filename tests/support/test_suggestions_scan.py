"""What counts as a secret or as personal data, and what does not."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devora_admin.ops.demo import leaks
from devora_admin.ops.demo.source import STACKS, files_of
from devora_admin.support.suggestions import looking
from devora_admin.support.suggestions.scanning import scan
from devora_admin.support.suggestions.scanning.personal import is_iban, luhn
from tests.projects import npm_templates
from tests.projects.npm_templates import CREATE_NEXT_APP, CREATE_VITE
from tests.support.leaking import SECRETS, brief, iban


def names(text: str) -> list[str]:
    return [each.detector for each in scan.in_text(text)]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_where_people_leave_it(name: str):
    value = SECRETS[name](random.Random(name))
    text = f'// keys\nconst config = {{ key: "{value}" }};\n'
    (found,) = scan.in_text(text)
    assert (found.detector, found.line) == (name, 2)
    assert all(part in value for part in found.value.split("\n"))
    assert not list(scan.in_file("config/.env.example", text))


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        'apiKey: "your-key-here"',
        "sk-your-openai-key-goes-right-here-please-thanks-a-lot",
        "sk-proj-${OPENAI_KEY}",
        "sk-proj-your-openai-key-goes-right-here-please",
        "sk-ant-api03-put-todo-of-the-key-here-before-you-deploy-this",
        "ANTHROPIC_API_KEY=sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_0000000000000000000000000000000000000000",
        "DATABASE_URL=postgres://postgres:postgres@db.acme.io:5432/app",
        "DATABASE_URL=postgres://app:s3cr3tValue9@localhost:5432/app",
        "DATABASE_URL=postgres://app:s3cr3tValue9@db:5432/app",
        "mongodb://user:${PASSWORD}@cluster0.mongodb.net",
        "mongodb+srv://app:qV8rT2mZ@cluster.example.com/app",
        "https://user:longpassword99@proxy.acme.io",
        "-----BEGIN PRIVATE KEY-----",
        "const looksLike = /-----BEGIN RSA PRIVATE KEY-----/;",
        "disk-usage task-list-with-a-very-long-name-that-goes-on-and-on-and-on",
        "card 4242 4242 4242 4242",
        "visa: 4111111111111111",
        "id 4539148803436467",
        "0.4539148803436467 of a card",
        "GB82 WEST 1234 5698 7654 32",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIi"
        "wiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        " ".join(f"person{n}@example.com" for n in range(60)),
        " ".join(f"@scope/package-{n}@1.2.{n}" for n in range(60)),
        "write to us: hello@devora.app",
    ],
)
def test_what_stands_for_a_secret_is_none(text: str):
    assert names(text) == []


def test_a_long_key_may_spell_a_word_by_chance():
    key = SECRETS["private_key"](random.Random(44651))
    assert any(word in key.lower() for word in ("xxxx", "your", "todo", "fake"))
    assert names(key) == ["private_key"]


def test_personal_data_is_told_by_its_check_digits():
    made = random.Random(7)
    number, account = leaks.card_number(made), iban(made)
    spaced = " ".join(number[n : n + 4] for n in range(0, 16, 4))
    assert luhn(number)
    assert is_iban(account)
    assert names(f"{spaced}\n{account}\n") == ["card", "iban"]
    assert names(f"order {number}") == []
    assert names(f"card: {number}") == ["card"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert names(f"card: {wrong}") == []
    people = "\n".join(f"{name}.moss@posteo.de" for name in string.ascii_lowercase)
    (listed,) = scan.in_text(people)
    assert scan.masked(listed.detector, listed.value) == "26 addresses"


def test_code_that_nobody_leaked_from_has_no_finding():
    """Whole demo projects of every stack, and real templates of others."""
    for stack in STACKS:
        for file in files_of(stack, brief(stack), size_bytes=400_000):
            assert list(scan.in_file(file["name"], file["content"])) == [], file["name"]
    for package in (CREATE_NEXT_APP, CREATE_VITE):
        root = npm_templates.package(package)
        for path in (each for each in root.rglob("*") if each.is_file()):
            text = path.read_bytes().decode("utf-8", "ignore")
            assert list(scan.in_file(path.name, text)) == [], path


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_secret_stays_in_what_is_kept_of_it(data: st.DataObject):
    """Wherever it stands: in a file, a conversation or the name of a file."""
    made = random.Random(data.draw(st.integers(0, 2**32)))
    name = data.draw(st.sampled_from(sorted(SECRETS)))
    value = SECRETS[name](made)
    around = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
    project = {
        "_id": 1,
        "id": "p",
        "user_id": "u",
        "files": [
            {"name": "a.ts", "content": f"{around}\n{value}\n{around}"},
            {"name": f"keys/{value} x.ts", "content": f'"{value}"'},
        ],
        "conversation_history": [{"role": "user", "content": f"{around} {value} "}],
    }
    kept = looking.look_through(project)
    found = [each.value for each in scan.in_text(f" {value} ")]
    assert found
    assert kept.found
    for each in kept.found:
        shown = str((each.names, each.detector, each.hint, each.certainty, each.places))
        for secret in found:
            for part in secret.split("\n"):
                assert part[-8:] not in shown


def test_the_demo_leaks_what_the_scan_finds():
    made = random.Random(1)
    told = [each for number in leaks.LEAKS for file in leaks.leaked(number, made)
            for each in names(file["content"])]  # fmt: skip
    assert told == ["openai", "stripe", "address", "private_key", "card", "emails"]
