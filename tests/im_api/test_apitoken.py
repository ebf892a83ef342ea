import os
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from im_api.models import ApiToken, hash_token
from tests.processes import run_python

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("apitoken", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_token_and_nothing_else() -> None:
    key = run("dana")
    assert key.endswith("\n")
    token = ApiToken.objects.get(token_hash=hash_token(key.strip()))
    assert (token.user.username, token.name) == ("dana", "cli")


def test_a_missing_user_is_created_without_a_password() -> None:
    run("dana")
    dana = User.objects.get(username="dana")
    assert not dana.has_usable_password()
    assert not dana.is_staff


def test_only_the_token_of_that_name_is_replaced() -> None:
    first, other, second = run("dana").strip(), run("dana", "--name", "phone").strip(), run("dana").strip()
    hashes = set(ApiToken.objects.values_list("token_hash", flat=True))
    assert hashes == {hash_token(other), hash_token(second)}
    assert first != second
    assert User.objects.count() == 1


def test_staff_makes_an_owner_of_a_new_user_and_of_an_old_one() -> None:
    run("dana", "--staff")
    assert User.objects.get(username="dana").is_staff
    User.objects.create_user("eve", password="keeps it")
    run("eve", "--staff")
    eve = User.objects.get(username="eve")
    assert eve.is_staff
    assert eve.check_password("keeps it")
    run("eve")
    assert User.objects.get(username="eve").is_staff


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["not a name!"], "USERNAME"),
        (["x" * 200], "USERNAME"),
        ([""], "USERNAME"),
        (["dana", "--name", ""], "--name"),
        (["dana", "--name", "x" * 65], "--name"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run(*arguments)
    assert not User.objects.exists()


def test_a_blocked_user_gets_no_token() -> None:
    User.objects.create_user("dana", is_active=False)
    with pytest.raises(CommandError, match="blocked"):
        run("dana")


@pytest.mark.parametrize("arguments", [[], ["dana", "--unknown"], ["dana", "--name"]])
def test_a_wrong_command_line_exits_with_1_and_says_why(arguments: list[str]) -> None:
    result = run_python("manage.py", "apitoken", *arguments, env=os.environ)
    assert (result.returncode, result.stdout) == (1, "")
    assert "apitoken" in result.stderr
