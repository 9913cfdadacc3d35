"""`python -m bot migrate`: create the database's indexes."""

from collections.abc import Sequence

from bot.commands import running


def main(argv: Sequence[str]) -> int:
    """Can be run again at any time."""
    running.parse("migrate", "Create the database's indexes; safe to run again, also while web and worker run.", argv)
    return running.run(_migrate)


async def _migrate() -> int:
    from bot.store.store import Store

    store = await Store.open(running.loaded()["MONGODB_URL"])
    try:
        for done in await store.migrate():
            print(done)
    finally:
        await store.close()
    return 0
