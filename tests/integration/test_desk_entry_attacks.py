"""Evidence of an entry, and attacks on its form: lying files, names that lead out, markup, forms and files of others, floods."""

import io
import re
import zipfile
from datetime import timedelta

import pytest

from bot import clock
from bot.conversation.media import AT_MOST
from bot.desk.entry_files import BODY_AT_MOST, FILE_AT_MOST
from bot.staff.model import Role
from tests.desk_stage import desk_staged
from tests.entry_stage import EVIL, PNG, SMS, TEXT, Form, good, kept, problems, reports


@pytest.fixture
async def desk(store, monkeypatch):
    async with desk_staged(store, monkeypatch, **SMS) as desk:
        yield desk


@pytest.fixture
async def sari(desk):
    return await desk.person(Role.ENTRY)


@pytest.fixture
async def browser(desk, sari):
    async with desk.browser(sari) as browser:
        yield browser


@pytest.fixture
async def form(browser):
    return Form(browser, await browser.get("/desk/entries"))


# ---- evidence


async def test_files_are_kept_between_submits_and_belong_to_the_report(desk, form):
    page = await form.send(files=[("foto tiang.png", PNG, "image/png")], **good(consent=""))
    [first] = kept(page.html)
    page = await form.send(files=[("nota.pdf", b"%PDF-1.7\n%x\n", "application/pdf")], **good(consent="", keep=[first], had=[first]))
    assert 2 == len(kept(page.html))
    ids = kept(page.html)
    assert 303 == (await form.send(**good(keep=ids, had=ids))).status
    [report] = await reports(desk)
    info = await desk.store.media.info(report["media"])
    assert {("foto tiang.png", "image/png"), ("nota.pdf", "application/pdf")} == {(each.name, each.mime) for each in info.values()}
    assert 0 == await desk.store.media.erase_unfiled(clock.now() + timedelta(days=1))


async def test_a_file_that_is_unticked_is_erased(desk, form):
    page = await form.send(files=[("a.png", PNG, ""), ("b.png", PNG + b"b", "")], **good(consent=""))
    first, second = kept(page.html)
    page = await form.send(**good(consent="", keep=[second], had=[first, second]))
    assert [second] == kept(page.html)
    assert {second} == set(await desk.store.media.info([first, second]))


async def test_going_back_and_sending_another_file_does_not_bring_the_first(desk, form):
    await form.send(files=[("a.png", PNG, "")], **good(consent=""))
    assert 303 == (await form.send(files=[("b.png", PNG + b"b", "")], **good())).status
    [report] = await reports(desk)
    assert ["b.png"] == [each.name for each in (await desk.store.media.info(report["media"])).values()]


def docx(*, macro=False):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        book.writestr("word/document.xml", "<x/>")
        if macro:
            book.writestr("word/vbaProject.bin", "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foto.jpg", b"<!doctype html><script>alert(1)</script>"),
        ("foto.jpg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("foto.svg", b'<?xml version="1.0"?><svg/>'),
        ("foto.jpg", b"MZ\x90\x00" + b"\x00" * 100),
        ("foto.jpg", b"%PDF-1.7\n<script>alert(1)</script>"),
        ("surat.pdf", PNG),
        ("foto.png", b"hanya kata-kata biasa"),
        ("surat.docx", docx(macro=True)),
        ("arsip.zip", b"PK\x03\x04" + b"\x00" * 50),
        ("kosong.png", b""),
        (f"{EVIL}.jpg", b"<html>"),
    ],
)
async def test_lying_files_are_refused_with_a_sentence(desk, form, name, content):
    page = await form.send(files=[(name, content, "image/jpeg")], **good())
    assert (422, {"files"}, []) == (page.status, problems(page.html), kept(page.html))
    assert "bukan foto, video, PDF, Word, Excel, atau teks" in page.html
    assert "<script>alert" not in page.html
    assert 0 == await desk.store._db.media.count_documents({})


@pytest.mark.parametrize(
    ("sent", "kept_as", "content"),
    [
        ("../../etc/passwd.png", ("passwd.png", "image/png"), PNG),
        ("..\\..\\windows\\foto.png", ("foto.png", "image/png"), PNG),
        ("/etc/cron.d/x", ("x.png", "image/png"), PNG),
        ("....//", ("file.png", "image/png"), PNG),
        ("foto.jpg", ("foto.png", "image/png"), PNG),
        ("gnp.\u202egpj.exe", ("gnp.gpj.exe.png", "image/png"), PNG),
        ("x.html", ("x.html.txt", "text/plain"), b"kata " * 300 + b"<script>alert(1)</script>"),
        ("<img src=x onerror=alert(1)>.png", ("_img src=x onerror=alert(1)_.png", "image/png"), PNG),
        ("a" * 300 + ".png", ("a" * 96 + ".png", "image/png"), PNG),
        ("gif.gif", ("gif.gif", "image/gif"), b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//<script>alert(1)</script>"),
    ],
)
async def test_names_are_made_harmless(desk, form, sent, kept_as, content):
    page = await form.send(files=[(sent, content, "text/html")], **good(consent=""))
    [id_] = kept(page.html)
    info = (await desk.store.media.info([id_]))[id_]
    assert kept_as == (info.name, info.mime)
    assert not re.search(r"<script>|<img src=x", page.html)


async def test_a_file_that_is_too_large_is_refused_and_the_others_kept(form):
    page = await form.send(files=[("besar.png", PNG + bytes(FILE_AT_MOST), ""), ("kecil.png", PNG, "")], **good())
    assert (422, 1) == (page.status, len(kept(page.html)))
    assert "besar.png: lebih besar dari 20 MB" in page.html


async def test_more_than_ten_files_are_refused(form):
    page = await form.send(files=[(f"{n}.png", PNG + bytes([n]), "") for n in range(AT_MOST + 1)], **good())
    assert (422, AT_MOST) == (page.status, len(kept(page.html)))
    assert "sudah ada 10 berkas" in page.html


# ---- attacks


async def test_markup_is_text_in_every_field(form):
    names = ("text", "link", "place", "agency", "name", "phone", "consent", "day", "category", "network", "kind", "hears", "consent_how",
             "consent_at", "area", "area_for", "read_kind", "read_day", "read_category", "read_area", "insists", "keep", "had")  # fmt: skip
    for do in ("read", "enter"):
        page = await form.send(do=do, **dict.fromkeys(names, EVIL))
        assert page.status in (200, 422)
        assert not re.search(r"<script>alert|<img src=x", page.html)
    fragment = await form.browser.post("/desk/entries/places", **dict.fromkeys(names, EVIL))
    assert "<script>alert" not in fragment.html
    assert 422 != (await form.send(**good(text=f"{TEXT} {EVIL}", agency=EVIL, consent=EVIL))).status
    page = await form.browser.get(form.page.location)
    assert 200 == page.status
    assert not re.search(r"<script>alert|<img src=x", page.html)
    assert "<script>" not in (await form.browser.get("/desk/entries?network=<script>&consent_how=<script>")).html


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
async def test_a_form_of_another_site_is_refused(desk, form, headers):
    assert 403 == (await form.send(headers=headers, files=[("a.png", PNG, "")], **good())).status
    assert [] == await reports(desk)
    assert 0 == await desk.store._db.media.count_documents({})


async def test_a_form_without_its_token_keeps_nothing(desk, form):
    assert 403 == (await form.send(files=[("a.png", PNG + bytes(2 << 20), "")], **good(csrf="0" * 48))).status
    assert ([], 0) == (await reports(desk), await desk.store._db.media.count_documents({}))


async def test_the_form_and_files_of_a_colleague_are_out_of_reach(desk, form):
    page = await form.send(files=[("a.png", PNG, "")], **good(consent=""))
    [theirs] = kept(page.html)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as other:
        own = Form(other, await other.get("/desk/entries"))
        hers, own.id = own.id, form.id
        page = await own.send(**good(keep=[theirs], had=[theirs]))
        assert 303 == page.status  # her own report, of her own numbers; the file is not hers to name
        own.id = hers
        await own.send(**good(had=[theirs]))
    assert [theirs] == list(await desk.store.media.info([theirs]))
    assert [] == [report for report in await reports(desk) if report["media"]]
    done = await form.send(**good(keep=[theirs], had=[theirs]))
    [mine] = [report for report in await reports(desk) if report["media"]]
    assert 3 == len({report["_id"] for report in await reports(desk)})
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as other:
        assert 400 == (await other.get(done.location)).status
    assert mine["receipt"] in (await form.browser.get(done.location)).html


@pytest.mark.parametrize("id_", ["", "x", "../../etc", "a" * 31, "a" * 33, "a" * 31 + "é", "a" * 31 + "/"])
async def test_what_is_no_form_is_refused(desk, form, id_):
    form.id = id_
    assert 400 == (await form.send(**good())).status
    assert [] == await reports(desk)


async def test_the_page_of_what_was_filed_cannot_be_guessed(browser):
    for sealed in ("", "x", "gAAAAAB" + "x" * 93):
        assert 400 == (await browser.get(f"/desk/entries/filed?form={sealed}")).status


async def test_a_thousand_fields_are_refused(desk, form):
    page = await form.send(**good(**{f"x{n}": "1" for n in range(1100)}))
    assert page.status in (400, 413)
    assert [] == await reports(desk)


async def test_only_this_route_takes_a_large_body(browser):
    sent = {"csrf": browser.csrf, "place": "x" * (600 << 10)}
    headers = {"Origin": browser.url}
    async with browser.http.post(f"{browser.url}/desk/entries/places", data=sent, headers=headers) as answer:
        assert 413 == answer.status
    assert BODY_AT_MOST > AT_MOST * FILE_AT_MOST


async def test_an_auditor_enters_nothing(desk):
    async with desk.browser(await desk.person(Role.AUDITOR)) as browser:
        assert 403 == (await browser.get("/desk/entries")).status
        assert 403 == (await browser.post("/desk/entries", **good())).status


async def test_nothing_of_a_citizen_stands_in_the_log(desk, form):
    await form.send(files=[("rahasia-kenari.png", PNG, "")], **good(name="Wargawati Kenari", place="Gang Kenari, Cibodas, kota Tangerang"))
    assert "enari" not in desk.log.getvalue()
