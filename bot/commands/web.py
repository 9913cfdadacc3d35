"""`python -m bot web`: serve the webhooks."""

from collections.abc import Sequence

from bot.commands import running


def main(argv: Sequence[str]) -> int:
    """Until SIGTERM."""
    running.parse("web", "Serve the webhooks, and carry out at once what their turns decide.", argv)
    return running.run(_serve)


async def _serve() -> int:
    from bot import ending, server
    from bot.app import opened

    ended = running.ending(at_most=ending.AT_MOST_SECONDS)
    async with opened(running.loaded()) as app, app.serving(server.NOTICE_SECONDS):
        running.started()
        await ended.wait()
    return 0
