"""The simulator at /try in a real Chromium, beside a real demo: what a trainee, an officer and a minister see."""

import pytest
from playwright.async_api import expect

from bot.gsm import segments
from tests.browser.chromium import chromium
from tests.browser.try_stage import DESKTOP, PHONE, Trainee, demo


@pytest.fixture(scope="module")
async def url(tmp_path_factory):
    async with demo(tmp_path_factory.mktemp("demo")) as address:
        yield address


@pytest.fixture(scope="module")
async def browser():
    async with chromium() as running:
        yield running


@pytest.fixture
async def arrive(browser, url):
    """Bring a trainee; at the end nobody's console may have complained."""
    contexts, trainees = [], []

    async def arrive(viewport=DESKTOP, context=None, language="id"):
        if context is None:
            context = await browser.new_context(viewport=viewport)
            contexts.append(context)
        trainees.append(await Trainee.arrives(context, url, language))
        return trainees[-1]

    yield arrive
    complaints = [each for trainee in trainees for each in trainee.complaints]
    for context in contexts:
        await context.close()
    assert [] == complaints


async def test_telegram_from_the_first_words_to_the_rating(arrive):
    siti = await arrive()
    await siti.begins("jalan")
    await siti.types_first_words("jalan")
    await siti.taps("telegram", "Ya, setuju")
    await siti.taps("telegram", "Lewati")
    await siti.phone("telegram").locator("[data-sample]").click()
    await siti.hears_of("telegram", "Sudah ada 1 file")
    await siti.taps("telegram", "Selesai")
    await siti.taps("telegram", "Terbuka")
    await siti.writes("telegram", "Siti Aminah")
    await siti.taps("telegram", "Kirim")
    await expect(siti.phone("telegram").locator("img.photo")).to_have_js_property("naturalWidth", 640)
    ticket = await siti.ticket()
    await siti.hears_of("telegram", ticket)
    await siti.takes("verify", field_check=True)
    await siti.takes("dispose", agency="Dinas PUPR Kota Tangerang")
    await siti.hears_of("telegram", "Dinas PUPR Kota Tangerang")
    await siti.takes("progress")
    await siti.takes("answer", text="Lubang sudah ditambal kemarin.")
    await siti.hears_of("telegram", "Lubang sudah ditambal kemarin")
    await siti.takes("complete")
    await siti.status("completed")
    await siti.hears_of("telegram", "selesai")
    await siti.writes("telegram", f"NILAI {ticket}")
    for _ in range(9):
        await siti.writes("telegram", "4")
    await siti.ticked("said", "evidence", "receipt", "ticket", "disposed", "answered", "rated")


async def test_a_sent_message_is_edited_in_place_on_telegram(arrive):
    siti = await arrive()
    await siti.writes("telegram", "Jalan rusak di kec Cibodas Kota Tangerang")
    await siti.taps("telegram", "Ya, setuju")
    phone = siti.phone("telegram")
    said = await phone.locator(".said").count()
    await phone.locator(".said .edit").first.click()
    await expect(phone.locator("[data-editing]")).to_be_visible()
    await phone.locator("textarea").fill("Jembatan rusak di kec Cibodas Kota Tangerang")
    await phone.locator("textarea").press("Enter")
    await expect(phone.locator(".said .text").first).to_have_text("Jembatan rusak di kec Cibodas Kota Tangerang")
    await expect(phone.locator(".said .edited").first).to_be_visible()
    await expect(phone.locator("[data-editing]")).to_be_hidden()
    assert said == await phone.locator(".said").count()


async def test_sms_counts_and_costs_what_it_will(arrive):
    agus = await arrive()
    texts = (
        "",
        "halo",
        "x" * 160,
        "x" * 161,
        "~" * 80,
        "~" * 81,
        "jalan rusak “parah”",
        "😀" * 35,
        "😀" * 36,
        "x" * 152 + "€" + "y" * 152,
        "ñ" * 307,
    )
    for text in texts:
        await agus.phone("sms").locator("textarea").fill(text)
        meter = await agus.phone("sms").locator("[data-meter]").inner_text()
        counted = segments(text)
        parts = counted.count if text else 0
        kind = "GSM-7" if counted.encoding == "gsm7" else "UCS-2"
        price = f"{parts * 350:,}".replace(",", ".")
        assert f"{counted.units} karakter, {kind}: {parts} SMS, Rp{price} (contoh tarif)" == meter


async def test_sms_is_postponed_completed_and_answered(arrive):
    agus = await arrive()
    await agus.begins("upah")
    await agus.types_first_words("upah")
    await agus.writes("sms", "1")
    await agus.hears_of("sms", "nomor tiket")
    await agus.ticket()
    await expect(agus.phone("sms").locator("[data-spent]")).to_contain_text("2 SMS, Rp700")
    await agus.takes("postpone", note="Nama pabriknya apa?")
    await agus.ticked("postponed")
    before = await agus.heard("sms").count()
    for _ in range(2):
        await agus.page.locator('[data-leap="5wd"]').click()
    await agus.hears("sms", before + 1)
    await agus.writes("sms", "PT Sepatu Jaya, Jl Raya Serang km 12")
    await agus.status("received")
    await agus.takes("dispose", agency="Dinas Tenaga Kerja Kabupaten Tangerang")
    await agus.takes("answer", text="Pengawas kami memanggil pabrik itu besok.")
    await agus.hears_of("sms", "Pengawas kami memanggil")
    await agus.ticked("said", "receipt", "ticket", "disposed", "answered")


async def reported_by_whatsapp(trainee):
    await trainee.writes("whatsapp", "Puskesmas Cibodas Kota Tangerang tutup jam 11, kemarin ibu saya ditolak")
    for answer in ("1", "lewati", "lewati", "1", "Budi", "1"):
        last = await trainee.writes("whatsapp", answer)
    assert "Nomor laporan" in last
    await trainee.hears_of("whatsapp", "sudah masuk dengan nomor tiket")
    return await trainee.ticket()


async def test_whatsapp_closes_after_a_day_and_says_the_rest_when_the_citizen_writes(arrive):
    budi = await arrive()
    window = budi.phone("whatsapp").locator("[data-window]")
    await expect(window).to_contain_text("dimulai saat warga menulis")
    await reported_by_whatsapp(budi)
    await expect(window).to_contain_text("terbuka: sisa")
    await budi.page.locator('[data-leap="25h"]').click()
    await expect(window).to_contain_text("tertutup", timeout=10_000)
    await budi.takes("dispose", agency="Dinas Kesehatan Kota Tangerang")
    await expect(window).to_contain_text("1 pesan ditahan", timeout=10_000)
    await budi.hears_of("sms", "diteruskan")  # in brief, on the same person's other phone
    assert 0 == await budi.heard("whatsapp").filter(has_text="Dinas Kesehatan").count()
    await budi.phone("whatsapp").locator("textarea").fill("halo?")
    await budi.phone("whatsapp").locator("textarea").press("Enter")
    await budi.hears_of("whatsapp", "Dinas Kesehatan Kota Tangerang")
    await expect(window).to_contain_text("terbuka: sisa")


async def test_with_templates_whatsapp_has_buttons_lists_and_notices(arrive):
    budi = await arrive()
    await budi.page.locator("#templates").check()
    await expect(budi.page.locator("#toast")).to_contain_text("Warga baru")
    phone = budi.phone("whatsapp")
    await budi.writes("whatsapp", "Puskesmas Cibodas Kota Tangerang tutup jam 11, kemarin ibu saya ditolak")
    await budi.taps("whatsapp", "Ya, setuju")
    assert "Ya, setuju" == await phone.locator(".said .text").last.inner_text()
    await budi.taps("whatsapp", "Lewati")
    await budi.taps("whatsapp", "Lewati")
    await phone.locator("summary", has_text="Pilih").last.click()
    await budi.taps("whatsapp", "Terbuka")
    await budi.writes("whatsapp", "Budi")
    await budi.taps("whatsapp", "Kirim")
    await budi.hears_of("whatsapp", "sudah masuk dengan nomor tiket")
    await budi.ticket()
    await budi.page.locator('[data-leap="25h"]').click()
    await expect(phone.locator("[data-window]")).to_contain_text("tertutup", timeout=10_000)
    await budi.takes("dispose", agency="Dinas Kesehatan Kota Tangerang")
    await expect(phone.locator(".label")).to_have_text("Templat yang disetujui", timeout=15_000)


async def test_an_emergency_is_told_the_number_first(arrive):
    rahmat = await arrive()
    await rahmat.begins("banjir")
    await rahmat.types_first_words("banjir")
    await rahmat.ticked("heard:112")
    assert "112" in await rahmat.heard("whatsapp").first.inner_text()
    await rahmat.phone("whatsapp").locator("[data-place]").click()
    dialog = rahmat.page.locator("#place")
    await dialog.get_by_role("button", name="Periuk").click()
    await dialog.get_by_role("button", name="Kirim", exact=True).click()
    await expect(rahmat.phone("whatsapp").locator(".place")).to_contain_text("-6.1647, 106.5946")


async def test_a_confidential_report_is_not_named_and_what_is_stored_can_be_looked_at(arrive):
    dewi = await arrive()
    await dewi.begins("pungli")
    await dewi.types_first_words("pungli")
    await dewi.writes("sms", "anonim dan rahasia")
    await dewi.writes("sms", "1")
    await dewi.hears_of("sms", "nomor tiket")
    await dewi.ticket()
    await dewi.ticked("confidential", "anonymous", "receipt", "ticket")
    assert 0 == await dewi.heard("sms").filter(has_text="domisili").count()
    await dewi.page.locator("#open-stored").click()
    await dewi.page.locator('[data-stored="sms"]').click()
    stored = dewi.page.locator("#stored-content")
    await expect(stored.locator("summary").first).to_contain_text("diteruskan")
    forwarded = await stored.locator("pre").first.inner_text()
    assert '"reporter": null' in forwarded
    assert "domisili" in forwarded
    await dewi.page.keyboard.press("Escape")
    await expect(stored).to_be_hidden()


async def test_two_trainees_do_not_mix_and_two_tabs_show_the_same(arrive, browser):
    context = await browser.new_context(viewport=DESKTOP)
    one, other_tab, stranger = await arrive(context=context), await arrive(context=context), await arrive()
    await one.reports_by_sms()
    await other_tab.hears_of("sms", "nomor tiket")
    assert await one.ticket() == await other_tab.ticket()
    await expect(stranger.page.locator("#no-reports")).to_be_visible()
    assert 0 == await stranger.heard("sms").count()
    await one.page.reload()
    await one.hears_of("sms", "nomor tiket")
    await one.page.locator("#fresh").click()
    for tab in (one, other_tab):
        await expect(tab.heard("sms")).to_have_count(0)
        await expect(tab.page.locator("#reports .file")).to_have_count(1)
    await one.page.close()
    await other_tab.page.close()


async def test_words_are_never_markup(arrive):
    mallory = await arrive()
    bad = '<img src=x onerror="document.title=1"><script>document.title=2</script> jalan rusak di kec Cibodas Kota Tangerang kemarin'
    await mallory.writes("sms", f"LAPOR {bad}")
    await mallory.writes("sms", "1")
    await mallory.ticket()
    await mallory.takes("dispose", agency='<b onclick="x">Dinas</b>')
    await mallory.takes("answer", text='<b onclick="y">beres</b>')
    await mallory.hears_of("sms", "<b onclick")
    await expect(mallory.page.locator(".history")).to_contain_text('<b onclick="x">Dinas</b>')
    await mallory.page.locator("#open-stored").click()
    await expect(mallory.page.locator("#stored-content pre").first).to_be_visible()
    assert "Simulator" in await mallory.page.title()
    assert 0 == await mallory.page.locator("main script, main img[src='x'], main b[onclick]").count()


@pytest.mark.parametrize("name", ["sms", "telegram", "whatsapp"])
async def test_on_a_phone_each_panel_fills_the_screen(arrive, name):
    siti = await arrive(PHONE)
    await siti.page.locator(f'[data-tab="phone-{name}"]').click()
    await expect(siti.page.locator(f'[data-tab="phone-{name}"]')).to_have_attribute("aria-current", "true")
    await siti.writes(name, "LAPOR lampu jalan mati di kec Cibodas Kota Tangerang kemarin")
    if name == "sms":
        await siti.writes(name, "1")
    elif name == "telegram":
        for label in ("Ya, setuju", "Lewati", "Lewati", "Terbuka", "Lewati", "Kirim"):
            await siti.taps(name, label)
    else:
        for answer in ("1", "lewati", "lewati", "1", "lewati", "1"):
            await siti.writes(name, answer)
    await siti.hears_of(name, "sudah masuk")
    await expect(siti.page.locator('[data-tab="office"] .dot')).to_be_visible()
    await siti.page.locator('[data-tab="office"]').click()
    await siti.ticket()
    await siti.takes("dispose", agency="Dinas Perhubungan")
    await siti.page.locator(f'[data-tab="phone-{name}"]').click()
    await siti.hears_of(name, "iteruskan ke")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert 0 == await siti.page.evaluate(overflow)
    assert [] == await siti.violations()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing(arrive, viewport, language):
    siti = await arrive(viewport, language=language)
    assert [] == await siti.violations()
    if viewport is PHONE:
        await siti.page.locator('[data-tab="phone-sms"]').click()
    await siti.reports_by_sms("LAPOR pungli di kelurahan kec Cibodas Kota Tangerang kemarin")
    await siti.writes("telegram", "halo")
    await siti.page.locator("[data-case] .case-open").first.click()
    if viewport is PHONE:
        await siti.page.locator('[data-tab="office"]').click()
    await siti.page.locator('[data-step="postpone"]').click()
    assert [] == await siti.violations()
    await siti.page.locator("#open-stored").click()
    await expect(siti.page.locator("#stored-content pre, #stored-content p").first).to_be_visible()
    assert [] == await siti.violations()


async def test_keyboard_alone_is_enough(arrive):
    siti = await arrive()
    keyboard = siti.page.keyboard

    async def reach(selector, most=60):
        for _ in range(most):
            if await siti.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            await keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {selector}")

    await reach("#text-sms")
    await keyboard.type("LAPOR lampu jalan mati di kec Cibodas Kota Tangerang kemarin")
    await keyboard.press("Enter")
    await siti.hears("sms", 1)
    await keyboard.type("1")
    await keyboard.press("Enter")
    await siti.ticket()
    await reach('[data-step="dispose"]')
    await keyboard.press("Enter")
    await keyboard.type("Dinas Perhubungan")
    await reach(".dossier form .primary")
    await keyboard.press("Enter")
    await siti.status("disposed")
    await siti.hears_of("sms", "diteruskan ke instansi")
