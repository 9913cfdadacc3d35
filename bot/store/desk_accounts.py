"""Accounts of the people who work the desk: a document each, changed on the version read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo.errors import DuplicateKeyError

from bot.staff.model import Account, Invitation, Role
from bot.store.connection import Collection, Document, translated


class Accounts:
    """Implements `staff.ports.AccountStore`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def insert(self, account: Account) -> bool:
        """False when the login is taken."""
        document = {"_id": account.id} | {
            field.name: _encoded(getattr(account, field.name)) for field in fields(Account) if field.name != "id"
        }
        with translated():
            try:
                # What is None is absent: the partial index passes over it.
                await self._collection.insert_one({name: value for name, value in document.items() if value is not None})
            except DuplicateKeyError:
                return False
        return True

    async def load(self, id_: str) -> Account | None:
        """By id."""
        return await self._find_one({"_id": id_})

    async def find(self, login: str) -> Account | None:
        """By login, in lower case."""
        return await self._find_one({"login": login})

    async def invited(self, digest: str) -> Account | None:
        """By the digest of an invitation."""
        return await self._find_one({"invitation.digest": digest})

    async def list(self, office: str | None, limit: int) -> Sequence[Account]:
        """By login; of one office, or of all."""
        wanted = {} if office is None else {"office": office}
        with translated():
            found = await self._collection.find(wanted).sort("login", 1).limit(limit).to_list(None)
        return [_decoded(document) for document in found]

    async def named(self, ids: Sequence[str]) -> Mapping[str, Account]:
        """Those of these ids that are there."""
        with translated():
            found = await self._collection.find({"_id": {"$in": list(ids)}}).to_list(None)
        return {document["_id"]: _decoded(document) for document in found}

    async def update(self, before: Account, changes: Mapping[str, Any]) -> bool:
        """Set fields of Account on the version read. False: another version stands."""
        encoded = {name: _encoded(value) for name, value in changes.items()}
        update: Document = {"$inc": {"version": 1}}
        if kept := {name: value for name, value in encoded.items() if value is not None}:
            update["$set"] = kept
        if gone := {name: "" for name, value in encoded.items() if value is None}:
            update["$unset"] = gone
        with translated():
            result = await self._collection.update_one({"_id": before.id, "version": before.version}, update)
        return result.matched_count == 1

    async def _find_one(self, filter_: dict[str, str]) -> Account | None:
        with translated():
            document = await self._collection.find_one(filter_)
        return None if document is None else _decoded(document)


def _encoded(value: Any) -> Any:
    if isinstance(value, Invitation):
        return asdict(value)
    if isinstance(value, Role):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _decoded(document: Document) -> Account:
    """Keys that a newer program has added are passed over."""
    known = {field.name: document[field.name] for field in fields(Account) if field.name in document}
    invitation = document.get("invitation")
    return Account(
        **{
            **known,
            "id": document["_id"],
            "role": Role(document["role"]),
            "recovery": tuple(document.get("recovery", ())),
            "invitation": Invitation(invitation["digest"], invitation["ends_at"]) if invitation else None,
        }
    )
