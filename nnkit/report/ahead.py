"""Drawing ahead: what finished checks have shown is drawn while the climb goes on.

The network computes in a process of its own, and this one waits for its answers; meanwhile a thread draws, and loads
Matplotlib, which takes as long again as the drawings of a stage. It changes no page: drawings go into the cache that
`gallery` keeps, and at the end of the climb the pages are written as ever, and find them there. What it did not draw,
for whatever reason, is drawn then.
"""

from __future__ import annotations

import queue
from contextlib import suppress
from pathlib import Path
from threading import Thread

from nnkit.curriculum.events import CheckFinished, Event, StageFinished
from nnkit.curriculum.results import CheckResult, StageResult
from nnkit.report.gallery import Gallery, Kept, drawing_of, kept_in, name_of

#: a check of the stage of this number, or a whole stage
_Task = tuple[int, CheckResult] | StageResult


class Ahead:
    """Watches a climb, and draws for it in `reports`."""

    def __init__(self, reports: Path) -> None:
        self._cache = reports / ".cache"
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread: Thread | None = None
        self._stopped = False

    def watch(self, event: Event) -> None:
        match event:
            case CheckFinished():
                self._draw((event.stage.number, event.check))
            case StageFinished() if event.ran:
                self._draw(event.result)

    def finish(self) -> None:
        """Wait until what is known is drawn."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join()
            self._thread = None

    def stop(self) -> None:
        """Give up what is left to draw; half a drawing is never kept."""
        self._stopped = True
        self.finish()

    def _draw(self, task: _Task) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def _work(self) -> None:
        drawn: dict[str, Kept] = {}
        kept: dict[int, dict[str, Kept]] = {}
        with suppress(Exception):  # whoever writes the pages meets it again, and can tell
            while (task := self._tasks.get()) is not None and not self._stopped:
                if isinstance(task, StageResult):
                    Gallery(task, self._cache).draw(drawn)
                    drawn.clear()
                    continue
                number, check = task
                if number not in kept:
                    kept[number] = kept_in(self._cache, number)
                for piece in check.evidence:
                    name = name_of(piece)
                    if name not in kept[number] and not self._stopped:
                        drawn[name] = drawing_of(piece)
