"""Tags and likes of objects of any kind that `catalog.kinds` allows."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models.grouping import Tag


class TaggedItem(models.Model):
    """A tag on one object that is no product; products have their tags in a table of their own, beside their window."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="items", verbose_name=_("tag"))
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("kind")
    )
    object_id = models.BigIntegerField(_("object"))
    target = GenericForeignKey("content_type", "object_id")
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("tagged object")
        verbose_name_plural = _("tagged objects")
        ordering = ["-id"]
        constraints = [
            # also serves the tags of an object
            models.UniqueConstraint(fields=["content_type", "object_id", "tag"], name="tagged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.content_type_id}:{self.object_id}"


class Like(models.Model):
    """One person likes one object: once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes", verbose_name=_("person")
    )
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("kind")
    )
    object_id = models.BigIntegerField(_("object"))
    target = GenericForeignKey("content_type", "object_id")
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        ordering = ["-id"]
        constraints = [
            # also serves the count of an object
            models.UniqueConstraint(fields=["content_type", "object_id", "user"], name="liked_once"),
        ]
        # a person's own, newest first
        indexes = [models.Index(fields=["user", "-id"], name="like_of_person")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.content_type_id}:{self.object_id}"
