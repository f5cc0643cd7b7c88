from django.urls import URLPattern, path

from devora_admin.memory import gate

app_name = "memory"
_CUSTOMER = "memory/customers/<str:user_id>/"
_ITEM = _CUSTOMER + "items/<str:item_id>/"
_DECISION = _CUSTOMER + "decisions/<str:sha256>/"
_PREFERENCES = _CUSTOMER + "preferences/"


def _seen(route: str, view: str, name: str) -> URLPattern:
    return path(route, gate.view(view, "memory.view"), name=name)


def _corrected(route: str, view: str, name: str) -> URLPattern:
    return path(route, gate.view(view, "memory.correct"), name=name)


def _managed(route: str, view: str, name: str) -> URLPattern:
    return path(route, gate.view(view, "memory.manage"), name=name)


urlpatterns = [
    _seen("memory/", "status.page", "status"),
    _seen("memory/search/", "search.page", "search"),
    _seen("memory/projects/<str:project_id>/similar/", "projects.similar", "similar"),
    _seen(_CUSTOMER, "inspector.page", "customer"),
    _seen(_CUSTOMER + "recall/", "inspector.recalled", "recall"),
    _seen(_ITEM, "inspector.item", "item"),
    _seen(_PREFERENCES, "preferences.part", "preferences"),
]

# Beside an issue.
urlpatterns += [
    path(
        "support/<number:number>/preferences/",
        gate.view("issues.preferences", "issues.view"),
        name="issue_preferences",
    ),
]

# What staff decide about it.
urlpatterns += [
    _corrected(_PREFERENCES + "pin/", "preferences.pin", "preference_pin"),
    _corrected(_PREFERENCES + "reject/", "preferences.reject", "preference_reject"),
    _corrected(_PREFERENCES + "correct/", "preferences.correct", "preference_correct"),
    _corrected(_PREFERENCES + "release/", "preferences.release", "preference_release"),
    _corrected(_ITEM + "pin/", "items.pin", "item_pin"),
    _corrected(_ITEM + "reject/", "items.reject", "item_reject"),
    _corrected(_ITEM + "correct/", "items.correct", "item_correct"),
    _corrected(_ITEM + "forget/", "items.forget", "item_forget"),
    _corrected(_ITEM + "release/", "items.release", "item_release"),
    _corrected(_DECISION + "release/", "items.take_back", "decision_release"),
]

# What staff have done to all of it.
urlpatterns += [
    _managed("memory/reembed/", "remaking.reembed", "reembed"),
    _managed("memory/rebuild/", "remaking.rebuild", "rebuild"),
    _managed("memory/set-aside/retry/", "remaking.retry", "retry"),
    _managed("memory/set-aside/discard/", "remaking.discard", "discard"),
]
