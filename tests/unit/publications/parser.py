"""A warm parser as a process of its own: opens each named file as the product does and says what that took.

`python -m tests.unit.publications.parser FILE...` answers with a JSON line a file: seconds of CPU and, in megabytes,
the most memory that was ever resident.
"""

import json
import resource
import sys
import time
from pathlib import Path

from bookreader.errors import BookRefused
from bookreader.publications import open_publication

ADDRESS_SPACE = 512 * 1024**2


def most_resident() -> float:
    """Megabytes. Linux keeps the peak of this program alone; elsewhere the process's own count has to do."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for name in sys.argv[1:]:
        start = time.process_time()
        outcome = "opened"
        try:
            publication = open_publication(Path(name).read_bytes())
            for resource_ in publication.resources.values():
                len(resource_.data)
        except BookRefused as refused:
            outcome = refused.stable_code
        seconds = time.process_time() - start
        print(json.dumps({"file": name, "outcome": outcome, "seconds": seconds, "megabytes": most_resident()}))


if __name__ == "__main__":
    main()
