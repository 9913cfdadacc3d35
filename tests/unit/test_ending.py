"""Ending in the time there is."""

import asyncio

from bot import ending


async def test_a_job_may_come_to_its_end():
    done = []

    async def job():
        await asyncio.sleep(0.01)
        done.append(1)

    await ending.jobs([asyncio.create_task(job())])
    assert [1] == done


async def test_a_job_that_does_not_end_is_cut_off():
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.wait_for(ending.jobs([task], 0.01), 2)
    assert task.cancelled()


async def test_a_job_that_fails_at_its_end_keeps_nobody_from_ending():
    async def job():
        raise KeyError

    await ending.jobs([asyncio.create_task(job()), asyncio.create_task(asyncio.sleep(0))])
    await ending.jobs([])


def test_all_of_it_fits_into_ten_seconds():
    from bot import server

    web = server.NOTICE_SECONDS + server.REQUESTS_SECONDS + ending.SENDS_SECONDS + ending.CALLS_SECONDS
    assert web < ending.AT_MOST_SECONDS < 10
    assert ending.JOBS_SECONDS + ending.SENDS_SECONDS + ending.CALLS_SECONDS < ending.AT_MOST_SECONDS
