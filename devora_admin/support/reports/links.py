"""The list of issues behind each number: its address, see forms.happened."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.support.queries.happened import About
from devora_admin.support.reports.facts import By
from devora_admin.support.reports.span import Span

NOBODY = "none"
_FIELDS = {"who": "assignee_id", "tag": "tag", "type": "project_type"}


@dataclass(frozen=True, slots=True)
class Links:
    span: Span
    about: About

    def of_row(self, by: By, key: str) -> "Links":
        return Links(self.span, replace(self.about, **{_FIELDS[by]: key}))

    def __getitem__(self, name: str) -> str:
        """Templates ask this way first."""
        return str(getattr(self, name))

    @property
    def opened(self) -> str:
        return self._list(**self._within("opened"))

    @property
    def resolved(self) -> str:
        return self._list(**self._within("resolved"))

    @property
    def replied(self) -> str:
        return self._list(timed="replied", **self._within("opened"))

    @property
    def replied_as_promised(self) -> str:
        """Whether in time or late: those whose business hours were counted."""
        return self._list(timed="first_reply", **self._within("opened"))

    @property
    def resolved_as_promised(self) -> str:
        """As above."""
        return self._list(timed="resolution", **self._within("resolved"))

    @property
    def backlog(self) -> str:
        return self._list(open_on=self.span.last)

    @property
    def late_first(self) -> str:
        return self._list(breached="first_reply", **self._within("breached"))

    @property
    def late_resolution(self) -> str:
        return self._list(breached="resolution", **self._within("breached"))

    @property
    def late_of_opened(self) -> str:
        return self._list(breached="first_reply", **self._within("opened"))

    @property
    def late_of_resolved(self) -> str:
        return self._list(breached="resolution", **self._within("resolved"))

    @property
    def reopened(self) -> str:
        return self._list(reopened=1, **self._within("opened"))

    @property
    def satisfied(self) -> str:
        return self._list(rating="good", **self._within("asked"))

    @property
    def answered(self) -> str:
        return self._list(rating="any", **self._within("asked"))

    def _within(self, name: str) -> dict[str, Any]:
        return {f"{name}_from": self.span.first, f"{name}_to": self.span.last}

    def _list(self, **asked: Any) -> str:
        return f"{reverse('support:list')}?{urlencode({**asked, **self._about()})}"

    def _about(self) -> dict[str, Any]:
        about, found = self.about, {}
        if about.assignee_id is not None:
            found["assignee"] = about.assignee_id or NOBODY
        if about.tag is not None:
            found |= {"tag": about.tag} if about.tag else {"untagged": "1"}
        if about.project_type is not None:
            kind = about.project_type
            found |= {"project_type": kind} if kind else {"without_type": "1"}
        return found
