"""Keys of insurers: what the firm's file may name, where secrets come from, and that they stay secrets."""

import base64
import json
from pathlib import Path

import pytest

from activities.escalate.keys import PartnerKeys, PartnerKeysError
from activities.firm.load import FirmFileError, load_firm
from tests.partners import ALL, firm_file
from worker.settings import Settings

URL = "https://insurer.example/hooks"
SECRET = b"\xfa" * 32


def refused(keys: PartnerKeys, path: Path) -> str:
    with pytest.raises(PartnerKeysError) as caught:
        keys.require(load_firm(path))
    return str(caught.value)


@pytest.mark.parametrize(
    "written", [SECRET.hex(), SECRET.hex().upper(), base64.b64encode(SECRET).decode(),
                base64.urlsafe_b64encode(SECRET).decode()],
)  # fmt: skip
def test_a_secret_is_hexadecimal_or_base64(written: str, tmp_path: Path) -> None:
    assert PartnerKeys(json.dumps({"k-1": written})).secret("k-1") == SECRET
    (tmp_path / "k-1").write_text(written + "\n")
    assert PartnerKeys(None, tmp_path).secret("k-1") == SECRET


@pytest.mark.parametrize("written", ["", "aa" * 31, "not a secret at all, whatever its length may be …", 12, None])
def test_what_is_no_secret_is_refused_by_its_id_alone(written: object) -> None:
    with pytest.raises(PartnerKeysError) as caught:
        PartnerKeys(json.dumps({"k-1": written}))
    assert "k-1" in str(caught.value)
    assert not isinstance(written, str) or not written or written not in str(caught.value)


@pytest.mark.parametrize("stated", ["[]", "{", '"x"'])
def test_secrets_that_are_no_object_are_refused(stated: str) -> None:
    with pytest.raises(PartnerKeysError, match="COMPLAINTS_PARTNER_SECRETS"):
        PartnerKeys(stated)


def test_a_key_without_a_secret_is_named(tmp_path: Path) -> None:
    path = firm_file(tmp_path / "firm.toml", URL, ["exemple-1", "exemple-9"])
    said = refused(PartnerKeys(json.dumps({k: s.hex() for k, s in ALL.items()})), path)
    assert "exemple-9" in said
    assert "exemple-1" not in said


def test_each_key_has_a_secret_of_its_own(tmp_path: Path) -> None:
    path = firm_file(tmp_path / "firm.toml", URL)
    said = refused(PartnerKeys(json.dumps({"exemple-1": SECRET.hex(), "vallon-1": SECRET.hex()})), path)
    assert "exemple-1, vallon-1" in said
    assert SECRET.hex() not in said


def test_the_settings_do_not_show_secrets() -> None:
    settings = Settings.model_validate({"partner_secrets": json.dumps({"k-1": SECRET.hex()})})
    assert SECRET.hex() not in repr(settings)


@pytest.mark.parametrize(
    "url", ["http://insurer.example/h", "ftp://insurer.example", "https://", "https://user:pw@insurer.example/h",
            "https://insurer.example:99999/", "https://a b/", "https://é.example/"],
)  # fmt: skip
def test_only_safe_addresses_are_called(url: str, tmp_path: Path) -> None:
    with pytest.raises(FirmFileError, match=r"insurers.*webhook\.url"):
        load_firm(firm_file(tmp_path / "firm.toml", url))


@pytest.mark.parametrize("url", [URL, "https://insurer.example:8443/h?a=b", "http://127.0.0.1:9/h", "http://[::1]:9/"])
def test_https_and_this_machine_may_be_called(url: str, tmp_path: Path) -> None:
    insurer = load_firm(firm_file(tmp_path / "firm.toml", url)).insurer("assureur-exemple")
    assert insurer is not None
    assert insurer.webhook is not None
    assert insurer.webhook.url == url


@pytest.mark.parametrize(
    ("keys", "said"),
    [([], "keys"), (["a", "a"], "twice"), (["../etc"], "expected an id"), (["vallon-1"], "another insurer")],
)
def test_keys_are_ids_and_nobody_shares_one(keys: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(FirmFileError, match=said):
        load_firm(firm_file(tmp_path / "firm.toml", URL, keys))
