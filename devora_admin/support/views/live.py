"""What an open inbox asks for by itself: how many each view holds, and what is new."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devora_admin.core.errors import InvalidInput
from devora_admin.core.listing import counting
from devora_admin.shell.listing.forms import checked
from devora_admin.staff.permissions import background, staff_can
from devora_admin.support.forms import inbox as forms
from devora_admin.support.queries import fresh as news
from devora_admin.support.queries import standing
from devora_admin.support.queries.inbox import Filters
from devora_admin.support.queries.saved import views_of

_LATE = timedelta(seconds=5)
"""A change may be stored some seconds after its time was taken."""
_MOST_SHOWN = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = 100_000


@require_safe
@staff_can("issues.view")
@background
def counts(request: HttpRequest) -> HttpResponse:
    """A saved search is left out: each would be several round trips."""
    staff_id = str(request.user.pk)
    wanted: dict[str, Filters | None] = {
        name: standing.narrow(name, Filters(), staff_id=staff_id) for name in standing.VIEWS
    }
    for view in views_of(staff_id):
        form = forms.read(view.query)
        if form.is_valid() and not form.text("q"):
            wanted[view.id] = form.asked(form.text("view") or standing.ALL, staff_id).filters
    try:
        found = standing.counts(wanted)
    except InvalidInput:
        found = {}
    labels = [(name, counting.label(number)) for name, number in found.items()]
    return render(request, "support/inbox_counts.html", {"counts": labels})


@require_safe
@staff_can("issues.view")
@background
def fresh(request: HttpRequest) -> HttpResponse:
    """204 when nothing is new in the list of this address."""
    values = request.GET.copy()
    since = _moment(_number(values.pop("since", ["0"])[-1]))
    shown = [_number(each) for each in values.pop("rows", [""])[-1].split(",") if each]
    pairs = [each.partition(":") for each in values.pop("seen", [""])[-1].split(",") if each]
    seen = [(_number(number), _moment(_number(at))) for number, _, at in pairs]
    form, staff_id = forms.InboxForm(values), str(request.user.pk)
    checked(form)
    asked = form.asked(form.view_of(staff_id), staff_id)
    number = 0
    if asked.filters is not None:
        number = news.changed_since(
            asked.filters, since - _LATE, shown=shown[:_MOST_SHOWN], seen=seen[:_MOST_SHOWN]
        )
    if not number:
        return HttpResponse(status=204)
    context = {"number": number, "is_most": number >= news.MOST, "href": _address(values)}
    return render(request, "support/inbox_fresh.html", context)


def _address(values: object) -> str:
    return f"?{values.urlencode()}"  # type: ignore[attr-defined]


def _number(text: str) -> int:
    """Raises InvalidInput."""
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidInput("Reload the page.")
    return int(text)


def _moment(milliseconds: int) -> datetime:
    if milliseconds > _DAYS * 86_400_000:
        raise InvalidInput("Reload the page.")
    return _EPOCH + timedelta(milliseconds=milliseconds)
