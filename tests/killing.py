"""What processes that are killed in a transaction leave open in MongoDB."""

import time
from typing import Any

from bson import CodecOptions
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

_EVERYTHING = {"$currentOp": {"allUsers": True, "idleSessions": True, "idleConnections": True}}


def roll_back_what_they_left(client: MongoClient[Any]) -> None:
    """Ends the transactions of clients that are gone, which MongoDB does after a minute.

    Theirs alone: `killAllSessions` interrupts whoever waits for a confirmation.
    """
    time.sleep(0.1)  # what they asked for last is being done
    admin = client.get_database("admin", CodecOptions(), read_concern=ReadConcern("local"))
    found = list(admin.aggregate([_EVERYTHING]))
    there = {each.get("connectionId") for each in found if each["type"] == "op"}
    sessions = [
        {"id": each["lsid"]["id"]}
        for each in found
        if each["type"] == "idleSession" and each.get("connectionId") not in there
    ]
    if sessions:  # of none, MongoDB makes everybody's
        admin.command("killSessions", sessions, codec_options=admin.codec_options)
