"""The product's settings, and the route of the baseline."""

from imhub.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
