"""Truth that is known from elsewhere (a simulation, a list kept by people), in the place of the ledger's own outcomes.

One JSON object a line: `{"outcome": "shortage", "subject": "material:BSL/RM-1", "began_at": "2026-03-02T00:00:00Z"}`, with
`ended_at` where it is known. It takes the place of those outcomes that it names; the others stay as the ledger tells them.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from risk_rules.problems import DocumentError, Problem, did_you_mean
from streams.backtest.courses import Episode
from streams.backtest.outcomes import Outcomes

_decode = msgspec.json.Decoder(Episode).decode


def load(path: Path, outcomes: Outcomes) -> list[Episode]:
    """The episodes in a file. Raises `DocumentError` with every line that is wrong."""
    found: list[Episode] = []
    problems: list[Problem] = []
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            [Problem(str(path), 1, 1, f"cannot be read: {error.strerror}", "check the path")]
        ) from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            episode = _decode(line)
        except msgspec.DecodeError as error:
            problems.append(Problem(str(path), number, 1, str(error), "one JSON object a line"))
            continue
        if episode.outcome not in outcomes.by_name:
            hint = did_you_mean(episode.outcome, outcomes.by_name) or f"known are {', '.join(outcomes.by_name)}"
            problems.append(Problem(str(path), number, 1, f"there is no outcome {episode.outcome}", hint))
        elif episode.began_at.tzinfo is None:
            problems.append(Problem(str(path), number, 1, "began_at has no offset", "end it with Z for UTC"))
        else:
            found.append(episode)
    if problems:
        raise DocumentError(problems)
    return found


def over(told: Sequence[Episode], known: Sequence[Episode]) -> list[Episode]:
    """What happened: by `known` for the outcomes that it names, by the ledger (`told`) for the others."""
    named = {one.outcome for one in known}
    return sorted([*known, *(one for one in told if one.outcome not in named)], key=lambda one: one.began_at)
