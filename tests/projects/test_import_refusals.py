"""What no import takes: refused at once, with nothing written and without growing."""

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.zip_reader import open_zip
from devora_admin.projects.services import imports
from tests.projects import zips
from tests.projects.hostile import HOSTILE

PROBE = """
import sys, time
from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.zip_reader import open_zip

def peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

before_kb, start = peak_kb(), time.process_time()
with open(sys.argv[1], "rb") as file:
    try:
        with open_zip(file) as root:
            collect(root)
        raise SystemExit("it was taken")
    except InvalidInput:
        pass
print(time.process_time() - start, peak_kb() - before_kb)
"""


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_harmful_zip_is_refused_in_one_sentence_with_nothing_written(
    kind, mongo, actor, make_customer
):
    customer = make_customer()
    with pytest.raises(InvalidInput) as refused:
        imports.import_zip(
            io.BytesIO(HOSTILE[kind]()),
            user_id=customer["id"],
            name="Harm",
            project_type="app",
            source="harm.zip",
            actor=actor,
        )
    assert refused.value.field == "archive"
    assert refused.value.message.endswith(".")
    assert len(refused.value.message) < 250
    assert refused.value.message.isprintable()
    for collection in ("projects", "import_reports", "audit_log"):
        assert mongo[collection].count_documents({}) == 0


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_harmful_zip_is_refused_within_two_seconds_and_without_growing(kind, tmp_path: Path):
    archive = tmp_path / "harm.zip"
    archive.write_bytes(HOSTILE[kind]())
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, archive], capture_output=True, text=True, check=False
    )
    assert probe.returncode == 0, probe.stderr
    cpu_s, grown_kb = map(float, probe.stdout.split())
    assert cpu_s < 2
    assert grown_kb < 48 * 1024


def test_a_folder_of_too_many_entries_is_refused(tmp_path, mongo, actor, make_customer):
    customer = make_customer()
    for folder in range(21):
        inside = tmp_path / f"d{folder}"
        inside.mkdir()
        for number in range(1_000):
            (inside / str(number)).touch()
    start = time.process_time()
    with pytest.raises(InvalidInput, match="more than 20,000"):
        imports.import_path(
            tmp_path, user_id=customer["id"], name="Many", project_type="app", actor=actor
        )
    assert time.process_time() - start < 2
    assert mongo.projects.count_documents({}) == 0


def test_costly_ignore_rules_do_not_hold_up_an_import():
    rules = "\n".join(["*a" * 30 + "b", "**/a/" * 30 + "b", *[f"*x{n}*y*" for n in range(400)]])
    files = {".gitignore": rules} | {f"{'a' * 250}{n}": "x" for n in range(2_000)}
    data = zips.zip_of(files)
    start = time.process_time()
    with open_zip(io.BytesIO(data)) as root:
        assert len(collect(root).files) == 2_001
    assert time.process_time() - start < 5


def test_more_ignore_rules_than_anyone_needs_are_refused():
    files = {".gitignore": "\n".join(f"x{n}" for n in range(6_000)), "a.txt": "a"}
    with open_zip(io.BytesIO(zips.zip_of(files))) as root, pytest.raises(InvalidInput):
        collect(root)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.floats(0.2, 1),
)
def test_a_zip_with_any_byte_changed_is_taken_or_refused_and_never_fails(edits, cut):
    data = bytearray(zips.zip_of({"a/b.txt": "hello", "c.ts": "export {}", ".gitignore": "x"}))
    for where, value in edits:
        data[int(where * len(data))] = value
    try:
        with open_zip(io.BytesIO(data[: int(cut * len(data))])) as root:
            collect(root)
    except InvalidInput:
        pass
