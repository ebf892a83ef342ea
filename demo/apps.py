from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Makes `manage.py demosite` known to Django."""

    name = "demo"
