"""State machines as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from karvon.kernel.errors import InvalidTransition, PermissionRefused


@dataclass(frozen=True)
class Transition:
    """One allowed step; `actors` are the kinds of people who may take it."""

    actors: frozenset[str]


@dataclass(frozen=True)
class StateMachine:
    """A named table {(from, to): Transition}. Locking the row and writing history is the room's `transition`."""

    name: str
    initial: str
    transitions: Mapping[tuple[str, str], Transition]

    def check(self, current: str, to: str, actor: str) -> None:
        """Raise InvalidTransition where there is no such step, PermissionRefused where it is not this actor's."""
        step = self.transitions.get((current, to))
        if step is None:
            raise InvalidTransition(details={"status": [f"{current} → {to}"]})
        if actor not in step.actors:
            raise PermissionRefused

    def targets(self, current: str, actor: str | None = None) -> list[str]:
        """The states that can follow, in the table's order."""
        return [
            to
            for (from_state, to), step in self.transitions.items()
            if from_state == current and (actor is None or actor in step.actors)
        ]

    @property
    def states(self) -> list[str]:
        seen = {self.initial: None}
        for from_state, to in self.transitions:
            seen |= {from_state: None, to: None}
        return list(seen)

    def to_mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {from_state} --> {to}" for from_state, to in self.transitions]
        leaves = {from_state for from_state, _ in self.transitions}
        lines += [f"    {state} --> [*]" for state in self.states if state not in leaves]
        return "\n".join(lines)
