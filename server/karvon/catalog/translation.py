from modeltranslation.translator import TranslationOptions, register

from karvon.catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Collection,
    Modifier,
    ModifierGroup,
    Product,
    ProductImage,
    Tag,
    Variant,
)


@register(Category)
class CategoryTranslation(TranslationOptions):
    fields = ("name", "description")


@register(Product)
class ProductTranslation(TranslationOptions):
    fields = ("title", "description")


@register(Variant)
class VariantTranslation(TranslationOptions):
    fields = ("title",)


@register(ProductImage)
class ProductImageTranslation(TranslationOptions):
    fields = ("alt",)


@register(Attribute)
class AttributeTranslation(TranslationOptions):
    fields = ("name",)


@register(AttributeChoice)
class AttributeChoiceTranslation(TranslationOptions):
    fields = ("label",)


@register(ModifierGroup)
class ModifierGroupTranslation(TranslationOptions):
    fields = ("name",)


@register(Modifier)
class ModifierTranslation(TranslationOptions):
    fields = ("name",)


@register(Tag)
class TagTranslation(TranslationOptions):
    fields = ("name",)


@register(Collection)
class CollectionTranslation(TranslationOptions):
    fields = ("title", "description")
