"""What explore is asked: a metric, a breakdown, filters, a range, and the chart."""

from typing import Any

from django import forms

from devora_admin.analytics.charts.chart import KINDS
from devora_admin.analytics.forms.range import RangeForm
from devora_admin.analytics.metrics import METRICS
from devora_admin.analytics.queries.asking import BREAKDOWNS

BREAKDOWN_LABELS = {
    "": "Nothing", "event_type": "Type of event", "plan": "Plan", "project_type": "Project type",
    "model": "Model",
}  # fmt: skip
KIND_LABELS = {"line": "Lines", "bar": "Bars", "stack": "Stacked bars", "area": "Stacked areas"}
FILTERS = tuple(name for name in BREAKDOWNS if name)


def _filter(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=200)


class FilterForm(forms.Form):
    """What a number is held to."""

    event_type = _filter("Type of event")
    plan = _filter("Plan")
    project_type = _filter("Project type")
    model = _filter("Model")

    def where(self) -> dict[str, str]:
        """Of a valid form."""
        return {name: value for name in FILTERS if (value := self.cleaned_data.get(name))}


class ExploreForm(RangeForm, FilterForm):
    metric = forms.ChoiceField(
        label="Metric", required=False,
        choices=[(metric.name, metric.label) for metric in METRICS.values()],
        error_messages={"invalid_choice": "There is no such metric."},
    )  # fmt: skip
    by = forms.ChoiceField(
        label="Break down by", required=False, choices=list(BREAKDOWN_LABELS.items()),
        error_messages={"invalid_choice": "There is no such breakdown."},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="Chart", required=False, choices=[(kind, KIND_LABELS[kind]) for kind in KINDS],
        error_messages={"invalid_choice": "There is no such chart."},
    )  # fmt: skip

    def query(self) -> dict[str, str]:
        """Of a valid form: all that is asked, for addresses."""
        return {**self.chosen(), **self.where(), **self.range().query()}

    def title(self) -> str:
        """Of a valid form."""
        metric, by = METRICS[self.chosen()["metric"]], self.chosen()["by"]
        return metric.label + (f" by {BREAKDOWN_LABELS[by].lower()}" if by else "")

    def chosen(self) -> dict[str, Any]:
        """Of a valid form: metric, by and kind."""
        cleaned = self.cleaned_data
        return {
            "metric": cleaned.get("metric") or "events",
            "by": cleaned.get("by") or "",
            "kind": cleaned.get("kind") or "line",
        }
