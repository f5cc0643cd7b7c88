"""The closed vocabulary: what can be preferred, and how people write it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_OPTIONAL = re.compile(r"\(\?:[^)]*\)\?|\\?.\?")


@dataclass(frozen=True, slots=True)
class Topic:
    label: str
    is_exclusive: bool
    """Whether one value speaks against the others."""
    values: dict[str, str]
    """Value → spellings between "|", as regular expressions; letter case only where `=` begins
    one, for names that are words as well."""


@dataclass(frozen=True, slots=True)
class Mention:
    topic: str
    value: str
    start: int
    end: int


TOPICS: dict[str, Topic] = {
    "framework": Topic("Framework", True, {
        "next.js": r"next\.?js|next js|=Next",
        "react": r"react(?:\.?js)?|create[- ]react[- ]app|cra",
        "vue": r"vue(?:\.?js)?(?: ?3)?", "nuxt": r"nuxt(?:\.?js)?",
        "svelte": r"svelte(?:kit)?", "angular": r"angular", "astro": r"=Astro|astro\.build",
        "remix": r"=Remix|remix\.run", "solid": r"solid\.?js", "django": r"django",
        "flask": r"flask", "fastapi": r"fast ?api", "rails": r"rails|ruby on rails",
        "laravel": r"laravel", "express": r"express\.?js|=Express", "nest": r"nest\.?js",
        "spring": r"spring boot|=Spring",
    }),
    "language": Topic("Programming language", True, {
        "typescript": r"type ?script|=TS", "javascript": r"java ?script|=JS|vanilla js",
        "python": r"python ?3?", "go": r"golang|=Go", "rust": r"=Rust|rustlang",
        "java": r"=Java", "ruby": r"=Ruby", "php": r"php", "kotlin": r"kotlin",
        "c#": r"c#|\.net|csharp", "swift": r"=Swift",
    }),
    "css": Topic("Styling", True, {
        "tailwind": r"tailwind ?(?:css)?", "bootstrap": r"bootstrap",
        "css modules": r"css modules?", "styled-components": r"styled[- ]components?",
        "sass": r"sass|scss", "plain css": r"(?:plain|vanilla|pure|raw) css",
        "emotion": r"=Emotion|@emotion", "unocss": r"unocss",
    }),
    "components": Topic("Component library", True, {
        "shadcn/ui": r"shadcn(?:[/ -]ui)?", "material ui": r"material[- ]?ui|mui",
        "chakra": r"chakra(?:[- ]ui)?", "ant design": r"ant(?: |-)?design|antd",
        "radix": r"radix(?:[- ]ui)?", "headless ui": r"headless[- ]?ui", "daisyui": r"daisy ?ui",
        "mantine": r"mantine",
    }),
    "database": Topic("Database", True, {
        "postgresql": r"postgres(?:ql)?|psql", "mysql": r"mysql", "mariadb": r"mariadb",
        "sqlite": r"sqlite3?", "mongodb": r"mongo(?:db)?", "redis": r"redis",
        "supabase": r"supabase", "firebase": r"firebase|firestore", "dynamodb": r"dynamo ?db",
        "planetscale": r"planetscale", "neon": r"=Neon|neon\.tech",
    }),
    "orm": Topic("Database access", True, {
        "prisma": r"prisma", "drizzle": r"drizzle(?:[- ]orm)?", "typeorm": r"typeorm",
        "sequelize": r"sequelize", "mongoose": r"mongoose", "sqlalchemy": r"sqlalchemy",
        "knex": r"knex(?:\.js)?",
    }),
    "auth": Topic("Sign-in", True, {
        "nextauth": r"next-?auth(?:\.js)?|auth\.js", "clerk": r"clerk", "auth0": r"auth0",
        "supabase auth": r"supabase auth", "firebase auth": r"firebase auth(?:entication)?",
        "lucia": r"=Lucia", "better-auth": r"better-?auth", "passkeys": r"passkeys?|webauthn",
        "magic links": r"magic links?", "passwords": r"password login|passwords",
    }),
    "deploy": Topic("Hosting", True, {
        "vercel": r"vercel", "netlify": r"netlify", "aws": r"aws|amazon web services",
        "docker": r"docker(?: compose)?|containers?", "fly.io": r"fly\.io", "railway": r"=Railway",
        "render": r"=Render|render\.com", "cloudflare": r"cloudflare(?: (?:pages|workers))?",
        "heroku": r"heroku", "kubernetes": r"kubernetes|k8s", "gcp": r"gcp|google cloud",
    }),
    "testing": Topic("Testing", False, {
        "vitest": r"vitest", "jest": r"=Jest|jest tests?", "playwright": r"playwright",
        "cypress": r"cypress", "pytest": r"pytest", "testing library": r"testing[- ]library",
        "no tests": r"(?:unit )?tests? at all",
    }),
    "theme": Topic("Look", True, {
        "dark": r"dark (?:mode|theme|ui|design|look|background)|dark-mode|深色(?:模式|主题)?|暗黑模式"
                r"|dunkle[sn]? (?:modus|design|thema)|dunkelmodus|modo oscuro|tema oscuro"
                r"|mode sombre|thème sombre",
        "light": r"light (?:mode|theme|ui|design|look|background)|light-mode|浅色(?:模式|主题)?"
                 r"|亮色模式|helle[sn]? (?:modus|design|thema)|modo claro|tema claro|mode clair",
    }),
    "packages": Topic("Package manager", True, {
        "pnpm": r"pnpm", "yarn": r"yarn", "npm": r"npm", "bun": r"=Bun|bun(?= install| run|\.sh)",
        "poetry": r"=Poetry|poetry(?= add| install)", "uv": r"=uv", "pip": r"pip",
    }),
    "payments": Topic("Payments", True, {
        "stripe": r"stripe", "paypal": r"pay ?pal", "paddle": r"=Paddle|paddle\.com",
        "lemon squeezy": r"lemon ?squeezy", "braintree": r"braintree",
    }),
    "state": Topic("State", True, {
        "redux": r"redux(?: toolkit)?", "zustand": r"zustand", "jotai": r"jotai", "mobx": r"mobx",
        "react query": r"react[- ]query|tanstack query", "context": r"(?:react )?context api",
        "pinia": r"pinia",
    }),
    "style": Topic("Code style", False, {
        "comments": r"(?:code )?comments?", "semicolons": r"semi-?colons?", "tabs": r"=tabs",
        "spaces": r"=spaces", "arrow functions": r"arrow functions?",
        "functional components": r"function(?:al)? components?",
        "class components": r"class components?", "server components": r"server components?",
        "default exports": r"default exports?", "emojis": r"emojis?",
    }),
    "answers": Topic("Answers", False, {
        "short": r"(?:short|brief|concise|terse) (?:answers?|explanations?|replies|responses)",
        "detailed": r"(?:long|detailed|thorough) (?:answers?|explanations?|replies|responses)",
        "english": r"(?:in )english(?= please|\b)", "german": r"(?:in )german|auf deutsch",
        "spanish": r"(?:in )spanish|en español", "chinese": r"(?:in )chinese|用中文|中文",
    }),
}  # fmt: skip


def mentions(text: str) -> Iterator[Mention]:
    """Values named in `text`, in order, the longer spelling first where two begin together."""
    for match in _pattern().finditer(text):
        topic, value = _named()[int(str(match.lastgroup)[1:].split("_")[0])]
        yield Mention(topic, value, match.start(), match.end())


def label_of(topic: str) -> str:
    known = TOPICS.get(topic)
    return known.label if known else topic


def knows(topic: str, value: str) -> bool:
    known = TOPICS.get(topic)
    return known is not None and value in known.values


@cache
def _named() -> list[tuple[str, str]]:
    return [(name, value) for name, topic in TOPICS.items() for value in topic.values]


@cache
def _pattern() -> re.Pattern[str]:
    """One pass for all. A name is no part of a longer one: not "Java" in "JavaScript"."""
    spelled = [
        (spelling, number)
        for number, (topic, value) in enumerate(_named())
        for spelling in TOPICS[topic].values[value].split("|")
    ]
    spelled = _whole(spelled)
    # The longer first among all values, or "next" would be found in "next-auth".
    spelled.sort(key=lambda each: -len(_OPTIONAL.sub("", each[0])))
    groups = "|".join(
        f"(?P<n{number}_{place}>{_exactly(spelling)})"
        for place, (spelling, number) in enumerate(spelled)
    )
    return re.compile(rf"(?<![A-Za-z0-9_@/.-])(?:{groups})(?![A-Za-z0-9_]|-[a-z]|\.[a-z])")


def _exactly(spelling: str) -> str:
    return spelling[1:] if spelling.startswith("=") else f"(?i:{spelling})"


def _whole(spelled: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Puts together again what was a group: "(?:a|b)" was cut at its bar."""
    found: list[tuple[str, int]] = []
    for spelling, number in spelled:
        if found and found[-1][1] == number and _is_open(found[-1][0]):
            found[-1] = (f"{found[-1][0]}|{spelling}", number)
        else:
            found.append((spelling, number))
    return found


def _is_open(pattern: str) -> bool:
    return pattern.count("(") > pattern.count(")")
