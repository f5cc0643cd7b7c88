"""What is selected in a list, and the question before something is done to all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.core.listing import counting
from devora_admin.shell.listing.chips import Chip
from devora_admin.shell.listing.forms import ListFormBase, checked
from devora_admin.shell.listing.screen import Screen

Form = TypeVar("Form", bound=ListFormBase)


@dataclass(frozen=True, slots=True)
class Question:
    action: str
    effect: str
    """What it does, in a sentence."""
    asks_reason: bool = False
    tone: str = "primary"

    def __getitem__(self, field: str) -> Any:
        """Templates ask this way first."""
        return getattr(self, field)


@dataclass(frozen=True, slots=True)
class Selected(Generic[Form]):
    ids: tuple[str, ...]
    form: Form | None
    """That of the filters, when all that match are meant."""


def selected(request: HttpRequest, form_class: type[Form]) -> Selected[Form]:
    if request.POST.get("scope") != "matching":
        ids = tuple(each for each in request.POST.getlist("id") if each and "\0" not in each)
        return Selected(ids, None)
    form = form_class(QueryDict(request.POST.get("filters", "").removeprefix("?")))
    checked(form)
    return Selected((), form)


def chosen_question(request: HttpRequest, questions: Mapping[str, Question]) -> Question:
    question = questions.get(request.POST.get("action", ""))
    if question is None:
        raise InvalidInput(f"Choose {' or '.join(questions)}.", field="action")
    return question


def ask(
    request: HttpRequest,
    screen: Screen,
    question: Question,
    chosen: Selected[Any],
    *,
    number: int,
    chips: list[Chip],
) -> HttpResponse:
    """States how many it is about; writes nothing."""
    if chosen.form is None and not chosen.ids:
        raise InvalidInput(f"Select at least one {screen.noun}.", field="id")
    context = {
        "screen": screen,
        "question": question,
        "label": counting.label(number),
        "number": number,
        "ids": chosen.ids,
        "filters": request.POST.get("filters", "") if chosen.form else "",
        "chips": chips,
    }
    part = "dialog" if is_htmx(request) else "confirm"
    return render(request, f"components/list/bulk_{part}.html", context)


def expected(number: int) -> int | None:
    """How many a job says it is about, as far as they were counted."""
    return None if number > counting.MOST_COUNTED else number
