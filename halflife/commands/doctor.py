"""`halflife doctor`: what this machine can do, and what to run for what it cannot."""

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import psutil
from rich.text import Text

from data.catalogue import load_catalogue
from data.embedded.weight_files import verified
from data.errors import HalflifeError
from data.home import Home
from data.store.database import damaged
from data.store.missing_media import count_media
from data.store.snapshot import current
from data.vocabulary import LocalSource
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.tables import table
from halflife.output.terminal import Terminal
from harness.remote.transport.proxies import proxy_variables
from leaderboard.routing.serving.published import published

GIB: Final = 2**30


class Check(NamedTuple):
    """One row: what was checked, whether it works, what was found, what to do."""

    what: str
    good: bool
    result: str
    advice: str = ""


def doctor(home: HomeOption = DEFAULT_HOME) -> None:
    """Tell what this machine can do, and what to run for what it cannot."""
    rows = table("What this machine can do", ("", "what", "found", "to do"))
    for check in (*_software(), *_devices(), *_extras(), *_directory(home), *_weights()):
        mark = Text("✓", style="green") if check.good else Text("–", style="yellow")
        rows.add_row(mark, check.what, check.result, check.advice)
    Terminal().print(rows)


def _software() -> Iterator[Check]:
    yield Check("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in ("torch", "diffusers", "transformers", "open-clip-torch", "duckdb", "streamlit"):
        yield Check(name, True, importlib.metadata.version(name))


def _devices() -> Iterator[Check]:
    import torch

    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=True) or "?"
    yield Check("cpu", True, f"{cores} cores, {memory.total / GIB:.1f} GiB memory, {memory.available / GIB:.1f} free")
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            card = torch.cuda.get_device_properties(index)
            yield Check(f"cuda:{index}", True, f"{card.name}, {card.total_memory / GIB:.0f} GiB")
    else:
        yield Check("cuda", False, "no device", "embedded and small models run on the CPU")
    yield Check("mps", torch.backends.mps.is_available(), "ready" if torch.backends.mps.is_available() else "no device")


def _extras() -> Iterator[Check]:
    for extra in ("openai", "mcp"):
        installed = importlib.util.find_spec(extra) is not None
        version = importlib.metadata.version(extra) if installed else "not installed"
        yield Check(f"extra {extra}", installed, version, "" if installed else f"uv pip install -e '.[{extra}]'")
    yield from _proxies()
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    advice = "" if browser else "only the browser tests need it"
    yield Check("chromium", browser is not None, browser or "not found", advice)


def _proxies() -> Iterator[Check]:
    names = proxy_variables(os.environ)
    if names:
        yield Check("proxy", False, f"{', '.join(names)}: not used", "requests go straight to a model's base_url")


def _directory(home: Path) -> Iterator[Check]:
    try:
        Home(home).prepare()
    except HalflifeError as error:
        yield Check("observatory", False, str(error), "choose another with --home")
        return
    free = shutil.disk_usage(home).free / GIB
    yield Check("observatory", True, f"{home.resolve()}, writable, {free:.1f} GiB free")
    yield from _board(Home(home))
    for table_id, problem in published(Home(home).routing).problems.items():
        yield Check(f"routes {table_id}", False, problem, "halflife routes publish")


def _board(home: Home) -> Iterator[Check]:
    """Read the newest snapshot, and look for the files that it names."""
    snapshot = current(home)
    if snapshot is None:
        return
    try:
        with contextlib.closing(snapshot.connect()) as connection:
            media = count_media(connection, home)
    except Exception as error:
        damage = damaged(error, snapshot.path)
        if damage is None:
            raise
        yield Check("board", False, str(damage), "halflife rebuild")
        return
    yield Check("board", True, f"generation {snapshot.generation}, {media.named:,} pictures and clips")
    if media.missing:
        found = f"{len(media.missing):,} files are gone, {media.missing[0][:12]}… the first"
        yield Check(
            "media", False, found, "restore media/ from a copy; until then they are not shown, their scores are"
        )


def _weights() -> Iterator[Check]:
    sources = [model.source for model in load_catalogue().models.values()]
    folders = {s.repository for s in sources if isinstance(s, LocalSource) and s.kind == "embedded"}
    try:
        for folder in sorted(folders):
            verified(folder)
    except HalflifeError as error:
        yield Check("embedded weights", False, str(error), "check out data/embedded/weights again")
        return
    yield Check("embedded weights", True, f"{len(folders)} pipelines, sha256 as published")
