import django.db.models.functions.datetime
from django.db import migrations, models

MAKE = """
CREATE TABLE audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id bigint,
    actor_label varchar(200) NOT NULL,
    actor_role varchar(16) NOT NULL,
    action varchar(100) NOT NULL,
    change varchar(6) NOT NULL CHECK (change IN ('insert', 'update', 'delete')),
    object_type varchar(100) NOT NULL,
    object_id varchar(64) NOT NULL,
    merchant_id bigint,
    before jsonb,
    after jsonb,
    ip inet,
    request_id varchar(64) NOT NULL DEFAULT ''
);
-- the history of one object; what one person did; a merchant's part of the log; the log of a period
CREATE INDEX audit_by_object ON audit_entry (object_type, object_id, id);
CREATE INDEX audit_by_actor ON audit_entry (actor_id, id);
CREATE INDEX audit_by_merchant ON audit_entry (merchant_id, id) WHERE merchant_id IS NOT NULL;
CREATE INDEX audit_by_time ON audit_entry USING brin (created_at);

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $audit$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$audit$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""

# the triggers on other tables call audit_write, so they go first
UNMAKE = """
DO $audit$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT tgrelid::regclass AS name FROM pg_trigger WHERE tgname = 'audit_note' LOOP
        EXECUTE format('DROP TRIGGER audit_note ON %s', watched.name);
    END LOOP;
END
$audit$;
DROP TABLE audit_entry;
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "ordering": ["-id"],
                "db_table": "audit_entry",
                "managed": False,
            },
        ),
        migrations.RunSQL(MAKE, UNMAKE),
    ]
