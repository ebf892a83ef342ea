"""The pages of each surface. A page that moved has several entries; the first that works is used and named."""

from urllib.parse import urlsplit

from msgspec import Struct

from crawler.platforms.douyin.config import Config


class EntryPage(Struct, frozen=True, kw_only=True):
    """A page at which an observation begins. `name` says which one, without the host."""

    name: str
    url: str

    @property
    def path(self) -> str:
        """Return the path of the address, without a slash at its end."""
        return urlsplit(self.url).path.rstrip("/")


class Pages:
    """The pages of one account.

    A base address may have a path of its own: paths are appended to it, never resolved against it.
    """

    def __init__(self, config: Config) -> None:
        creator, www = config.creator_url.rstrip("/"), config.www_url.rstrip("/")
        self.login = EntryPage(name="creator:/", url=creator + "/")
        self.home = _entry("creator", creator, "/creator-micro/home")
        self.works = _entry("creator", creator, "/creator-micro/content/manage")
        self.comments = _entry("creator", creator, "/creator-micro/interactive/comment")
        self.notices = EntryPage(name="www:/", url=www + "/")
        self.chats = (_entry("www", www, "/chat"), self.notices)


def _entry(site: str, base: str, path: str) -> EntryPage:
    return EntryPage(name=f"{site}:{path}", url=base + path)
