"""aiogram 3 with its own MongoDB storage. `python -m bench.peers.aiogram_bot two|one PORT MONGODB_URL TELEGRAM_URL SECRET`.

`two`: as its documentation has it, state and data are written apart. `one`: its storage, taught to write both at once. Either way the reply
is sent after the write and before the 200, and a tap is acknowledged in the 200 itself, which saves a call.

Not promised: a redelivered update is applied again; state and data may part (`two`); two updates of one person may overtake each other; a
reply that fails is lost, with the state already past it.
"""

import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import uvloop
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.pymongo import PyMongoStorage
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from pymongo import AsyncMongoClient

from bench.peers.questionnaire import QUESTIONS, reply
from bench.standin import TOKEN
from bench.wire import HOST


class Report(StatesGroup):
    """What is being asked; before the story, nothing."""

    consent = State()
    place = State()
    agency = State()
    evidence = State()
    visibility = State()
    name = State()
    summary = State()
    received = State()


FOLLOWING: tuple[State, ...] = (
    Report.consent,
    Report.place,
    Report.agency,
    Report.evidence,
    Report.visibility,
    Report.name,
    Report.summary,
    Report.received,
)
"""The state after each question."""

Keep = Callable[[FSMContext, int, str], Coroutine[Any, Any, None]]
"""(context, step, answer): store the answer and what is asked next."""


async def keep_apart(state: FSMContext, step: int, answer: str) -> None:
    """As the documentation has it: two writes."""
    await state.update_data({QUESTIONS[step].key: answer})
    await state.set_state(FOLLOWING[step])


async def keep_at_once(state: FSMContext, step: int, answer: str) -> None:
    """The same document in one write."""
    storage = state.storage
    assert isinstance(storage, PyMongoStorage)
    change = {"state": storage.resolve_state(FOLLOWING[step]), f"data.{QUESTIONS[step].key}": answer}
    await storage._collection.update_one({"_id": storage._key_builder.build(state.key)}, {"$set": change}, upsert=True)  # noqa: SLF001  # it has no method for it


def dispatcher(storage: PyMongoStorage, keep: Keep) -> Dispatcher:
    """A handler for each question, by state."""
    router = Router()
    for step, question in enumerate(QUESTIONS):
        asked = FOLLOWING[step - 1] if step else None
        if question.choices:
            router.callback_query.register(partial(_tapped, keep, step), StateFilter(asked))
        else:
            router.message.register(partial(_said, keep, step), StateFilter(asked))
    dispatch = Dispatcher(storage=storage)
    dispatch.include_router(router)
    return dispatch


async def _said(keep: Keep, step: int, message: Message, state: FSMContext) -> None:
    await keep(state, step, message.text or "")
    await _reply(message, step)


async def _tapped(keep: Keep, step: int, query: CallbackQuery, state: FSMContext) -> TelegramMethod[bool]:
    assert isinstance(query.message, Message)
    await keep(state, step, query.data or "")
    await _reply(query.message, step)
    return query.answer()


async def _reply(message: Message, step: int) -> None:
    words, choices = reply(step, message.chat.id)
    rows = [[InlineKeyboardButton(text=choice.capitalize(), callback_data=choice)] for choice in choices]
    await message.answer(words, reply_markup=InlineKeyboardMarkup(inline_keyboard=rows) if rows else None)


def application(keep: Keep, mongodb_url: str, telegram_url: str, secret: str) -> web.Application:
    """Its own aiohttp integration, told to answer only when the handler is done."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_url, w="majority", journal=True)
    storage = PyMongoStorage(client, db_name=client.get_default_database().name)
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(telegram_url), limit=200))
    dispatch = dispatcher(storage, keep)
    app = web.Application()
    SimpleRequestHandler(dispatch, bot, handle_in_background=False, secret_token=secret).register(app, path="/hooks/telegram")
    setup_application(app, dispatch, bot=bot)
    return app


if __name__ == "__main__":
    writes, port, mongodb_url, telegram_url, secret = sys.argv[1:]
    uvloop.install()
    keep = {"one": keep_at_once, "two": keep_apart}[writes]
    web.run_app(application(keep, mongodb_url, telegram_url, secret), host=HOST, port=int(port), access_log=None, print=None)
