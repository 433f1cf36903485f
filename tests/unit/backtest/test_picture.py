"""The picture shows what happened beside the warnings, and says what it lacks when it cannot be drawn."""

import sys
from pathlib import Path

import pytest

from streams.backtest.judging import judge
from streams.backtest.picture import PicturesNotInstalled, draw
from tests.unit.backtest.told import OUTCOMES, WINDOW, alert, happened

JUDGEMENT = judge(
    [alert(10, 60), alert(70, kind="silent", subject="feed:acme/BSL")], [happened(40, 50)], OUTCOMES, WINDOW, "warning"
)


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PicturesNotInstalled, match=r"pip install 'bellwether\[pictures\]'"):
        draw(tmp_path / "it.svg", JUDGEMENT, OUTCOMES, WINDOW, "title")


def test_only_svg_and_png_are_drawn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"it\.pdf: a picture is written as \.svg or \.png"):
        draw(tmp_path / "it.pdf", JUDGEMENT, OUTCOMES, WINDOW, "title")


def test_a_picture_names_its_subjects_and_is_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("one.svg", "other.svg", "it.png"):
        draw(tmp_path / name, JUDGEMENT, OUTCOMES, WINDOW, "a title")
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert "material:BSL/RM-1" in drawn
    assert "feed:acme/BSL" not in drawn, "what cannot be judged has no row"
    assert drawn == (tmp_path / "other.svg").read_text(encoding="utf-8")
    assert (tmp_path / "it.png").read_bytes().startswith(b"\x89PNG")


def test_a_history_in_which_nothing_was_told_can_be_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw(tmp_path / "calm.svg", judge([], [], OUTCOMES, WINDOW, "warning"), OUTCOMES, WINDOW, "calm")
