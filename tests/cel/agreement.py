"""How far the language agrees with Google's implementation of CEL, over random expressions.

python -m tests.cel.agreement --expressions 20000 --seed 1
"""

import argparse
from collections import Counter
from random import Random

from tests.cel.expressions import generate
from tests.cel.reference import ERROR, agree, departs, ours, theirs


def compared(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How many expressions came out how, and what differed."""
    random, found, different = Random(seed), Counter[str](), list[str]()
    for _ in range(count):
        case = generate(random)
        (expected, said), (given, reason) = theirs(case), ours(case)
        if agree(expected, given):
            found["errors that agree" if given == ERROR else "values that agree"] += 1
        elif departs(case, said):
            found["departures"] += 1
        else:
            found["different"] += 1
            used = {name: value for name, value in case.features.items() if name in case.text}
            different.append(f"{case.text}\n  with {used}\n  CEL: {expected!r} {said}\n  here: {given!r} {reason}")
    return found, different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expressions", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found, different = compared(given.expressions, given.seed)
    print("\n".join(different[:20]))
    print(f"{given.expressions} expressions, seed {given.seed}: {dict(found)}")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
