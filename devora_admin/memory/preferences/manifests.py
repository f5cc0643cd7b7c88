"""What a project is built with, as evidence: weaker than a word, as the AI may have chosen it."""

from collections.abc import Iterable, Iterator

from devora_admin.memory.preferences.evidence import Evidence

WEIGHT = 0.25
_FILES = {
    "npm": "package.json", "gem": "Gemfile", "composer": "composer.json", "go": "go.mod",
    "image": "Dockerfile",
}  # fmt: skip
_NEEDED: dict[str, tuple[str, str]] = {
    "npm:next": ("framework", "next.js"), "npm:vue": ("framework", "vue"),
    "npm:nuxt": ("framework", "nuxt"), "npm:svelte": ("framework", "svelte"),
    "npm:@angular/core": ("framework", "angular"), "npm:astro": ("framework", "astro"),
    "npm:@remix-run/react": ("framework", "remix"), "npm:solid-js": ("framework", "solid"),
    "npm:express": ("framework", "express"), "npm:@nestjs/core": ("framework", "nest"),
    "npm:react": ("framework", "react"),
    "pip:django": ("framework", "django"), "pip:flask": ("framework", "flask"),
    "pip:fastapi": ("framework", "fastapi"), "gem:rails": ("framework", "rails"),
    "composer:laravel/framework": ("framework", "laravel"),
    "npm:typescript": ("language", "typescript"),
    "npm:tailwindcss": ("css", "tailwind"), "npm:bootstrap": ("css", "bootstrap"),
    "npm:styled-components": ("css", "styled-components"), "npm:sass": ("css", "sass"),
    "npm:@emotion/react": ("css", "emotion"), "npm:unocss": ("css", "unocss"),
    "npm:@mui/material": ("components", "material ui"),
    "npm:@chakra-ui/react": ("components", "chakra"), "npm:antd": ("components", "ant design"),
    "npm:@headlessui/react": ("components", "headless ui"),
    "npm:daisyui": ("components", "daisyui"), "npm:@mantine/core": ("components", "mantine"),
    "npm:pg": ("database", "postgresql"), "npm:mysql2": ("database", "mysql"),
    "npm:better-sqlite3": ("database", "sqlite"), "npm:mongodb": ("database", "mongodb"),
    "npm:@supabase/supabase-js": ("database", "supabase"),
    "npm:firebase": ("database", "firebase"), "pip:psycopg": ("database", "postgresql"),
    "pip:psycopg2-binary": ("database", "postgresql"), "pip:pymongo": ("database", "mongodb"),
    "npm:prisma": ("orm", "prisma"), "npm:@prisma/client": ("orm", "prisma"),
    "npm:drizzle-orm": ("orm", "drizzle"), "npm:typeorm": ("orm", "typeorm"),
    "npm:sequelize": ("orm", "sequelize"), "npm:mongoose": ("orm", "mongoose"),
    "npm:knex": ("orm", "knex"), "pip:sqlalchemy": ("orm", "sqlalchemy"),
    "npm:next-auth": ("auth", "nextauth"), "npm:@clerk/nextjs": ("auth", "clerk"),
    "npm:better-auth": ("auth", "better-auth"), "npm:lucia": ("auth", "lucia"),
    "npm:vitest": ("testing", "vitest"), "npm:jest": ("testing", "jest"),
    "npm:@playwright/test": ("testing", "playwright"), "npm:cypress": ("testing", "cypress"),
    "pip:pytest": ("testing", "pytest"),
    "npm:@testing-library/react": ("testing", "testing library"),
    "npm:stripe": ("payments", "stripe"), "pip:stripe": ("payments", "stripe"),
    "npm:@reduxjs/toolkit": ("state", "redux"), "npm:redux": ("state", "redux"),
    "npm:zustand": ("state", "zustand"), "npm:jotai": ("state", "jotai"),
    "npm:mobx": ("state", "mobx"), "npm:@tanstack/react-query": ("state", "react query"),
    "npm:pinia": ("state", "pinia"),
    "language:typescript": ("language", "typescript"), "language:python": ("language", "python"),
    "language:javascript": ("language", "javascript"), "language:go": ("language", "go"),
    "language:rust": ("language", "rust"), "language:java": ("language", "java"),
    "language:ruby": ("language", "ruby"), "language:php": ("language", "php"),
}  # fmt: skip
_HOLDS = {"next.js": "react", "remix": "react", "nuxt": "vue"}
"""A framework that comes with another, which is then no choice of its own."""


def evidence_of_stack(stack: Iterable[str]) -> Iterator[Evidence]:
    """stack: of the project, as `chunking.project.stack_of` tells it."""
    found: dict[tuple[str, str], str] = {}
    for term in stack:
        if named := _NEEDED.get(term):
            found.setdefault(named, term)
    for holder, held in _HOLDS.items():
        if ("framework", holder) in found:
            found.pop(("framework", held), None)
    for (topic, value), term in sorted(found.items()):
        name = term.partition(":")[2]
        yield Evidence(topic, value, WEIGHT, "manifest", name, path=path_of(term))


def named_by(term: str) -> tuple[str, str] | None:
    """Topic and value that a term of a stack stands for."""
    return _NEEDED.get(term)


def path_of(term: str) -> str:
    """The manifest that a term comes from, where that is one file."""
    return _FILES.get(term.partition(":")[0], "")
