"""`python -m bot web`: serve the webhooks."""

from collections.abc import Sequence

from bot.commands import running


def main(argv: Sequence[str]) -> int:
    """Until SIGTERM."""
    running.parse("web", "Serve the webhooks, and carry out at once what their turns decide.", argv)
    return running.run(_serve)


async def _serve() -> int:
    from bot.app import opened

    ended = running.ending()
    async with opened(running.loaded()) as app, app.serving():
        running.started()
        await ended.wait()
    return 0
