"""Drawing ahead: the pictures of finished stages are drawn while a long stage still runs.

A climb computes on one core, and drawing takes seconds, half of them for loading Matplotlib. So when a stage begins that
works on images, which takes longest, a second process draws what the ledger holds by then, into the same cache that
`gallery` keeps. It changes no page: at the end of the climb the pages are written as ever, and find their pictures
there. If the process fails or is stopped, what it did not draw is drawn then.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nnkit.curriculum.events import Event, StageStarted


class Ahead:
    """Watches a climb, and draws for it in `reports`."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, event: Event) -> None:
        long = isinstance(event, StageStarted) and event.stage.uses_data
        busy = self._process is not None and self._process.poll() is None
        if not long or busy or (os.cpu_count() or 1) < 2:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nnkit.report.ahead", str(self._reports)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the climb, which stops this one, too
        )

    def finish(self) -> None:
        """Wait until what is under way is drawn."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Give up what is under way; half a drawing is never kept."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def main() -> None:
    from nnkit.curriculum.ledger import Ledger
    from nnkit.report.gallery import Gallery

    reports = Path(sys.argv[1])
    for result in Ledger(reports).read_all().values():
        Gallery(result, reports / ".cache").draw()


if __name__ == "__main__":
    main()
