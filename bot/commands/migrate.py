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
        if lacking := await store.missing_indexes():
            print("Creating (minutes, where there are millions of documents):", *lacking, sep="\n  ", flush=True)
        await store.migrate()
        print("All indexes are there.")
    finally:
        await store.close()
    return 0
