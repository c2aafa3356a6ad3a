"""A deleted book comes back to the shelf."""

from uuid import UUID

from bookreader.accounts.ledger import check_books
from bookreader.database import Session
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue
from bookreader.library import queries
from bookreader.settings import Settings


async def restore(session: Session, settings: Settings, user_id: UUID, book_id: UUID) -> None:
    """A book that could not be read yet when it was deleted is read now: its deletion has ended the job.

    Raises NotFound, QuotaExceeded, and Conflict when the same bytes were uploaded again.
    """
    await check_books(session, settings, user_id)
    book = await queries.restore_book(session, user_id, book_id, settings.deleted_book_days)
    if not book.is_parsed and book.parsing_error is None:
        await enqueue(session, JobKind.PARSE, user_id=user_id, book_id=book_id, priority=10)
