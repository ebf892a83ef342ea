"""Keeps who is who for one account: uid, sec_uid, name and picture of the people it meets, and its own."""

from collections.abc import Iterable

from msgspec import structs

from crawler.platforms.douyin.parse.users import Card


class Book:
    """Everything one account learned of people, whatever the source.

    Newer values replace older ones, but None replaces nothing.
    """

    def __init__(self) -> None:
        self._by_sec: dict[str, Card] = {}
        self._sec_of: dict[str, str] = {}
        self._unnamed: dict[str, Card] = {}
        self.owner = Card()

    def learn(self, card: Card | None) -> None:
        """Take in a person. What is known by uid alone joins the rest as soon as the sec_uid is known."""
        if card is None:
            return
        sec_uid = card.sec_uid or self._sec_of.get(card.uid or "")
        if sec_uid is None:
            if card.uid is not None:
                self._unnamed[card.uid] = _joined(self._unnamed.get(card.uid), card)
            return
        known = self._by_sec.get(sec_uid)
        if card.uid is not None:
            self._sec_of[card.uid] = sec_uid
            known = _joined(self._unnamed.pop(card.uid, None), known)
        self._by_sec[sec_uid] = _joined(known, structs.replace(card, sec_uid=sec_uid))
        if self.is_owner(card):
            self.owner = _joined(self.owner, card)

    def learn_all(self, cards: Iterable[Card]) -> None:
        """Take in several people."""
        for card in cards:
            self.learn(card)

    def learn_owner(self, card: Card) -> None:
        """Take in the account's own person. A uid that contradicts the known one is ignored."""
        if card.uid is not None and self.owner.uid is not None and card.uid != self.owner.uid:
            return
        self.owner = _joined(self.owner, card)
        if self.owner.uid is not None and self.owner.sec_uid is None:
            self.owner = _joined(self.owner, Card(sec_uid=self._sec_of.get(self.owner.uid)))
        self.learn(self.owner if self.owner.uid or self.owner.sec_uid else None)

    def is_owner(self, card: Card) -> bool:
        """Return whether `card` is the account's own person."""
        same_uid = card.uid is not None and card.uid == self.owner.uid
        return same_uid or (card.sec_uid is not None and card.sec_uid == self.owner.sec_uid)

    def sec_of(self, uid: str | None) -> str | None:
        """Return the sec_uid of the person with this uid, or None."""
        return self._sec_of.get(uid) if uid is not None else None

    def card(self, sec_uid: str | None) -> Card | None:
        """Return what is known of the person with this sec_uid, or None."""
        return self._by_sec.get(sec_uid) if sec_uid is not None else None


def _joined(old: Card | None, new: Card | None) -> Card:
    """Return `old` with the attributes that `new` knows."""
    if old is None or new is None:
        return old or new or Card()
    known = {key: value for key in Card.__struct_fields__ if (value := getattr(new, key)) is not None}
    return structs.replace(old, **known)
