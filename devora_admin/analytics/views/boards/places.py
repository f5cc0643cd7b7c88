"""Addresses of boards."""

from django.urls import reverse


def home() -> str:
    return reverse("analytics:boards")


def of(board_id: str) -> str:
    return reverse("analytics:board", args=[board_id])


def arranged(board_id: str) -> str:
    return reverse("analytics:board_arrange", args=[board_id])
