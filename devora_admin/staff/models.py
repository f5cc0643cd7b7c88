"""Staff accounts and their sessions, on MongoDB through django-mongodb-backend.

Customers are no Django users: they live in `users` and never sign in here.
"""

from typing import Any, ClassVar

from bson import ObjectId
from bson.errors import InvalidId
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.staff.permissions import PERMISSIONS, ROLES


class StaffManager(BaseUserManager["StaffUser"]):
    def create_staff(self, email: str, *, role: str, password: str, name: str = "") -> "StaffUser":
        user = self.model(email=email.strip().lower(), role=role, name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def signed_in(self, key: object) -> "StaffUser | None":
        """The account with this key, read as every page needs it: without the ORM's own cost."""
        try:
            row = mongo.database()[self.model._meta.db_table].find_one({"_id": ObjectId(str(key))})
        except InvalidId:
            return None
        fields = self.model._meta.concrete_fields
        if row is None:
            return None
        values = [row.get(str(field.column), field.get_default()) for field in fields]
        return self.model.from_db("default", [field.attname for field in fields], values)


class StaffUser(AbstractBaseUser):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    epoch = models.IntegerField(default=0)
    """Counted up to end every session of before."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]
    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        # The backend's unique index is partial and is not used for look-ups: a plain one beside it.
        indexes = [models.Index(fields=["email"], name="staff_email_plain")]

    @property
    def label(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Kept in the session: another password, role or epoch ends it at its next request."""
        bound = f"{self.password}:{self.role}:{self.epoch}"
        return salted_hmac("staff session", bound, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self, *, session: ClientSession | None = None) -> None:
        """Ends every session of this account. session: of the change that is the reason."""
        from devora_admin.staff import sessions

        sessions.end_all(str(self.pk), session=session)

    def can(self, permission: str) -> bool:
        if permission not in PERMISSIONS:
            raise ValueError(f"unknown permission {permission!r}")
        return self.is_active and permission in ROLES.get(self.role, frozenset())


class StaffSession(AbstractBaseSession):
    """One signed-in browser. Its key is `_id`: any other index would not be used to find it.

    A TTL index, declared in documents, removes it after `expire_date`.
    """

    session_key = models.CharField(max_length=40, primary_key=True, db_column="_id")
    expire_date = models.DateTimeField()
    user_ref = models.CharField(max_length=24, db_index=True, default="")
    kind = models.CharField(max_length=8, default="half")
    """full once somebody is signed in; half between two steps of signing in."""
    created_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=64, default="")
    user_agent = models.CharField(max_length=300, default="")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from devora_admin.staff.sessions import SessionStore

        return SessionStore
