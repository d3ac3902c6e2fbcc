"""The mark across a page of a training centre, so that no paper of one can be taken for a real one."""

from math import atan2, degrees
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4

from central_server.paper.typeface import SEMIBOLD

WIDTH, HEIGHT = A4


def draw_training_mark(canvas: Any, colour: Color, width: float = WIDTH, height: float = HEIGHT) -> None:
    """Draws it from corner to corner of a page, in a pale grey under the text."""
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(degrees(atan2(height, width)) - 2)
    canvas.setFillColor(colour)
    canvas.setFont(SEMIBOLD, 96)
    canvas.drawCentredString(0, 0, "TẬP HUẤN")
    canvas.restoreState()
