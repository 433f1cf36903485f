"""Which rulebook a command means: files, the name of one that ships, or what the settings say."""

from collections.abc import Sequence
from pathlib import Path

import risk_rules
from risk_rules.problems import DocumentError, Problem, did_you_mean
from streams.settings import Settings

SHIPPED = Path(risk_rules.__file__).parent / "rulebooks"


def resolved(named: Sequence[str], told: Settings | None = None) -> list[Path]:
    """The files of one rulebook. Without names those of the settings, without any there the `default` that ships."""
    if not named:
        return list(told.rulebooks) if told is not None and told.rulebooks else [SHIPPED / "default.yaml"]
    return [_file(name) for name in named]


def _file(name: str) -> Path:
    if Path(name).exists() or "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    shipped = {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}
    if name in shipped:
        return shipped[name]
    hint = did_you_mean(name, shipped) or f"those that ship are {', '.join(shipped)}"
    raise DocumentError([Problem(name, 1, 1, "there is no such file, and no rulebook of that name ships", hint)])
