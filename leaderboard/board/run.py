"""The board's process: Streamlit's own command line on a server that ends half-sent requests."""

from typing import Final

from streamlit.web import cli
from uvicorn.config import HTTP_PROTOCOLS

from leaderboard.routing.serving.prompt_requests import PromptRequests

PROTOCOL: Final = f"{PromptRequests.__module__}:{PromptRequests.__qualname__}"

if __name__ == "__main__":
    HTTP_PROTOCOLS["auto"] = PROTOCOL  # Streamlit hands no protocol of ours to uvicorn
    cli.main()
