# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""The SQL that changes stock: each statement locks levels in key order, judges, changes, keeps the ledger.

In READ COMMITTED `FOR UPDATE` waits and then reads the newest row; the verdict and every new value are made
from what it read. The UPDATE must not look at its own columns: it meets them first as they were when the statement
began, and would refuse units that came back while it waited, or break a CHECK with numbers of the past. For the
same reason both columns of the CHECK are set even where only one changes.
"""

from __future__ import annotations

_LOW = "coalesce({available} <= locked.low_threshold, false)"

_ANSWER = """
SELECT locked.id, locked.variant_id, locked.branch_id, locked.quantity, locked.available,
       variant.product_id, variant.merchant_id,
       changed.id IS NOT NULL AS is_changed, changed.available AS available_now, changed.low_threshold,
       coalesce(changed.is_low_announced AND NOT locked.is_low_announced, false) AS became_low
FROM locked
JOIN catalog_variant AS variant ON variant.id = locked.variant_id
LEFT JOIN changed ON changed.id = locked.id
ORDER BY locked.id
"""

_RETURNING = """
    RETURNING level.id, level.on_hand - level.reserved AS available, level.low_threshold,
              level.is_low_announced, locked.quantity
"""

_TAKE = f"""
WITH demand AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(branches)s::bigint[], %(quantities)s::int[])
        AS asked(variant_id, branch_id, quantity)
), locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved,
           level.on_hand - level.reserved AS available, level.low_threshold, level.is_low_announced,
           demand.quantity
    FROM inventory_stocklevel AS level
    JOIN demand ON demand.variant_id = level.variant_id AND demand.branch_id = level.branch_id
    ORDER BY level.id
    FOR UPDATE OF level
), verdict AS (
    SELECT count(*) = %(count)s::int AND bool_and(available >= quantity) AS is_met FROM locked
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand - CASE WHEN %(commit)s::boolean THEN locked.quantity ELSE 0 END,
        reserved = locked.reserved + CASE WHEN %(commit)s::boolean THEN 0 ELSE locked.quantity END,
        is_low_announced = {_LOW.format(available="locked.on_hand - locked.reserved - locked.quantity")},
        updated_at = statement_timestamp()
    FROM locked, verdict
    WHERE level.id = locked.id AND verdict.is_met
    {_RETURNING}
), promised AS (
    INSERT INTO inventory_reservation (level_id, order_id, quantity, returned, state)
    SELECT id, %(order)s::bigint, quantity, 0, CASE WHEN %(commit)s::boolean THEN 'committed' ELSE 'open' END
    FROM changed
    /* again */
), moved AS (
    INSERT INTO inventory_stockmovement (level_id, kind, quantity, reason, order_id)
    SELECT id, 'sale', -quantity, '', %(order)s::bigint FROM changed WHERE %(commit)s::boolean
)
{_ANSWER}
"""

TAKE = _TAKE.replace("/* again */", "")

# for an order that has let all of it go before: its rows are there already
RETAKE = _TAKE.replace(
    "/* again */",
    """ON CONFLICT (order_id, level_id) DO UPDATE
    SET quantity = excluded.quantity, returned = excluded.returned, state = excluded.state""",
)

# what is still held of a reservation is quantity - returned: part of it may have been given back already
COMMIT = f"""
WITH locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved,
           level.on_hand - level.reserved AS available, level.low_threshold, level.is_low_announced,
           held.quantity - held.returned AS quantity, held.id AS reservation_id
    FROM inventory_reservation AS held JOIN inventory_stocklevel AS level ON level.id = held.level_id
    WHERE held.order_id = %(order)s::bigint AND held.state = 'open'
    ORDER BY level.id
    FOR UPDATE
), settled AS (
    UPDATE inventory_reservation AS held SET state = 'committed'
    FROM locked WHERE held.id = locked.reservation_id
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand - locked.quantity, reserved = locked.reserved - locked.quantity,
        updated_at = statement_timestamp()
    FROM locked
    WHERE level.id = locked.id AND locked.quantity > 0
    {_RETURNING}
), moved AS (
    INSERT INTO inventory_stockmovement (level_id, kind, quantity, reason, order_id)
    SELECT id, 'sale', -quantity, '', %(order)s::bigint FROM changed
)
{_ANSWER}
"""

RELEASE = f"""
WITH locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved,
           level.on_hand - level.reserved AS available, level.low_threshold, level.is_low_announced,
           held.quantity - held.returned AS quantity, held.id AS reservation_id
    FROM inventory_reservation AS held JOIN inventory_stocklevel AS level ON level.id = held.level_id
    WHERE held.order_id = %(order)s::bigint AND held.state = 'open'
    ORDER BY level.id
    FOR UPDATE
), settled AS (
    UPDATE inventory_reservation AS held SET state = 'released'
    FROM locked WHERE held.id = locked.reservation_id
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand, reserved = locked.reserved - locked.quantity,
        is_low_announced = {_LOW.format(available="locked.on_hand - locked.reserved + locked.quantity")},
        updated_at = statement_timestamp()
    FROM locked
    WHERE level.id = locked.id
    {_RETURNING}
)
{_ANSWER}
"""

# %(count)s NULL returns all that the order still holds; otherwise every asked level must hold enough
RETURN = f"""
WITH asked AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(branches)s::bigint[], %(quantities)s::int[])
        AS asked(variant_id, branch_id, quantity)
), locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved, level.low_threshold,
           level.is_low_announced, held.quantity - held.returned AS available, held.id AS reservation_id,
           held.returned, held.state,
           coalesce(asked.quantity, held.quantity - held.returned) AS quantity
    FROM inventory_reservation AS held
    JOIN inventory_stocklevel AS level ON level.id = held.level_id
    LEFT JOIN asked ON asked.variant_id = level.variant_id AND asked.branch_id = level.branch_id
    WHERE held.order_id = %(order)s::bigint AND held.state IN ('open', 'committed')
      AND held.quantity > held.returned
      AND (%(count)s::int IS NULL OR asked.quantity IS NOT NULL)
    ORDER BY level.id
    FOR UPDATE OF held, level
), verdict AS (
    SELECT %(count)s::int IS NULL OR (count(*) = %(count)s::int AND bool_and(available >= quantity)) AS is_met
    FROM locked
), settled AS (
    UPDATE inventory_reservation AS held SET returned = locked.returned + locked.quantity
    FROM locked, verdict WHERE held.id = locked.reservation_id AND verdict.is_met
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand + CASE WHEN locked.state = 'committed' THEN locked.quantity ELSE 0 END,
        reserved = locked.reserved - CASE WHEN locked.state = 'open' THEN locked.quantity ELSE 0 END,
        is_low_announced = {_LOW.format(available="locked.on_hand - locked.reserved + locked.quantity")},
        updated_at = statement_timestamp()
    FROM locked, verdict
    WHERE level.id = locked.id AND verdict.is_met
    RETURNING level.id, level.on_hand - level.reserved AS available, level.low_threshold,
              level.is_low_announced, locked.quantity, locked.state
), moved AS (
    INSERT INTO inventory_stockmovement (level_id, kind, quantity, reason, actor_id, order_id)
    SELECT id, 'return', quantity, %(reason)s::text, %(actor)s::bigint, %(order)s::bigint
    FROM changed WHERE state = 'committed'
)
{_ANSWER}
"""

# a level begins to exist when units first arrive
CREATE_MISSING = """
INSERT INTO inventory_stocklevel (variant_id, branch_id, on_hand, reserved, is_low_announced, updated_at)
SELECT wanted.variant_id, wanted.branch_id, 0, 0, false, statement_timestamp()
FROM unnest(%(variants)s::bigint[], %(branches)s::bigint[]) AS wanted(variant_id, branch_id)
WHERE NOT EXISTS (SELECT 1 FROM inventory_stocklevel AS level
                  WHERE level.variant_id = wanted.variant_id AND level.branch_id = wanted.branch_id)
ORDER BY wanted.variant_id, wanted.branch_id
ON CONFLICT (variant_id, branch_id) DO NOTHING
"""

# quantity is a difference, target an absolute count (NULL when a difference is meant)
COUNT = f"""
WITH change AS (
    SELECT * FROM unnest(%(variants)s::bigint[], %(branches)s::bigint[], %(quantities)s::int[],
                         %(targets)s::int[], %(kinds)s::text[])
        AS change(variant_id, branch_id, quantity, target, kind)
), locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved,
           level.on_hand - level.reserved AS available, level.low_threshold, level.is_low_announced, change.kind,
           coalesce(change.target - level.on_hand, change.quantity) AS quantity
    FROM inventory_stocklevel AS level
    JOIN change ON change.variant_id = level.variant_id AND change.branch_id = level.branch_id
    ORDER BY level.id
    FOR UPDATE OF level
), verdict AS (
    SELECT bool_and(available + quantity >= 0 AND on_hand::bigint + quantity <= %(most)s::bigint) AS is_met
    FROM locked
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand + locked.quantity, reserved = locked.reserved,
        is_low_announced = {_LOW.format(available="locked.on_hand - locked.reserved + locked.quantity")},
        updated_at = statement_timestamp()
    FROM locked, verdict
    WHERE level.id = locked.id AND verdict.is_met AND locked.quantity <> 0
    RETURNING level.id, level.on_hand - level.reserved AS available, level.low_threshold,
              level.is_low_announced, locked.quantity, locked.kind
), moved AS (
    INSERT INTO inventory_stockmovement (level_id, kind, quantity, reason, actor_id)
    SELECT id, kind, quantity, %(reason)s::text, %(actor)s::bigint FROM changed
)
{_ANSWER}
"""

SET_THRESHOLD = f"""
WITH locked AS (
    SELECT level.id, level.variant_id, level.branch_id, level.on_hand, level.reserved,
           level.on_hand - level.reserved AS available, level.low_threshold, level.is_low_announced, 0 AS quantity
    FROM inventory_stocklevel AS level WHERE level.id = %(level)s::bigint
    FOR UPDATE
), changed AS (
    UPDATE inventory_stocklevel AS level
    SET on_hand = locked.on_hand, reserved = locked.reserved, low_threshold = %(threshold)s::int,
        is_low_announced = coalesce(locked.available <= %(threshold)s::int, false),
        updated_at = statement_timestamp()
    FROM locked
    WHERE level.id = locked.id
    {_RETURNING}
)
{_ANSWER}
"""
