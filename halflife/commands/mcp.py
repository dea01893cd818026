"""`halflife mcp`: the routing table for agents, over standard input and output."""

from data.home import Home
from halflife.mcp_server import server
from halflife.options import DEFAULT_HOME, HomeOption


def mcp(home: HomeOption = DEFAULT_HOME) -> None:
    """Answer agents over MCP (stdio): which model to call, how models compare, how long a lead lasts."""
    server(Home(home).routing).run("stdio")
