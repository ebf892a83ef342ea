"""The product's settings with nothing of this machine in them: no `IMHUB_` variable of the caller, a data directory
of this very test process. Loaded by name (`--ds`), because pytest-django reads settings before any conftest.
"""

import os
import tempfile

KEPT = {"IMHUB_CHROMIUM"}

for _name in [name for name in os.environ if name.startswith("IMHUB_") and name not in KEPT]:
    del os.environ[_name]
os.environ["IMHUB_DATA_DIR"] = tempfile.mkdtemp(prefix="imhub-tests-")
# Processes that share the tests inherit it from the one that started them, which removes it.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["TESTS_RUN_DIR"] = tempfile.mkdtemp(prefix="imhub-tests-run-")
if _address := os.environ.get("TESTS_DATABASE_URL"):  # of tests/on_postgres.py
    os.environ["IMHUB_DATABASE_URL"] = _address
# Processes that tests start are the product, not another test run.
os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"

from imhub.settings import *  # noqa: E402, F403
from imhub.settings import DATA_DIR, DATABASES  # noqa: E402

# A file instead of Django's memory database: the writer's thread and the readers need connections of their own.
if not _address:
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
