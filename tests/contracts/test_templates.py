"""Every template compiles, and each one it names exists."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

ROOT: Path = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
NAMED = re.compile(r"""\{%\s*(?:include|extends)\s+"([^"]+)\"""")
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:|hx-on""")
LONGEST = 120


def source_of(name: str) -> str:
    return (ROOT / name).read_text()


def test_there_are_templates():
    assert len(TEMPLATES) > 200


def test_each_compiles_and_what_it_names_exists():
    for name in TEMPLATES:
        source = get_template(name).template.source
        for other in NAMED.findall(source):
            get_template(other)


def test_none_holds_script_or_style_that_the_policy_would_refuse():
    assert not [name for name in TEMPLATES if INLINE.search(source_of(name))]


def test_each_is_short_enough_to_read():
    assert not [name for name in TEMPLATES if len(source_of(name).splitlines()) > LONGEST]
