"""What every part of a scene draws on: the sheet, its inks, the passage's setting, and a list of what is shown."""

from dataclasses import dataclass, field

from bookreader.illustrations.plates.block import Block
from bookreader.illustrations.plates.palettes import Inks
from bookreader.illustrations.plates.setting import Setting

WIDTH, HEIGHT = 1200, 800


@dataclass
class Canvas:
    """`shown` names what the plate shows, for its alternative text; nothing is listed that is not drawn."""

    block: Block
    inks: Inks
    setting: Setting
    shown: list[str] = field(default_factory=list)

    def show(self, name: str) -> None:
        if name not in self.shown:
            self.shown.append(name)

    def wants(self, *names: str) -> bool:
        """True where the passage has any of these."""
        return self.setting.has(*names)
