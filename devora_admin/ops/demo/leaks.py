"""What some demo customers left in their projects: keys, a card and addresses, all made up."""

import string
from random import Random

from devora_admin.ops.demo.source.brief import File, file

_MIXED = string.ascii_letters + string.digits


def _of(random: Random, begin: str, count: int, letters: str = _MIXED) -> str:
    return begin + "".join(random.choices(letters, k=count))


def _openai(random: Random) -> File:
    key = _of(random, "sk-proj-", 60) + "T3BlbkFJ" + _of(random, "", 40)
    begin = 'import OpenAI from "openai";\n\nexport const assistant = new OpenAI({\n'
    return file("lib/assistant.js", f'{begin}  apiKey: "{key}",\n}});\n')


def _stripe(random: Random) -> File:
    lines = ("NODE_ENV=production", _of(random, "STRIPE_KEY=sk_live_", 24), "PORT=3000", "")
    return file(".env", "\n".join(lines))


def _database(random: Random) -> File:
    address = f"postgresql://app:{_of(random, '', 18)}@db.{_host(random)}.io:5432/app"
    return file(
        "db/connect.js", f'export const url =\n  process.env.DATABASE_URL ?? "{address}";\n'
    )


def _private_key(random: Random) -> File:
    lines = "\n".join(_of(random, "", 64) for _ in range(14))
    head, foot = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    return file("certs/server.key.txt", f"{head}\n{lines}\n{foot}\n")


def _card(random: Random) -> File:
    number = card_number(random)
    spaced = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    return file("seeds/orders.json", f'[\n  {{ "order": 1, "card": "{spaced}", "total": 49 }}\n]\n')


def _people(random: Random) -> File:
    names = (f"{first}.{_host(random)}" for first in string.ascii_lowercase)
    return file("data/newsletter.txt", "\n".join(f"{name}@posteo.de" for name in names) + "\n")


def card_number(random: Random) -> str:
    """Of no card, with its check digit."""
    start = _of(random, "4539", 11, string.digits)
    doubled = (int(each) * (1 + (place % 2 == 0)) for place, each in enumerate(start))
    return start + str(-sum(each - 9 if each > 9 else each for each in doubled) % 10)


def _host(random: Random) -> str:
    return _of(random, "", 9, string.ascii_lowercase)


LEAKS = {4: _openai, 9: _stripe, 15: _database, 22: _private_key, 27: _card, 36: _people}
"""By the number of the project."""


def leaked(number: int, random: Random) -> list[File]:
    return [LEAKS[number](random)] if number in LEAKS else []
