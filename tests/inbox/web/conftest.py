"""Somebody who may see one of two accounts, with a real hub behind the pages."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from im_api.models import Grant
from sync.hub import Hub
from sync.models import Account
from tests.inbox.web.reading import PASSWORD
from tests.sync.histories import a_conversation, a_message, write_history
from tests.sync.threaded_hub import running_hub


@pytest.fixture
def mei(transactional_db: None) -> User:
    return get_user_model().objects.create_user("mei", password=PASSWORD)


@pytest.fixture
def browser(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def hub(mei: User) -> Iterator[Hub]:
    """Two accounts; mei may see one of them."""
    write_history(
        "roses",
        {
            "conversations": [a_conversation(1, unreadCount=3)],
            "messages": [
                a_message(1, senderName="橘子汽水", senderId="u1", content="<b>请问</b>还有货吗？"),
                a_message(2, direction="outbound", content="有的"),
                a_message(3, senderId="100000001234", content="要两束"),
                a_message(4, senderName="晚风", type="image", content=None),
            ],
        },
    )
    write_history("tea", {"conversations": [a_conversation(1)], "messages": [a_message(1, content="secret of tea")]})
    Account.objects.filter(pk="roses").update(alias="小满花店", color="#B02A5C", group="花")
    Grant.objects.create(user=mei, account_id="roses", level="read")
    with running_hub() as hub:
        yield hub
