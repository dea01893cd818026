"""Drives flagd's in-process provider for OpenFeature on a file: one JSON command a line in, one answer a line out."""

import json
import sys
import threading
import time

from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext


def load(path):
    """Point the provider at an export."""
    api.set_provider_and_wait(
        FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=path, deadline_ms=50)
    )
    return str(api.get_client().get_provider_status())


def evaluate(flag, keys, default="nobody"):
    """Evaluate a flag for each targeting key: the variants, and the metadata that came with the last one."""
    client = api.get_client()
    found = [client.get_string_details(flag, default, EvaluationContext(targeting_key=key)) for key in keys]
    errors = [str(one.error_code) for one in found if one.error_code]
    return {"values": [one.value for one in found], "metadata": dict(found[-1].flag_metadata), "errors": errors}


def changes(flag, name, old, seconds=10):
    """Wait until a flag's metadata no longer says `old`, and say what it says then."""
    until, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < until:
        value = api.get_client().get_string_details(flag, "nobody").flag_metadata.get(name)
        if value != old:
            return value
        pause.wait(0.02)
    return old


COMMANDS = {one.__name__: one for one in (load, evaluate, changes)}

for line in sys.stdin:
    command = json.loads(line)
    answer = COMMANDS[command.pop("do")](**command)
    print(json.dumps(answer), flush=True)
