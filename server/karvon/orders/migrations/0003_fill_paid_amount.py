from django.db import migrations

# orders that count as paid were paid whole
FILL = """
UPDATE orders_fulfilment AS part SET paid_amount = part.total FROM orders_order AS placed
WHERE placed.id = part.order_id AND part.paid_amount = 0
  AND (placed.payment_state = 'refund_due'
       OR (placed.payment_state = 'paid' AND part.state NOT IN ('cancelled', 'rejected', 'returned')))
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_paid_amount")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
