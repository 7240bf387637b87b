"""PDF bytes -> images for the screen, and onto a printer. The printed page is the stored PDF, pixel for pixel."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from PySide6.QtCore import QMarginsF, QRect, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from desktop.tasks import Tasks
from forms.problem import Problem

PAPER_WORDS = {
    "receipt": "giấy hẹn",
    "slip": "phiếu thu",
    "supplement": "phiếu yêu cầu bổ sung",
    "apology": "văn bản xin lỗi, gia hạn",
    "control": "phiếu kiểm soát",
    "declaration": "tờ khai",
    "handover": "giấy biên nhận trả kết quả",
    "refusal": "phiếu từ chối",
    "stop": "thông báo dừng giải quyết",
}
"""What papers are called."""
_DPI = 300
_POINT = 1 / 72  # inch


def rasterise(pdf: bytes, dpi: float) -> list[tuple[QImage, QSizeF]]:
    """Every page as an image and its size in points. pdfium is not thread-safe: the worker's thread only."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            bitmap = page.render(scale=dpi * _POINT, rev_byteorder=True)
            raw = bytes(bitmap.buffer)
            kind = QImage.Format.Format_RGB888 if bitmap.n_channels == 3 else QImage.Format.Format_RGBX8888
            image = QImage(raw, bitmap.width, bitmap.height, bitmap.stride, kind).copy()
            pages.append((image, QSizeF(*page.get_size())))
        return pages
    finally:
        document.close()


class Printing:
    """Prints on the default printer, or into PDF files below ``folder`` where one is given (practice, tests)."""

    def __init__(self, tasks: Tasks, folder: Path | None = None) -> None:
        self._tasks = tasks
        self.folder = folder

    def pages(self, pdf: bytes, width: int, done: Callable[[list[Any]], None]) -> None:
        """Images ``width`` device px wide for the screen."""

        def work() -> list[QImage]:
            size = rasterise(pdf, 72)[0][1]
            return [image for image, _size in rasterise(pdf, 72 * width / size.width())]

        self._tasks.run_free(work, done)

    def print_pdf(self, pdf: bytes, name: str, done: Callable[[str], None], failed: Callable[[Problem], None]) -> None:
        """Print every page at its true size. ``name`` is a dossier code, never a person's name.

        ``failed`` gets ``printer_missing`` or ``printer_failed``; ``done`` gets the printer's name.
        """
        printer, where = self._printer(name)
        if printer is None:
            failed(Problem("printer_missing"))
            return

        def paint(pages: list[tuple[QImage, QSizeF]]) -> None:
            if _paint(printer, pages):
                done(where)
            else:
                failed(Problem("printer_failed"))

        self._tasks.run_free(lambda: rasterise(pdf, _DPI), paint, failed)

    def _printer(self, name: str) -> tuple[QPrinter | None, str]:
        if self.folder is None:
            default = QPrinterInfo.defaultPrinter()
            return (None, "") if default.isNull() else (QPrinter(default), f"máy in {default.printerName()}")
        self.folder.mkdir(parents=True, exist_ok=True)
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.folder / f"{name}.pdf"))
        return printer, "thư mục bản in"


def _paint(printer: QPrinter, pages: list[tuple[QImage, QSizeF]]) -> bool:
    """True when the printer took every page."""
    printer.setResolution(_DPI)
    size = QPageSize(pages[0][1], QPageSize.Unit.Point)
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    printer.setFullPage(True)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    for number, (image, points) in enumerate(pages):
        if number and not printer.newPage():
            painter.end()
            return False
        scale = printer.resolution() * _POINT
        painter.drawImage(QRect(0, 0, round(points.width() * scale), round(points.height() * scale)), image)
    return bool(painter.end())
