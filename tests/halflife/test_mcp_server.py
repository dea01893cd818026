"""The MCP server, asked by the official client: in memory, and over standard input and output as agents start it."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError

from halflife.mcp_server import server
from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.table.model import RoutingTable
from tests.leaderboard.routing.lasting import LASTING, clips, lasting, renamed

ROOT = Path(__file__).resolve().parents[2]
PHOTOREAL = {"category": "photoreal"}


@pytest.fixture
def table():
    return lasting()


@pytest.fixture
def routing(table, tmp_path):
    publish(RoutingTable.model_validate(table), tmp_path / "home" / "routing")
    return tmp_path / "home" / "routing"


def ask(to, *requests):
    """Return the answers to some requests over one connection: (method, arguments) each."""

    async def session():
        async with Client(to) as client:
            return [await getattr(client, method)(*arguments) for method, *arguments in requests]

    return asyncio.run(session())


@pytest.fixture
def two(routing):
    """Pictures and clips."""
    publish(RoutingTable.model_validate(clips()), routing)
    return routing


@pytest.fixture
def alike(routing):
    """Two tables of the same routes and aliases."""
    publish(RoutingTable.model_validate(renamed("sketches.live")), routing)
    return routing


def test_it_offers_three_tools_and_four_kinds_of_resources(routing):
    tools, resources, templates = ask(
        server(routing), ("list_tools",), ("list_resources",), ("list_resource_templates",)
    )
    assert sorted(tool.name for tool in tools.tools) == ["compare_models", "half_life", "recommend_model"]
    assert [str(resource.uri) for resource in resources.resources] == ["routing://tables"]
    assert sorted(template.uri_template for template in templates.resource_templates) == [
        "routing://route/{id}",
        "routing://table/{id}",
        "routing://table/{table}/route/{id}",
    ]


def test_recommend_model_takes_what_an_agent_knows(routing):
    [tools] = ask(server(routing), ("list_tools",))
    [tool] = [offered for offered in tools.tools if offered.name == "recommend_model"]
    parameters = {"task", "category", "tier", "alias", "table", "max_cost", "max_latency", "resolution", "seconds"}
    assert set(tool.input_schema["properties"]) == parameters


def test_each_tool_answers_with_revision_expiry_and_stale(routing, table):
    answers = ask(
        server(routing),
        ("call_tool", "recommend_model", PHOTOREAL | {"tier": "hero"}),
        ("call_tool", "compare_models", PHOTOREAL | {"models": ["big-1", "quick-1"]}),
        ("call_tool", "half_life", PHOTOREAL),
    )
    for answer in answers:
        assert not answer.is_error
        content = answer.structured_content
        assert (content["revision"], content["expires_at"], content["stale"]) == (
            table["revision"],
            LASTING["expires_at"],
            False,
        )
    assert answers[0].structured_content["deployment"] == "big-1"
    assert answers[2].structured_content["half_life"]["days"] == 31.5


def test_what_an_agent_can_mend_is_a_tools_error_in_one_sentence(routing):
    unknown, cheap = ask(
        server(routing),
        ("call_tool", "recommend_model", {"category": "photoreel"}),
        ("call_tool", "recommend_model", PHOTOREAL | {"max_cost": 0.000001}),
    )
    assert unknown.is_error
    assert "Did you mean 'photoreal'?" in unknown.content[0].text
    assert cheap.is_error
    assert "got none: quick-1 costs 0.01 USD" in cheap.content[0].text


def test_the_resources_are_the_table_and_its_routes(routing, table):
    current, route = ask(
        server(routing),
        ("read_resource", "routing://table/current"),
        ("read_resource", "routing://route/text-to-image.photoreal"),
    )
    assert json.loads(current.contents[0].text) == table | {"stale": False, "expired": False}
    content = json.loads(route.contents[0].text)
    assert content["tiers"] == table["routes"][0]["tiers"]
    assert (content["revision"], content["stale"]) == (table["revision"], False)


def test_an_unknown_route_is_answered_with_the_nearest(routing):
    async def session():
        async with Client(server(routing)) as client:
            with pytest.raises(MCPError, match=r"Did you mean 'text-to-image\.photoreal'"):
                await client.read_resource("routing://route/text-to-image.photoreel")

    asyncio.run(session())


def test_the_task_of_a_question_picks_the_table(two):
    pictures, video = ask(
        server(two),
        ("call_tool", "half_life", PHOTOREAL),
        ("call_tool", "compare_models", {"models": ["reel-1"], "task": "text-to-video", "category": "pair"}),
    )
    assert pictures.structured_content["table"] == "pictures.live"
    assert (video.structured_content["table"], video.structured_content["stale"]) == ("clips.live", False)


def test_an_alias_is_looked_up_over_all_tables(two):
    answers = ask(
        server(two),
        ("call_tool", "recommend_model", {"alias": "video.pair.hero"}),
        ("call_tool", "half_life", {"alias": "video.pair.workhorse"}),
        ("call_tool", "recommend_model", {"alias": "video.pear.hero"}),
    )
    first, second, unknown = answers
    assert (first.structured_content["deployment"], first.structured_content["table"]) == ("reel-1", "clips.live")
    assert second.structured_content["alias"] == "video.pair.workhorse"
    assert "Did you mean 'video.pair.hero'?" in unknown.content[0].text


@pytest.mark.parametrize(
    ("tool", "question"),
    [
        ("recommend_model", {"alias": "image.photoreal.hero"}),
        ("recommend_model", PHOTOREAL),
        ("half_life", {"alias": "image.photoreal.hero"}),
        ("compare_models", PHOTOREAL | {"models": ["big-1"]}),
    ],
)
def test_what_stands_in_several_tables_is_said_and_the_id_asked_for(alike, tool, question):
    asked, answered = ask(
        server(alike), ("call_tool", tool, question), ("call_tool", tool, question | {"table": "sketches.live"})
    )
    assert asked.is_error
    assert asked.content[0].text.endswith("stands in several. Give `table`: pictures.live, sketches.live.")
    assert answered.structured_content["table"] == "sketches.live"


def test_of_several_tables_each_is_a_resource_by_its_id(alike):
    listed, table, route = ask(
        server(alike),
        ("read_resource", "routing://tables"),
        ("read_resource", "routing://table/sketches.live"),
        ("read_resource", "routing://table/sketches.live/route/text-to-image.photoreal"),
    )
    assert [entry["table_id"] for entry in json.loads(listed.contents[0].text)["tables"]] == [
        "pictures.live",
        "sketches.live",
    ]
    assert json.loads(table.contents[0].text) == renamed("sketches.live") | {"stale": False, "expired": False}
    assert json.loads(route.contents[0].text)["table"] == "sketches.live"


@pytest.mark.parametrize("uri", ["routing://table/current", "routing://route/text-to-image.photoreal"])
def test_a_resource_that_several_tables_have_names_them(alike, uri):
    async def session():
        async with Client(server(alike)) as client:
            with pytest.raises(MCPError, match=r"Give `table`: pictures\.live, sketches\.live"):
                await client.read_resource(uri)

    asyncio.run(session())


def test_a_new_table_is_read_at_once(routing, table):
    mcp_server = server(routing)
    following = sealed(table | {"serial": 8, "previous_revision": table["revision"]})
    publish(RoutingTable.model_validate(following), routing)
    [answer] = ask(mcp_server, ("call_tool", "half_life", PHOTOREAL))
    assert answer.structured_content["serial"] == 8


def test_without_a_table_the_agent_is_told_what_to_run(tmp_path):
    [answer] = ask(server(tmp_path), ("call_tool", "half_life", {}))
    assert answer.is_error
    assert "got none. Run `halflife routes publish`" in answer.content[0].text


def test_it_answers_over_standard_input_and_output(routing, table):
    started = StdioServerParameters(
        command=sys.executable, args=["-m", "halflife", "mcp", "--home", str(routing.parent)], cwd=str(ROOT)
    )
    [answer] = ask(started, ("call_tool", "recommend_model", PHOTOREAL))
    assert answer.structured_content["deployment"] == "quick-1"
    assert answer.structured_content["revision"] == table["revision"]


def test_without_the_extra_the_command_says_how_to_install_it():
    without = "import sys; sys.modules['mcp.server.mcpserver'] = None; from halflife.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "mcp"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip().endswith("Run: uv pip install -e '.[mcp]'")


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        (
            "recommend_model",
            {"max_cost_usd": 0.001},
            "Unknown argument of recommend_model 'max_cost_usd'. Did you mean",
        ),
        ("compare_models", {"models": ["big-1"], "categry": "photoreal"}, "Did you mean 'category'?"),
        ("half_life", {"teir": "hero"}, "Did you mean 'tier'?"),
        ("recommend_model", {"seconds": -1.0}, "greater than or equal to 0"),
    ],
)
def test_an_argument_that_no_tool_has_or_no_number_is_an_error(routing, tool, arguments, words):
    [answer] = ask(server(routing), ("call_tool", tool, PHOTOREAL | arguments))
    assert answer.is_error
    assert words in answer.content[0].text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "nan"])
@pytest.mark.parametrize("limit", ["max_cost", "max_latency", "seconds"])
def test_a_limit_is_a_finite_number(routing, limit, number):
    with pytest.raises(ToolError, match="finite number"):
        asyncio.run(server(routing).call_tool("recommend_model", PHOTOREAL | {limit: number}))


def test_the_schema_says_that_no_other_argument_is_taken(routing):
    [tools] = ask(server(routing), ("list_tools",))
    assert [tool.input_schema["additionalProperties"] for tool in tools.tools] == [False] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_server_without_a_traceback(routing, number):
    command = [sys.executable, "-m", "halflife", "mcp", "--home", str(routing.parent)]
    hello = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        process.stdin.write(json.dumps(hello).encode() + b"\n")
        process.stdin.flush()
        assert b"protocolVersion" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(60) == -number
        assert process.stderr.read() == b""


def test_a_closed_input_ends_the_server(routing):
    command = [sys.executable, "-m", "halflife", "mcp", "--home", str(routing.parent)]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
