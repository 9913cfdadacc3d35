"""What DESK_KEY is used for."""

from datetime import UTC, datetime, timedelta

from bot.staff.keys import Keys

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OLD, NEW = "the-old-key-0123456789-0123456789", "the-new-key-0123456789-0123456789"


def test_what_is_sealed_is_opened_for_its_purpose_only():
    keys = Keys([NEW])
    sealed = keys.seal("totp", "rahasia", NOW)
    assert "rahasia" not in sealed
    assert "rahasia" == keys.open("totp", sealed, NOW)
    assert keys.open("number", sealed, NOW) is None
    assert Keys([OLD]).open("totp", sealed, NOW) is None


def test_what_is_sealed_is_good_for_its_time():
    keys = Keys([NEW])
    sealed = keys.seal("number", "1", NOW)
    assert "1" == keys.open("number", sealed, NOW + timedelta(hours=1), within=timedelta(hours=2))
    assert keys.open("number", sealed, NOW + timedelta(hours=3), within=timedelta(hours=2)) is None


def test_what_is_not_sealed_is_nothing():
    keys = Keys([NEW])
    sealed = keys.seal("x", "y", NOW)
    assert [None] * 4 == [keys.open("x", text, NOW) for text in ("", "abc", sealed[:-2] + "AA", "é")]


def test_an_old_key_still_reads_while_rotating():
    before, after = Keys([OLD]), Keys([NEW, OLD])
    assert "y" == after.open("x", before.seal("x", "y", NOW), NOW)
    assert after.is_mac("audit", b"data", before.mac("audit", b"data"))
    assert before.open("x", after.seal("x", "y", NOW), NOW) is None


def test_a_mac_is_of_its_key_purpose_and_data():
    keys = Keys([NEW])
    mac = keys.mac("audit", b"data")
    assert keys.is_mac("audit", b"data", mac)
    assert not keys.is_mac("audit", b"other", mac)
    assert not keys.is_mac("recovery", b"data", mac)
    assert not Keys([OLD]).is_mac("audit", b"data", mac)


def test_a_reference_is_short_and_tells_nothing():
    keys = Keys([NEW])
    assert keys.ref("sms:+628123") == keys.ref("sms:+628123")
    assert 12 == len(keys.ref("sms:+628123"))
    assert keys.ref("sms:+628123") != Keys([OLD]).ref("sms:+628123")
