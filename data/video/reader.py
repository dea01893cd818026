"""Reads video files in a process of its own: a file that kills, fills or stops the decoder costs a reason, no more.

One process serves many files, one after another, and is started again where it died or ran over its time. Requests and
answers are length-prefixed on its pipes; what comes back is raw frames, each as soon as it is decoded, so that only one
process ever holds them all, and then JSON facts; never pickled objects.
"""

import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import IO, Any, Final

import numpy as np

from data.video.clip import Clip, FileFacts, ReadLimits, Sound, UnreadableVideoError

_LENGTH: Final = struct.Struct(">Q")
_CHUNK: Final = 1 << 20
_FRAME: Final = b"F"
_END: Final = b"E"


class VideoReader:
    """Reads one file after another; use it as a context, which ends its process.

    `limits` hold for each file. Not thread-safe: one reader a thread.
    """

    def __init__(self, limits: ReadLimits | None = None) -> None:
        self.limits = limits or ReadLimits()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def read(self, data: bytes) -> Clip:
        """Return the clip in `data`. Raises UnreadableVideoError for whatever is not one, or is over a limit."""
        process = self._process if self._process is not None and self._process.poll() is None else self._started()
        deadline = time.monotonic() + self.limits.seconds
        try:
            facts = self._exchange(process, data, deadline)
        except TimeoutError:
            self.close()
            raise UnreadableVideoError(
                f"Expected it to be read within {self.limits.seconds:g} s, got no end."
            ) from None
        except (BrokenPipeError, EOFError):
            code = process.wait()
            self.close()
            raise UnreadableVideoError(f"The video ended the process that read it ({_signal(code)}).") from None
        if isinstance(facts, str):
            raise UnreadableVideoError(facts)
        return facts

    def close(self) -> None:
        """End the process; harmless where there is none."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> "subprocess.Popen[bytes]":
        self.close()
        command = [sys.executable, "-W", "ignore", "-m", "data.video.reader", json.dumps(asdict(self.limits))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        return self._process

    def _exchange(self, process: "subprocess.Popen[bytes]", data: bytes, deadline: float) -> "Clip | str":
        source, target = process.stdout, process.stdin
        if source is None or target is None:
            raise EOFError
        _send(target, data, deadline)
        frames = bytearray()
        while (block := _received(source, deadline))[:1] == _FRAME:
            frames += memoryview(block)[1:]
        head = json.loads(block[1:])
        return str(head["reason"]) if "reason" in head else _clip(head, frames)


def main() -> None:
    """Answer requests on standard input until it closes, within the limits that the first argument names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits = ReadLimits(**json.loads(sys.argv[1]))
    _import_decoder()
    _bound_memory(limits.memory_bytes + limits.file_bytes * 2)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr
    while True:
        try:
            data = bytes(_received(source, None))
        except EOFError:
            return
        _send(target, _END + json.dumps(_answer(data, limits, target)).encode(), None)


def _answer(data: bytes, limits: ReadLimits, target: IO[bytes]) -> dict[str, Any]:
    from data.video.decode import decode_frames

    try:
        facts = decode_frames(data, limits, lambda pixels: _send(target, _FRAME + pixels.tobytes(), None))
    except UnreadableVideoError as error:
        return {"reason": str(error)}
    return facts._asdict() | {"file": asdict(facts.file)}


def _import_decoder() -> None:
    import av

    av.logging.set_level(av.logging.PANIC)


def _bound_memory(more: int) -> None:
    """Bound the address space to what is mapped now plus `more` bytes, so that a bomb fails to allocate."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + more, mapped + more))


def _clip(head: Mapping[str, Any], raw: bytearray) -> Clip:
    frames = np.frombuffer(raw, dtype=np.uint8).reshape(head["shape"])
    frames.flags.writeable = False
    file = dict(head["file"])
    sound = None if file["sound"] is None else Sound(**file["sound"])
    facts = FileFacts(**file | {"sound": sound, "done": tuple(file["done"])})
    return Clip(frames=frames, times=tuple(head["times"]), seconds=head["seconds"], file=facts)


def _send(pipe: IO[bytes], data: bytes, deadline: float | None) -> None:
    for block in (_LENGTH.pack(len(data)), data):
        view = memoryview(block)
        while view:
            _wait(pipe, deadline, writing=True)
            view = view[pipe.write(view[:_CHUNK]) or 0 :]
    pipe.flush()


def _received(pipe: IO[bytes], deadline: float | None) -> bytearray:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, deadline))
    return _exactly(pipe, length, deadline)


def _exactly(pipe: IO[bytes], size: int, deadline: float | None) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        _wait(pipe, deadline, writing=False)
        count = pipe.readinto(view[:_CHUNK])  # type: ignore[attr-defined]  # raw and buffered readers both have it
        if not count:
            raise EOFError
        view = view[count:]
    return data


def _wait(pipe: IO[bytes], deadline: float | None, *, writing: bool) -> None:
    if deadline is None:
        return
    left = max(0.0, deadline - time.monotonic())
    ready = select.select([] if writing else [pipe], [pipe] if writing else [], [], left)
    if not any(ready):
        raise TimeoutError


def _signal(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


if __name__ == "__main__":
    main()
