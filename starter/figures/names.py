"""What people read in a register or in figures instead of ids: the trade's words, and the firm's names."""

from dataclasses import dataclass

from activities.firm.schema import UNCLASSIFIED, Firm
from activities.notify.clean import one_line
from starter.figures.figures import NOT_STATED
from starter.render.words import Words


@dataclass(frozen=True)
class Names:
    """Words of one language, with the causes and the insurers of a firm."""

    words: Words
    firm: Firm

    def cause(self, cause: str) -> str:
        """Name a cause; one that is not in the firm's list is shown as it is, and said to be so."""
        if cause == UNCLASSIFIED:
            return self.words.choose("non classée", "unclassified")
        named = self.firm.causes.get(cause)
        if named:
            return one_line(named[self.words.language])
        return one_line(cause) + self.words.choose(" (hors liste)", " (not in the list)")

    def insurer(self, insurer: str) -> str:
        """Name an insurer; one that the firm's file does not know is shown by its id."""
        known = self.firm.insurer(insurer)
        return one_line(known.name) if known else self._stated(insurer)

    def product(self, product: str) -> str:
        """Name a product as it was stated."""
        return self._stated(product)

    def _stated(self, said: str) -> str:
        return self.words.choose("non indiqué", "not stated") if said == NOT_STATED else one_line(said)
