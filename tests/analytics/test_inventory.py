"""How many projects there are of each kind, however they come to be, and the lists behind it."""

import csv
import io
import random
import re
from collections import Counter

import bson
import pytest
from bson import Timestamp

from devora_admin.analytics.inventory import consumer
from devora_admin.analytics.inventory.documents import counts, figures
from devora_admin.analytics.inventory.sizes import BYTES, FILE_COUNTS
from devora_admin.core import clock, consumers
from devora_admin.core import mongo as core_mongo
from devora_admin.core.consumers import Change
from devora_admin.users import holdings
from devora_admin.users.marks import Marks
from tests import factories

ODD_FILES = ["text", None, [1, {"language": 5}, {"language": "x" * 101}, {"language": ""}]]


def follow(*keys):
    now = clock.now()
    changes = [Change("projects", key, "update", now, Timestamp(1, 1)) for key in keys]
    core_mongo.run_in_transaction(consumer.apply(changes))


def reconcile_all():
    position = None
    while True:
        found = consumer.reconcile(position)
        core_mongo.run_in_transaction(found.effect)
        position = found.position
        if position is None:
            return


def brute(mongo):
    """What is kept, counted from the projects themselves."""
    found = {}
    for row in mongo.projects.find():
        files = row.get("files")
        files = files if isinstance(files, list) else []
        languages = {
            language.casefold()
            for each in files
            if isinstance(each, dict)
            and isinstance(language := each.get("language"), str)
            and 0 < len(language) <= 100
        }
        kind = row.get("project_type")
        kinds = [
            ("all", ""),
            ("type", kind.casefold() if isinstance(kind, str) else ""),
            *(("language", each) for each in languages),
            ("size", str(BYTES.step_of(len(bson.encode(row))))),
            ("files", str(FILE_COUNTS.step_of(len(files)))),
        ]
        where = "archived" if row.get("archived_at") else "used"
        for each in kinds:
            found.setdefault(each, Counter())[where] += 1
    return {each: (count["used"], count["archived"]) for each, count in found.items()}


def kept():
    return {
        (row["_id"]["of"], row["_id"]["value"]): (row["used"], row["archived"])
        for row in counts().find()
    }


def one(chance):
    files = [
        {"name": f"{at}", "content": "x" * chance.choice([1, 20_000]),
         "language": chance.choice(["go", "Go", "rust", "css"])}
        for at in range(chance.choice([0, 1, 12]))
    ]  # fmt: skip
    fields = {"files": chance.choice([files, files, files, *ODD_FILES])}
    if chance.random() < 0.3:
        fields["archived_at"] = factories.EPOCH
    fields["project_type"] = chance.choice(["saas", "SaaS", "blog", 7, None])
    return factories.project(**fields)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_there_is_whatever_happened(mongo, seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr(consumer, "_AT_ONCE", 4)
    projects = [one(chance) for _ in range(12)]
    mongo.projects.insert_many(projects)
    reconcile_all()
    assert kept() == brute(mongo)
    keys = [each["_id"] for each in projects]
    for _ in range(15):
        key = chance.choice(keys)
        other = {name: value for name, value in one(chance).items() if name not in ("_id", "id")}
        if chance.random() < 0.2:
            mongo.projects.delete_one({"_id": key})
        else:
            mongo.projects.update_one(
                {"_id": key}, {"$set": {**other, "id": str(key)}}, upsert=True
            )
        if chance.random() < 0.8:
            follow(key, key)
    reconcile_all()  # what the stream lost, and projects that are gone
    assert kept() == brute(mongo)
    assert consumers.find(consumer.NAME) is not None


@pytest.fixture
def projects(mongo):
    owner = factories.insert(mongo.users, factories.customer())
    made = [
        factories.project(user_id=owner["id"], project_type="saas", files=[]),
        factories.project(user_id=owner["id"], project_type="SaaS"),
        factories.project(user_id=owner["id"], project_type="a&b<i>"),
        factories.project(user_id=owner["id"], missing=("project_type",)),
        factories.project(archived_at=factories.EPOCH, project_type="old"),
    ]
    mongo.projects.insert_many(made)
    reconcile_all()
    return made


def test_the_page_tells_what_there_is_and_each_number_leads_to_its_list(client_for, projects):
    client = client_for("support")
    html = client.get("/analytics/projects/").content.decode()
    assert re.findall(r'tile-value">([^<]*)<', html)[-2:] == ["4", "1"]
    assert "a&b<i>" not in html
    cells = re.findall(r'<td><a href="([^"]*)">(\d+)</a>', html)
    assert {int(value) for _, value in cells} >= {1, 2, 3, 4}
    for link, value in cells:
        page = client.get(link.replace("&amp;", "&"))
        assert page.status_code == 200, link
        listed = page.content.decode()
        assert sum(each["id"] in listed for each in projects) == int(value), link
    page = client.get("/analytics/projects/types.csv")
    rows = list(csv.reader(io.StringIO(page.getvalue().decode("utf-8-sig"))))
    told = sorted([name.lower(), number] for name, number in rows[1:])
    assert told == [["a&b<i>", "1"], ["none", "1"], ["saas", "2"]]
    for key in ("kind:size=99", "kind:colour=1", "kind:size=x"):
        assert client.get("/projects/", {"group": key}).status_code == 422


def test_a_group_of_projects_is_changed_as_a_whole_and_never_more(client_for, projects, mongo):
    client = client_for("editor")
    asked = {"action": "archive", "scope": "matching", "filters": "group=kind:files%3D0"}
    page = client.post("/projects/bulk/confirm/", asked)
    assert page.status_code == 200
    assert "Files: none" in page.content.decode() or "files: none" in page.content.decode()
    assert client.post("/projects/bulk/", asked).status_code in (200, 302)
    job = mongo.jobs.find_one({"kind": "projects.archive"})
    assert job["params"]["filters"]["group"] == "kind:files=0"


def test_erasing_a_customer_takes_their_projects_out_of_the_numbers(projects, mongo):
    ids = tuple(each["id"] for each in projects[:2])
    mongo.projects.delete_many({"id": {"$in": list(ids)}})
    holding = next(each for each in holdings.registered() if each.name == "project-figures")
    marks = Marks(("someone",), project_ids=ids)
    assert holding.count(marks) == 2
    for step in holding.erase(marks):
        core_mongo.run_in_transaction(step)
    assert holding.count(marks) == 0
    assert kept() == brute(mongo)
    assert figures().count_documents({}) == 3
