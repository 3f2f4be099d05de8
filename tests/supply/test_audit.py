"""The audit by the real pip-audit, asking a vulnerability database of the tests: it never says more than it knows."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deploy.supply.audit import FOUND, NOT_ASKED, audit
from deploy.supply.lock import read_lock
from tests.ports import HOST, free_port

HERE = [each for each in read_lock() if each.is_for_this_machine]
FLAW = {
    "id": "PYSEC-2026-1", "summary": "x", "details": "x", "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {"package": {"name": "jinja2", "ecosystem": "PyPI"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}]}
    ],
}  # fmt: skip


@contextmanager
def database(flaws: dict[str, Any], status: int = 200) -> Iterator[tuple[list[str], list[str]]]:
    """A database as OSV is: gives the options that lead to it, and the packages it was asked about."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = question["package"]["name"]
            asked.append(name)
            body = json.dumps({"vulns": [flaws[name]]} if name in flaws else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ["-s", "osv", "--osv-url", f"http://{HOST}:{server.server_port}/v1/query"], asked
        server.shutdown()


def test_every_package_of_the_image_is_asked_about() -> None:
    with database({}) as (there, asked):
        status, told = audit(there)
    assert (status, told) == (0, f"{len(HERE)} packages of the image: no known vulnerability.")
    assert sorted(asked) == sorted(each.name for each in HERE)


def test_a_vulnerability_is_named_with_what_repairs_it() -> None:
    with database({"jinja2": FLAW}) as (there, _):
        status, told = audit(there)
    assert status == FOUND
    assert "jinja2 3.1.6: PYSEC-2026-1, repaired in 99.0.0" in told


def test_a_database_that_cannot_be_reached_is_no_good_news() -> None:
    status, told = audit(["-s", "osv", "--osv-url", f"http://{HOST}:{free_port()}/v1/query"])
    assert status == NOT_ASKED
    assert told.startswith("Not audited: ")
    assert "no known vulnerability" not in told


def test_a_proxy_that_refuses_is_no_good_news() -> None:
    with database({}, status=403) as (there, _):
        status, told = audit(there)
    assert (status, told[:12]) == (NOT_ASKED, "Not audited:")


def test_a_database_that_knows_none_of_the_packages_is_no_good_news(monkeypatch: Any) -> None:
    """pip-audit itself ends well then: each package is skipped, with its reason."""
    skipped = {"dependencies": [{"name": each.name, "skip_reason": "not found"} for each in HERE], "fixes": []}

    class Done:
        stdout, stderr = json.dumps(skipped), "No known vulnerabilities found"

    monkeypatch.setattr("deploy.supply.audit.subprocess.run", lambda *_, **__: Done)
    status, told = audit()
    assert status == NOT_ASKED
    assert f"knows nothing of {len(HERE)} packages of {len(HERE)}" in told


def test_an_audit_without_end_is_no_good_news() -> None:
    status, told = audit(patience_seconds=0.01)
    assert (status, told[:12]) == (NOT_ASKED, "Not audited:")
