"""Programs that may use the API, what they asked, and how often.

`api_clients`: `{name, token_sha256, scopes, created_at, created_by, revoked_at}`.
`api_calls`: an answer that was given, by the digest of client and Idempotency-Key, for a day:
`{request, status, body, expires_at}`. `api_rates`: `{count, expires_at}` by client and minute.
"""

from pymongo import ASCENDING, IndexModel

from devora_admin.core import mongo

CLIENTS = "api_clients"
CALLS = "api_calls"
RATES = "api_rates"

mongo.declare_indexes(
    CLIENTS, [IndexModel([("token_sha256", ASCENDING)], name="token", unique=True)]
)
for _name in (CALLS, RATES):
    mongo.declare_indexes(
        _name, [IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0)]
    )
