from modeltranslation.translator import TranslationOptions, register

from karvon.promotions.models import Promotion


@register(Promotion)
class PromotionTranslation(TranslationOptions):
    fields = ("name",)
