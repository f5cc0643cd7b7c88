"""Solved issues that share the rarer words of another.

MongoDB's own score knows nothing of how rare a word is, and reads every issue that has one of them:
among 20,000 that is half a second for words of every day. So each word is asked for by itself, and
no further than to tell that it is common.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from devora_admin.support.documents import issues

COMMON_FROM = 400
"""Solved issues with a word that tells next to nothing apart; no more of them are read."""
_PATIENCE_S = 0.5
"""At rest it takes less than half of this. The page is there already, but a busy server has more
to do for others than to look for longer: what was found by then is shown."""


def find(terms: Sequence[str], solved: Mapping[str, Any], *, limit: int) -> tuple[list[str], bool]:
    """Ids of issues, those with more and rarer words first, and whether time ran out.

    terms: the most telling first. solved: what issues must fulfil besides.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    is_late = False
    try:
        with pymongo.timeout(_PATIENCE_S):
            for term in terms:
                ids = _with(term, solved)
                for each in ids:
                    scores[each] += math.log(COMMON_FROM + 2) - math.log(len(ids))
    except PyMongoError as error:
        if not error.timeout:
            raise
        is_late = True
    best = sorted(scores, key=lambda each: (-scores[each], each))
    return best[:limit], is_late


def _with(term: str, solved: Mapping[str, Any]) -> list[str]:
    """In quotation marks the signs within a word have to be there as well."""
    condition = {"$text": {"$search": f'"{term}"'}, **solved}
    return [row["_id"] for row in issues().find(condition, {"_id": 1}).limit(COMMON_FROM + 1)]
