from django.db import migrations

# A document that was handed out stays as it is. Only where its file lies may be written down, and written anew.
WALLS = """
CREATE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{file,file_sha256,file_size,rendered_at}'::text[]
                          = to_jsonb(OLD) - '{file,file_sha256,file_size,rendered_at}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a document is never changed: write a credit note'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'documents_append_only', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER documents_document_append_only BEFORE UPDATE OR DELETE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
"""
AWAY = """
DROP TRIGGER documents_document_append_only ON documents_document;
DROP FUNCTION documents_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [migrations.RunSQL(WALLS, AWAY)]
