from django.db import migrations

# what was paid before is settled: at the payment where the timeline tells it, at the handover otherwise
FILL = """
UPDATE orders_fulfilment AS part
SET settled_at = coalesce(
    (SELECT max(event.at) FROM orders_orderevent AS event WHERE event.order_id = part.order_id AND event.kind = 'payment'),
    (SELECT max(event.at) FROM orders_orderevent AS event
     WHERE event.fulfilment_id = part.id AND event.to_state = 'delivered'),
    part.placed_at)
FROM orders_order AS placed
WHERE placed.id = part.order_id AND part.settled_at IS NULL AND (part.paid_amount > 0 OR placed.total = 0)
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_settlement")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
