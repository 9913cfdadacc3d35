"""The words around a place name: what says of which level it is, what says that it is none, and how names are shortened."""

from enum import Enum

from bot.conversation.understanding.levels import DISTRICT, PROVINCE, REGENCY, VILLAGE
from bot.conversation.understanding.normalise import word_set


class Marker(Enum):
    """The word before a name that says what it is the name of."""

    NONE = 0
    PROVINCE = 1
    KABUPATEN = 2
    KOTA = 3
    DISTRICT = 4
    VILLAGE = 5


MARKERS = {
    word: marker
    for marker, words in {
        Marker.PROVINCE: "prov propinsi provinsi prop gubernur pemprov",
        Marker.KABUPATEN: "kab kabupaten kabupatan kabuaten kabupten bupati pemkab kabup disdukcapilkab",
        Marker.KOTA: "kota kodya kotamadya kotamadia walikota pemkot kotip",
        Marker.DISTRICT: "kec kecamatan kecmatan kecamtan kcmtn camat distrik kapanewon kemantren polsek koramil kua",
        Marker.VILLAGE: "ds desa dsa kades nagari gampong lurah kel kelurahan kelurahn keluarahan kalurahan pekon kuwu",
    }.items()
    for word in words.split()
}
"""What says of which level the name behind it is."""
LEVEL = {
    Marker.PROVINCE: PROVINCE,
    Marker.KABUPATEN: REGENCY,
    Marker.KOTA: REGENCY,
    Marker.DISTRICT: DISTRICT,
    Marker.VILLAGE: VILLAGE,
}
STREET = word_set("jl jln jalan gg gang lorong flyover tol")
"""What stands before the name of a street."""
FEATURE = word_set("jembatan jmbtn sungai kali gunung danau jorong dusun dukuh dsn")
"""What stands before the name of a bridge, a river, a mountain or a hamlet: one word of it."""
STREET_KINDS = word_set("raya lintas nasional protokol poros arteri tol alternatif utama besar")
"""What may stand between `jalan` and its name."""
LAMPS = word_set("lampu lmpu penerangan pju")
"""`lampu jalan Kediri` is about lamps, not about a street of that name."""
TOLL_GATE = word_set("gerbang pintu exit keluar masuk gt rest area")
"""What makes `tol` tell a place."""
COMPANY = word_set("pt cv ud firma yayasan koperasi")
"""What stands before the name of a firm."""
SITE = word_set("pasar psr rsud rs rsu rsia rsup sakit terminal stasiun spbu bandara pelabuhan samsat lapas rutan pln pdam polres kampus")
"""What is named after the town it stands in, not after the district."""
LOCATIVE = word_set("""
    di dari ke daerah wilayah warga sekitar area asal kawasan nang ning neng ing in at from near pantai alun2 alunalun waduk
    perumahan perum btn komplek kompleks kp kampung pulau dekat puskesmas pustu sdn sd smp smpn sma sman smk smkn mts man mi
""")
"""What only a place can follow."""
STREET_ENDS = LOCATIVE | word_set("""
    yang yg rusak berlubang bolong macet banjir sudah sdh udh udah tidak tdk ada parah depan dpn rt rw km no nomor tolong mohon
    belum blm kami saya sejak dan atau dgn dengan untuk utk sgt sangat hancur longsor ambruk gelap becek dkt arah menuju antara
    perlu minta setiap tiap sering
""")
"""What ends the name of a street."""
CORRECTIONS = word_set("eh ralat koreksi maksudnya maksud maaf")
"""What takes back the place said before."""
FULL_FORMS = {
    "tj": "tanjung", "tjg": "tanjung", "tg": "tanjung", "tjung": "tanjung", "pd": "pondok", "pdk": "pondok", "kb": "kebon", "kbn": "kebon",
    "kby": "kebayoran", "gn": "gunung", "gng": "gunung", "psr": "pasar", "ps": "pasar", "sei": "sungai", "bt": "batu", "btg": "batang",
    "pl": "pulau", "kep": "kepulauan", "ujg": "ujung", "tlk": "teluk", "tl": "teluk", "tn": "tanah", "bdr": "bandar", "kr": "karang",
    "krg": "karang", "lb": "lubuk", "mr": "muara", "ma": "muara", "pem": "pematang", "utr": "utara", "sel": "selatan", "slt": "selatan",
    "slatan": "selatan", "brt": "barat", "tmr": "timur", "tim": "timur", "tgh": "tengah", "tggr": "tenggara",
    "bks": "bekasi", "tng": "tangerang", "tgr": "tangerang", "jkt": "jakarta", "bgr": "bogor", "mlg": "malang", "kdr": "kediri",
    "i": "satu", "ii": "dua", "1": "satu", "2": "dua",
}  # fmt: skip
"""Short forms of the words that names are made of."""
