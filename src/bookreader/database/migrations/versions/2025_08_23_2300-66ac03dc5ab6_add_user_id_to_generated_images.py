"""Add user_id to generated_images: every image belongs to the owner of its book.

Data loss: the downgrade forgets who owns an image; the next upgrade finds it out again from the book.

Revision ID: 66ac03dc5ab6
Revises: 4de5528c20b4
"""

from alembic import op

revision = "66ac03dc5ab6"
down_revision = "4de5528c20b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE generated_images ADD COLUMN user_id uuid")
    op.execute("""
        UPDATE generated_images SET user_id = books.user_id
        FROM descriptions
        JOIN chapters ON chapters.id = descriptions.chapter_id
        JOIN books ON books.id = chapters.book_id
        WHERE descriptions.id = generated_images.description_id
    """)
    # A valid CHECK spares SET NOT NULL its scan under an exclusive lock.
    op.execute("ALTER TABLE generated_images ADD CONSTRAINT has_owner CHECK (user_id IS NOT NULL) NOT VALID")
    op.execute("ALTER TABLE generated_images VALIDATE CONSTRAINT has_owner")
    op.execute("ALTER TABLE generated_images ALTER COLUMN user_id SET NOT NULL")
    op.execute("ALTER TABLE generated_images DROP CONSTRAINT has_owner")
    op.execute("CREATE INDEX ix_generated_images_user_id ON generated_images (user_id)")
    op.execute("""
        ALTER TABLE generated_images ADD CONSTRAINT generated_images_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id)
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE generated_images DROP CONSTRAINT generated_images_user_id_fkey")
    op.execute("DROP INDEX ix_generated_images_user_id")
    op.execute("ALTER TABLE generated_images DROP COLUMN user_id")
