"""The mark across a page of a training centre, so that no paper of one can be taken for a real one."""

from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4

from central_server.paper.typeface import SEMIBOLD

WIDTH, HEIGHT = A4


def draw_training_mark(canvas: Any, colour: Color) -> None:
    """Draws it from corner to corner of an A4 page, in a pale grey under the text."""
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    canvas.setFillColor(colour)
    canvas.setFont(SEMIBOLD, 96)
    canvas.drawCentredString(0, 0, "TẬP HUẤN")
    canvas.restoreState()
