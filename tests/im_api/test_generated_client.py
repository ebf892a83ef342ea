"""A client generated from the document: it is generated without a warning, reads, writes, and is typed."""

import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from im_api.openapi.generate import make_document
from im_api.route_table import get_routes
from tests.im_api.conftest import Connect

PACKAGE = "generated_imhub"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the generated client. A warning of the generator is a failure."""
    place = tmp_path_factory.mktemp("generated")
    document = place / "schema.json"
    document.write_text(json.dumps(make_document()), "utf-8")
    # Its own lint is left out: it needs a program on the PATH.
    options = ConfigFile(package_name_override=PACKAGE, post_hooks=[])
    config = Config.from_sources(options, MetaType.SETUP, document, "utf-8", False, place / "project")
    assert [f"{problem.header}: {problem.detail}" for problem in generate(config=config)] == []
    return place / "project" / PACKAGE


@pytest.fixture
def module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a module of the client by its name."""
    monkeypatch.syspath_prepend(str(folder.parent))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def client(module: Any, connect: Connect, operator: httpx.AsyncClient) -> Any:
    """The client with alice's token, which reaches the hub of this process."""
    made = module("client").AuthenticatedClient(base_url="http://localhost", token="alice", prefix="Token")
    return made.set_async_httpx_client(operator)


def test_it_has_a_function_for_every_route(folder: Path) -> None:
    routes = sum(len(route.actions) for route in get_routes())
    functions = [file for file in (folder / "api").rglob("*.py") if file.name != "__init__.py"]
    assert routes > 50
    assert len(functions) == routes


async def test_it_reads(module: Any, client: Any) -> None:
    page = await module("api.conversations.get_conversations").asyncio(client=client, account_id="acc-a", count=1)
    assert type(page) is module("models.conversation_page_answer").ConversationPageAnswer
    (row,) = page.data.conversations
    assert (row.conversation_id, row.participant.user_name, page.data.has_more) == ("conv_acc-a_mia", "Fan mia", True)


async def test_it_writes_and_every_form_of_a_body_has_a_type(module: Any, client: Any) -> None:
    read_many = module("api.feed.put_unified_messages_read_many").asyncio
    items = module("models.read_items_body").ReadItemsBody(message_ids=["msg_acc-a_m3"])
    before = module("models.read_before_body").ReadBeforeBody(account_id="acc-a", before=10**14)
    assert (await read_many(client=client, body=items)).data.marked_count == 1
    assert (await read_many(client=client, body=before)).data.complete is True
    stats = await module("api.feed.get_unified_messages_stats").asyncio(client=client, account_id="acc-a")
    assert stats.data.total_unread == 0


async def test_whatever_goes_wrong_has_one_type(module: Any, client: Any) -> None:
    failed = await module("api.messages.get_messages_id").asyncio(client=client, id="msg_acc-a_none")
    assert type(failed) is module("models.failure").Failure
    assert (failed.data, failed.status_code, failed.status_msg) == (None, 404, "Message not found")


def test_it_is_typed(module: Any, folder: Path) -> None:
    assert (folder / "py.typed").is_file()
    failure = module("models.failure").Failure
    reading = module("api.conversations.get_conversations")
    assert failure in get_args(get_type_hints(reading.asyncio)["return"])
    assert inspect.get_annotations(module("models.conversation").Conversation)["unread_count"] == "int"
    files = [file for file in (folder / "api").rglob("*.py") if file.name != "__init__.py"]
    names = [".".join(("api", file.parent.name, file.stem)) for file in files]
    for name in names:
        signature = inspect.signature(module(name).asyncio_detailed)
        assert signature.return_annotation is not inspect.Signature.empty, name
        assert all(given.annotation is not inspect.Parameter.empty for given in signature.parameters.values()), name


def test_no_schema_is_a_bare_truth_value() -> None:
    """Generators of clients take a schema for an object."""

    def walk(part: Any, path: str) -> Iterator[str]:
        if isinstance(part, dict):
            for key, value in part.items():
                if key == "properties":
                    yield from (f"{path}/{name}" for name, schema in value.items() if isinstance(schema, bool))
                yield from walk(value, f"{path}/{key}")
        elif isinstance(part, list):
            for value in part:
                yield from walk(value, path)

    document = make_document()
    assert list(walk({key: document[key] for key in ("paths", "components")}, "")) == []
