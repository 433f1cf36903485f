"""How many of the specification's simple tests the language passes, file by file.

    python -m tests.cel.figures

`unchecked` are those whose value the specification gives without a check of types: the language always checks, and
refuses them. What lies outside the language is counted by what it is.
"""

from collections import Counter
from pathlib import Path

from risk_rules.expressions.fault import ExpressionError
from tests.cel.test_specification import DEPARTING, outcome, passes
from tests.cel.vectors_of import FILES, cases, outside


def counted(path: Path) -> Counter[str]:
    found = Counter[str]()
    for case in cases(path):
        given = outcome(case)
        if (case.file, case.name) in DEPARTING:
            found["departs"] += 1
        elif isinstance(given, ExpressionError) and case.value is not None:
            found["unchecked"] += 1
        else:
            found["passed" if passes(case, given) else "failed"] += 1
    return found


def main() -> None:
    columns = ("passed", "departs", "unchecked", "failed")
    print(f"{'file':16} {'in file':>8} " + " ".join(f"{name:>9}" for name in columns) + "  outside")
    total = Counter[str]()
    for path in FILES:
        found, other = counted(path), outside(path)
        everywhere = found.total() + sum(other.values())
        total += found + Counter({"in file": everywhere})
        row = " ".join(f"{found[name]:9}" for name in columns)
        print(f"{path.stem:16} {everywhere:8} {row}  {', '.join(f'{count} {name}' for name, count in other.items())}")
    print(f"{'all':16} {total['in file']:8} " + " ".join(f"{total[name]:9}" for name in columns))


if __name__ == "__main__":
    main()
