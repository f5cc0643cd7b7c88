"""New rights for staff: an invitation, or a role with more rights. A second person agrees first."""

from django.urls import reverse
from pymongo.client_session import ClientSession

from devora_admin.core import clock, mongo
from devora_admin.core.errors import Conflict, Forbidden, InvalidInput
from devora_admin.staff import accounts, approvals, audit, links, services
from devora_admin.staff.approvals import Approval
from devora_admin.staff.documents import LINKS, STAFF
from devora_admin.staff.permissions import PERMISSIONS, ROLES

INVITE, ROLE = "staff.invite", "staff.role"


def register() -> None:
    """Called once, when the app is ready."""
    manage = "staff.manage"
    approvals.handles(
        INVITE, permission=manage, title="Invite to the staff", describe=_of_invitation
    )(_invite)
    approvals.handles(ROLE, permission=manage, title="Give a role", describe=_of_role)(_give_role)


def ask_invitation(email: str, *, role: str, name: str, reason: str, actor: audit.Actor) -> str:
    """Returns the request's id. Raises InvalidInput, Conflict."""
    email = services.check_new(email, role=role)
    if mongo.database()[STAFF].find_one({"email": email}, {"_id": 1}):
        raise services.in_use(email)
    subject = audit.Subject("invitation", email, f"{email} as {role}")
    params = {"email": email, "role": role, "name": name}
    return approvals.ask(INVITE, subject=subject, params=params, reason=reason, actor=actor)


def ask_role(user_id: str, *, role: str, reason: str, actor: audit.Actor) -> str:
    """Returns the request's id. Raises NotFound, Forbidden, InvalidInput, Conflict."""
    row = accounts.read(user_id)
    if user_id == actor.id:
        raise Forbidden("Nobody asks for a role for themselves.")
    if not accounts.adds_rights(row["role"], role):
        raise InvalidInput("This role adds no rights: it needs nobody's approval.", field="role")
    subject = audit.Subject("staff", user_id, f"{row['email']} as {role}")
    params = {"before": row["role"], "after": role}
    return approvals.ask(ROLE, subject=subject, params=params, reason=reason, actor=actor)


def link_for(link_id: str, *, actor: audit.Actor) -> str:
    """The path of a new link for an invitation that was agreed to; an earlier one stops working.

    Raises Conflict when the invitation was used, withdrawn or ran out.
    """

    def work(session: ClientSession) -> str:
        good = {"_id": link_id, "kind": "invite", "expires_at": {"$gt": clock.now()}}
        row = mongo.database()[LINKS].find_one_and_delete(good, session=session)
        if row is None:
            raise Conflict("This invitation was used or withdrawn, or has a newer link.")
        return links.invite(row["email"], row["role"], row["name"], actor=actor, session=session)

    return mongo.run_in_transaction(work)


def _invite(request: Approval, *, approver: audit.Actor) -> str:
    # Nobody sees this first link: who asked makes one of their own from the open invitation.
    asked = request.params
    links.invite(asked["email"], asked["role"], asked["name"], actor=approver)
    return f"{reverse('staff:list')}#invitations"


def _give_role(request: Approval, *, approver: audit.Actor) -> str:
    def work(session: ClientSession) -> None:
        row = accounts.read(request.subject.id, session)
        if row["role"] == request.params["after"]:
            return  # done by an attempt that was cut off
        if row["role"] != request.params["before"]:
            raise Conflict(f"The role is {row['role']} by now. Ask again.")
        if str(row["_id"]) == approver.id:
            raise Forbidden("Nobody approves a role for themselves.")
        accounts.set_role(
            row, request.params["after"], actor=approver, session=session, reason=request.reason
        )

    mongo.run_in_transaction(work)
    return reverse("staff:detail", args=[request.subject.id])


def _of_invitation(request: Approval) -> list[str]:
    asked = request.params
    return [
        f"{asked['email']} can make an account with the role {asked['role']}, by a link that "
        "whoever asked for it sends to them. It is good for 72 hours.",
        *_rights("", asked["role"]),
    ]


def _of_role(request: Approval) -> list[str]:
    before, after = request.params["before"], request.params["after"]
    now = accounts.read(request.subject.id)["role"]
    if now != before:
        raise Conflict(f"The role is {now} by now. This cannot be carried out.")
    return [
        f"{request.subject.label.split(' as ')[0]} becomes {after} instead of {before}, "
        "and has to sign in again.",
        *_rights(before, after),
    ]


def _rights(before: str, after: str) -> list[str]:
    gained = ROLES[after] - ROLES.get(before, frozenset())
    told = [text for name, text in PERMISSIONS.items() if name in gained]
    return [f"New right: {text[0].lower()}{text[1:]}." for text in told]
