"""The spool, as `web` would find it on this machine."""

from bot.checks.finding import Finding, good, note, wrong
from bot.settings import Settings
from bot.spool import survey
from bot.spool.segment import ASIDE


def check(settings: Settings) -> Finding:
    """Whether it is there, can be written, has room, and holds nothing unreadable."""
    directory = settings.spool_dir
    if directory is None:
        return note(
            "There is no spool (SPOOL_DIR): with the database away callers are told to come again, which Twilio does not do by itself."
        )
    if problem := survey.problem(directory):
        return wrong(problem)
    found = survey.survey(directory)
    if found.unreadable:
        mend = f"give SPOOL_KEY the key they were written with and restart `web`, or remove them from {directory / ASIDE}"
        return wrong(f"{found.unreadable} spooled entries cannot be read: {mend}.")
    free, wanted = found.free >> 20, settings.spool_bytes >> 20
    if free < wanted:
        return wrong(f"SPOOL_DIR has {free} MB free, and one web process may need {wanted}: make room, or lower SPOOL_MEGABYTES.")
    return good(f"The spool can be written, has {free} MB free, and {found.entries} entries wait in it.")
