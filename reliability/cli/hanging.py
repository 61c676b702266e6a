"""Long lines: on a terminal wrapped under their own start, elsewhere left whole."""

from rich.cells import cell_len
from rich.text import Text

from reliability.cli.screen import console, plain

NARROWEST = 20
STEP = 4


def hang(head: str, text: str = "", *, style: str = "") -> None:
    """Print text after its head; on a terminal, what does not fit hangs under where the text began."""
    screen = console()
    head, text = plain(head), plain(text)
    if not screen.is_terminal:
        screen.print(f"{head}{text}", soft_wrap=True)
        return
    indent = cell_len(head)
    if indent > screen.width // 2:  # no room beside the head: it is wrapped together with the text
        margin = len(head) - len(head.lstrip())
        head, text, indent = head[:margin], head[margin:] + text, margin + STEP
    width = max(NARROWEST, screen.width - indent)
    for line in Text(text, style=style).wrap(screen, width) or [Text()]:
        line.rstrip()
        screen.print(Text.assemble((head, style), line), soft_wrap=True)
        head = " " * indent
