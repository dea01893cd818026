"""A page of the board in a browser, as the tests visit it."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE_MS = 90_000
DRAWN = "svg.marks, canvas.marks"
SUITE_PAGES = {"Standings": "table", "Trade-off": DRAWN, "Gallery": "article", "Lifecycle": "table", "Routes": "table"}
PAGES = SUITE_PAGES | {"Cost surface": DRAWN, "Profile": DRAWN}


class Visit:
    """An open page with the errors of its console and the hosts that it asked."""

    def __init__(self, page: "Page", server: str) -> None:
        self.page, self.server = page, server
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, address: str) -> None:
        if not address.startswith(("blob:", "data:")):
            self.hosts.add(urlsplit(address).netloc)

    def open(self, path: str = "/") -> "Visit":
        """Go to a path and wait until its script has run."""
        self.page.goto(f"{self.server}{path}")
        self.page.wait_for_selector(READY)
        return self

    def turn_to(self, title: str) -> "Visit":
        """Follow the navigation to a page and wait for what it shows."""
        self.page.get_by_role("link", name=title, exact=True).first.click()
        self.page.get_by_role("heading", name=title, exact=True).wait_for()
        self.page.wait_for_selector(READY)
        self.page.locator(PAGES[title]).first.wait_for()
        return self

    def models(self) -> list[str]:
        """The models of the standings, from top to bottom."""
        self._titles().first.wait_for()
        return self._titles().all_inner_texts()

    def _titles(self) -> "Locator":
        """The cells of models in the first table, which is the standings."""
        return self.page.locator("tbody").first.locator("td.kind-name .text")
