"""A program that works with the embedded server, for tests that kill it. One JSON line says what happened.

app.py hold DATA_DIR BINDIR     joins or starts the server, says its address, leaves when standard input ends
app.py write DATA_DIR BINDIR    the same, and writes rows for ever, saying each number after its commit
"""

import asyncio
import json
import sys
from pathlib import Path

import asyncpg

from bookreader.database import DatabaseUnavailable
from bookreader.database.embedded import EmbeddedServer


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def write(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("create table if not exists kept (number bigint generated always as identity)")
    while True:
        say(kept=await connection.fetchval("insert into kept default values returning number"))


async def main(mode: str, data_dir: str, bindir: str) -> int:
    try:
        async with EmbeddedServer(Path(data_dir), pg_bindir=Path(bindir) if bindir else None) as server:
            say(url=server.url, postmaster=server.pid, home=str(server.cluster.home), user=server.cluster.account.name)
            if mode == "write":
                await write(server.url)
            await asyncio.to_thread(sys.stdin.read)
    except DatabaseUnavailable as error:
        say(code=error.stable_code, message=error.message)
        return 1
    say(left=True)
    return 0


sys.exit(asyncio.run(main(*sys.argv[1:])))
