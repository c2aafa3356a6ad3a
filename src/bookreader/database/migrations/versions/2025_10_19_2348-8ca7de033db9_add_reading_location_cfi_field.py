"""Add reading_location_cfi; the table admin_settings, where it ever was, goes away.

BREAKING CHANGE: programs that read admin_settings stop working. One that holds rows is kept as admin_settings_retired,
and one that is kept already is never overwritten.

Data loss: the downgrade drops the column with the places of readers. Back up first.

The retired revision 9ddbcaab926e, which made that table, stood between 66ac03dc5ab6 and this one.

Revision ID: 8ca7de033db9
Revises: 66ac03dc5ab6
"""

from alembic import op

revision = "8ca7de033db9"
down_revision = "66ac03dc5ab6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        DO $$
        DECLARE holds_rows boolean;
        BEGIN
            IF to_regclass('admin_settings') IS NULL THEN
                RETURN;
            END IF;
            EXECUTE 'SELECT EXISTS (SELECT FROM admin_settings)' INTO holds_rows;
            IF NOT holds_rows THEN
                DROP TABLE admin_settings;
            ELSIF to_regclass('admin_settings_retired') IS NOT NULL THEN
                RAISE EXCEPTION 'admin_settings and admin_settings_retired both hold rows: '
                    'rename one of the two tables, then upgrade again';
            ELSE
                DROP INDEX IF EXISTS ix_admin_settings_category, ix_admin_settings_is_active, ix_admin_settings_key;
                ALTER TABLE admin_settings RENAME TO admin_settings_retired;
            END IF;
        END $$
    """)
    op.execute("ALTER TABLE reading_progress ADD COLUMN reading_location_cfi varchar(500)")


def downgrade() -> None:
    op.execute("ALTER TABLE reading_progress DROP COLUMN reading_location_cfi")
