"""The columns of every book: what stands above them, and what is understood there. The order is the file's."""

from dataclasses import dataclass

from bot.conversation.categories import CATEGORIES
from bot.model import Kind, Network, Status


@dataclass(frozen=True, slots=True)
class Column:
    """One."""

    name: str
    heading: str
    also: tuple[str, ...] = ()
    """Other headings that mean it, in lower case."""
    needed: bool = False
    """Without it the file is refused."""
    width: int = 18
    """Characters, in XLSX."""
    choices: tuple[str, ...] = ()
    """What XLSX offers."""


HOW = {"tertulis": "written", "lisan": "spoken", "telepon": "spoken", "tatap muka": "in_person"}
"""How a citizen agreed; the values are `entering.Agreed`'s."""

YES = frozenset({"ya", "iya", "y", "yes", "true", "1", "x", "v", "benar"})
NO = frozenset({"", "tidak", "t", "no", "n", "false", "0", "-", "bukan"})
THROUGH_ADMIN = frozenset({"", "-", "admin", "lewat admin", "melalui admin"})

_YES_NO = ("ya", "tidak")

ENTERED = (
    Column("kind", "jenis", ("klasifikasi",), choices=tuple(Kind)),
    Column("text", "isi laporan", ("isi", "uraian", "laporan"), needed=True, width=60),
    Column("place", "tempat", ("lokasi", "lokasi kejadian"), width=32),
    Column("day", "tanggal kejadian", ("tanggal",)),
    Column("category", "kategori", choices=tuple(category.code for category in CATEGORIES)),
    Column("agency", "instansi tujuan", ("instansi",), width=24),
    Column("name", "nama pelapor", ("nama", "pelapor"), width=22),
    Column("anonymous", "anonim", choices=_YES_NO, width=10),
    Column("confidential", "rahasia", choices=_YES_NO, width=10),
    Column("phone", "telepon", ("nomor telepon", "no hp", "hp", "kabar lewat")),
    Column("network", "jaringan", ("media sosial", "kanal"), needed=True, choices=tuple(Network)),
    Column("link", "tautan", ("link", "url"), width=32),
    Column("how", "cara setuju", needed=True, choices=("tertulis", "lisan", "tatap muka")),
    Column("consent", "bukti persetujuan", ("persetujuan", "bukti setuju"), needed=True, width=40),
    Column("consent_at", "tanggal setuju"),
    Column("insists", "tetap kirim", choices=_YES_NO, width=12),
)
"""Reports that an admin enters for citizens."""

REASONS = Column("reasons", "kesalahan", width=60)
"""In the file of what was wrong; left alone when it is read again."""

RESULT = (
    Column("number", "baris", width=8),
    Column("text", "isi laporan", width=60),
    Column("receipt", "nomor laporan", width=16),
    Column("code", "kode akses", width=14),
    Column("ticket", "nomor tiket", width=16),
)
"""What became of a book."""

RECEIPT = Column("receipt", "nomor laporan", ("resi", "nomor resi", "nomor tanda terima"), needed=True, width=16)
TICKET = Column("ticket", "nomor tiket", ("tiket",), needed=True, width=16)
STATUS = Column(
    "status",
    "status",
    needed=True,
    choices=(
        "diterima",
        "ditunda",
        "bukan wewenang",
        "diarsipkan",
        "didisposisikan",
        "dalam proses",
        "menunggu tanggapan pelapor",
        "selesai",
        "dicabut",
    ),
)
NOTE = Column("note", "catatan", ("keterangan", "jawaban"), width=40)
ANSWERED_BY = Column("agency", "ditangani oleh", ("instansi penanggung jawab",), width=24)

RETURNED = (RECEIPT, TICKET, STATUS, NOTE, ANSWERED_BY)
"""What an agency sends back."""

STATUSES = {
    "menunggu verifikasi": Status.RECEIVED,
    "proses verifikasi": Status.RECEIVED,
    "tunda": Status.POSTPONED,
    "arsip": Status.ARCHIVED,
    "disposisi": Status.DISPOSED,
    "diteruskan": Status.DISPOSED,
    "diproses": Status.IN_PROGRESS,
    "proses": Status.IN_PROGRESS,
    "tindak lanjut": Status.IN_PROGRESS,
    "proses tindak lanjut": Status.IN_PROGRESS,
    "dijawab": Status.ANSWERED,
    "beri tanggapan": Status.ANSWERED,
} | {
    **dict(
        zip(
            STATUS.choices,
            (
                Status.RECEIVED,
                Status.POSTPONED,
                Status.NOT_OUR_AUTHORITY,
                Status.ARCHIVED,
                Status.DISPOSED,
                Status.IN_PROGRESS,
                Status.ANSWERED,
                Status.COMPLETED,
                Status.WITHDRAWN,
            ),
            strict=True,
        )
    ),
    **{status.value: status for status in Status},
}
"""Words for a status, in lower case."""

OUT_REPORTS = (
    RECEIPT,
    Column("title", "judul", width=40),
    Column("text", "isi", width=60),
    Column("kind", "klasifikasi"),
    Column("day", "tanggal kejadian"),
    Column("place", "lokasi kejadian", width=32),
    Column("area", "kode wilayah"),
    Column("point", "koordinat", width=22),
    Column("wanted", "instansi tujuan", width=24),
    Column("category", "kategori"),
    Column("anonymous", "anonim", width=10),
    Column("confidential", "rahasia", width=10),
    Column("name", "pelapor", width=22),
    Column("contact", "kontak pelapor", width=20),
    Column("channel", "kanal"),
    Column("sent", "dikirim", width=18),
    Column("files", "lampiran", width=50),
    TICKET,
    STATUS,
    NOTE,
    ANSWERED_BY,
)
"""For the national system's own form. The last four are left empty: filled in, the same file is a returned book."""

OUT_FOLLOW_UPS = (
    RECEIPT,
    TICKET,
    Column("what", "tindak lanjut"),
    Column("text", "isi", width=60),
    Column("sent", "dikirim", width=18),
    Column("files", "lampiran", width=50),
)
"""What citizens have added, asked or rated since."""

FOLLOW_UPS = {"messages": "tambahan", "rating": "penilaian", "withdrawal": "pencabutan", "reopening": "buka kembali"}
