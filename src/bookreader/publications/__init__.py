"""Books as files: bytes in, an immutable `Publication` out. Pure; it knows no database, web or network."""

from bookreader.publications.model import Publication as Publication
from bookreader.publications.open import look_at as look_at
from bookreader.publications.open import open_publication as open_publication
