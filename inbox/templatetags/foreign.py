"""Filters for templates: other people's words in titles and labels, where no `<bdi>` can stand."""

from __future__ import annotations

from django import template

from inbox import foreign_text

register = template.Library()


@register.filter
def isolate(text: object) -> str:
    """Return the text so that it turns nothing around it."""
    return foreign_text.isolate(str(text))
