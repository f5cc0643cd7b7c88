"""What retention keeps, and that nothing which is needed goes."""

import threading
import time
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command

from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.users import holdings
from devora_admin.users.marks import Marks
from devora_admin.versions import forgetting, manifest
from devora_admin.versions.documents import blobs, heads, versions
from devora_admin.versions.queries import versions as queries
from devora_admin.versions.services import pruning
from devora_admin.versions.services.pruning import prune
from tests.factories import EPOCH
from tests.versions.factory import make_version
from tests.versions.following import following


def old(project: Any, number: int, age: timedelta, text: str = "", **fields: Any) -> None:
    at = clock.now() - age
    files = {"a.ts": text or f"{number}\n", "same.ts": "same\n"}
    make_version(project, number, files, at=at, sealed_at=at, **fields)


def held() -> Any:
    return next(each for each in holdings.registered() if each.name == "versions")


def kept(project: Any) -> list[int]:
    rows = versions().find({"project_id": project["id"]}, {"number": 1}).sort("number", 1)
    return [row["number"] for row in rows]


def noon(days: int) -> timedelta:
    """The age of the noon of a day, so that some hours more or less stay within it."""
    today = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return clock.now() - (today - timedelta(days=days))


def test_all_for_30_days_daily_for_a_year_named_for_ever_and_always_the_newest(make_project):
    project = make_project()
    old(project, 1, noon(500), name="Launch")
    old(project, 2, noon(500))
    for number in (3, 4, 5):
        old(project, number, noon(100) + timedelta(hours=3 - number))
    for number in (6, 7):
        old(project, number, noon(99) + timedelta(hours=6 - number))
    for number in (8, 9):
        old(project, number, noon(5) + timedelta(hours=8 - number))
    other = make_project()
    old(other, 1, noon(900))
    assert sum(each.versions for each in prune(dry_run=True)) == 4
    assert kept(project) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert [(each.project_id, each.versions) for each in prune()] == [(project["id"], 4)]
    assert kept(project) == [1, 5, 7, 8, 9]
    assert kept(other) == [1]
    assert list(prune()) == []


def test_a_chore_that_is_out_of_time_leaves_the_rest_to_the_next(make_project):
    projects = [make_project() for _ in range(2)]
    for project in projects:
        old(project, 1, noon(500))
        old(project, 2, noon(400))
    gone = {"project_id": projects[1]["id"], "deleted_at": EPOCH, "refs": []}
    heads().insert_one(gone)
    over = time.monotonic() - 1
    assert list(prune(until_s=over)) == []
    assert not forgetting.forget_project(projects[1]["id"], until_s=over)
    assert [kept(project) for project in projects] == [[1, 2], [1, 2]]
    pruning.prune_for(30)
    assert [kept(project) for project in projects] == [[2], []]


def test_contents_go_with_the_last_version_that_needs_them(make_project):
    project = make_project()
    old(project, 1, noon(500), text="only here\n")
    old(project, 2, noon(499), text="also in another\n")
    old(project, 3, noon(1))
    other = make_project()
    old(other, 1, noon(2), text="also in another\n")
    assert [each.versions for each in prune()] == [2]
    left = {row["_id"] for row in blobs().find()}
    expected = {"3\n", "same\n", "also in another\n"}
    assert left == {manifest.sha_of(text.encode()) for text in expected}


def test_a_deleted_project_is_forgotten_after_30_days(mongo, make_project):
    project = make_project()
    with following() as follower:
        follower.changes()
        mongo.projects.update_one({"id": project["id"]}, {"$set": {"files.0.content": "x"}})
        follower.catch_up()
        mongo.projects.delete_one({"id": project["id"]})
        mongo.projects.insert_one(project)
        follower.catch_up()
        mongo.projects.delete_one({"id": project["id"]})
        follower.catch_up()
    assert versions().count_documents({}) > 0
    list(prune())
    assert versions().count_documents({}) > 0
    list(prune(now=clock.now() + timedelta(days=31)))
    assert [c.count_documents({}) for c in (versions(), heads(), blobs())] == [0, 0, 0]


def test_a_project_deleted_for_good_takes_its_versions_along(mongo, make_project):
    project, other = make_project(), make_project()
    for each in (project, other):
        old(each, 1, noon(3))
        old(each, 2, noon(2))
    core_mongo.run_in_transaction(lambda session: forgetting.condemn(project["id"], session))
    forgetting.forget_project(project["id"])
    assert (kept(project), kept(other)) == ([], [1, 2])


def test_pruning_beside_live_writes_never_takes_what_is_needed(mongo, make_project):
    """The same few contents come and go in many versions while old ones are removed."""
    project = make_project(files=[{"name": "a.ts", "content": "0\n"}])
    for number in range(1, 60):
        old(make_project(), number, noon(700 - number), text=f"{number % 7}\n")
    faults: list[BaseException] = []
    done = threading.Event()

    def pruning() -> None:
        while not done.is_set():
            try:
                list(prune(now=clock.now() + timedelta(days=400)))
            except BaseException as error:
                faults.append(error)
                return

    thread = threading.Thread(target=pruning)
    with following() as follower:
        thread.start()
        for number in range(60):
            mongo.projects.update_one(
                {"id": project["id"]},
                {
                    "$set": {"files.0.content": f"{number % 7}\n"},
                    "$push": {"conversation_history": {"role": "assistant"}},
                },
            )
            follower.catch_up()
        done.set()
        thread.join()
    assert not faults
    needed = {sha for row in versions().find() for sha in row["refs"]}
    assert needed <= {row["_id"] for row in blobs().find({}, {"_id": 1})}


def test_the_command_tells_what_it_did(make_project):
    project = make_project()
    for number, days in ((1, 500), (2, 499), (3, 1)):
        old(project, number, noon(days))
    out = StringIO()
    call_command("prune_versions", "--dry-run", stdout=out)
    assert "2 versions of 1 projects would be removed." in out.getvalue()
    call_command("prune_versions", stdout=out)
    assert "2 versions of 1 projects removed." in out.getvalue()
    assert kept(project) == [3]


def test_erasing_a_customer_leaves_nothing_of_theirs_and_all_of_others(mongo, make_project):
    mine, other = make_project(user_id="gone"), make_project(user_id="stays")
    old(mine, 1, noon(1), text="secret of mine\n")
    old(other, 1, noon(1))
    marks = Marks(("gone",), project_ids=frozenset({mine["id"]}))
    for step in held().erase(marks):
        core_mongo.run_in_transaction(step)
    assert [row["user_id"] for row in versions().find()] == ["stays"]
    assert blobs().find_one({"_id": manifest.sha_of(b"secret of mine\n")}) is None
    found = queries.version(other["id"], 1)
    assert len(queries.contents([each.sha for each in found.files], found)) == 2


def test_an_export_has_each_version_and_each_content_once(make_project):
    mine = make_project(user_id="me")
    at: datetime = clock.now()
    for number in (1, 2):
        make_version(mine, number, {"a.ts": "same\n", "b.ts": f"{number}\n"}, at=at)
    entries = {entry.path: b"".join(entry.chunks) for entry in held().export(Marks(("me",)))}
    assert entries["versions.jsonl"].count(b"\n") == 2
    contents = [data for path, data in entries.items() if path.startswith("version-contents/")]
    assert sorted(contents) == [b"1\n", b"2\n", b"same\n"]
