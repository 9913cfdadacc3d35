"""Places out of free text; never a wrong regency as sure."""

import pytest

from bot.conversation.understanding.area import Places
from bot.conversation.understanding.gazetteer import Gazetteer


@pytest.fixture(scope="module")
def places():
    return Places.load()


SURE = [
    ("kec Cibodas Kota Tangerang", "36.71.09"),
    ("Kec.Cibodas,Kota Tangerang", "36.71.09"),
    ("KEC CIBODAS KOTA TANGERANG", "36.71.09"),
    ("kec Cibdas Kota Tangerang", "36.71.09"),
    ("TANGERANG KOTA CIPONDOH", "36.71.05"),
    ("Bekasi kab", "32.16"),
    ("Bupati Bandung tolong", "32.04"),
    ("Walikota Bandung tolong", "32.73"),
    ("kupang, Oebobo", "53.71.04"),
    ("Pamulang Tangerang", "36.74.06"),
    ("Lembang Bandung", "32.17.01"),
    ("Banjar Pandeglang", "36.01.20"),
    ("desa Karangayar kec Kedungbanteng kab Tegal", "33.28.08.2002"),
    ("desa Harapan Jaya kec Bekasi utara", "32.75.03.1006"),
    ("Kel. Sukasari Kec. Tangerang Kota Tangerang", "36.71.01.1007"),
    ("Kec. Sepatan? eh kec Teluknaga kab tangerang", "36.03.13"),
    ("jl raya bogor km 30 cimanggis depok", "32.76.02"),
    ("Jl. Margonda Raya Depok", "32.76"),
    ("lampu jalan surabaya mati", "35.78"),
    ("PT Semarang Makmur, Cikarang", "32.16"),
    ("RSUD Wonosari Gunungkidul", "34.03"),
    ("pasar Ruteng", "53.10"),
    ("gerbang tol Cileunyi", "32.04.05"),
    ("Tj Priok", "31.72.02"),
    ("jogja", "34.71"),
    ("solo", "33.72"),
    ("Wonosari Jogja", "34.03.01"),
    ("tangsel", "36.74"),
    ("bau bau", "74.72"),
    ("labuhan batu", "12.10"),
    ("palangka raya", "62.71"),
    ("pulau Buru", "81.04"),
    ("Kab. Kotabaru", "63.02"),
    ("kotabaru kalsel", "63.02"),
    ("di Purwakrta", "32.14"),
    ("gunung kidul", "34.03"),
    ("Kuta Bali", "51.03.01"),
    ("di Papua Barat", "92"),
    ("Jakarta", "31"),
]


@pytest.mark.parametrize(("text", "code"), SURE)
def test_says_the_area_as_deep_as_the_text_is_sure_of(places, text, code):
    assert code == places.find(text).code


UNSURE = [
    ("jalan rusak di Tangerang", {"36.03", "36.71"}),
    ("kab/kota Bandung", {"32.04", "32.73"}),
    ("di Tagerang", {"36.03", "36.71"}),
    ("jalan kediri rusak", {"35.06", "35.71"}),
    ("pariaman", {"13.05", "13.77"}),
    ("di Jambi", {"15.05", "15.71"}),
    ("Ciawi", {"32.01", "32.06", "32.08"}),
    ("warga Brebes kerja di kota Tegal", {"33.29", "33.76"}),
    ("dari Garut ke Cianjur", {"32.05", "32.03"}),
    ("Nias", {"12.04", "12.14", "12.24", "12.25", "12.78"}),
]


@pytest.mark.parametrize(("text", "regencies"), UNSURE)
def test_offers_what_an_ambiguous_name_could_mean(places, text, regencies):
    guess = places.find(text)
    assert (None, False) == (guess.code, guess.many)
    assert regencies == {choice.code[:5] for choice in guess.candidates}
    assert all(places.name(choice.code) == choice.label for choice in guess.candidates)


@pytest.mark.parametrize("text", ["Wonosari", "di Sukamaju", "desa suka maju"])
def test_says_when_far_too_many_areas_bear_the_name(places, text):
    guess = places.find(text)
    assert (None, True) == (guess.code, guess.many)
    assert 10 >= len(guess.candidates)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jalan di depan rumah saya rusak",
        "Jl. Surabaya berlubang",
        "Jl Bandung no 5",
        "Jl Imam Bonjol rusak",
        "PT Semarang Makmur tidak membayar gaji",
        "harga batu bara naik",
        "gas 3 kilo langka di pasar",
        "puncak kemarau, air mandiri habis",
        "rumah besar di tanjung",
        "dusun Bandung",
        "anak buah kapal dan mitra tani",
    ],
)
def test_takes_no_street_firm_or_common_word_for_a_place(places, text):
    assert (None, ()) == (places.find(text).code, places.find(text).candidates)


def test_names_an_area_in_full(places):
    assert "Kecamatan Cibodas, Kota Tangerang, Banten" == places.name("36.71.09")
    assert "Kelurahan Cibodas, Kecamatan Cibodas, Kota Tangerang, Banten" == places.name("36.71.09.1001")
    assert "Desa Citapen, Kecamatan Ciawi, Kabupaten Bogor, Jawa Barat" == places.name("32.01.24.2002")
    with pytest.raises(KeyError):
        places.name("99.99")


def test_a_small_province_offers_its_regencies(places):
    assert ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"] == [choice.code for choice in places.find("di Jakarta").candidates]
    assert () == places.find("di Jawa Barat").candidates


def test_every_regency_is_found_by_its_full_name(places):
    gazetteer = Gazetteer.load()
    regencies = [code for province in range(11, 97) for code in gazetteer.regencies_in(str(province))]
    assert 514 == len(regencies)
    found = {code: (places.find(f"jalan rusak di {gazetteer.name_of(code)}").code or "")[:5] for code in regencies}
    assert {} == {code: other for code, other in found.items() if other != code}


def test_every_everyday_word_is_also_a_name():
    gazetteer = Gazetteer.load()
    assert set() == {name for name in gazetteer.everyday | gazetteer.half_everyday if not gazetteer.is_place(name)}


def test_a_regencys_bare_name_is_never_another_regency(places):
    gazetteer = Gazetteer.load()
    wrong = {}
    for province in range(11, 97):
        for code in gazetteer.regencies_in(str(province)):
            guess = places.find(f"jalan rusak di {gazetteer.name_of(code).split(' ', 1)[1]}")
            if len(guess.code or "") >= 5 and not guess.code.startswith(code):
                wrong[code] = guess.code
    assert {} == wrong


def test_a_village_called_like_an_ordinary_word_is_asked_unless_its_regency_stands_beside_it():
    places = Places.load()
    assert places.find("jalan desa gelap gulita tolong lampu").code is None
    assert "35.24.08.2007" == places.find("jalan rusak di desa Gelap kec Laren Lamongan").code
