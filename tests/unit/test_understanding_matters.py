"""Which texts get an emergency number or another address first, and which only sound as if they should."""

import json
import time
from pathlib import Path

import pytest

from bot.conversation.understanding import matters

EMERGENCIES = {
    "fire": [
        "TOLONG ada kebakaran besar sekarang di pasar, banyak korban",
        "rumah tetangga saya terbakar sekarang cepat",
        "tolong pak kebakaran di gang mawar",
        "skrg lagi kebakaran di kampung melayu",
        "Kebakaran gudang plastik di Jl. Daan Mogot, api makin besar",
        "gudang di sebelah pasar masih terbakar, api merembet ke rumah warga",
        "tolong kirim damkar segera ke jalan cendana",
        "barusan terjadi kebakaran di ruko lantai 2",
        "ada kebakaran di pasar baru",
        "rumah tetangga sedang terbakar",
        "the house next door is on fire",
        "apinya membesar, rumah terbakar, tolong cepat",
        "sejak tadi sore kios masih terbakar sampai sekarang",
    ],
    "violence": [
        "tolong ada orang dipukuli di depan terminal",
        "suami saya sedang memukuli saya sekarang",
        "saat ini sedang terjadi tawuran di jalan raya bekasi",
        "ada rampok masuk rumah saya sekarang tolong",
        "orang mengamuk bawa parang di pasar sekarang",
        "ada begal barusan di flyover, korban ditusuk",
        "tetangga saya mau dibunuh suaminya",
        "ada bom di stasiun",
        "orang itu sedang dipukuli massa",
        "my neighbour is being beaten right now",
        "Orang gila berkeliaran bawa parang di pasar Ruteng pagi ini tolong dinsos",
    ],
    "medical": [
        "baru saja ada kecelakaan di depan SPBU",
        "kecelakaan di tol km 20, korban tergeletak di jalan",
        "tolong anak saya kejang",
        "butuh ambulans sekarang di rt 03",
        "bapak saya pingsan tolong",
        "tolong ada orang kesetrum di tiang listrik",
        "saya mau bunuh diri",
        "we need an ambulance, he is not breathing",
        "ada kecelakaan, banyak korban luka",
        "dia mau bunuh diri",
        "butuh ambulans segera",
        "tabrakan beruntun barusan, ada yang terjepit",
    ],
    "rescue": [
        "ada anak hanyut di kali sekarang",
        "tolong ada warga tertimbun longsor",
        "sekarang kami terjebak banjir di lantai dua",
        "ada kebocoran gas di ruko, bau menyengat sekarang",
    ],
}
ELSEWHERE = {
    "pidana": [
        "motor saya dicuri di parkiran indomaret tadi pagi",
        "rumah kami kemalingan kemarin malam",
        "saya ditipu toko online 2 juta rupiah",
        "hp saya dijambret di lampu merah dekat halte",
        "ada bandar sabu di kampung kami",
        "anak saya dilecehkan tetangga",
        "adik saya dikeroyok minggu lalu sampai luka",
        "penipuan lewat telepon mengaku bank",
        "jadi korban KDRT oleh suami",
        "kasus pembunuhan di desa kami",
        "situs judi online makin banyak",
    ],
    "peradilan": [
        "putusan hakim pengadilan negeri tidak adil",
        "sidang cerai saya ditunda terus",
        "saya mau banding, bagaimana caranya",
        "perkara waris kami di pengadilan agama mandek",
        "hakim memihak lawan kami",
    ],
    "legislatif": [
        "anggota DPRD tidak pernah turun ke dapil",
        "cabut UU cipta kerja",
        "RUU itu harus ditolak",
        "anggota dewan bolos rapat",
    ],
    "korupsi": [
        "Dana desa diduga dikorupsi kepala desa",
        "pejabat dinas menerima suap dari kontraktor",
        "mark up anggaran pengadaan laptop",
        "proyek fiktif di kecamatan kami",
        "the head of the village is corrupt",
    ],
}
ORDINARY = [
    "kebakaran lahan bulan lalu belum ada tindak lanjut",
    "api semangat warga untuk gotong royong",
    "polisi tidur rusak di depan sekolah",
    "pungli oknum polisi di jalan raya",
    "lampu jalan mati, rawan begal",
    "jalan berlubang sudah banyak korban jatuh",
    "jln berlubang di malang byk korban jatuh",
    "kemarin ada kebakaran di pasar tapi damkar lambat sekali datang",
    "ambulans puskesmas telat datang kemarin sore di solo",
    "usul pemasangan lampu penerangan jalan di kec sewon bantul gelap rawan begal",
    "pasar klaten kios terbakar blm dibangun lagi pedagang jualan di jalan",
    "lahan gambut dibakar hari ini di ogan ilir asapnya tebal",
    "mohon hydrant kebakaran di pasar diperbaiki",
    "simulasi kebakaran di kantor bagus sekali",
    "korban kebakaran belum dapat bantuan",
    "takut terjadi kebakaran karena kabel semrawut",
    "kalau ada kecelakaan siapa yang tanggung jawab, tolong pasang rambu sekarang",
    "tolong perbaiki jalan, sering kecelakaan",
    "tawuran pelajar setiap malam minggu di bawah flyover",
    "kabel lampu jalan dicuri, jadi gelap",
    "pagar pembatas jalan tol hilang dicuri dekat gerbang tol Cileunyi",
    "polisi tidak menindak laporan motor saya dicuri",
    "siswa dipukul guru kemarin di smp airmadidi minahasa utara",
    "bansos dipotong ketua RT",
    "jalan di depan kantor DPRD rusak",
    "jalan depan pengadilan negeri macet karena parkir liar",
    "mobil ambulans desa rusak, mohon diganti",
    "mohon ambulans untuk desa kami ditambah",
    "mobil pemadam kebakaran sudah tua",
    "parkir liar di depan rumah sakit",
    "banjir tiap hujan di perumahan kami",
    "kereta api sering terlambat",
    "anjing liar gigit anak saya",
    "gaji saya belum dibayar 2 bulan",
    "sosialisasi anti korupsi di sekolah bagus",
    "dokter puskesmas tidak ada, pasien menunggu lama",
    "lowongan kerja palsu di dinas",
    "warga terbakar matahari karena halte tidak beratap",
    "bantuan korban banjir belum sampai",
    "listrik padam sekarang di kec cibodas",
    "sekarang sering tawuran di dekat sekolah kami",
    "kecelakaan terus di tikungan itu, tolong segera diperbaiki",
    "sekarang jalan ini gelap dan rawan kecelakaan",
    "masih banyak lubang, kecelakaan terjadi tiap minggu",
    "warung bekas terbakar tolong cepat dibersihkan",
    "pasien kritis menunggu lama di igd, butuh dokter tambahan",
    "siapa yang mau bunuh nyamuk, fogging belum ada",
    "mohon polisi tidur dipasang di depan SD sekarang juga",
    "tolong usut pungli di samsat",
    "pemadaman listrik bergilir malam ini",
    "hakim garis di turnamen desa tidak ada",
    "kemarin ada kebakaran besar di pasar",
    "bulan lalu ada korban jatuh",
    "mobil pemadam kebakaran kurang",
    "korban pungli di kelurahan",
    "api membakar sampah tiap sore asapnya ke rumah",
]


def table(labelled):
    return [(text, label) for label, texts in labelled.items() for text in texts]


@pytest.mark.parametrize(("text", "kind"), table(EMERGENCIES))
def test_an_emergency_of_now_is_heard(text, kind):
    assert kind == matters.emergency(text)


@pytest.mark.parametrize(("text", "matter"), table(ELSEWHERE))
def test_a_matter_of_others_is_known(text, matter):
    assert matter == matters.elsewhere(text)


@pytest.mark.parametrize(("text", "matter"), table(ELSEWHERE))
def test_what_is_over_is_no_emergency(text, matter):
    del matter
    assert None is matters.emergency(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_reports_raise_no_alarm(text):
    assert (None, None) == (matters.emergency(text), matters.elsewhere(text))


def test_ordinary_reports_of_the_other_tables_raise_few_alarms():
    """Of the labelled reports hardly one is an emergency, and few are matters of others."""
    folder = Path(__file__).resolve().parents[1] / "cases"
    texts = [json.loads(line)["text"] for path in sorted(folder.glob("reports-*.jsonl")) for line in path.read_text().splitlines()]
    assert len(texts) > 400
    assert len([text for text in texts if matters.emergency(text)]) <= 2
    assert len([text for text in texts if matters.elsewhere(text)]) <= 0.02 * len(texts)


@pytest.mark.parametrize("text", ["goblok lu semua bot bodoh", "dasar bot tolol gak guna", "anjing lu", "lu gila ya", "FUCK YOU"])
def test_insults_are_heard(text):
    assert matters.has_insult(text)


@pytest.mark.parametrize("text", ["jalan rusak parah", "orang gila mengganggu warga", "halo min", "kamu siapa"])
def test_no_insult_is_heard_where_there_is_none(text):
    assert not matters.has_insult(text)


def test_a_long_text_takes_no_time():
    text = "banyak jalan rusak sekali tolong sekarang di depan pasar " * 400
    matters.emergency(text)
    start = time.thread_time()
    matters.emergency(text)
    matters.elsewhere(text)
    assert time.thread_time() - start < 0.05
