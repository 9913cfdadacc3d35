"""What sort of message it is: a complaint, a wish, a question, or no report at all."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from bot.conversation.understanding.category import category_scores, terms
from bot.conversation.understanding.normalise import Plain, plain_of, word_set
from bot.conversation.understanding.phrases import Phrases

Kind = Literal["pengaduan", "aspirasi", "informasi", "bukan"]

_LEAST_SUBJECT = 3
"""What a category must weigh before the words alone make a report."""

_FEW_WORDS = 4
"""As many may be no report merely because nothing in them is known."""

_LEAST_WORDS = 5
"""From how many words on a text that names a place is a report, whatever it says."""


_SOME = r"(?:\S+ ){0,4}"
_ONE = r"(?:\S+ )?"

_ADVERTISEMENT = Phrases(
    "modal usaha|kur|memenangkan|menangkan|pemenang|undian|hadiah|pinjaman|dana (?:cepat|tunai)|tanpa (?:agunan|jaminan)"
    "|bunga ringan|promo|diskon|bit ly"
    "|jual|dijual|cod|ready sto[ck]k?",
    "open order|obat kuat|pelangsing|pulsa|slot|gacor|maxwin|togel|jackpot|deposit|bonus|investasi|profit|followers|subscribe"
    "|giveaway|cicilan|kredit",
    "cashback|voucher|member baru|bisnis online|penghasilan|reseller|mau beli|dp #?\\S+|marketing|terpilih|rekening anda"
    "|kirim ke \\d+ teman|poin anda",
)
_CONTACT = Phrases(rf"(?:wa|hub|hubungi|whatsapp|call|sms|link|klik|https?|minat|order|inbox|dm) {_ONE}\S+", "teman anda")
_WRONGED = Phrases(
    "penipuan|ditipu|tertipu|menipu|diteror|teror|laporkan|melaporkan|lapor|keluhan|meresahkan|ditindak|tindak|tertibkan|langka|bansos|sembako|warga",
    "dinas|pemerintah|pupuk|petani|oknum|calo|sekolah|desa|korban",
)
_PERSONAL = Phrases(
    rf"(?:mama|papa|mamah|saya|kamu) {_ONE}(?:sayang|cinta|kangen|rindu|lapar|bosan|ngantuk|galau)|minta pulsa|siapa (?:ya )?ini"
    rf"|nomor siapa|salah kirim",
    "selamat (?:hari raya|idul fitri|natal|tahun baru|ulang tahun|berpuasa)|lahir batin|pesan \\d+ porsi",
)
_PRAYER = Phrases("allah|tuhan|amin|aamiin|aminn|gusti")
_REQUEST_WORD = (
    "(?:mohon|tolong|minta|memohon|meminta|harap|berharap|harapan|usul|usulan|semoga|kami ingin|kami butuh|butuh|please|nyuwun|perlu)"
)
_REQUEST = Phrases(_REQUEST_WORD)
_WISH = Phrases(
    "usul|usulan|mengusulkan|usulkan|saran|menyarankan|sarankan|masukan|aspirasi|sebaik|alangkah|gagasan|ide|andai|andaikan|seandai|suggest|suggestion",
    r"bagaimana (?:kalau|jika)|kalau bisa (?:\S+ ){0,8}(?:dikasih|diberi|dibuat|dibuatkan|dipasang|ditambah|diadakan|dibangun)",
    "propose|seyogya|diharapkan|(?:kami|saya) (?:harap|berharap)|harapan (?:kami|saya)|(?:kami )?ingin ada",
)
_NEW_THING = Phrases(
    rf"{_REQUEST_WORD} {_SOME}(?:dibangun|dibangunkan|bangun|bangunkan|pembangunan|ditambah|ditambahkan|ditambahi|tambah|tambahkan"
    rf"|penambahan|tambahan|diadakan"
    "|adakan|pengadaan|disediakan|sediakan|penyediaan|dibuatkan|buatkan|dibuat|pelebaran|diperlebar|dilebarkan|diperbanyak|dipasangkan|dipasang|pasang|pasangkan"
    "|pemasangan|dikasih|diberi|dipilah|dibuka|dibukakan|fasilitas|diperluas|ditingkatkan|tingkatkan|peningkatan|dijadikan|digratiskan|diperpanjang|build|add|more)",
    rf"{_REQUEST_WORD} {_ONE}(?:taman|lapangan|perpustakaan|pelatihan|zebra cross|polisi tidur|cctv|halte|jembatan penyeberangan)",
)
_REPAIR = Phrases(
    "(?:dibangun|bangun|dipasang|pasang|dibuka|dibuat|diadakan) (?:kembali|ulang|lagi)", "tidak (?:dibangun|dibuka|dipasang|dibuat)"
)
_PRAISE = Phrases(
    "terima kasih|terimakasih|makasih|matur nuwun|apresiasi|mengapresiasi|salut|pujian|bangga|pertahankan|thank you|mantap|hebat"
    "|bravo|jempol"
)
_QUESTION = Phrases(
    r"bagaimana (?:ya )?(?:cara|prosedur|proses|syarat|persyaratan|mekanisme|alur|langkah|solusi|daftar|mendaftar|urus|mengurus"
    r"|ngurus|bikin|buat|cek|min|kak)",
    "bagaimana ya|apa (?:ya )?(?:syarat|persyaratan|prosedur|cara|saja|beda|itu|benar|betul|masih|bisa|boleh)|apa saja",
    r"(?<!dengan )(?<!dari )cara (?!ini|itu|yang|kerja|kasar|curang)\S+",
    r"\S*(?:urus|daftar|bikin|buat|bayar|cara|aktifkan) (?:\S+ ){0,2}(?:bagaimana|kemana|dimana|ke mana|di mana)",
    rf"syarat (?:{_SOME}apa|urus|mengurus|ngurus|bikin|membuat|buat|daftar|pendaftaran|untuk)",
    rf"(?:mohon|minta|mau|butuh|ingin|perlu|boleh|bisa) {_ONE}(?:info|informasi|penjelasan|petunjuk|tanya|bertanya|nanya|tahu|tau"
    rf"|dijelaskan|mengetahui"
    "|menanyakan|keterangan)",
    "tanya|menanyakan|bertanya|info (?:dong|donk|lowongan|jadwal|syarat|pendaftaran|loker)|how (?:do|to|can|much|long)|what (?:are"
    "|is)|where (?:can|is)"
    "|when (?:is|does|will)",
    r"apakah (?:\S+ ){0,8}(?:bisa|boleh|ada|masih|sudah|buka|perlu|harus|gratis|dapat|benar|wajib)|adakah|bisakah|bolehkah|benarkah",
    r"(?:dimana|di mana) (?:\S+ ){0,2}(?:kantor|alamat|tempat|lokasi|bisa|saya|kami|cara|daftar|mendaftar|mengurus|urus)|kemana|ke mana",
    r"kapan (?:\S+ ){0,3}(?:jadwal|dibuka|buka|dimulai|mulai|pengumuman|pendaftaran|pencairan|cair|jam|ada|pelaksanaan|pelayanan"
    r"|batas|tes|seleksi|ppdb"
    "|spmb|gelombang|penerimaan|ya|dibagikan)",
    rf"berapa {_ONE}(?:biaya|tarif|lama|umk|ump|harga|denda|besaran|besar|jam|iuran|nominal|syarat|kuota|hari|persen|pajak|gaji"
    rf"|retribusi|umur|usia|nomor|ongkos)",
    rf"(?:biaya|tarif|umk|harga|lama|jam|denda|ongkos|formasi|nomor|telepon|telp) {_SOME}berapa"
    rf"|(?:jam|tanggal|nomor) berapa|siapa {_ONE}berhak",
)
_OPENS_AS_QUESTION = re.compile(r" (?:\S+ ){0,2}(?:bagaimana|kapan|berapa|dimana|apakah|jadwal|syarat|persyaratan|info|prosedur) ")
_CLOSES_AS_QUESTION = re.compile(
    r"(?:tidak|tdk|gak|ga|nggak|ya|belum|kah|min|bukan|dong|apa|berapa|kapan|dimana|mana|gimana|bagaimana)\s*\?"
)
_TO_ACT = re.compile(
    r" (?:tolong|mohon|minta|harap) (?!(?:\S+ )?(?:info|informasi|penjelasan|petunjuk|dijelaskan|jelaskan|keterangan|bantu) )"
)
_GRIEVANCE = Phrases(
    "rusak|hancur|belum|mati|padam|bau|macet|mampet|banjir|lambat|lamban|lama sekali|bolos|kosong|langka|pungli|dipungut|diminta"
    "|dimintai|dipersulit|mempersulit",
    "tidak (?:ada|dibayar|jalan|pernah|dapat|mau|jelas|cair|sesuai|datang|mengalir|jadi|bisa|diangkut|transparan|masuk|ditanggapi"
    "|layak|adil|dilayani)",
    "ditolak|dipecat|phk|kecewa|mengeluh|resah|meresahkan|korupsi|dikorupsi|dipotong|longsor|roboh|ambruk|bocor|hilang|dicuri|parah"
    "|mahal|sampai kapan|kenapa",
    "mengapa|curang|calo|liar|ilegal|gelap|menumpuk|terlantar|lapor|keluhan|mengadukan|aduan|ditipu|dihentikan|dicabut|habis|telat|terlambat|antri|antrian",
    "antrean|lubang|berlubang|bolong|tumpang tindih|digusur|diserobot|ditahan|dipukul|menampar|ditampar|dicoret|diancam|penipuan"
    "|menipu|kebakaran|kecelakaan",
    "putus|diperbaiki|dibenahi|dibenerin|dibetulkan|dibiarkan|terbuka|jatuh|ambrol|tumbang|keruh|tumpah|nyawa|kasar|rude",
    "celaka|dibuang|membuang|mencemari|mengganggu|terganggu|bising|marak|merusak|broken|damaged|unpaid|corruption|illegal",
)
_LACK = Phrases(r"tidak (?!usah|apa|guna)\S+")
_SMALL_TALK = word_set("""
    halo hallo hai hi hey hello helo pagi siang sore malam selamat assalamualaikum asalamualaikum assalamu alaikum waalaikumsalam
    ass wr wb wassalam salam sejahtera shalom om swastiastu permisi p ping pak bu min admin mimin gan bos kak bang mas mbak apa
    kabar kabarnya tes test testing coba cek cobacoba uji ini itu ya iya yes ok oke okay sip siap baik terima kasih terimakasih
    makasih thanks thank you trims nuwun suwun matur tq thx sama lagi sedang ngapain siapa nomor no bot kamu anda lu lo loe saya
    kita semua dong deh sih nih tuh lah kenapa wkwk wkwkwk wkwkwkwk haha hahaha hehe hehehe hihi iseng saja bercanda becanda cuma
    mau hanya sayang cinta kangen love i u jomblo salken kenalan boleh goblok tolol bodoh anjing babi bangsat asu jancok kampret
    monyet tai bego idiot brengsek sialan bacot bajingan kontol memek ngentot dasar gila geblek stupid fuck shit allah tuhan amin
    aamiin doa doakan mendoakan semoga diberi sehat kesehatan panjang umur rezeki berkah keselamatan lancar dunia akhirat bismillah
    alhamdulillah subhanallah astaghfirullah besok kemarin sekarang met pgi bobo tidur makan sudah belum libur weekend minggu hari
    senin good morning afternoon evening night sugeng enjing dalu sonten rahayu sms lapor laporan bapak ibu tidak dibales dibalas
    balas respon
""")

_SWEARING = word_set("goblok goblog tolol bodoh anjing babi bangsat asu jancok kampret monyet bego idiot brengsek sialan bajingan geblek")
_BLAMED = word_set("""
    pemerintah presiden menteri negara pejabat bupati walikota wali kota gubernur camat lurah kades polisi aparat dinas pns asn dpr dprd
    kalian kau mereka orang rezim indonesia koruptor korup maling semuanya
""")


def read_kind(text: str, *, placed: bool = False) -> Kind:
    """The sort of message; `bukan` for greetings, tests, pranks, advertisements, prayers and insults.
    `placed`: the text names a place, which makes a report of what would else say nothing known.
    """
    return _kind_of(text, placed)


@lru_cache(maxsize=8)  # a turn asks whether it is a report at all, and then which
def _kind_of(text: str, placed: bool) -> Kind:  # noqa: FBT001  # a keyword would cost the cache more
    words = terms(text)
    said = _said(words)
    subject = max(category_scores(words).values(), default=0)
    if _is_no_report(said, words, subject, placed=placed):
        return "bukan"
    if _is_question(said, text):
        return "informasi"
    if _is_wish(said):
        return "aspirasi"
    return "pengaduan"


def is_chatter(text: str) -> bool:
    """Surely no report: small talk, an advertisement, a private message, a prayer, or a few words that say nothing known.

    What `read_kind` calls `bukan` for want of any known word may be a report in words nobody thought of.
    """
    if read_kind(text) != "bukan":
        return False
    words = terms(text)
    if len(words) <= _FEW_WORDS or _is_small_talk(words):
        return True
    said = _said(words)
    return any(phrases.search(said) for phrases in (_PERSONAL, _ADVERTISEMENT, _PRAYER))


def _said(words: Sequence[str]) -> Plain:
    return plain_of([word for word in words if word])


def _is_small_talk(words: Sequence[str]) -> bool:
    return all(not word or word.isdigit() or word in _SMALL_TALK for word in words)


def _is_no_report(said: Plain, words: Sequence[str], subject: int, *, placed: bool) -> bool:
    wronged = _WRONGED.search(said) is not None
    if not wronged and (_PERSONAL.search(said) or (_ADVERTISEMENT.search(said) and (_CONTACT.search(said) or subject < _LEAST_SUBJECT))):
        return True
    if _is_small_talk(words) or _swears_only(words):
        return True
    if subject >= _LEAST_SUBJECT:
        return False
    if _PRAYER.search(said) and not _GRIEVANCE.search(said):
        return True
    if placed and len(words) >= _LEAST_WORDS:
        return False
    speaks = (_GRIEVANCE, _WISH, _QUESTION, _REQUEST, _LACK) if len(words) > 2 else (_GRIEVANCE,)
    return not wronged and not any(phrases.search(said) for phrases in speaks)


def _swears_only(words: Sequence[str]) -> bool:
    """At somebody in office, without a word of what is wrong."""
    return not _SWEARING.isdisjoint(words) and all(not word or word in _SMALL_TALK or word in _BLAMED for word in words)


def _is_question(said: Plain, text: str) -> bool:
    """A question about a service; one that reproaches (`kapan diperbaiki?`) or asks for something to be done is none."""
    if _QUESTION.search(said):
        grievances = _GRIEVANCE.count(said)
        return grievances == 0 or (grievances == 1 and not _TO_ACT.search(said.text))
    if _GRIEVANCE.search(said):
        return False
    asks = _OPENS_AS_QUESTION.match(said.text) or ("?" in text and _CLOSES_AS_QUESTION.search(text.lower()))
    return bool(asks) and not _WISH.search(said)


def _is_wish(said: Plain) -> bool:
    if _REPAIR.search(said):
        return False
    if _WISH.search(said) or _NEW_THING.search(said):
        return True
    return _PRAISE.search(said) is not None and not _GRIEVANCE.search(said)
