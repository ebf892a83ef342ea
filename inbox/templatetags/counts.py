"""Filters for templates: numbers where there is little room."""

from __future__ import annotations

from django import template

from inbox import formatting

register = template.Library()


@register.filter
def pill(count: int) -> str:
    """Return the number as a pill has room for it: `99+` above that."""
    return formatting.format_pill(count)
