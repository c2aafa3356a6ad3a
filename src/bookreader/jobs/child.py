"""The inside of a child process that does heavy or dangerous work: a JSON request a line in, a JSON answer a line out.

Its first line, READY, says that it could start. It ends when its standard input ends, and so never outlives the
process that started it.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bookreader.errors import BookReaderError

MEGABYTE = 1_000_000
LARGEST_FILE = 2_000 * MEGABYTE
READY = "ready"

Task = Callable[[dict[str, Any]], Any]


def run(tasks: Mapping[str, Task]) -> None:
    """Answers requests until the input ends. Arguments: megabytes of address space, seconds of CPU per request."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory * MEGABYTE, memory * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = sys.stdout
    sys.stdout = sys.stderr
    answers.write(READY + "\n")
    answers.flush()
    for line in sys.stdin:
        _limit_cpu(seconds)
        answers.write(json.dumps(_answer(tasks, json.loads(line))) + "\n")
        answers.flush()


def _answer(tasks: Mapping[str, Task], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"ok": tasks[request["task"]](request)}
    except BookReaderError as refusal:
        return {"error": {"code": refusal.stable_code, "message": refusal.message}}
    except (MemoryError, RecursionError):
        return {"error": {"code": "too_large", "message": "This book needs more memory than a book may take."}}


def _limit_cpu(seconds: int) -> None:
    """Each request gets its own share of processor time: past it, the kernel ends the process."""
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
