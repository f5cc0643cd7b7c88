"""Programs that may use the API, what they asked, and how often.

`api_clients`: `{name, token_sha256, scopes, created_at, created_by, revoked_at, per_minute,
asked: {minute, count}}`, the last by every request.
`api_calls`: an answer that was given, by the digest of client and Idempotency-Key, for a day:
`{request, status, body, expires_at}`.
"""

from pymongo import ASCENDING, IndexModel

from devora_admin.core import mongo

CLIENTS = "api_clients"
CALLS = "api_calls"

mongo.declare_indexes(
    CLIENTS, [IndexModel([("token_sha256", ASCENDING)], name="token", unique=True)]
)
mongo.declare_indexes(
    CALLS, [IndexModel([("expires_at", ASCENDING)], name="ttl", expireAfterSeconds=0)]
)
