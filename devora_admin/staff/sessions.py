"""Session engine over StaffSession, with the account beside the key so it can be revoked."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from devora_admin.core import clock, mongo
from devora_admin.staff.documents import SESSIONS


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from devora_admin.staff.models import StaffSession

        return StaffSession

    def _get_session_from_db(self) -> Any:
        # Every page begins with this; the ORM would take longer than MongoDB does.
        found = mongo.database()[SESSIONS].find_one(
            {"_id": self.session_key, "expire_date": {"$gt": clock.now()}}
        )
        if found is None:
            self._session_key = None
            return None
        return self.model(
            session_key=found["_id"],
            session_data=found["session_data"],
            expire_date=found["expire_date"],
        )

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session: Any = super().create_model_instance(data)
        session.user_ref = str(data.get("_auth_user_id", ""))
        return session
