"""A remote model for tests of the command line: a painter of pictures of one pixel, at a server of theirs."""

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4IRcFAALyAUHXL9FmAAAAAElFTkSuQmCC"
"""A PNG of one pixel, in base64."""


def painter_at(base_url: str, **more: str) -> str:
    """A catalogue file with the model `painter` at a base URL; `more` are further keys of its endpoint."""
    keys = "".join(f'{name} = "{value}"\n' for name, value in more.items())
    return f"""
family = "studio"
provider = "studio"
licence = "none"

[[models]]
id = "painter"
title = "Painter"
released = 2026-01-01
revision = "1"
revision_pinned = true
settings = {{ width = 64, height = 64 }}
price = {{ unit = "image", usd = 0.04, as_of = 2026-11-20, source = "a list" }}

[models.remote]
adapter = "openai_images"
base_url = "{base_url}"
model = "painter-1"
{keys}"""
