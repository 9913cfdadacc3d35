"""Evidence in GridFS: put once, whoever is killed or late."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from bot.ports import MediaInfo

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DATA = bytes(range(256)) * 2500  # three chunks
WHO = "telegram:42"


def put(store, media_id="m1", data=DATA, conversation=WHO, at=NOW):
    return store.media.put(media_id, conversation, data, name="foto.jpg", mime="image/jpeg", at=at)


async def bytes_of(store, media_id="m1"):
    found = await store.media.read(media_id)
    return None if found is None else b"".join([chunk async for chunk in found[1]])


async def counts(store):
    db = store._db
    return [await db[name].count_documents({}) for name in ("media", "media.files", "media.chunks")]


async def test_a_file_is_kept_and_streamed(store):
    expected = MediaInfo("m1", "foto.jpg", "image/jpeg", len(DATA), hashlib.sha256(DATA).hexdigest())

    assert expected == await put(store)

    info, chunks = await store.media.read("m1")
    pieces = [chunk async for chunk in chunks]
    assert (expected, DATA, True) == (info, b"".join(pieces), len(pieces) > 1)
    assert {"m1": expected} == await store.media.info(["m1", "m2"])
    assert None is await store.media.read("m2")


async def test_the_same_id_keeps_the_first(store):
    first = await put(store)

    assert first == await put(store, data=b"other bytes")

    assert DATA == await bytes_of(store)
    assert [1, 1, 3] == await counts(store)


async def test_of_concurrent_puts_one_whole_file_stays(store):
    files = [bytes([each]) * 600_000 for each in range(6)]

    infos = await asyncio.gather(*(put(store, data=data) for data in files))

    kept = await bytes_of(store)
    assert kept in files
    assert {hashlib.sha256(kept).hexdigest()} == {info.sha256 for info in infos}
    assert [1, 1, 3] == await counts(store)


async def killed_upload(store):
    """What is left when a process is killed after two chunks."""
    attempt = ObjectId()
    await store._db.media.update_one({"_id": "m1"}, {"$push": {"attempts": attempt}, "$set": {"conversation": WHO, "at": NOW}}, upsert=True)
    await store._db["media.chunks"].insert_many([{"files_id": attempt, "n": n, "data": b"old"} for n in range(2)])


async def test_a_killed_upload_is_not_seen_and_its_remains_go_with_the_next(store):
    await killed_upload(store)
    assert ({}, None) == (await store.media.info(["m1"]), await store.media.read("m1"))

    await put(store)

    assert DATA == await bytes_of(store)
    assert [1, 1, 3] == await counts(store)


async def test_erasure_finds_the_remains_of_a_killed_upload(store):
    await killed_upload(store)

    await store.media.erase(WHO)

    assert [0, 0, 0] == await counts(store)


async def test_erasure_takes_a_persons_unfiled_files_and_unties_the_filed(store):
    for media_id in ("draft", "filed"):
        await put(store, media_id)
    await put(store, "others", conversation="telegram:43")
    await store.media.bind(["filed"], "r1")

    assert 1 == await store.media.erase(WHO)
    assert 0 == await store.media.erase(WHO)

    assert (None, DATA, DATA) == (await bytes_of(store, "draft"), await bytes_of(store, "filed"), await bytes_of(store, "others"))
    assert not await store._db.media.find_one({"conversation": WHO})


async def test_a_file_that_comes_after_its_report_is_bound_all_the_same(store):
    await store.media.bind(["m1"], "r1")
    assert ({}, None) == (await store.media.info(["m1"]), await store.media.read("m1"))

    await put(store)

    assert 0 == await store.media.erase(WHO)
    assert DATA == await bytes_of(store)


async def test_an_upload_that_ends_after_the_erasure_leaves_nothing(store):
    uploading = store.media._bucket.upload_from_stream_with_id

    async def erased_meanwhile(*arguments):
        await uploading(*arguments)
        await store.media.erase(WHO)
        await uploading(ObjectId(), "unrelated", b"x")

    store.media._bucket.upload_from_stream_with_id = erased_meanwhile

    await put(store)

    assert None is await bytes_of(store)
    assert [0, 1, 1] == await counts(store)


async def test_files_never_filed_go_after_their_time(store):
    await put(store, "old", at=NOW - timedelta(days=31))
    await put(store, "old and filed", at=NOW - timedelta(days=31))
    await put(store, "young")
    await store.media.bind(["old and filed"], "r1")

    assert 1 == await store.media.erase_unfiled(NOW - timedelta(days=30))

    assert {"old and filed", "young"} == set(await store.media.info(["old", "old and filed", "young"]))


async def test_binding_nothing_is_no_error(store):
    await store.media.bind([], "r1")

    assert [0, 0, 0] == await counts(store)


async def test_an_empty_file_is_a_file(store):
    await put(store, data=b"")

    assert b"" == await bytes_of(store)


async def test_uploads_of_the_simulator(store):
    await store.uploads.save("u1", DATA)
    await store.uploads.save("u1", b"later")

    assert (DATA, None) == (await store.uploads("u1"), await store.uploads("u2"))
    assert [0, 0, 0] == await counts(store)
