"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, ValidationFailed


class ProductNotFound(NotFound):
    code = "product_not_found"
    message = _("There is no such product.")


class ObjectNotFound(NotFound):
    code = "object_not_found"
    message = _("There is no such object.")


class SkuTaken(Conflict):
    code = "sku_taken"
    message = _("Another product of this merchant has the SKU %(sku)s.")


class HandleTaken(Conflict):
    code = "handle_taken"
    message = _("Another product of this merchant has this handle.")


class CategoryInUse(Conflict):
    code = "category_in_use"
    message = _("The category still has products or categories in it.")


class CategoryLoop(ValidationFailed):
    code = "category_loop"
    message = _("A category cannot be inside itself.")


class AttributeInUse(Conflict):
    code = "attribute_in_use"
    message = _("Products still have this attribute.")


class UnknownAttribute(ValidationFailed):
    code = "unknown_attribute"
    message = _("There is no attribute or choice called %(code)s.")


class VariantNotFound(NotFound):
    code = "variant_not_found"
    message = _("There is no such variant.")


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    message = _("Somebody else has changed this. Load it again and repeat your change.")
