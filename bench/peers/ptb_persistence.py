"""python-telegram-bot's persistence over MongoDB, as good as its interface allows: one write a chat and update."""

import asyncio
from typing import Any

from pymongo import AsyncMongoClient, WriteConcern
from telegram.ext import BasePersistence, PersistenceInput

NAME = "report"
"""Of the one conversation."""

Documents = dict[int, dict[str, Any]]


class MongoPersistence(BasePersistence[dict[str, Any], dict[str, Any], dict[str, Any]]):
    """A document a chat: {_id, state, data}. `flush` writes what has changed, and only then is it durable."""

    def __init__(self, mongodb_url: str) -> None:
        super().__init__(PersistenceInput(bot_data=False, chat_data=True, user_data=False, callback_data=False))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_url)
        self._chats = client.get_default_database().get_collection("chats", write_concern=WriteConcern(w="majority", j=True))
        self._changed: Documents = {}

    async def get_chat_data(self) -> Documents:
        """All of it, at the start."""
        return {chat["_id"]: chat["data"] async for chat in self._chats.find({"data": {"$exists": True}})}

    async def get_conversations(self, name: str) -> dict[tuple[int | str, ...], object]:
        """All of them, at the start."""
        assert name == NAME
        return {(chat["_id"],): chat["state"] async for chat in self._chats.find({"state": {"$ne": None}})}

    async def update_chat_data(self, chat_id: int, data: dict[str, Any]) -> None:
        """Note it."""
        self._changed.setdefault(chat_id, {})["data"] = data

    async def update_conversation(self, name: str, key: tuple[int | str, ...], new_state: object | None) -> None:
        """Note it."""
        assert name == NAME
        self._changed.setdefault(int(key[0]), {})["state"] = new_state

    async def flush(self) -> None:
        """One write a chat, all at the same time."""
        changed, self._changed = self._changed, {}
        await asyncio.gather(*(self._chats.update_one({"_id": chat}, {"$set": change}, upsert=True) for chat, change in changed.items()))

    async def drop_chat_data(self, chat_id: int) -> None:
        """Forget a chat."""
        await self._chats.delete_one({"_id": chat_id})

    async def get_user_data(self) -> Documents:
        """Nothing of the kind is stored, here and below."""
        return {}

    async def get_bot_data(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    async def get_callback_data(self) -> None:
        """Nothing."""

    async def update_user_data(self, user_id: int, data: dict[str, Any]) -> None:
        """Nothing."""

    async def update_bot_data(self, data: dict[str, Any]) -> None:
        """Nothing."""

    async def update_callback_data(self, data: Any) -> None:
        """Nothing."""

    async def drop_user_data(self, user_id: int) -> None:
        """Nothing."""

    async def refresh_user_data(self, user_id: int, user_data: dict[str, Any]) -> None:
        """Nothing."""

    async def refresh_chat_data(self, chat_id: int, chat_data: dict[str, Any]) -> None:
        """Nothing."""

    async def refresh_bot_data(self, bot_data: dict[str, Any]) -> None:
        """Nothing."""
