"""What is selected in a list, and the question before something is done to all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from devora_admin.core.errors import InvalidInput
from devora_admin.core.http import is_htmx
from devora_admin.core.listing import counting
from devora_admin.core.listing.spec import Chosen, F, ListSpec
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
    verb: str = ""
    """What the question begins with; the action itself by default."""
    control: str = ""
    """A template with what else is asked; its fields are posted along."""

    def __getitem__(self, field: str) -> Any:
        """Templates ask this way first."""
        return getattr(self, field)


def selected(
    request: HttpRequest, form_class: type[Form], filters_of: Callable[[Form], F]
) -> tuple[Chosen[F], Form | None]:
    """The form is that of the filters, when all that match are meant."""
    if request.POST.get("scope") != "matching":
        ids = tuple(each for each in request.POST.getlist("id") if each and "\0" not in each)
        return Chosen(ids), None
    form = form_class(QueryDict(request.POST.get("filters", "").removeprefix("?")))
    checked(form)
    return Chosen(filters=filters_of(form)), form


def chosen_question(request: HttpRequest, questions: Mapping[str, Question]) -> Question:
    question = questions.get(request.POST.get("action", ""))
    if question is None:
        raise InvalidInput(f"Choose {' or '.join(questions)}.", field="action")
    return question


def ask(
    request: HttpRequest,
    screen: Screen,
    spec: ListSpec[F, Any],
    question: Question,
    chosen: Chosen[F],
    *,
    chips: list[Chip],
) -> HttpResponse:
    """States how many it is about; writes nothing."""
    if chosen.filters is None and not chosen.ids:
        raise InvalidInput(f"Select at least one {screen.noun}.", field="id")
    number = counting.count_chosen(spec, chosen)
    context = {
        "screen": screen,
        "question": question,
        "label": counting.label(number),
        "number": number,
        "ids": chosen.ids,
        "filters": request.POST.get("filters", "") if chosen.filters else "",
        "chips": chips,
    }
    part = "dialog" if is_htmx(request) else "confirm"
    return render(request, f"components/list/bulk_{part}.html", context)


def expected(spec: ListSpec[F, Any], chosen: Chosen[F]) -> int | None:
    """How many a job says it is about, as far as they are counted."""
    number = counting.count_chosen(spec, chosen)
    return None if number > counting.MOST_COUNTED else number
