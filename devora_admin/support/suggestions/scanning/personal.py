"""Personal data: numbers of cards and accounts, by their check digits, and lists of addresses."""

import re

from devora_admin.support.suggestions.scanning.finding import Detector, Hits

# What stands before is looked at afterwards: asked first, it would be asked at every letter.
_CARD = re.compile(
    r"[2-6]\d{3}(?:[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}|[ -]?\d{6}[ -]?\d{5})(?![\w.+/=-])"
)
_ISSUED = re.compile(r"4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|6011\d{12}|65\d{14}|3[47]\d{13}")
_GLUE = re.compile(r"[\w.+/=-]")
_ABOUT_CARDS = re.compile(r"card|visa|amex|\bpan\b|kreditkarte|iban|payment", re.IGNORECASE)
_TEST_CARDS = (
    "4242424242424242 4111111111111111 4012888888881881 4000056655665556 5555555555554444 "
    "5105105105105100 5200828282828210 2223003122003222 378282246310005 371449635398431 "
    "6011111111111117 6011000990139424 6011981111111113 4000002500003155 4000000000009995 "
    "4000000000000002 4000000000000077 4000000000003220 4917610000000000 4444333322221111 "
    "4539578763621486 4716059206832451 5425233430109903 2222420000001113 374245455400126"
)
_MADE_FOR_TESTS = frozenset(_TEST_CARDS.split())


def luhn(digits: str) -> bool:
    doubled = (int(each) * 2 for each in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


def _cards(text: str) -> Hits:
    """A tenth of all numbers pass the check: one without gaps counts where cards are spoken of."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if not _ISSUED.fullmatch(digits) or _is_glued(text, found.start()):
            continue
        if digits in _MADE_FOR_TESTS or len(set(digits)) < 4 or not luhn(digits):
            continue
        if digits != found[0]:
            yield found.start(), digits, "likely"
        elif _ABOUT_CARDS.search(text, max(0, found.start() - 400), found.start() + 100):
            yield found.start(), digits, "possible"


def _is_glued(text: str, place: int) -> bool:
    """Whether what begins there is the end of something longer."""
    return place > 0 and _GLUE.match(text[place - 1]) is not None


_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip
_IBAN = re.compile(r"\d{2}(?:(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?|[A-Z0-9]{11,27})(?![\w+/=-])")
_KNOWN_IBANS = (
    "GB82WEST12345698765432 GB29NWBK60161331926819 GB33BUKB20201555555555 "
    "DE89370400440532013000 FR1420041010050500013M02606 NL91ABNA0417164300 "
    "CH9300762011623852957 ES9121000418450200051332 AT611904300234573201 BE68539007547034 "
    "IT60X0542811101000000123456 IE29AIBK93115212345678 FR7630006000011234567890189 "
    "DE75512108001245126199 ES7921000813610123456789 NL02ABNA0123456789 BE71096123456769 "
    "SE4550000000058398257466 NO9386011117947 DK5000400440116243 FI2112345600000785 "
    "PL61109010140000071219812874"
)
_OF_DOCUMENTATION = frozenset(_KNOWN_IBANS.split())


def is_iban(text: str) -> bool:
    """Length and check digits (ISO 13616)."""
    if len(text) != _LENGTHS.get(text[:2]):
        return False
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def _ibans(text: str) -> Hits:
    """Looked for from the check digits on, as digits are rarer than capitals."""
    for found in _IBAN.finditer(text):
        place = found.start() - 2
        length = _LENGTHS.get(text[max(0, place) : found.start()], 0)
        if not length or _is_glued(text, place):
            continue
        number = (text[place : found.start()] + found[0].replace(" ", ""))[:length]
        if number not in _OF_DOCUMENTATION and is_iban(number):
            yield place, number, "likely"


_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}+@((?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})"
)
_FEWEST = 20
"""Addresses that are a list of people, and no imprint, team page or seed of a test."""
_NOBODY = re.compile(
    r"(?:^|\.)(?:example|test|localhost|invalid|local|acme|domain|mail|email)(?:\.[a-z]{2,4})?$"
    r"|\.(?:png|jpe?g|svg|webp|gif)$",
    re.IGNORECASE,
)


def _emails(text: str) -> Hits:
    """One finding for all of them: the list is what matters."""
    if text.count("@") < _FEWEST:
        return
    people: dict[str, int] = {}
    for found in _EMAIL.finditer(text):
        if not _NOBODY.search(found[1]):
            people.setdefault(found[0].lower(), found.start())
    if len(people) >= _FEWEST:
        yield min(people.values()), "\n".join(sorted(people)), "likely"


PERSONAL = (
    Detector(
        "card", "Card number", "personal", tuple("23456"), _cards,
        "Ask the customer to remove it: numbers of cards belong with the payment provider alone.",
    ),
    Detector(
        "iban", "Bank account (IBAN)", "personal", tuple("0123456789"), _ibans,
        "Ask the customer whose it is, and to keep it out of the project.",
    ),
    Detector(
        "emails", "List of e-mail addresses", "personal", ("@",), _emails,
        "Ask the customer whether these are real people, and to keep them in a database.",
        ending=0,
    ),
)  # fmt: skip
