"""The categories a citizen may choose from, and the words by which they name one. Labels are in the templates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A code of the routing core, and the words (lower case) that mean it when typed as an answer."""

    code: str
    words: frozenset[str]


def _category(code: str, words: str) -> Category:
    return Category(code, frozenset((code, *words.split())))


CATEGORIES = (
    _category("jalan", "aspal jembatan lubang berlubang tol road roads bridge street"),
    _category(
        "psu", "lampu penerangan pju drainase selokan got banjir pdam air taman trotoar utilitas fasilitas umum lights drain flood park"
    ),
    _category("lingkungan", "sampah limbah polusi pencemaran asap waste garbage pollution environment"),
    _category("kesehatan", "rumah sakit rs puskesmas bpjs dokter ambulans obat klinik health hospital clinic"),
    _category("pendidikan", "sekolah guru ijazah beasiswa spp siswa kuliah school education teacher"),
    _category("ketenagakerjaan", "kerja gaji upah phk buruh umr thr pekerja tki prakerja work wages labour labor job"),
    _category("adminduk", "ktp kk akta kependudukan dukcapil kia e-ktp ektp identity birth"),
    _category("bansos", "bantuan pkh bpnt blt sembako aid"),
    _category("sosial", "gelandangan pengemis odgj lansia terlantar anak social"),
    _category("pungli", "pungutan liar suap parkir bribe extortion"),
    _category("kepegawaian", "pegawai pns asn cpns pppk aparatur honorer staff civil"),
    _category("pemdes", "desa kades lurah village"),
    _category("perhubungan", "angkot bus sim macet terminal kereta transportasi angkutan transport traffic licence"),
    _category("ketertiban", "satpol balap pkl penggusuran gangguan bising order noise"),
    _category("listrik", "pln padam meteran token electricity power"),
    _category("energi", "bbm solar pertalite bensin gas lpg elpiji fuel energy"),
    _category("perizinan", "izin ijin imb pbg oss usaha permit permits"),
    _category("pertanahan", "tanah sertifikat bpn agraria land"),
    _category("perdagangan", "harga pasar dagang minyak beras prices market trade"),
    _category("pertanian", "pupuk tani petani sawah ternak irigasi farming fertiliser"),
    _category("telekomunikasi", "sinyal internet telepon bts telkom signal phone"),
    _category("imigrasi", "paspor visa passport immigration"),
    _category("lainnya", "lain other"),
)
"""The list is configuration: `Tables.categories` may hold another one. These are what it starts with."""
