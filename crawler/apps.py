from django.apps import AppConfig


class CrawlerConfig(AppConfig):
    """Makes `manage.py runworker crawlers` known to Django."""

    name = "crawler"
