"""The settings as IPython's configuration knows them: `c.IthTel.<setting>`, `%config IthTel`."""

from __future__ import annotations

from traitlets import Bool, CaselessStrEnum, Unicode
from traitlets.config import Configurable

from ithtel.events import LEVELS
from ithtel.recording.settings import Settings, descriptions

_HELP = descriptions()
_DEFAULT = Settings()


class IthTel(Configurable):
    """How a session records; the same settings as `ithtel.start` takes."""

    log_dir = Unicode(_DEFAULT.log_dir, help=_HELP["log_dir"]).tag(config=True)
    env = Unicode(_DEFAULT.env, help=_HELP["env"]).tag(config=True)
    package = Unicode(_DEFAULT.package, help=_HELP["package"]).tag(config=True)
    level = CaselessStrEnum(list(LEVELS), _DEFAULT.level, help=_HELP["level"]).tag(config=True)
    loguru = Bool(_DEFAULT.loguru, help=_HELP["loguru"]).tag(config=True)
    git = Bool(_DEFAULT.git, help=_HELP["git"]).tag(config=True)

    def settings(self) -> Settings:
        """Return what is configured."""
        return Settings(**{name: getattr(self, name) for name in Settings.__struct_fields__})
