"""How much work a JSONata map may do on one record, counted step by step: the same record ends the same way on any machine.

JSONata can loop (tail calls grow no stack), recurse, and double what it has with each step. So each evaluated part counts
one step, and besides by the size of what it gives: whoever is handed that (a function of the library, written in C or not)
works on all of it. What can grow within one call without being handed anything large is bounded in `map_functions`.
"""

from typing import Any, cast

from streams.intake.refusal import Reason, Refusal

STEPS = 50_000
STEPS_PER_BYTE = 2
"""Of the record. A map that makes an event of each line of an order takes about 50 steps for 200 bytes."""

DEEPEST = 150
"""Parts within parts, calls of functions included. The interpreter itself gives up at about twice that."""

LARGEST = 8_000_000
"""What a map may hold together: an item counts one, a text its characters."""

LARGEST_NUMBER_BITS = 1024
_MAKING = frozenset({"unary", "function", "partial", "apply", "transform"})
_ITEMS_A_STEP, _CHARACTERS_A_STEP = 8, 256


class MapWork:
    """Counts one evaluation. The language calls `entering` before and `leaving` after each part of the map.

    `at` is the part that is being evaluated, `context` the innermost object of the partner's that it is evaluated on,
    `made_from` on which object of the partner's each new object was made.
    """

    def __init__(self, size: int) -> None:
        self._left = STEPS + STEPS_PER_BYTE * size
        self._depth = 0
        self._weights: dict[int, tuple[Any, int, int]] = {}
        self.at: Any = None
        self.context: Any = None
        self.made_from: dict[int, Any] = {}

    def entering(self, part: Any, context: Any, _: Any) -> None:
        """Raises `Refusal` when it is too much or too deep."""
        self.at = part
        if type(context) is dict:
            self.context = context
        self._depth += 1
        self._left -= 1
        if self._depth > DEEPEST:
            raise Refusal(
                Reason.BAD_MAP, f"The map goes more than {DEEPEST} calls deep: does it call itself without end?"
            )
        if self._left < 0:
            raise _too_much()

    def leaving(self, part: Any, context: Any, _: Any, result: Any) -> None:
        """Raises `Refusal` when the result is too large."""
        self._depth -= 1
        if isinstance(result, str):
            if len(result) > LARGEST:
                raise _too_large()
            self._left -= len(result) // _CHARACTERS_A_STEP
        elif isinstance(result, int):
            if result.bit_length() > LARGEST_NUMBER_BITS:
                raise Refusal(Reason.BAD_MAP, "The map makes a number that no JSON reader takes")
        elif isinstance(result, dict | list):
            self._left -= self._work_on(part, cast("Any", result)) // _ITEMS_A_STEP
            if type(context) is dict and isinstance(result, dict) and part.type == "unary":
                self.made_from[id(cast("Any", result))] = context
        if self._left < 0:
            raise _too_much()

    def _work_on(self, part: Any, thing: Any) -> int:
        """Items that are looked at when somebody goes through the thing; all that is in it when it has just been made."""
        if part.type in _MAKING and id(thing) not in self._weights:
            return self._weight(thing, 0)
        if len(thing) > LARGEST:
            raise _too_large()
        return len(thing)

    def _weight(self, thing: Any, depth: int) -> int:
        """Items and characters in a thing, those that it has in several places counted each time; each is looked at once."""
        if isinstance(thing, str):
            return 1 + len(thing)
        if not isinstance(thing, dict | list):
            return 1
        known = self._weights.get(id(cast("Any", thing)))
        if known is not None and len(known[0]) == known[2]:  # a list that grew since is looked at again
            return known[1]
        if depth > DEEPEST:
            raise Refusal(Reason.BAD_MAP, f"The map makes something more than {DEEPEST} levels deep")
        parts: Any = cast("Any", thing)
        if len(parts) > LARGEST:
            raise _too_large()
        items: Any = parts.values() if isinstance(thing, dict) else parts
        weight = 1
        for item in items:
            weight += self._weight(item, depth + 1)
        if weight > LARGEST:
            raise _too_large()
        # The thing is kept, so that no other one gets its id while the evaluation lasts.
        self._weights[id(parts)] = (parts, weight, len(parts))
        return weight


def _too_much() -> Refusal:
    return Refusal(Reason.BAD_MAP, "The map works too long on this record: does it go round in circles?")


def _too_large() -> Refusal:
    return Refusal(Reason.BAD_MAP, f"The map makes something larger than {LARGEST} items and characters")
