"""What came from outside is text in the terminal: no markup, no links, no control sequences."""

import io
import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from halflife.output.progress import Bars
from halflife.output.tables import table
from halflife.output.terminal import UNSAFE, Terminal, log_to_terminal, visible

HOSTILE = "[/var/log/x] [bold]b[/] :smile: \x1b[31mred\x1b]8;;http://evil.example\x07link \x9b2J \u202egnp.exe \ud800"


def drawn(draw: Callable[[Terminal], None], *, colours: bool = False) -> str:
    out = io.StringIO()
    draw(Terminal(file=out, width=200, force_terminal=colours, color_system="standard" if colours else None))
    return out.getvalue()


def test_markup_is_text_in_lines_tables_titles_and_bars() -> None:
    rows = table(HOSTILE, (HOSTILE,))
    rows.add_row(HOSTILE)
    for said in (
        drawn(lambda terminal: terminal.print(HOSTILE)),
        drawn(lambda terminal: terminal.print(rows)),
        drawn(lambda terminal: terminal.print(Text(HOSTILE))),
        drawn(lambda terminal: _bar(Bars(terminal))),
    ):
        assert "[/var/log/x] [bold]b[/] :smile: ␛[31mred␛]8;;http://evil.example" in said
        assert not UNSAFE.search(said)
    said = drawn(lambda terminal: _bar(Bars(terminal)), colours=True)
    assert "\x1b[31m" not in said.replace("\x1b[31m ", "")
    assert "\x1b]8" not in said


def _bar(bars: Bars) -> None:
    with bars:
        bars.begin(HOSTILE, 2)
        bars.advance(2)
        bars.end()


@settings(deadline=None)
@given(st.text())
def test_no_character_that_acts_is_left(text: str) -> None:
    shown = visible(text)
    assert not UNSAFE.search(shown)
    assert len(shown) == len(text)
    shown.encode()


def test_our_own_colours_stay() -> None:
    assert "\x1b[1m" in drawn(lambda terminal: terminal.print("bold", style="bold"), colours=True)


def test_the_log_is_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    out, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_to_terminal()
    logging.getLogger("schedules").info("%s", HOSTILE)
    assert "[/var/log/x]" in out.getvalue()
    assert not UNSAFE.search(out.getvalue())


def test_a_reason_in_square_brackets_does_not_break_the_list_of_states(
    sealed_season: Path, tmp_path: Path, halflife: "Callable[..., CompletedProcess[str]]"
) -> None:
    home = Path(shutil.copytree(sealed_season, tmp_path / "observatory"))
    reason = "[/var/log/x] says no"
    assert halflife(home, "models", "quarantine", "shapes-flash", "--reason", reason).returncode == 0
    said = halflife(home, "models", "states")
    assert (said.returncode, said.stderr) == (0, "")
    assert "[/var/log/x]" in said.stdout
