"""What is counted already is added up once; from then on news keeps it."""

from django.db import migrations

_FIGURES = (
    "orders", "parts", "units", "goods", "discounts", "delivery", "called_off", "paid", "refunds", "revenue", "awaited",
)  # fmt: skip
_COLUMNS = ", ".join(_FIGURES)
_SUMS = ", ".join(f"sum({name})" for name in _FIGURES)

FILL = [
    f"INSERT INTO analytics_platformsalesday (day, currency, {_COLUMNS}) "
    f"SELECT day, currency, {_SUMS} FROM analytics_salesday GROUP BY day, currency",
    "INSERT INTO analytics_platformorderday (day, currency, state, orders) "
    "SELECT day, currency, state, sum(orders) FROM analytics_orderday GROUP BY day, currency, state",
    "INSERT INTO analytics_salesmonth (merchant_id, day, currency, orders, revenue) "
    "SELECT merchant_id, date_trunc('month', day)::date, currency, sum(orders), sum(revenue) "
    "FROM analytics_salesday GROUP BY merchant_id, date_trunc('month', day)::date, currency",
]
EMPTY = [
    "DELETE FROM analytics_platformsalesday",
    "DELETE FROM analytics_platformorderday",
    "DELETE FROM analytics_salesmonth",
]


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0006_platform_days"),
    ]

    operations = [
        migrations.RunSQL(FILL, reverse_sql=EMPTY),
    ]
