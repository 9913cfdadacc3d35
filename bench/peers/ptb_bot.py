"""python-telegram-bot's ConversationHandler, persisted in MongoDB. `python -m bench.peers.ptb_bot PORT MONGODB_URL TELEGRAM_URL SECRET`.

The library persists every minute; here each update is flushed before its 200, one write a chat. It sends with its own httpx. Updates of
different people run side by side, which it does not recommend with conversations, and which makes it faster.

Not promised: a redelivered update is applied again; what is stored is the state after the reply was sent, so that a kill between the two
asks the same again; two processes would each have a copy of all conversations in memory, and not see the other's changes.
"""

import asyncio
import hmac
import sys
from functools import partial
from typing import Any

import orjson
import uvloop
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackContext, CallbackQueryHandler, ConversationHandler, MessageHandler, filters

from bench.peers.ptb_persistence import NAME, MongoPersistence
from bench.peers.questionnaire import QUESTIONS, reply
from bench.standin import TOKEN
from bench.wire import HOST


def conversation() -> ConversationHandler[Any]:
    """A state for each question but the first, which is the way in."""
    handlers: list[Any] = [
        CallbackQueryHandler(partial(_tapped, step)) if question.choices else MessageHandler(filters.TEXT, partial(_said, step))
        for step, question in enumerate(QUESTIONS)
    ]
    states: dict[object, list[Any]] = {step: [handler] for step, handler in enumerate(handlers) if step}
    return ConversationHandler(handlers[:1], states, [], name=NAME, persistent=True, per_user=False)


async def _said(step: int, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> int:
    assert update.message is not None
    _keep(context, step, update.message.text or "")
    return await _reply(update, step)


async def _tapped(step: int, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> int:
    query = update.callback_query
    assert query is not None
    _keep(context, step, query.data or "")
    _, state = await asyncio.gather(query.answer(), _reply(update, step))
    return state


def _keep(context: CallbackContext[Any, Any, Any, Any], step: int, answer: str) -> None:
    assert context.chat_data is not None
    context.chat_data[QUESTIONS[step].key] = answer


async def _reply(update: Update, step: int) -> int:
    """Say what comes next; the next state."""
    assert update.effective_chat is not None
    words, choices = reply(step, update.effective_chat.id)
    rows = [[InlineKeyboardButton(choice.capitalize(), callback_data=choice)] for choice in choices]
    await update.effective_chat.send_message(words, reply_markup=InlineKeyboardMarkup(rows) if rows else None)
    return step + 1 if step + 1 < len(QUESTIONS) else ConversationHandler.END


class Webhook:
    """aiohttp in front of the library, as its documentation does it with other frameworks."""

    def __init__(self, mongodb_url: str, telegram_url: str, secret: str) -> None:
        self._secret = secret
        self._durable = asyncio.Lock()
        self._persistence = MongoPersistence(mongodb_url)
        builder = Application.builder().token(TOKEN).base_url(f"{telegram_url}/bot").updater(None)
        self._bot: Application[Any, Any, Any, Any, Any, Any] = builder.persistence(self._persistence).build()
        self._bot.add_handler(conversation())

    async def start(self, _app: web.Application) -> None:
        """Load what is stored. Its own timer for persisting stays off."""
        await self._bot.initialize()

    async def stop(self, _app: web.Application) -> None:
        """Persist, and close its connections."""
        await self._bot.shutdown()

    async def receive(self, request: web.Request) -> web.Response:
        """One update, stored before the 200."""
        if not hmac.compare_digest(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), self._secret):
            return web.Response(status=403)
        await self._bot.process_update(Update.de_json(orjson.loads(await request.read()), self._bot.bot))
        async with self._durable:  # what another has taken along is durable when it lets go
            await self._bot.update_persistence()
            await self._persistence.flush()
        return web.Response()

    def application(self) -> web.Application:
        """The one route."""
        app = web.Application()
        app.add_routes([web.post("/hooks/telegram", self.receive)])
        app.on_startup.append(self.start)
        app.on_cleanup.append(self.stop)
        return app


if __name__ == "__main__":
    port, mongodb_url, telegram_url, secret = sys.argv[1:]
    uvloop.install()
    web.run_app(Webhook(mongodb_url, telegram_url, secret).application(), host=HOST, port=int(port), access_log=None, print=None)
