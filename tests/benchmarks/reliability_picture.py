"""A reliability diagram as SVG: of the deliveries given a chance, how many came true."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from risk_rules.methods.reliability import Bin

SIDE, MARGIN, BELOW = 440, 60, 90


def reliability_svg(title: str, bins: Sequence[Bin]) -> str:
    """The diagram: a dot for each bin, its area by its cases, and the diagonal on which chances are as they were said."""
    width, height = SIDE + 2 * MARGIN, SIDE + MARGIN + BELOW
    most = max(bin.cases for bin in bins)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(width / 2, 30, title, 'font-size="16"'),
        *(line for tenth in range(11) for line in _grid(tenth / 10)),
        _line(0, 0, 1, 1, 'stroke="#888" stroke-dasharray="6 4"'),
        *(_line(a.predicted, a.came_true, b.predicted, b.came_true, 'stroke="#1f5fa8"') for a, b in pairwise(bins)),
        *(_dot(bin, most) for bin in bins),
        _text(width / 2, height - 20, "chance given in the morning of the promised day"),
        _text(18, MARGIN + SIDE / 2, "share that came late", f'transform="rotate(-90 18 {MARGIN + SIDE / 2:g})"'),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return MARGIN + SIDE * share


def _y(share: float) -> float:
    return MARGIN + SIDE * (1 - share)


def _grid(share: float) -> list[str]:
    return [
        _line(share, 0, share, 1, 'stroke="#eee"'),
        _line(0, share, 1, share, 'stroke="#eee"'),
        _text(_x(share), _y(0) + 20, f"{share:.1f}"),
        _text(_x(0) - 20, _y(share) + 4, f"{share:.1f}"),
    ]


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    return f'<line x1="{_x(x1):.1f}" y1="{_y(y1):.1f}" x2="{_x(x2):.1f}" y2="{_y(y2):.1f}" {look}/>'


def _dot(bin: Bin, most: int) -> str:
    radius = 3 + 13 * (bin.cases / most) ** 0.5
    said = f"{bin.cases} deliveries, chance {bin.predicted:.3f}, late {bin.came_true:.3f}"
    place = f'cx="{_x(bin.predicted):.1f}" cy="{_y(bin.came_true):.1f}" r="{radius:.1f}"'
    return f'<circle {place} fill="#1f5fa8" fill-opacity="0.6"><title>{said}</title></circle>'


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" {more}>{escape(text)}</text>'
