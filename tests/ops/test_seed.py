import pytest
from bson import BSON, Decimal128, Int64, ObjectId
from django.core.management import CommandError, call_command

from devora_admin.core import clock
from devora_admin.ops import demo
from devora_admin.ops.demo import events
from devora_admin.ops.demo.customers import customer
from devora_admin.ops.demo.projects import FAULTS, TYPES, head, project

UNTIL = clock.now()


def quiet(line):
    pass


def test_seeding_gives_customers_projects_settings_and_events(mongo):
    assert demo.seed(demo.Plan(projects=30, customers=6), report=quiet) == 30
    assert mongo.users.count_documents({}) == mongo.settings.count_documents({}) == 6
    assert mongo.projects.count_documents({}) == 30
    rising = sum(count for *_, count in events.RISES)
    assert mongo.analytics_events.count_documents({}) == 300 + rising


def test_every_project_belongs_to_a_customer(mongo):
    demo.seed(demo.Plan(projects=30, customers=6), report=quiet)
    owners = set(mongo.users.distinct("id"))
    assert set(mongo.projects.distinct("user_id")) <= owners


def test_seeding_again_adds_only_what_is_missing(mongo):
    demo.seed(demo.Plan(projects=10, customers=6), report=quiet)
    first = mongo.projects.find_one({}, sort=[("_id", 1)])
    assert demo.seed(demo.Plan(projects=10, customers=6), report=quiet) == 0
    assert demo.seed(demo.Plan(projects=25, customers=6), report=quiet) == 15
    assert mongo.projects.count_documents({}) == 25
    assert mongo.projects.find_one({"_id": first["_id"]}) == first


def test_a_run_that_broke_off_in_a_batch_is_finished(mongo):
    demo.seed(demo.Plan(projects=20, customers=6), report=quiet)
    mongo.demo_data.update_one({}, {"$set": {"done.projects": 5, "done.settings": 2}})
    demo.seed(demo.Plan(projects=20, customers=6), report=quiet)
    assert mongo.projects.count_documents({}) == 20
    assert mongo.settings.count_documents({}) == 6


def test_the_same_seed_makes_the_same_projects():
    made = [
        [project(seed, number, customers=9, until=UNTIL) for number in range(5)]
        for seed in (1, 1, 2)
    ]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_real_customers_are_never_mixed_with_demo_data_unasked(mongo, make_customer):
    make_customer()
    with pytest.raises(CommandError, match="no demo data"):
        call_command("seed_demo", projects=5)
    assert not demo.seed_if_empty(quiet)
    assert mongo.projects.count_documents({}) == 0
    call_command("seed_demo", projects=5, force=True)
    assert mongo.projects.count_documents({}) == 5


def test_another_seed_is_refused_on_the_same_database():
    demo.seed(demo.Plan(projects=2, customers=2), report=quiet)
    with pytest.raises(demo.NotOurs, match="--seed"):
        demo.seed(demo.Plan(projects=2, customers=2, seed=99), report=quiet)


def test_the_first_look_leaves_other_demo_data_as_it_is(mongo):
    demo.seed(demo.Plan(projects=2, customers=2, small=True), report=quiet)
    assert not demo.seed_if_empty(quiet)
    assert mongo.projects.count_documents({}) == 2


def test_the_first_look_is_seeded_once(mongo):
    assert demo.seed_if_empty(quiet)
    assert not demo.seed_if_empty(quiet)
    assert mongo.projects.count_documents({}) == 400
    assert mongo.users.count_documents({}) == 60


def test_the_first_hundred_projects_show_every_kind_of_document():
    made = [project(20, number, customers=9, until=UNTIL) for number in range(100)]
    sizes = [len(BSON.encode(document)) for document in made]
    assert {document["project_type"] for document in made} == set(TYPES)
    assert max(sizes) > 700_000
    assert min(sizes) < 4_000
    assert any("archived_at" in document for document in made)
    assert any("conversation_history" not in document for document in made)
    values = [
        value
        for document in made
        if isinstance(document["metadata"], dict)
        for value in document["metadata"].values()
    ]
    for kind in (Decimal128, Int64, ObjectId, type(UNTIL)):
        assert any(isinstance(value, kind) for value in values), kind


def test_the_malformed_ones_are_among_the_first_projects():
    assert max(FAULTS) < 100
    for number, fault in FAULTS.items():
        assert fault.items() <= project(20, number, customers=9, until=UNTIL).items()


def test_small_projects_are_small():
    sizes = [
        len(BSON.encode(project(1, n, customers=9, until=UNTIL, small=True))) for n in range(50)
    ]
    assert max(sizes) < 600


def test_events_are_about_the_customers_own_projects(mongo):
    demo.seed(demo.Plan(projects=30, customers=6), report=quiet)
    owners = {
        each["id"]: each["user_id"] for each in mongo.projects.find({}, {"id": 1, "user_id": 1})
    }
    about = list(mongo.analytics_events.find({"project_id": {"$exists": True}}))
    assert len(about) > 100
    assert all(owners[each["project_id"]] == each["user_id"] for each in about)
    assert mongo.analytics_events.count_documents({"event_type": "signup"}) == 6


def test_the_head_of_a_project_is_that_of_the_whole():
    for number in range(20):
        part = head(1, number, customers=9, until=UNTIL)
        whole = project(1, number, customers=9, until=UNTIL, small=True)
        assert part.items() <= whole.items()


def test_the_same_seed_makes_the_same_events_and_customers():
    def made(seed):
        who = [customer(seed, number, until=UNTIL) for number in range(40)]
        did = [events.event(seed, n, customers=9, projects=9, until=UNTIL) for n in range(40)]
        return who, did

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_first_customers_show_trouble_with_paying():
    who = [customer(20, number, until=UNTIL) for number in range(60)]
    status = {each["subscription"]["status"] for each in who if "subscription" in each}
    assert {"active", "trialing", "past_due"} <= status
    assert any("last_payment_error" in each.get("subscription", ()) for each in who)


def test_the_first_events_show_every_kind_and_what_is_malformed():
    made = [events.event(20, n, customers=60, projects=400, until=UNTIL) for n in range(2000)]
    assert {*events.KINDS, *events.RARE, "signup"} <= {each["event_type"] for each in made}
    dated = [each["timestamp"] for each in made if not isinstance(each["timestamp"], str)]
    assert max(dated) <= UNTIL
    for number, fault in events.FAULTS.items():
        assert fault.items() <= made[number].items()
