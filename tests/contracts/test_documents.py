"""Every collection declares its indexes, and the store holds exactly those."""

from mongoengine.base.common import _document_registry

from devora_admin.core import mongo as core_mongo


def test_every_document_class_declares_indexes_and_keeps_unknown_fields():
    ours = [
        document
        for document in _document_registry.values()
        if document.__module__.startswith("devora_admin.")
    ]
    assert ours
    for document in ours:
        meta = document._meta
        assert meta["collection"] in core_mongo.declared_indexes()
        assert meta["strict"] is False
        assert meta["auto_create_index"] is False


def test_the_store_holds_the_declared_indexes(mongo):
    for collection, indexes in core_mongo.declared_indexes().items():
        held = set(mongo[collection].index_information())
        assert {index.document["name"] for index in indexes} <= held


def test_making_the_indexes_again_is_harmless():
    assert core_mongo.ensure_indexes() == core_mongo.ensure_indexes()
