"""A gate's file says what it means, or which key does not and why."""

from pathlib import Path

import pytest

from data.errors import InputFileError
from leaderboard.gate.gate_file import read_gate

LIMITS = "\n[[limits]]\np95_s = 2\n"


@pytest.fixture
def gate(tmp_path: Path):
    """Reads the text of a gate's file."""

    def read(text: str):
        path = tmp_path / "gate.toml"
        path.write_text(text)
        return read_gate(path)

    return read


def test_what_is_left_out_fails_only_when_surely_broken(gate):
    read = gate('models = ["a"]' + LIMITS)
    assert (read.fail, read.suite, read.limits[0].p95_s) == ("surely-broken", None, 2.0)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (LIMITS, "models", "Add the key"),
        ("models = []" + LIMITS, "models", "at least 1 item"),
        ('models = "a"' + LIMITS, "models", "valid list"),
        ('models = ["a"]', None, "Add [[quality]] or [[limits]]"),
        ('models = ["a"]\nmodel = "a"' + LIMITS, "model", "Did you mean 'models'"),
        ('models = ["a"]\nfail = "always"' + LIMITS, "fail", "'not-surely-kept'"),
        ('models = ["a"]\ncalendar = "lunar"' + LIMITS, "calendar", "'live'"),
        ('models = ["a"]\n[[quality]]\nmargin = 0.1', "quality.0", "got none"),
        ('models = ["a"]\n[[quality]]\nmodel = "b"\nvalue = 1', "quality.0", "got model and value"),
        ('models = ["a"]\n[[quality]]\nvalue = 1\nmargin = -1', "quality.0.margin", "greater than or equal to 0"),
        ('models = ["a"]\n[[quality]]\nvalue = nan', "quality.0.value", "finite number"),
        ('models = ["a"]\n[[quality]]\nday = "2026-01-01"', "quality.0.day", "valid date"),
        ('models = ["a"]\n[[quality]]\nday = 2026-01-01T10:00:00', "quality.0.day", "date"),
        ('models = ["a"]\n[[limits]]\ncategory = "x"', "limits.0", "Give p95_s"),
        ('models = ["a"]\n[[limits]]\np95_s = 0', "limits.0.p95_s", "greater than 0"),
        ('models = ["a"]\n[[limits]]\nusd_per_1000 = inf', "limits.0.usd_per_1000", "finite number"),
        ('models = ["a"]\n[[limits]]\nshares = { refused = 2 }', "limits.0.shares.refused", "less than or equal to 1"),
        ('models = ["a"]\n[[limits]]\nshares = { refused = "2 %" }', "limits.0.shares.refused", "number"),
    ],
)
def test_what_does_not_hold_is_named_with_its_key(gate, text, key, words):
    with pytest.raises(InputFileError, match=r"gate\.toml") as caught:
        gate(text)
    assert caught.value.key == key
    assert words in str(caught.value)
