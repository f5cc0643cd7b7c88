"""The words of an issue that tell it from others, for a search by words."""

import re
from collections import Counter

MOST = 10
_WORD = re.compile(r"[^\W_][\w.:/-]*[^\W_]")
_LEAST, _LONGEST = 3, 60
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
    about after again all also always and any are because been before but can cannot cant could
    did does doing dont error even every for from get gets getting got had has have hello help her
    here hey him his how into its just know like make may more most much need not now off one only
    our out over please really same see she should since some still such than thank thanks that the
    their them then there these they thing this those through time too try tried trying until use
    used using very want was way well were what when where which while who why will with without
    work works working would wrong yes yet you your
        """,
    )
)


def telling(subject: str, text: str) -> list[str]:
    """At most MOST, the most telling first: what looks like a name or a code, then long words.

    What the subject says counts twice.
    """
    counted: Counter[str] = Counter()
    typed: dict[str, str] = {}
    for weight, said in ((2, subject), (1, text)):
        for word in _WORD.findall(said):
            key = word.lower()
            if _LEAST <= len(word) <= _LONGEST and key not in _COMMON:
                counted[key] += weight
                typed.setdefault(key, word)
    ranked = sorted(counted, key=lambda key: (-_worth(typed[key], counted[key]), key))
    return ranked[:MOST]


def _worth(word: str, count: int) -> float:
    is_code = any(each.isdigit() or each in "_./:-" for each in word) or not (
        word.islower() or word.istitle()
    )
    return min(count, 3) + (4 if is_code else 0) + min(len(word), 12) / 4
