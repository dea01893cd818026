"""Whether a reply names a task that was accepted and is still to be done, instead of the picture itself."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TASK_KEYS = ("task_id", "taskId", "job_id", "jobId", "prediction_id", "generation_id", "generationId", "prompt_id")
STATUS_KEYS = ("status", "state", "task_status", "taskStatus")
STATUS_URLS = ("status_url", "polling_url", "poll_url", "get_url", "result_url", "response_url", "fetch_result")
PENDING = frozenset(
    {
        *("queued", "pending", "submitted", "submitting", "processing", "in_progress", "in_queue", "running"),
        *("starting", "started", "created", "accepted", "waiting", "scheduled", "not_start", "generating", "preparing"),
        *("not_started", "notstarted", "notrunning"),
    }
)
FAILED = re.compile("(?i)fail|error|cancel|abort|expire|time.?out|reject|moderat|refus|block|nsfw|denied")
WRAPPERS = ("data", "output", "result", "job", "task", "response", "urls")
LONGEST_ID = 200


def task_id(content: Any) -> str | None:
    """Return the id of the task that a reply's JSON names, None where it names none.

    >>> task_id({"data": [{"status": "submitted", "task_id": "task_01"}]}), task_id({"id": "e1", "message": "no"})
    ('task_01', None)
    """
    return next((name for part in _parts(content) for name in _named(part)), None)


def failed_status(content: Any) -> str | None:
    """Return the status by which a reply says that its task ended without a picture, None where it says no such thing.

    >>> failed_status({"task_id": "t1", "status": "Request Moderated"}), failed_status({"status": "queued"})
    ('Request Moderated', None)
    """
    states = (part.get(key) for part in _parts(content) for key in STATUS_KEYS)
    return next((state for state in states if isinstance(state, str) and FAILED.search(state)), None)


def task_url(content: Any) -> str | None:
    """Return the URL at which a reply's JSON says that its task can be asked for, None where it names none."""
    urls = (part.get(key) for part in _parts(content) for key in STATUS_URLS)
    return next((url for url in urls if isinstance(url, str) and url), None)


def _parts(content: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, list) and content:
        yield from _parts(content[0], depth + 1)
    elif isinstance(content, dict) and depth < 5:
        yield content
        for key in WRAPPERS:
            yield from _parts(content.get(key), depth + 1)


def _named(part: Mapping[str, Any]) -> Iterator[str]:
    keys = [*TASK_KEYS, *(("id", "request_id", "uuid") if _is_pending(part) else ())]
    names = (part.get(key) for key in keys)
    yield from (str(name)[:LONGEST_ID] for name in names if name and isinstance(name, str | int))


def _is_pending(part: Mapping[str, Any]) -> bool:
    states = (part.get(key) for key in STATUS_KEYS)
    waits = any(isinstance(state, str) and state.lower().replace("-", "_") in PENDING for state in states)
    return waits or any(isinstance(part.get(key), str) for key in STATUS_URLS)
