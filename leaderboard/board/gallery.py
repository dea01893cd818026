"""The gallery as plain data: the samples of one prompt and seed, a tile a model, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from leaderboard import formatting
from leaderboard.board.tables.table import Tone

if TYPE_CHECKING:
    import pandas as pd

STATUS_TITLES = {"ok": "ok", "refused": "Refused", "failed": "Failed", "timed-out": "Timed out", "unknown": "Unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A score, a time or a cost below a tile."""

    label: str
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """The sample of one model: its media by hash, or its status and the reason why there is none.

    `media` is what a browser shows and `master` what was scored, by which a clip's stills go; of an image both are the
    same. `fps` and `seconds` are a clip's.
    """

    title: str
    sub: str
    alt: str
    media: str | None
    video: bool
    width: int | None
    height: int | None
    status: str
    reason: str
    facts: Sequence[Fact]
    master: str | None = None
    fps: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The tiles of one prompt and seed, the best model first."""

    prompt: str
    about: str
    tiles: Sequence[Tile]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def in_order(samples: "pd.DataFrame", order: Sequence[str]) -> "pd.DataFrame":
    """Return samples with the models of `order` first, in that order, then the others (withdrawn models) by id."""
    place = {model: number for number, model in enumerate(order)}
    keys = samples["model"].map(lambda model: (place.get(model, len(place)), model))
    return samples.assign(place=keys).sort_values("place", kind="stable").drop(columns="place")


def gallery(samples: "pd.DataFrame", scores: "pd.DataFrame", *, prompt: str, about: str) -> Gallery:
    """Return the gallery of `samples`, one row a model in order, with their `scores` (`queries.sample_scores`)."""
    by_sample = {str(sample): rows for sample, rows in scores.groupby("sample", sort=False)}
    tiles = [_tile(row, by_sample.get(str(row.sample)), prompt) for row in samples.itertuples(index=False)]
    return Gallery(prompt=prompt, about=about, tiles=tiles)


def before_and_after(pairs: "pd.DataFrame", texts: Mapping[str, str], *, about: str, most: int = 5) -> Gallery:
    """Return samples from before and after a silent change (`drift.watch.before_and_after`), pair by pair.

    The first `most` prompts whose files differ are shown.
    """
    changed = pairs[~pairs["same"] & pairs["before"].notna() & pairs["after"].notna()].head(most)
    tiles = [
        _before_or_after(row, when, texts) for row in changed.itertuples(index=False) for when in ("before", "after")
    ]
    return Gallery(prompt="", about=about, tiles=tiles)


def _before_or_after(row: Any, when: str, texts: Mapping[str, str]) -> Tile:
    text = texts.get(row.prompt, row.prompt)
    return Tile(
        title=when.capitalize(),
        sub=f"{text} · seed {row.seed}",
        alt=f"{when}: {text}"[:300],
        media=str(getattr(row, when)),
        video=False,
        width=None,
        height=None,
        status="ok",
        reason="",
        facts=(),
    )


def _tile(row: Any, scores: "pd.DataFrame | None", prompt: str) -> Tile:
    has_media = row.status == "ok" and formatting.known(row.media)
    video = has_media and str(row.media_type).startswith("video/")
    shown = row.delivery if video and formatting.known(row.delivery) else row.media
    return Tile(
        title=str(row.title),
        sub=f"{row.provider} · {row.location}",
        alt=f"{row.title}: {prompt}"[:300],
        media=str(shown) if has_media else None,
        video=video,
        master=str(row.media) if has_media else None,
        fps=float(row.fps) if video and formatting.known(row.fps) else None,
        seconds=float(row.video_seconds) if video and formatting.known(row.video_seconds) else None,
        width=int(row.width) if formatting.known(row.width) else None,
        height=int(row.height) if formatting.known(row.height) else None,
        status="ok" if has_media else STATUS_TITLES.get(str(row.status), "Unknown"),
        reason="" if has_media else str(row.reason if formatting.known(row.reason) else "No reason was recorded."),
        facts=[*_scores(scores), *(_clip(row) if video else ()), *_costs(row, video=video)],
    )


def _scores(scores: "pd.DataFrame | None") -> list[Fact]:
    if scores is None:
        return [Fact(label="Scores", text="not scored", tone="muted")]
    return [_score(row) for row in scores.itertuples(index=False)]


def _score(row: Any) -> Fact:
    if not formatting.known(row.value):
        return Fact(label=str(row.title), text=str(row.reason), tone="muted")
    if row.unit in formatting.SHARES and row.value in (0.0, 1.0):
        yes = (row.value == 1.0) == bool(row.higher_is_better)
        return Fact(label=str(row.title), text="yes" if row.value else "no", tone="good" if yes else "bad")
    return Fact(label=str(row.title), text=formatting.score(float(row.value), str(row.unit)))


def _clip(row: Any) -> list[Fact]:
    parts = [
        formatting.count(int(row.frames), "frame") if formatting.known(row.frames) else None,
        f"{row.fps:g} a second" if formatting.known(row.fps) else None,
        formatting.seconds(row.video_seconds) if formatting.known(row.video_seconds) else None,
    ]
    return [Fact(label="Clip", text=", ".join(part for part in parts if part) or formatting.DASH)]


def _costs(row: Any, *, video: bool) -> list[Fact]:
    seconds = None if not formatting.known(row.seconds) else float(row.seconds)
    usd = None if not formatting.known(row.cost_usd) else float(row.cost_usd)
    length = float(row.video_seconds) if video and formatting.known(row.video_seconds) else None
    latency = Fact(label="Latency" if row.call != "first" else "Latency (first call)", text=formatting.seconds(seconds))
    if not video:
        return [latency, Fact(label="$ per 1,000 samples", text=formatting.dollars(usd and 1000 * usd))]
    pace = formatting.DASH if not (length and seconds) else f"{formatting.plain(length / seconds)}{formatting.GAP}×"
    price = None if usd is None or not length else usd / length
    return [
        latency,
        Fact(label="Real-time factor", text=pace),
        Fact(label="$ per second of video", text=formatting.dollars(price)),
    ]
