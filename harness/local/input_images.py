"""The pictures that a request starts from, out of the media store, as a pipeline's call takes them."""

import io
from collections.abc import Collection, Mapping

from PIL import Image

from data.errors import UnknownNameError
from data.media import MediaStore
from data.vocabulary import Request

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
MOST_PIXELS = 64_000_000


def input_images(request: Request, takes: Collection[str], media: MediaStore | None) -> Mapping[str, Image.Image]:
    """Return the request's pictures by the names of the call's arguments: "image", "last_image", "mask_image".

    Roles that the call does not take are left out. Raises ValueError for a picture that cannot be read.
    """
    given = {role.replace("-", "_"): picture for role, picture in request.inputs.items()}
    wanted = {name: picture for name, picture in given.items() if name in takes}
    if wanted and media is None:
        raise ValueError("Expected the store of the pictures that the prompt starts from, got none.")
    return {} if media is None else {name: _opened(media, each.sha256) for name, each in wanted.items()}


def _opened(media: MediaStore, sha256: str) -> Image.Image:
    try:
        data = media.path(sha256).read_bytes()
    except UnknownNameError as error:
        raise ValueError(f"Expected the picture that the prompt starts from, got none. {error}") from error
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"Expected at most {MOST_PIXELS:,} pixels, got {image.width} × {image.height}.")
        return image.convert("RGB")
