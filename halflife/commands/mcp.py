"""`halflife mcp`: the routing table for agents, over standard input and output."""

import signal

from data.home import Home
from halflife.mcp_server import server
from halflife.options import DEFAULT_HOME, HomeOption


def mcp(home: HomeOption = DEFAULT_HOME) -> None:
    """Answer agents over MCP (stdio): which model to call, how models compare, how long a lead lasts."""
    # The SDK reads standard input in a thread that no KeyboardInterrupt reaches; nothing is written that could be lost.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server(Home(home).routing).run("stdio")
