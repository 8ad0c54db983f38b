from modeltranslation.translator import TranslationOptions, register

from karvon.merchants.models import Branch, Merchant


@register(Merchant)
class MerchantTranslation(TranslationOptions):
    fields = ("description",)


@register(Branch)
class BranchTranslation(TranslationOptions):
    fields = ("name", "address")
