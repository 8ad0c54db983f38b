"""Customers as operators see them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.accounts.models import Membership, User


class CustomerDetail(serializers.ModelSerializer[User]):
    """A customer, to operators. `is_membership_fixed`: set by hand, not by the nightly count."""

    membership = serializers.ChoiceField(choices=Membership.choices)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "username",
            "phone",
            "first_name",
            "last_name",
            "birth_date",
            "membership",
            "is_membership_fixed",
            "is_active",
            "created_at",
        ]
        read_only_fields = fields


class CustomerQuery(serializers.Serializer[Any]):
    search = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    membership = serializers.ChoiceField(choices=Membership.choices, required=False)


class MembershipRequest(serializers.Serializer[Any]):
    """Null hands it back to the nightly count."""

    membership = serializers.ChoiceField(choices=Membership.choices, allow_null=True)
