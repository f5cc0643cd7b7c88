"""Demo projects come with a past that agrees with their present."""

from datetime import UTC, datetime

from devora_admin.ops.demo import histories
from devora_admin.ops.demo.projects import project
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.queries import versions as queries
from tests.versions.following import reconcile_all

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_newest_version_is_the_project_and_each_turn_has_its_own(mongo):
    made = [project(20, number, customers=60, until=UNTIL) for number in range(30)]
    mongo.projects.insert_many(made)
    for number, each in enumerate(made):
        histories.write_history(20, number, each, until=UNTIL)
    before = versions().count_documents({})
    told = heads().count_documents({})
    assert told > 15
    reconcile_all()
    assert versions().count_documents({"why": "reconciled"}) == 0
    assert versions().count_documents({}) == before + len(made) - told
    head = heads().find_one({"number": {"$gt": 4}})
    found = queries.several(head["project_id"], range(2, head["number"] + 1))
    assert all(each.head.totals.files for each in found.values())
    ordered = [found[number].head for number in sorted(found)]
    turns = [each.author.turn for each in ordered if each.author.kind == "ai"]
    assert turns == sorted(set(turns))


def test_the_same_history_again_for_the_same_seed(mongo):
    made = project(20, 3, customers=60, until=UNTIL)
    mongo.projects.insert_one(made)
    files = []
    for _ in range(2):
        histories.write_history(20, 3, made, until=UNTIL)
        rows = versions().find({}, {"_id": 0, "files": 1}).sort("number", 1)
        files.append([row["files"] for row in rows])
        for collection in (versions(), heads()):
            collection.delete_many({})
    assert files[0] == files[1] != []
