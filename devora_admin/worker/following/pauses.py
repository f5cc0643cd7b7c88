"""Longer and longer pauses before something is tried again."""

_FIRST_S, _LONGEST_S = 0.5, 30.0


class Pauses:
    def __init__(self) -> None:
        self._next_s = _FIRST_S

    def next_s(self) -> float:
        pause_s, self._next_s = self._next_s, min(self._next_s * 2, _LONGEST_S)
        return pause_s

    def reset(self) -> None:
        self._next_s = _FIRST_S
