"""The table that is printed and written."""


class Row:
    """`figure` against `target` (both in `unit`; no target: shown for comparison), which is the most that it may be, or with `at_least` the
    least. `reference`: what it is compared with, in the same run."""

    def __init__(self, name, figure, unit, target=None, reference=None, digits=1, note="", at_least=False):
        self.name, self.figure, self.unit, self.target, self.at_least = name, figure, unit, target, at_least
        self.reference, self.digits, self.note = reference, digits, note

    def cells(self):
        target = verdict = ""
        if self.target is not None:
            target = f"{'>=' if self.at_least else '<='} {self.target:g} {self.unit}"
            over = self.target / self.figure.median if self.at_least else self.figure.median / self.target
            verdict = "met" if over <= 1 else f"missed by {100 * (over - 1):.0f} %"
        reference = ""
        if self.reference:
            what, figure = self.reference
            reference = f"{what} {figure.median:,.{self.digits}f}: {self.figure.median / figure.median:.1f} x"
        return [self.name, target, f"{self.figure.text(self.digits)} {self.unit}", verdict, reference, self.note]


HEADER = ["what", "target", "median (min to max)", "", "reference: ratio", "note"]


def render(rows):
    """A Markdown table whose columns line up."""
    cells = [HEADER] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
