"""The shipped firm's file with a webhook for the insurer of the tests, and the settings that go with it."""

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from tests.partner_server import Keys
from worker.settings import Settings

SHIPPED = Path(__file__).parents[1] / "deploy" / "firm" / "123-courtage.toml"
_AFTER = 'manager_email = "direction.reclamations@assureur-exemple.example.org"\n'
_AFTER_THE_OTHER = 'manager_email = "responsable.client@mutuelle-du-vallon.example.org"\n'

OF_EXEMPLE = {"exemple-1": b"1" * 32, "exemple-2": b"2" * 32}
OF_VALLON = {"vallon-1": b"3" * 32}
ALL = OF_EXEMPLE | OF_VALLON


def firm_file(path: Path, url: str, keys: Sequence[str] = ("exemple-1",)) -> Path:
    """Write the firm's file: `assureur-exemple` takes calls at `url`; `mutuelle-du-vallon` has a key of its own."""
    stated = SHIPPED.read_text("utf-8")
    assert _AFTER in stated
    assert _AFTER_THE_OTHER in stated
    stated = stated.replace(_AFTER, _AFTER + _webhook(url, keys))
    stated = stated.replace(_AFTER_THE_OTHER, _AFTER_THE_OTHER + _webhook("https://vallon.example/h", ["vallon-1"]))
    beside = path.with_suffix(".new")
    beside.write_text(stated, "utf-8")
    beside.replace(path)
    return path


def with_partners(settings: Settings, folder: Path, url: str, timeout: float = 2.0) -> Settings:
    """Give the settings of a firm whose insurer has a webhook."""
    secrets = json.dumps({key_id: secret.hex() for key_id, secret in ALL.items()})
    return settings.model_copy(
        update={
            "firm_file": firm_file(folder / "firm.toml", url),
            "partner_secrets": SecretStr(secrets),
            "partner_timeout_seconds": timeout,
        }
    )


def keys_of_exemple() -> Keys:
    return Keys(dict(OF_EXEMPLE))


def _webhook(url: str, keys: Sequence[str]) -> str:
    return f'[insurers.webhook]\nurl = "{url}"\nkeys = {json.dumps(list(keys))}\n'
