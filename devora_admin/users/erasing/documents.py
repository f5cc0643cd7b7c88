"""The record of each erasure, which ends as its receipt, and the marks it looks for meanwhile.

The record names the customer by id alone. The marks are personal, and go when it is done.
"""

from pymongo import ASCENDING, DESCENDING, IndexModel

from devora_admin.core import mongo

ERASURES = "erasures"
ERASURE_MARKS = "erasure_marks"

mongo.declare_indexes(
    ERASURES,
    [
        IndexModel([("customer_ids", ASCENDING), ("approved_at", DESCENDING)], name="customer"),
        IndexModel([("look_again_at", ASCENDING)], name="look_again_at", sparse=True),
        IndexModel(
            [("customer_id", ASCENDING)],
            name="running",
            unique=True,  # one at a time
            partialFilterExpression={"state": "running"},
        ),
    ],
)
mongo.declare_indexes(ERASURE_MARKS, [IndexModel([("erasure_id", ASCENDING)], name="erasure")])
