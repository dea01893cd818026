"""The README promises nothing that does not work: its commands parse, its files exist, its catalogue entries load."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from data.catalogue import load_catalogue
from data.catalogue.prices import PriceTable
from data.formats.toml import validated
from evaluators.embeddings.card import read_card
from halflife.cli import app
from leaderboard.gate.gate_file import read_gate
from leaderboard.routing.policy.file import load_policy

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ENTRIES = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^    halflife ([^#\n]+)", README, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_of_the_readme_parses(line: str) -> None:
    command, words = app, shlex.split(line)
    while words and words[0] in getattr(command, "commands", ()):
        command = command.commands[words.pop(0)]
    context = command.make_context("halflife", words)
    assert isinstance(context.params, dict)


def test_the_readme_names_its_two_commands_first() -> None:
    targets = re.findall(r"^    make (\w+)", README, re.MULTILINE)
    assert targets[:2] == ["demo", "test"]
    assert all(re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE) for target in targets)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "[[models]]" in entry])
def test_each_catalogue_entry_of_the_readme_loads(entry: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(entry)
    known = load_catalogue()
    assert len(load_catalogue([tmp_path / "mine.toml"]).models) == len(known.models) + 1


@pytest.mark.parametrize("price", re.findall(r"^\|.*\| `(.*unit = .*)` \|$", README, re.MULTILINE))
def test_each_price_of_the_readme_reads(price: str, tmp_path: Path) -> None:
    table = tomllib.loads(f'price = {{ {price}, as_of = 2026-11-20, source = "a page" }}')["price"]
    assert validated(PriceTable, table, tmp_path).record().parts


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if "[[machines]]" in entry])
def test_each_machine_of_the_readme_loads(entry: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(entry)
    assert load_catalogue([tmp_path / "mine.toml"]).machine("desk").usd_per_kwh == 0.28


def test_the_encoder_card_of_the_readme_reads(tmp_path: Path) -> None:
    [card] = [entry for entry in ENTRIES if "[preprocess]" in entry]
    (tmp_path / "clip.toml").write_text(card.replace("<what sha256sum prints>", "0" * 64))
    assert read_card(tmp_path / "clip.toml").preprocess.size == 224


def test_the_policy_of_the_readme_reads(tmp_path: Path) -> None:
    [entry] = [entry for entry in ENTRIES if "[tiers.hero]" in entry]
    (tmp_path / "routing.toml").write_text(entry)
    assert load_policy(tmp_path).rule("*", "hero").max_cost_usd == 0.04


def test_the_gate_of_the_readme_reads(tmp_path: Path) -> None:
    [entry] = [entry for entry in ENTRIES if "[[limits]]" in entry]
    (tmp_path / "gate.toml").write_text(entry)
    assert read_gate(tmp_path / "gate.toml").limits[0].shares["refused"] == 0.02


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_each_file_that_the_readme_links_exists(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("path", re.findall(r"`((?:data|docs|leaderboard|schedules)/[\w./]+)`", README))
def test_each_path_in_the_text_exists(path: str) -> None:
    assert (ROOT / path).exists()


def tree() -> list[str]:
    """Return the paths of the README's tree, which is indented by two spaces a level below the first four."""
    paths: list[str] = []
    parents: list[str] = []
    for indent, name in re.findall(
        r"^    ((?:  )*)([\w.]+/?) {2,}\S", README.partition("## The tree")[2], re.MULTILINE
    ):
        parents = [*parents[: len(indent) // 2], name.removesuffix("/")]
        paths.append("/".join(parents))
    return paths


@pytest.mark.parametrize("path", tree())
def test_each_entry_of_the_tree_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_tree_names_every_package() -> None:
    packages = {"halflife", "schedules", "leaderboard", "harness", "evaluators", "data"}
    folders = {
        path.parent.relative_to(ROOT).as_posix() for name in packages for path in ROOT.glob(f"{name}/*/__init__.py")
    }
    assert packages | folders <= set(tree())
