"""What the audit log watches of the catalogue."""

from karvon.audit.registry import exempt, record
from karvon.catalog.models import (
    Attribute,
    AttributeChoice,
    CatalogJob,
    CatalogJobRow,
    Category,
    Collection,
    CollectionProduct,
    Favourite,
    Like,
    Modifier,
    ModifierGroup,
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    Tag,
    TaggedItem,
    Variant,
    VariantAttribute,
    WindowBody,
    WindowEpoch,
    WindowRow,
)

record(Category, ignores=("updated_at",))
record(Tag)
record(Attribute)
record(AttributeChoice)
record(Collection, merchant="merchant", ignores=("updated_at",))
record(CollectionProduct, merchant="collection__merchant")
record(Product, merchant="merchant", ignores=("updated_at", "sold_count", "rating_sum", "reviews_count"))
record(Product.tags.through, merchant="product__merchant")
record(Variant, merchant="merchant", ignores=("updated_at",))
record(ProductAttribute, merchant="product__merchant")
record(VariantAttribute, merchant="variant__merchant")
record(ProductImage, merchant="product__merchant")
record(ModifierGroup, merchant="merchant")
record(Modifier, merchant="group__merchant")
record(ProductModifierGroup, merchant="product__merchant")
record(
    CatalogJob,
    merchant="merchant",
    ignores=(
        "rows_total", "rows_done", "products_created", "products_updated", "products_unchanged", "rows_refused",
        "notes", "heartbeat_at", "attempts",
    ),
)  # fmt: skip
record(Favourite)
record(Like)
record(TaggedItem)

exempt(CatalogJobRow, "what an import refused, written by the server")
exempt(WindowRow, "made from the product by the server")
exempt(WindowBody, "made from the product by the server")
exempt(WindowEpoch, "counts changes of the shop window")
