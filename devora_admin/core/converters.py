"""Parts of addresses."""

from django.urls.converters import IntConverter


class NumberConverter(IntConverter):
    """A whole number that every store can look up: a longer one names nothing."""

    regex = "[0-9]{1,15}"
