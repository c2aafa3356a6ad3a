"""Something else happens between two steps of a transaction that orders, begins or clears up pictures."""

from uuid import UUID

from bookreader.illustrations import queries
from bookreader.work import Installation
from tests.integration.gates import gate
from tests.integration.illustrations.conftest import Shelf
from tests.integration.illustrations.test_same_passage import SERVICE, one_after_the_other


async def test_an_administrator_says_that_a_service_was_mended_while_its_turn_is_asked_for(
    shelf: Shelf, here: Installation
) -> None:
    async def begin() -> queries.Turn:
        async with here.database.transaction() as session:
            return await queries.take_turn(session, "pollinations", UUID(int=0), parallel=1, interval=0)

    async def mend() -> None:
        async with here.database.transaction() as session:
            await queries.wake_service(session, "pollinations")

    await begin()
    async with gate(shelf.url, SERVICE) as held:
        _, turn = await one_after_the_other(held, mend(), begin())
    assert turn.wait == 0
