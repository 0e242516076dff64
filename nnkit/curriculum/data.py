"""The digit images as the climb sees them: found once, loaded once, and told apart by their fingerprint."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nnkit.datasets import DataDamaged, Dataset, load_dataset, locate_dataset


@dataclass
class Data:
    """directory: where to look first, or None; require_mnist: the embedded digits will not do; download: MNIST may be
    downloaded where it is not found.
    """

    directory: Path | None = None
    require_mnist: bool = False
    download: bool = True
    _loaded: Dataset | None = field(default=None, repr=False)

    def fingerprint(self) -> str:
        """Of the data that a stage would be given now, without loading or downloading any.

        Damaged data has a fingerprint that no result has: the stage must run, and will say what is wrong.
        """
        try:
            return locate_dataset(self.directory).fingerprint
        except DataDamaged as error:
            return f"damaged: {error}"

    def load(self) -> Dataset:
        """The images; MNIST is downloaded where that is possible. Raises DataDamaged or MnistUnavailable."""
        if self._loaded is None:
            self._loaded = load_dataset(self.directory, require_mnist=self.require_mnist, allow_download=self.download)
        return self._loaded
