"""Counts in a process of their own: the real classes without the packages that no shape depends on.

`python -m harness.profiling.subprocess_count` reads what to count from standard input and writes the counts to
standard output. diffusers and transformers import what they find installed (kernels, image transforms, losses,
adapters), seconds and hundreds of megabytes of it. In this process those packages are absent, which both libraries
allow, and torch's compiler is a package that compiles nothing; in the caller's process that would stay true for
whatever runs after.
"""

import gc
import logging
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape
from data.flops.flops import Flops
from harness.profiling.counting import CountingError, count

ABSENT: Final = ("triton", "torchvision", "scipy", "sklearn", "pandas", "peft", "accelerate", "pynvml", "cuda.bindings")
"""Optional packages of torch, diffusers and transformers that no network needs to answer with a shape."""


def count_in_subprocess(architecture: Architecture, components: list[str], shape: Shape) -> dict[str, Flops]:
    """Return the FLOPs of one call of each component for one batch of a shape, as `counting.count` has them.

    Raises CountingError where a component cannot be counted.
    """
    command = [sys.executable, "-P", "-W", "ignore", "-m", "harness.profiling.subprocess_count"]
    question = pickle.dumps((architecture, components, shape))
    done = subprocess.run(command, input=question, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise CountingError(
            f"Expected the counts of {architecture.id}, got exit status {done.returncode} of their process."
        )
    answer: dict[str, Flops] | str = pickle.loads(done.stdout)
    if isinstance(answer, str):
        raise CountingError(answer)
    return answer


def main() -> None:
    """Count what standard input asks for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who interrupts the caller hears it from the caller
    sys.modules.update(dict.fromkeys(ABSENT))  # type: ignore[arg-type]  # None is how Python marks a module as absent
    gc.disable()  # what is imported here stays to the end, and tracing it again and again is a fifth of the time
    logging.disable(logging.WARNING)  # torch warns that triton is not there
    _leave_out_the_compiler()
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # no library's print may fall among the counts
    architecture, components, shape = pickle.load(sys.stdin.buffer)
    answer: dict[str, Flops] | str
    try:
        answer = {name: count(architecture, name, shape) for name in components}
    except CountingError as error:
        answer = str(error)
    pickle.dump(answer, out)
    out.flush()
    os._exit(0)  # unloading what was imported takes another second


def _leave_out_the_compiler() -> None:
    # Whoever asks torch._dynamo for a decorator gets the function back; its submodules are imported as they are.
    import torch

    def unchanged(function: Any = None, *_: Any, **__: Any) -> Any:
        return unchanged if function is None else function

    compiler: Any = ModuleType("torch._dynamo")
    compiler.__path__ = [str(Path(folder) / "_dynamo") for folder in torch.__path__]
    compiler.disable = compiler.allow_in_graph = compiler.assume_constant_result = unchanged
    sys.modules[compiler.__name__] = compiler


if __name__ == "__main__":
    main()
