"""Changes people make to their own account, each on record in the transaction of the change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from pymongo.client_session import ClientSession

from devora_admin.core import mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from devora_admin.staff import audit, sessions, sign_in
from devora_admin.staff.documents import LINKS, STAFF
from devora_admin.staff.factors import passkeys, recovery, totp
from devora_admin.staff.factors.stored import Passkey, factors_of, forget_all
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import NEEDS_SECOND_FACTOR

LAST_ONE = "Your role needs a second factor: add another one before you remove this."


def rename(user: StaffUser, *, name: str, actor: audit.Actor) -> None:
    def work(session: ClientSession) -> None:
        found = mongo.database()[STAFF].update_one(
            {"_id": ObjectId(str(user.pk)), "name": user.name},
            {"$set": {"name": name}},
            session=session,
        )
        if not found.matched_count:
            raise Conflict("Your name was changed meanwhile. Reload to see it.")
        before, after = {"name": user.name}, {"name": name}
        _record("staff.rename", user, actor, session, before=before, after=after)

    if name != user.name:
        mongo.run_in_transaction(work)


def check_password(password: str, user: StaffUser | None = None) -> None:
    """Raises InvalidInput for one that is too easy to guess."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error


def change_password(request: HttpRequest, *, password: str, actor: audit.Actor) -> None:
    """Ends every other session. This one goes on under a new key."""
    user: StaffUser = request.user  # type: ignore[assignment]
    check_password(password, user)
    changed = make_password(password)

    def work(session: ClientSession) -> None:
        set_password(user, changed, session=session)
        _record("staff.password.change", user, actor, session)

    mongo.run_in_transaction(work)
    _stay_signed_in(request)


def set_password(user: StaffUser, hashed: str, *, session: ClientSession) -> None:
    """Raises Conflict when it was changed since `user` was read."""
    found = mongo.database()[STAFF].update_one(
        {"_id": ObjectId(str(user.pk)), "password": user.password},
        {"$set": {"password": hashed}},
        session=session,
    )
    if not found.matched_count:
        raise Conflict("The password was changed meanwhile.")
    end_access(str(user.pk), session=session)


def end_access(user_id: str, *, session: ClientSession) -> None:
    """Ends every session, and the links by which somebody could set another password."""
    sessions.end_all(user_id, session=session)
    mongo.database()[LINKS].delete_many({"user_id": user_id}, session=session)


def _stay_signed_in(request: HttpRequest) -> None:
    """After a change that ended every session of the account, this one too."""
    user = StaffUser.objects.signed_in(request.user.pk)
    session: Any = request.session
    if user is None:
        return
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.cycle_key()


@dataclass(frozen=True, slots=True)
class NewTotp:
    """A secret and the step of the code that shows the person has it."""

    secret: str
    step: int


def turn_on_totp(request: HttpRequest, new: NewTotp, *, actor: audit.Actor) -> list[str]:
    """The recovery codes, when these are the first."""
    user: StaffUser = request.user  # type: ignore[assignment]

    def work(session: ClientSession) -> list[str]:
        totp.turn_on(str(user.pk), new.secret, step=new.step, session=session)
        _record("staff.totp.on", user, actor, session)
        return recovery.make(str(user.pk), is_first=True, session=session)

    return _added(request, "totp", work)


def add_passkey(
    request: HttpRequest, passkey: passkeys.NewPasskey, *, name: str, actor: audit.Actor
) -> list[str]:
    """The recovery codes, when these are the first."""
    user: StaffUser = request.user  # type: ignore[assignment]

    def work(session: ClientSession) -> list[str]:
        passkeys.add(str(user.pk), passkey, name=name, session=session)
        _record("staff.passkey.add", user, actor, session, after={"passkey": name})
        return recovery.make(str(user.pk), is_first=True, session=session)

    return _added(request, "passkey", work)


def _added(
    request: HttpRequest, factor: str, work: Callable[[ClientSession], list[str]]
) -> list[str]:
    """The first factor ends sessions the password alone has opened: they could put up another."""

    def work_and_end(session: ClientSession) -> tuple[list[str], bool]:
        is_first = not factors_of(str(request.user.pk), session=session).is_enough
        codes = work(session)
        if is_first:
            sessions.end_all(str(request.user.pk), session=session)
        return codes, is_first

    codes, is_first = mongo.run_in_transaction(work_and_end)
    sign_in.mark_verified(request.session, factor)
    if is_first:
        _stay_signed_in(request)
    return codes


def turn_off_totp(user: StaffUser, *, actor: audit.Actor) -> None:
    def work(session: ClientSession) -> None:
        if not totp.turn_off(str(user.pk), session=session):
            raise Conflict("The authenticator app is turned off already.")
        _record("staff.totp.off", user, actor, session)

    _remove_factor(user, work)


def remove_passkey(user: StaffUser, passkey_id: str, *, actor: audit.Actor) -> None:
    name = passkey_of(user, passkey_id).name

    def work(session: ClientSession) -> None:
        if not passkeys.remove(str(user.pk), passkey_id, session=session):
            raise Conflict("This passkey is removed already.")
        _record("staff.passkey.remove", user, actor, session, before={"passkey": name})

    _remove_factor(user, work)


def rename_passkey(user: StaffUser, passkey_id: str, *, name: str, actor: audit.Actor) -> None:
    before = passkey_of(user, passkey_id).name

    def work(session: ClientSession) -> None:
        if not passkeys.rename(str(user.pk), passkey_id, name=name, session=session):
            raise Conflict("This passkey was removed meanwhile.")
        changed = {"before": {"passkey": before}, "after": {"passkey": name}}
        _record("staff.passkey.rename", user, actor, session, **changed)

    if name != before:
        mongo.run_in_transaction(work)


def passkey_of(user: StaffUser, passkey_id: str) -> Passkey:
    for each in factors_of(str(user.pk)).passkeys:
        if each.id == passkey_id:
            return each
    raise NotFound("passkey", passkey_id)


def _remove_factor(user: StaffUser, work: Callable[[ClientSession], None]) -> None:
    def work_and_look(session: ClientSession) -> None:
        work(session)
        if factors_of(str(user.pk), session=session).is_enough:
            return
        if user.role in NEEDS_SECOND_FACTOR:
            raise Forbidden(LAST_ONE)
        forget_all(str(user.pk), session=session)  # codes alone are no second step

    mongo.run_in_transaction(work_and_look)


def new_recovery_codes(user: StaffUser, *, actor: audit.Actor) -> list[str]:
    def work(session: ClientSession) -> list[str]:
        codes = recovery.make(str(user.pk), is_first=False, session=session)
        if not codes:
            raise Conflict("Set up a second factor first.")
        _record("staff.recovery_codes.replace", user, actor, session)
        return codes

    return mongo.run_in_transaction(work)


def end_session(user: StaffUser, ref: str, *, actor: audit.Actor) -> None:
    """ref: of a session in `sessions.of_account`."""

    def work(session: ClientSession) -> None:
        if not sessions.end_one(str(user.pk), ref, session=session):
            raise Conflict("This session has ended already.")
        _record("staff.session.end", user, actor, session)

    mongo.run_in_transaction(work)


def end_other_sessions(user: StaffUser, *, keep: str, actor: audit.Actor) -> int:
    def work(session: ClientSession) -> int:
        count = sessions.end_others(str(user.pk), keep=keep, session=session)
        if count:
            _record("staff.session.end_others", user, actor, session, after={"ended": count})
        return count

    return mongo.run_in_transaction(work)


def _record(
    action: str, user: StaffUser, actor: audit.Actor, session: ClientSession, **values: Any
) -> None:
    subject = audit.Subject("staff", str(user.pk), user.email)
    audit.record(action, actor=actor, subject=subject, session=session, **values)
