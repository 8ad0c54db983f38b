"""Who refused mails by their link said it where all preferences are."""

from django.db import migrations

MOVE = """
INSERT INTO notifications_preference (user_id, channel, topic, is_enabled)
SELECT user_id, 'mail', CASE kind WHEN 'sales_report' THEN 'reports' WHEN 'low_stock_digest' THEN 'stock_digests' ELSE 'carts' END,
       false
FROM analytics_mailrefusal WHERE kind IN ('sales_report', 'low_stock_digest', 'cart_reminder')
ON CONFLICT (user_id, channel, topic) DO UPDATE SET is_enabled = false"""

MOVE_BACK = [
    """
    INSERT INTO analytics_mailrefusal (user_id, kind)
    SELECT user_id, CASE topic WHEN 'reports' THEN 'sales_report' WHEN 'stock_digests' THEN 'low_stock_digest' ELSE 'cart_reminder' END
    FROM notifications_preference WHERE channel = 'mail' AND topic IN ('reports', 'stock_digests', 'carts') AND NOT is_enabled
    ON CONFLICT DO NOTHING""",
    "DELETE FROM notifications_preference WHERE topic IN ('reports', 'stock_digests', 'carts')",
]


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0008_payout_mails"),
        ("notifications", "0007_topics_of_mails"),
    ]

    operations = [
        migrations.RunSQL(MOVE, reverse_sql=MOVE_BACK),
    ]
