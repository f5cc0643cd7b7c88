"""What a customer says outright: "always use X", "prefer X over Y", "don't use X".

Only plain statements and requests count. Questions, suppositions, quotations, code and what others
do are passed over: a missed preference is learned another time, a wrong one is a nuisance.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from devora_admin.memory.preferences import vocabulary
from devora_admin.memory.preferences.evidence import Evidence
from devora_admin.memory.preferences.vocabulary import Mention

MOST_CHARACTERS = 20_000
"""Of a message: what comes after is pasted text."""
_LONGEST_SENTENCE = 600
_LONGEST_QUOTE = 300

_NOT_SAID = re.compile(
    r"```.*?(?:```|\Z)"  # code
    r"|^[ \t]*>[^\n]*$"  # a quotation
    r"|`[^`\n]*\s[^`\n]*`"  # a command
    r"|“[^”\n]{12,400}”|\"[^\"\n]{12,400}\"|«[^»\n]{12,400}»",
    re.DOTALL | re.MULTILINE,
)
_SENTENCE = re.compile(r"[^\n.!?;。！？]+(?:[.](?=\S)[^\n.!?;。！？]*)*[.!?;。！？]*")
_CLAUSE = re.compile(
    r",? (?<!anything )but |,? however,? |,? though |，但|, aber | pero ", re.IGNORECASE
)

_QUESTION = re.compile(
    r"^\W*(?:should|shall|do(?! not)|does|did|is|are|was|what|which|how|why|when|who|where|has|have|any)\b"
    r"|\bwhat about\b|\bhow about\b|\b(?:isn|aren|doesn|wouldn|shouldn)['’]?t (?:it|that|this|we)\b"
    r"|(?:吗|呢)[？?]?$",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:can|could|would|will) (?:you|we) (?:please |just |also |maybe )*"
    r"(?=use|switch|make|move|go|add|convert|change|replace|rewrite|build|write|remove|drop|avoid|stop"
    r"|keep|stick)",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"^\W*(?:if|when|unless|suppose|imagine|assuming|once|in case|falls|wenn|si)\b"
    r"|\b(?:maybe|perhaps|might|possibly|wonder(?:ing)?|not sure|in theory|what if|could also"
    r"|thinking (?:about|of)|considering|vielleicht|quizás|也许|可能)\b"
    r"|\b(?:would|could|may) (?:be|have|work|need)\b|\bunless\b|\beither way\b"
    r"|\bif (?:you|we|i|it|that|possible|needed)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:he|she|they|client|clients|customer|customers|boss|colleague|friend|team|competitors?"
    r"|tutorial|docs?|documentation|article|people|everyone|somebody|someone|example|template"
    r"|company|agency|developer|guy|book|blog|video|readme|chatgpt|copilot)(?:['’]s)? "
    r"(?:\w+ ){0,2}?(?:uses?|used|likes?|prefers?|says?|said|wants?|loves?|hates?|recommends?"
    r"|suggests?|suggested|switched|tells?|told|avoids?|thinks?|insists?|mentions?)\b"
    r"|\b(?:prefers|likes|hates|loves|wants|(?<!no )uses|recommends)\b|\bwould(?:n['’]t| not) say\b"
    r"|\b(?:is|are|was|were|been) (?:all )?(?:built|written|made|coded|hosted|deployed|styled)\b"
    r"|\b(?:says?|said|reads?|states?|error|errors|ticket|message|docs?|logs?|warning)\b[^:\n]{0,60}:\s"
    r"|\byou (?:never|always|keep|don['’]?t|didn['’]?t|still)\b|\baccording to\b|\bused to\b|\bin the past\b|\bpreviously\b|\blast year\b",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:problems?|issues?|errors?|fail(?:s|ed|ing|ure)?|broken?|breaks|crash(?:es|ed)?|bugs?|trouble|help"
    r"|stuck|exceptions?|warnings?|worked|work(?:s|ing)?|logs?)\b",
    re.IGNORECASE,
)
"""What is told of something that is used already; only a clear word counts beside it."""
_CLEAR = 0.9
_POSITIVE: tuple[tuple[str, float], ...] = (
    (r"always (?:use|go with|write|pick|choose)|(?:must|should|needs? to|has to) (?:always )?(?:use|be)"
     r"|only (?:use|want)|immer|siempre(?: usa)?|始终使用|总是用", 1.0),
    (r"prefer(?:s|red)?(?: to (?:use|have|work with|write))?|favou?r|lieber|bevorzuge|prefiero"
     r"|更喜欢|偏好|rather (?:have|use|go with)", 1.0),
    (r"(?:i |we )?(?:really )?(?:love|like|adore)|(?:big )?fan of|ich mag|me gusta|me encanta|喜欢|喜爱",
     0.8),
    (r"(?:switch|move|migrate|change|convert)(?: \w+){0,4}? (?:to|over to)|stick (?:with|to)|go with"
     r"|go for|stay (?:with|on)|settle on|standardi[sz]e on|port(?: \w+){0,3}? to", 0.9),
    (r"(?:want|need|i'd like|would like)(?: you)?(?: to)?(?: (?:use|have))?|ich will|quiero|我想要|我要",
     0.8),
    (r"use|pick|choose|请|verwende|benutze|nutze|usa|usar|utiliza|utilise|请用|使用|用", 0.8),
    (r"(?:i'm|i am|we're|we are|been) using|(?:i|we) (?:mostly |usually |normally |always )?use", 0.6),
    (r"(?:re)?(?:write|wrote|written|build|built|code|do|make|made|style|deploy|host|test|store)"
     r"(?: \w+){0,4}? (?:in|with|on|to|using)|make (?:it|everything|(?:the|my|our)(?: \w+){1,3}) (?:in )?|everything in"
     r"|replace(?: \w+){0,3}?(?: §+)? (?:with|by)|(?:from|instead of) §+ to|keep(?: the| it| using)?|add"
     r"|answer|reply|respond|antworte|give me|set up|setup", 0.6),
)  # fmt: skip
_NEGATIVE: tuple[tuple[str, float], ...] = (
    (r"(?:don['’]?t|do not|never|please no|must not|mustn['’]?t|shouldn['’]?t|should not)"
     r"(?: ever| want(?: to)?| need)? (?:use|add|pick|install|write|want|need|include|go with|switch to"
     r"|move to|suggest|put|import|like)|(?:don['’]?t|do not) (?:want|like|need)(?: to use)?"
     r"|verwende(?: \w+)? (?:kein|nicht)|no uses|nunca uses|no me (?:gusta|encanta)|no quiero|不要用|别用|不要使用|不要", 1.0),
    (r"hate|can['’]?t stand|despise|dislike|sick of|tired of|fed up with|done with|hasse|odio"
     r"|讨厌|不喜欢|厌恶", 1.0),
    (r"avoid|stay away from|steer clear of|anything but|refrain from(?: using)?|vermeide|evita", 1.0),
    (r"no more|stop (?:using|adding|with|writing)|get rid of|remove|drop|ditch|rip out|delete|lose"
     r"|away from|(?:migrate|migrated|switch|switched|move|moved) from|move off|moving off|replace|convert from|kein|keine|keinen"
     r"|ohne|sin", 0.9),
    (r"no|never|without|not|nicht|instead of|rather than|than|over|statt|anstatt|en lugar de|而不是|代替", 0.8),
)  # fmt: skip
_GAP = re.compile(
    r"[\s,§'’`*_:()（）]*(?:(?:a|an|the|any|our|my|your|this|that|some|all|more|and|or|und|oder|y|o|e|it"
    r"|everything|everywhere|for|only|just|instead|please|bitte|por favor|latest|new|more|plain|pure"
    r"|real|proper|good|old|als|den|die|das|el|la|/|&|\+|和|或|project|app|code|whole|entire|in|with"
    r"|to use|using|use|have|version|of|on|über|den|einen|eine|un|una)[\s,§'’`*_:()]*){0,6}$",
    re.IGNORECASE,
)
_NOT = (
    r"(?:\bdon['’]?t\b|\bdo not\b|\bnever\b|\bnot\b|\bno need to\b|\bcan['’]?t\b|\bcannot\b"
    r"|\bwon['’]?t\b|\bwouldn['’]?t\b|\bstop\b|\bisn['’]?t\b|\baren['’]?t\b|\bnicht\b|不)"
)
_NEGATOR = re.compile(_NOT, re.IGNORECASE)
_FLIP = re.compile(rf"{_NOT}(?: \w+){{0,2}}\s*$", re.IGNORECASE)
_AFTER_POSITIVE = re.compile(
    r"\s*(?:please\b|only\b|everywhere\b|(?:is|are|looks?) (?:so |much |way |really |just ){0,3}"
    r"(?:great|better|best|awesome|amazing|my favou?rite|the best|perfect|nicer|easier|what (?:i|we) "
    r"(?:want|use|like))|rocks\b|all the way|instead of\b|over §|rather than\b|, not §|, please|bitte\b)",
    re.IGNORECASE,
)
_AFTER_NEGATIVE = re.compile(
    r"\s*(?:sucks\b|(?:is|are|was) (?:so |too |really |just |way |such )*(?:a )?(?:terrible|awful|bad"
    r"|horrible|slow|ugly|bloated|overkill|a pain|pain|nightmare|mess|annoying|complicated|worse"
    r"|garbage|trash|outdated)|drives me|gives me|nicht\b|weg\b|out\b(?!put))",
    re.IGNORECASE,
)
_PART_OF_ANOTHER = re.compile(
    r"[ -](?:patterns?|sections?|fields?|buttons?|pages?|tables?|forms?|inputs?|icons?|errors?|webhooks?"
    r"|toggles?|builds?|logs?|connections?|migrations?|files?|issues?|bugs?|logos?|shops?|stores?|colou?r"
    r"|delivery|boxe?s?|threads?|feed)\b",
    re.IGNORECASE,
)
"""What a name only describes: "add a comments section"."""
_NOT_AFTER = re.compile(r"\s*nicht\b", re.IGNORECASE)
_DONE_TO_IT = re.compile(
    r"stop|remove|drop|ditch|delete|lose|rid of|replace|not|avoid", re.IGNORECASE
)
_MARK = "§"


def _cues(
    groups: tuple[tuple[str, float], ...], sign: float
) -> list[tuple[re.Pattern[str], float]]:
    def pattern(text: str) -> re.Pattern[str]:
        # Scripts written without spaces have no borders between words.
        return re.compile(
            rf"(?:(?<![\w'’-])|(?<=[\u3040-\u9fff]))(?:{text})(?![a-zäöüßé'’])", re.IGNORECASE
        )

    return [(pattern(text), sign * weight) for text, weight in groups]


_CUES = _cues(_POSITIVE, 1) + _cues(_NEGATIVE, -1)


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    weight: float


def statements(text: str, *, turn: int | None = None) -> Iterator[Evidence]:
    """What is preferred and what is not, with the sentence it is said in.

    text: of a message by the customer, as stored. Takes time in proportion to its length.
    """
    said = _NOT_SAID.sub(lambda match: "\n" * len(match[0]), text[:MOST_CHARACTERS])
    for match in _SENTENCE.finditer(said):
        sentence = match[0]
        if len(sentence) > _LONGEST_SENTENCE or not sentence.strip():
            continue
        for mention, weight in _of_sentence(sentence):
            start = match.start() + len(sentence) - len(sentence.lstrip())
            end = match.start() + len(sentence.rstrip())
            yield Evidence(
                mention.topic, mention.value, weight, "statement", text[start:end][:_LONGEST_QUOTE],
                turn=turn, span_from=start, span_to=end,
            )  # fmt: skip


def _of_sentence(sentence: str) -> Iterator[tuple[Mention, float]]:
    is_request = _REQUEST.search(sentence) is not None
    is_question = sentence.rstrip().endswith(("?", "？")) or _QUESTION.search(sentence)
    if is_question and not is_request:
        return
    if _SUPPOSED.search(sentence) or _OTHERS.search(sentence):
        return
    is_trouble = _TROUBLE.search(sentence) is not None
    for clause in _CLAUSE.split(sentence):
        for mention, weight in _of_clause(clause, is_request=is_request):
            if not (is_trouble and 0 < weight < _CLEAR):
                yield mention, weight


def _of_clause(clause: str, *, is_request: bool) -> Iterator[tuple[Mention, float]]:
    named = list(vocabulary.mentions(clause))
    if not named:
        return
    # Names are blanked out, so that "next" or "over" in one is no word of the sentence.
    blank = clause
    for mention in named:
        size = mention.end - mention.start
        blank = blank[: mention.start] + _MARK * size + blank[mention.end :]
    seen: set[tuple[str, str]] = set()
    for mention in named:
        weight = _weight(blank, mention)
        if weight and (mention.topic, mention.value) not in seen:
            seen.add((mention.topic, mention.value))
            yield mention, round(weight * (0.75 if is_request and weight > 0 else 1), 2)


def _weight(blank: str, mention: Mention) -> float:
    before, after = blank[: mention.start], blank[mention.end :]
    if _PART_OF_ANOTHER.match(after):
        return 0.0
    if cue := _nearest(before):
        turned = _FLIP.search(before[: cue.start])
        if turned is not None and len(_NEGATOR.findall(turned[0])) % 2 == 1:
            return _turned(cue, before)
        if cue.weight > 0 and _NOT_AFTER.match(after):
            return -cue.weight
        if cue.weight > 0 and _AFTER_NEGATIVE.match(after):
            return 0.0  # it says two things
        return cue.weight
    after = re.sub(f"{_MARK}+", _MARK, after)
    if _AFTER_NEGATIVE.match(after):
        return -0.8
    if _AFTER_POSITIVE.match(after) and not re.search(r"\b(?:not|n['’]t|no)\s*$", before):
        return 0.8
    return 0.0


def _turned(cue: _Cue, before: str) -> float:
    """ "Don't drop it" asks for it to stay; "I don't hate it" and "no need to drop it" say little."""
    if cue.weight > 0:
        return -cue.weight
    is_asked = _DONE_TO_IT.search(before[cue.start : cue.end]) and "need" not in before
    return -cue.weight if is_asked else 0.0


def _nearest(before: str) -> _Cue | None:
    """The cue that ends last, with nothing of weight between it and the name; of two that end
    together the longer, which holds the other."""
    found: list[_Cue] = []
    for pattern, weight in _CUES:
        last = None
        for match in pattern.finditer(before):
            last = match
        if last and _reaches(before[last.end() :], weight):
            found.append(_Cue(last.start(), last.end(), weight))
    return max(found, key=lambda cue: (cue.end, -cue.start), default=None)


def _reaches(gap: str, weight: float) -> bool:
    """Whether what stands between a cue and a name lets the one speak of the other."""
    if weight < 0 and "," in gap and not re.search(r"\b(?:or|and|nor|oder|und)\b", gap):
        return False  # "no yarn, pnpm"
    return _GAP.match(gap) is not None
