"""The command line: `halflife` and what it can do.

An error that the user can fix ends with one sentence on standard error and exit code 2; Ctrl-C ends with 130 and says
how to go on.
"""

import sys
from typing import Final

from data.errors import HalflifeError
from data.store.database import damaged
from halflife.lazy import Command, Group, build
from halflife.output.terminal import Terminal

MODELS: Final = Group(
    "The catalogue, and the states of its models.",
    {
        "list": Command(
            "halflife.commands.models:models", "List the catalogue: each model, its revision and its price."
        ),
        "states": Command(
            "halflife.commands.models:states", "List the recorded states of models: since when, by whom and why."
        ),
        "announce": Command("halflife.commands.model_changes:announce", "Record that a model will come."),
        "nominate": Command("halflife.commands.model_changes:nominate", "Make a model a candidate, to be measured."),
        "trial": Command("halflife.commands.model_changes:trial", "Give a model a small share of the traffic."),
        "activate": Command(
            "halflife.commands.model_changes:activate", "Make a model active, also after a quarantine."
        ),
        "deprecate": Command(
            "halflife.commands.model_changes:deprecate", "Record that a model will go away, and when (--until)."
        ),
        "quarantine": Command(
            "halflife.commands.model_changes:quarantine", "Route nothing to a model until it is active again."
        ),
        "retire": Command(
            "halflife.commands.model_changes:retire", "Take a model out for good, and name its successor."
        ),
        "review": Command(
            "halflife.commands.models:review",
            "Apply the lifecycle rules of today, and list the models that have to be measured.",
        ),
    },
    default="list",
)
PROVIDERS: Final = Group(
    "The providers that can be asked, and specs of your own.",
    {
        "list": Command(
            "halflife.commands.providers:providers",
            "List the adapters and provider specs: what each serves, its extra, its variables and whether they are "
            "set.",
        ),
        "check": Command(
            "halflife.commands.providers:check",
            "Check one provider's spec: its keys, paths, placeholders and words; exit code 2 with the key that is "
            "wrong.",
        ),
    },
    default="list",
)
ROUTES: Final = Group(
    "The routing tables that gateways follow, one a suite and calendar.",
    {
        "explain": Command(
            "halflife.commands.routes_analysis:explain",
            "Build a route again from the runs that its table names, and show why each model was chosen.",
        ),
        "simulate": Command(
            "halflife.commands.routes_analysis:simulate",
            "Replay policies over the past: switches a year, regret and cost, compared with following each day's "
            "leader.",
        ),
        "curate": Command(
            "halflife.commands.routes_analysis:curate",
            "Find the fewest models that serve every category nearly as well as the best, and what each adds.",
        ),
        "export": Command(
            "halflife.commands.routes_export:export",
            "Write a table for gateways, into a folder named by its id, and list what each cannot hold.",
        ),
        "serve": Command(
            "halflife.commands.routes_export:serve",
            "Serve the tables over HTTP, read-only, until Ctrl-C: /routing/ lists them, /healthz says how old each is.",
        ),
        "keygen": Command(
            "halflife.commands.routes_export:keygen",
            "Make an ed25519 key pair to sign tables with; only you can read the private key.",
        ),
        "sign": Command("halflife.commands.routes_export:sign", "Sign a table; the signature is a file beside it."),
        "verify": Command(
            "halflife.commands.routes_export:verify",
            "Check who signed a table, that it is unchanged and not expired, and (with --state) not older than "
            "the last.",
        ),
        "show": Command(
            "halflife.commands.routes:show",
            "Show the current routes of each table: the model of each tier, why it was chosen, since when and until "
            "when.",
        ),
        "lint": Command(
            "halflife.commands.routes:lint",
            "Check a table: its schema, its consistency and its expiry; exit code 2 if a check fails.",
        ),
        "publish": Command(
            "halflife.commands.routes_publish:publish",
            "Build the table from the published standings and make it current, if anything in it is new.",
        ),
        "history": Command("halflife.commands.routes:history", "List the publications of a table, newest first."),
        "rollback": Command(
            "halflife.commands.routes:rollback",
            "Make an earlier content of a table current again, under a higher serial.",
        ),
    },
)
SCHEDULE: Final = Group(
    "What runs when: slots, done once each.",
    {
        "list": Command(
            "halflife.commands.schedule:list_",
            "List the schedules: next slot, last slots, and what changes of the clocks will do to them.",
        ),
        "next": Command("halflife.commands.schedule:next_", "Print the next slots by their scheduled time."),
        "run": Command(
            "halflife.commands.schedule_run:run",
            "Run the slots of a schedule that are due now, each once whoever asks; exit code 1 if one failed.",
        ),
        "serve": Command(
            "halflife.commands.schedule_run:serve",
            "Run every slot when it is due, until SIGTERM or Ctrl-C; the current sample is finished first.",
        ),
        "export": Command(
            "halflife.commands.schedule:export",
            "Write the files with which cron, systemd or Kubernetes runs the same slots.",
        ),
    },
)
HISTORY: Final = Group(
    "Rating histories from outside, kept by source.",
    {
        "import": Command(
            "halflife.commands.history:import_",
            "Import a file of ratings; each source is kept apart, and apart from what is measured here.",
        ),
        "list": Command("halflife.commands.history:list_", "List the sources: what they rate, and from when to when."),
    },
)
DRIFT: Final = Group(
    "Silent changes: of deployments, by sentinel prompts, and of the instrument.",
    {
        "check": Command(
            "halflife.commands.drift:check",
            "Compare the encoder and every deployment with their past; exit code 1 if a deployment changed.",
        ),
        "list": Command(
            "halflife.commands.drift:list_",
            "List the changes that were found: since when, found when, and in which measures.",
        ),
    },
)
COMMANDS: Final = Group(
    "An observatory for generative media: what each model costs, how good it is, and for how long.",
    {
        "demo": Command(
            "halflife.commands.demo:demo", "Run the embedded models, replay a season from them, and profile them."
        ),
        "run": Command("halflife.commands.run:run", "Run a suite through models: generate, score, rank, publish."),
        "score": Command(
            "halflife.commands.score:score",
            "Score pictures or clips that were made elsewhere, and rank them beside the others.",
        ),
        "standings": Command(
            "halflife.commands.standings:standings",
            "Print who leads: estimate, interval and rank set, with failures, speed and cost beside them.",
        ),
        "gate": Command(
            "halflife.commands.gate:gate",
            "Judge models by the thresholds of a file; exit code 1 if a check fails, 2 if one has no evidence.",
        ),
        "suites": Command(
            "halflife.commands.suites:suites", "List the suites, or the prompts of one; or write one as a file."
        ),
        "profile": Command(
            "halflife.commands.profile.command:profile",
            "Say what one call of a model computes at a shape, what it would take and cost, and the memory that it "
            "needs.",
        ),
        "load": Command(
            "halflife.commands.load:load",
            "Offer requests at planned moments, and measure percentiles, goodput and the rate at which an objective is "
            "missed.",
        ),
        "board": Command("halflife.commands.board:board", "Open the leaderboard on 127.0.0.1 until Ctrl-C."),
        "half-life": Command(
            "halflife.commands.half_life:half_life",
            "Estimate half-lives: of tenures in a file, or of ranks, leads and prices on the published boards.",
        ),
        "mcp": Command(
            "halflife.commands.mcp:mcp",
            "Answer agents over MCP (stdio): which model to call, how models compare, how long a lead lasts.",
        ),
        "export": Command(
            "halflife.commands.store:export", "Write the published tables, one file each, for people with pandas."
        ),
        "rebuild": Command("halflife.commands.store:rebuild", "Make the warehouse again from the sealed runs."),
        "doctor": Command(
            "halflife.commands.doctor:doctor", "Tell what this machine can do, and what to run for what it cannot."
        ),
        "models": MODELS,
        "providers": PROVIDERS,
        "routes": ROUTES,
        "schedule": SCHEDULE,
        "history": HISTORY,
        "drift": DRIFT,
    },
)
"""Every command: its function, and its line in the help of its group, which is the function's first sentence."""

app = build("halflife", COMMANDS)


def main() -> None:
    """Run the command line; turn an error that the user can fix into one sentence and exit code 2."""
    console = Terminal(stderr=True, soft_wrap=True)
    try:
        app()
    except HalflifeError as error:
        console.print(str(error))
        sys.exit(2)
    except Exception as error:
        damage = damaged(error)
        if damage is None:
            raise
        console.print(str(damage))
        sys.exit(2)
    except KeyboardInterrupt:
        console.print("Stopped. What was made is kept; the same command goes on from here.")
        sys.exit(130)
