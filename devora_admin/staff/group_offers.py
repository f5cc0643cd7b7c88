"""What a list offers to do with the group it shows."""

from dataclasses import dataclass

from django.http import HttpRequest

from devora_admin.shell.listing.forms import GroupedFormBase
from devora_admin.staff.permissions import allowed


@dataclass(frozen=True, slots=True)
class OfferLink:
    label: str
    icon: str
    url: str


def offers(request: HttpRequest, form: GroupedFormBase) -> list[OfferLink]:
    """Those this person may take up."""
    kept = dict(form.kept())
    if "group" not in kept:
        return []
    return [
        OfferLink(offer.label, offer.icon, url)
        for offer in form.GROUPS.offers
        if allowed(request, offer.permission) and (url := offer.url(kept["group"]))
    ]
