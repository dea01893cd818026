"""Drives the real `litellm.Router`: one JSON command a line in, one JSON answer a line out. Runs in .venv-gateways."""

import asyncio
import io
import json
import logging
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
import openai
import yaml

litellm.suppress_debug_info = True
logging.disable(logging.CRITICAL)
router = None
run = asyncio.new_event_loop().run_until_complete


def load(path):
    """Build a Router from an export as LiteLLM's proxy does, and say what it holds."""
    global router
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    for name, value in config["litellm_settings"].items():
        setattr(litellm, name, value)
    router = litellm.Router(model_list=config["model_list"], **config["router_settings"])
    return [{"name": one["model_name"], "info": one["model_info"]} for one in router.get_model_list()]


def images(model, n=1, **arguments):
    """Ask for pictures one after the other: how many came each time, and the id of who made them, or the error."""
    answers = []
    for _ in range(n):
        try:
            reply = run(router.aimage_generation(model=model, prompt="a house", **arguments))
        except openai.APIError as error:
            answers.append({"error": type(error).__name__})
        else:
            info = reply._hidden_params.get("model_id")
            answers.append({"pictures": len(reply.data), "by": info, "cost": reply._hidden_params.get("response_cost")})
    return answers


def video(model):
    """Ask for a video job."""
    reply = run(router.avideo_generation(model=model, prompt="a house"))
    return {"id": bool(reply.id), "status": reply.status}


def picture():
    """Return the beginning of a picture as an open file."""
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.name = "house.png"
    return file


def edit(model):
    """Ask for a changed picture."""
    reply = run(router.aimage_edit(model=model, prompt="a house", image=picture()))
    return len(reply.data)


def prefixes(mode, names, base):
    """Ask each prefix for something of an upstream that fails: the error, or what came without one."""
    calls = {
        "image_generation": lambda **more: litellm.aimage_generation(prompt="a house", **more),
        "image_edit": lambda **more: litellm.aimage_edit(prompt="a house", image=picture(), **more),
        "video_generation": lambda **more: litellm.avideo_generation(prompt="a house", **more),
    }
    found = {}
    for name in names:
        try:
            reply = run(calls[mode](model=f"{name}/x", api_base=base, api_key="none", timeout=5, max_retries=0))
        except (openai.APIError, ValueError) as error:
            found[name] = type(error).__name__
        else:
            found[name] = len(getattr(reply, "data", None) or [])
    return found


def price(path, model):
    """Read a file of prices into LiteLLM's map, and say what it knows of a model."""
    with open(path, encoding="utf-8") as file:
        litellm.register_model(json.load(file))
    held = litellm.model_cost[model]
    return {**held, "info": litellm.get_model_info(model).get("output_cost_per_image")}


COMMANDS = {one.__name__: one for one in (load, images, video, edit, prefixes, price)}

answering = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
for line in sys.stdin:
    command = json.loads(line)
    answer = COMMANDS[command.pop("do")](**command)
    print(json.dumps(answer, default=str), file=answering, flush=True)
