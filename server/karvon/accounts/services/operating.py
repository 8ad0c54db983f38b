"""What operators do to other people's accounts. Administrators' and staff's own accounts are for
administrators.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.accounts.models import OPERATOR_ROLES, Membership, Role, User
from karvon.accounts.services.passwords import validate_new_password
from karvon.accounts.services.people import set_role
from karvon.accounts.services.sessions import revoke_all_tokens
from karvon.kernel.db import transactional
from karvon.kernel.errors import Conflict, NotFound, PermissionRefused, ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import Group


def may_operate_on(actor: User, user: User) -> bool:
    """Administrators on everybody, staff on everybody who is no operator."""
    if actor.role == Role.ADMIN:
        return True
    return actor.is_operator and user.role not in OPERATOR_ROLES


def _lock(actor: User, user_id: int, *, may_be_self: bool = False) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    if user.pk == actor.pk:
        if not may_be_self:
            raise PermissionRefused(_("Somebody else has to do this to your account."))
    elif not may_operate_on(actor, user):
        raise PermissionRefused
    if user.closed_at is not None:
        raise Conflict(_("This account was closed by its owner."))
    return user


@transactional
def change_role(*, actor: User, user_id: int, role: Role | str, now: datetime | None = None) -> User:
    """Gives another role and ends the person's logins. Administrators only.

    Raises NotFound, PermissionRefused (also for one's own account), Conflict for a closed account.
    """
    if actor.role != Role.ADMIN:
        raise PermissionRefused
    user = _lock(actor, user_id)
    set_role(user=user, role=Role(role))
    revoke_all_tokens(user=user, reason="role_changed", now=now)
    return user


@transactional
def suspend_account(*, actor: User, user_id: int, now: datetime | None = None) -> User:
    """Keeps somebody from logging in, and ends their logins. Raises as `change_role`."""
    user = _lock(actor, user_id)
    user.is_active = False
    user.save(update_fields=["is_active", "updated_at"])
    revoke_all_tokens(user=user, reason="suspended", now=now)
    return user


@transactional
def reinstate_account(*, actor: User, user_id: int) -> User:
    """Lets somebody log in again. Raises as `change_role`."""
    user = _lock(actor, user_id)
    user.is_active = True
    user.save(update_fields=["is_active", "updated_at"])
    return user


@transactional
def end_logins(*, actor: User, user_id: int, now: datetime | None = None) -> User:
    """Logs somebody out everywhere. Raises as `change_role`."""
    user = _lock(actor, user_id, may_be_self=True)
    revoke_all_tokens(user=user, reason="ended_by_operator", now=now)
    return user


@transactional
def replace_password(*, actor: User, user_id: int, password: str, now: datetime | None = None) -> User:
    """Sets a password for somebody who lost theirs, and ends their logins.

    Raises ValidationFailed for a weak one, else as `change_role`.
    """
    user = _lock(actor, user_id, may_be_self=True)
    validate_new_password(password=password, user=user)
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    revoke_all_tokens(user=user, reason="password_changed", now=now)
    return user


@transactional
def set_membership(*, actor: User, user_id: int, membership: Membership | str | None) -> User:
    """Sets a customer's membership by hand, where it stays; None hands it back to the nightly count.

    Raises ValidationFailed, else as `change_role`; operators may set their own.
    """
    if not actor.is_operator:
        raise PermissionRefused
    if membership is not None and membership not in Membership.values:
        raise ValidationFailed(details={"membership": [_("Not one of the choices.")]})
    user = _lock(actor, user_id, may_be_self=True)
    user.is_membership_fixed = membership is not None
    user.membership = membership or user.membership
    user.save(update_fields=["membership", "is_membership_fixed", "updated_at"])
    return user


@transactional
def set_groups(*, actor: User, user_id: int, groups: Iterable[Group]) -> None:
    """Puts somebody into permission groups. Administrators only. Raises as `change_role`."""
    if actor.role != Role.ADMIN:
        raise PermissionRefused
    _lock(actor, user_id, may_be_self=True).groups.set(groups)
