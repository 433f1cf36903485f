"""Few cases borrow from their parents: what was seen of one supplier, drawn towards all like it, and these towards all.

The special distribution is (counts + m·general)/(n + m): m cases of the more general one are added to the n that were seen
(a Dirichlet prior around the parent; MacKay & Peto, 1995). Its mean is Bühlmann's credibility estimate Z·own +
(1 - Z)·parent with Z = n/(n + m). For m, the ratio of the variance within children to that between their means, see
`strength`: Bühlmann & Gisler, A Course in Credibility Theory (2005), section 4.8.
"""

from collections.abc import Mapping, Sequence

USUAL_STRENGTH = 8.0
"""Cases that the parent counts for as long as too few children are known to tell."""

GREATEST_STRENGTH = 1000.0
"""Children that do not differ are all but one."""


def shrunk(levels: Sequence[Mapping[int, int]], strengths: Sequence[float]) -> dict[int, float]:
    """The chance of each value for the last of `levels`, which go from the most general to the most special.

    Each level maps a value to how often it was seen. `strengths`: for each level but the first, how many cases its parent
    counts for. Empty where nothing was seen at all. Raises `ValueError` unless there is a strength above zero for each child.
    """
    if len(strengths) != len(levels) - 1 or any(strength <= 0 for strength in strengths):
        raise ValueError(f"{len(levels)} levels need {len(levels) - 1} strengths above zero, not {list(strengths)}")
    chances: dict[int, float] = {}
    for counts, strength in zip(levels, (0.0, *strengths), strict=True):
        seen = sum(counts.values())
        borrowed = strength if chances else 0.0
        if seen:
            values = sorted(chances.keys() | counts.keys())
            drawn = ((value, counts.get(value, 0) + borrowed * chances.get(value, 0.0)) for value in values)
            chances = {value: amount / (seen + borrowed) for value, amount in drawn}
    return chances


def strength(cases: int, total: float, squares: float, children: int, child_squares: float, between: float) -> float:
    """How many cases a parent should count for against those of a child: s²/τ² by the method of moments.

    `cases` N, `total` Σy, `squares` Σy² of all cases; `children` K with n_i cases and the sums S_i: `child_squares` Σ n_i²,
    `between` Σ S_i²/n_i. Then s² = (Σy² - Σ S_i²/n_i)/(N - K) and τ² = (Σ S_i²/n_i - (Σy)²/N - (K - 1)·s²)/(N - Σ n_i²/N).
    """
    if children < 2 or cases <= children:
        return USUAL_STRENGTH
    within = max(0.0, squares - between) / (cases - children)
    apart = (between - total**2 / cases - (children - 1) * within) / (cases - child_squares / cases)
    if apart <= 0:
        return GREATEST_STRENGTH
    return min(GREATEST_STRENGTH, max(within / apart, 1 / GREATEST_STRENGTH))
