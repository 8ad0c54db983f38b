# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""The SQL behind `carts.offers`. Amounts inside JSON are text, so that no digit is lost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from karvon.promotions.texts import translated_sql

TextSql = Callable[[str, str], str]


class OfferRow(NamedTuple):
    """One row of `offers_sql`; JSON columns come as text."""

    variant_id: int
    product_id: int
    merchant_id: int
    merchant_username: str
    merchant_name: str
    merchant_timezone: str
    title: str
    variant_title: str
    slug: str
    sku: str
    kind: str
    price: Decimal
    currency: str
    tax_rate: Decimal
    position: int
    tracks_stock: bool
    problem: str | None
    category_ids: list[int] | None
    image_file: str | None
    options: str | None
    branches: str | None
    modifier_groups: str | None
    rules: str | None


def offers_sql(language: str, *, rules_sql: str = "NULL") -> str:
    """Variants of the parameters `variants` and `products`, with the `modifiers` asked about, as of `now`.

    `rules_sql` rides along on the first row; it may select variant ids from `wanted`. Ids come as JSON lists:
    how many they are is then no matter to the planner, and one plan serves every cart (with arrays it would
    plan each run anew).
    """
    if language not in LANGUAGES:
        language = DEFAULT_LANGUAGE

    def text(alias: str, column: str) -> str:
        return translated_sql(alias, column, language, default_sql="merchant.default_language")

    return f"""
    WITH wanted AS MATERIALIZED (
        SELECT asked.value::bigint AS variant_id
        FROM json_array_elements_text(%(variants)s::text::json) AS asked
        UNION
        SELECT variant.id
        FROM json_array_elements_text(%(products)s::text::json) AS asked
        JOIN catalog_variant AS variant ON variant.product_id = asked.value::bigint
    )
    SELECT variant.id, product.id, merchant.id, merchant.username, merchant.name,
           merchant.timezone,
           {text("product", "title")}, {text("variant", "title")}, product.slug, variant.sku, product.kind,
           variant.price, product.currency, merchant.tax_rate, variant.position, variant.tracks_stock,
           CASE WHEN merchant.state <> 'active' THEN 'merchant_closed'
                WHEN product.deleted_at IS NOT NULL OR product.state <> 'published' OR NOT variant.is_active
                     OR product.publish_at > %(now)s::timestamptz
                     OR product.unpublish_at <= %(now)s::timestamptz THEN 'withdrawn'
           END,
           shown.category_ids,
           {_IMAGE},
           {_options_sql(text)},
           {_branches_sql(text)},
           {_modifier_groups_sql(text)},
           CASE WHEN row_number() OVER () = 1 THEN {rules_sql} END
    FROM wanted JOIN catalog_variant AS variant ON variant.id = wanted.variant_id
    JOIN catalog_product AS product ON product.id = variant.product_id
    JOIN merchants_merchant AS merchant ON merchant.id = product.merchant_id
    LEFT JOIN catalog_windowrow AS shown ON shown.product_id = product.id
    """


_IMAGE = """
    (SELECT asset.file
     FROM catalog_productimage AS image JOIN media_asset AS asset ON asset.id = image.asset_id
     WHERE image.product_id = product.id
     ORDER BY (image.variant_id = variant.id) IS TRUE DESC, image.position, image.id LIMIT 1)
"""


def _options_sql(text: TextSql) -> str:
    """{attribute code: label}"""
    return f"""
    (SELECT json_object_agg(attribute.code,
                coalesce({text("choice", "label")}, own.text, trim_scale(own.number)::text, own.boolean::text)
                ORDER BY attribute.position, attribute.id)::text
     FROM catalog_variantattribute AS own
     JOIN catalog_attribute AS attribute ON attribute.id = own.attribute_id
     LEFT JOIN catalog_attributechoice AS choice ON choice.id = own.choice_id
     WHERE own.variant_id = variant.id)
    """


def _branches_sql(text: TextSql) -> str:
    """Open branches, the default one first, in the order that `carts.offers` reads."""
    return f"""
    (SELECT json_agg(json_build_array(
                branch.id, {text("branch", "name")}, branch.is_default,
                coalesce(level.on_hand - level.reserved, 0),
                branch.delivery_fee::text, branch.free_delivery_from::text, branch.minimum_order::text,
                branch.offers_delivery, branch.offers_pickup)
                ORDER BY branch.is_default DESC, branch.id)::text
     FROM merchants_branch AS branch
     LEFT JOIN inventory_stocklevel AS level
            ON level.branch_id = branch.id AND level.variant_id = variant.id
     WHERE branch.merchant_id = merchant.id AND branch.is_active)
    """


def _modifier_groups_sql(text: TextSql) -> str:
    """All questions asked of the product, each with those of the asked modifiers that belong to it."""
    return f"""
    (SELECT json_agg(json_build_array(
                asked.id, {text("asked", "name")}, asked.min_picks, asked.max_picks,
                (SELECT json_agg(json_build_array(
                            modifier.id, {text("modifier", "name")}, modifier.price_delta::text,
                            modifier.is_active) ORDER BY modifier.position, modifier.id)
                 FROM catalog_modifier AS modifier
                 WHERE modifier.group_id = asked.id AND modifier.id = ANY(%(modifiers)s::bigint[])))
                ORDER BY link.position, link.id)::text
     FROM catalog_productmodifiergroup AS link
     JOIN catalog_modifiergroup AS asked ON asked.id = link.group_id
     WHERE link.product_id = product.id)
    """
