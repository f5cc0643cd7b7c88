"""Every template compiles, and each one it names exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT: Path = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
NAMED = re.compile(r"""\{%\s*(?:include|extends)\s+"([^"]+)\"""")
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:|hx-on""")
LONGEST = 120


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles_and_what_it_names_exists(name: str):
    source = get_template(name).template.source
    for other in NAMED.findall(source):
        get_template(other)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_holds_no_script_or_style_that_the_policy_would_refuse(name: str):
    assert not INLINE.search((ROOT / name).read_text())


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_short_enough_to_read(name: str):
    assert len((ROOT / name).read_text().splitlines()) <= LONGEST
