"""Indexes beside what the platform already has and holds."""

import pytest

from devora_admin.core import mongo as core_mongo


@pytest.fixture
def without_indexes(mongo):
    mongo.projects.drop_indexes()
    yield
    mongo.projects.drop()
    core_mongo.ensure_indexes()


def test_the_platforms_own_index_under_another_name_serves_as_ours(mongo, without_indexes):
    mongo.projects.create_index("id", unique=True)
    core_mongo.ensure_indexes()
    names = set(mongo.projects.index_information())
    assert "id_1" in names
    assert "id" not in names
    declared = {index.document["name"] for index in core_mongo.declared_indexes()["projects"]}
    assert declared - names == {"id"}


def test_two_projects_with_one_id_do_not_keep_the_dashboard_from_starting(
    mongo, make_project, without_indexes
):
    make_project(id="twin")
    make_project(id="twin")
    core_mongo.ensure_indexes()
    index = mongo.projects.index_information()["id"]
    assert not index.get("unique")
    declared = {index.document["name"] for index in core_mongo.declared_indexes()["projects"]}
    assert declared <= set(mongo.projects.index_information())
