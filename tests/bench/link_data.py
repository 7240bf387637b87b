"""What the link bench needs before its first run: the workloads, a certificate for the emulated host, the anchors' packages."""

import ipaddress
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.bench.link_cases import HARNESS, World

HOST = "198.18.0.2"
"""The server's address behind the emulated link."""
_BENCH = {"d200": (200, 1), "d1000": (1000, 3), "d1": (1, 21), "a20": (20, 10), "train": (2000, 99)}
"""Workloads of the harness: dossiers and seed, as its README makes them."""


def missing_on_this_machine() -> str:
    """What is not here for an emulated link, in words; "" when all is."""
    lacks = [] if os.geteuid() == 0 else ["root"]
    lacks += [] if Path("/dev/net/tun").exists() else ["/dev/net/tun"]
    lacks += [] if shutil.which("ip") else ["iproute2"]
    lacks += [] if (HARNESS / "run.py").exists() else ["../shared/bench"]
    return ", ".join(lacks)


def anchors_installed(home: Path) -> bool:
    """Whether the packages of PouchDB, tus and the Python anchors are where ``env.sh`` looks for them."""
    modules = home / "node" / "node_modules"
    there = all((modules / name).is_dir() for name in ("pouchdb", "express-pouchdb", "tus-js-client", "@tus/server"))
    return there and (home / "venv" / "bin" / "python").exists() and shutil.which("node") is not None


def ready(world: World, names: set[str]) -> None:
    """Make what these workloads need and is not there."""
    (world.home / "tmp").mkdir(parents=True, exist_ok=True)
    _certificate(world.work)
    needed = {n for n in names if n in _BENCH} | ({"d1000", "a20"} if "m1000" in names else set())
    dictionary = world.home / "data" / "dict100k.bin"
    learn = world.anchors and not dictionary.exists()
    for name in sorted(needed | ({"train", "d200"} if learn else set())):
        _generate(world.data(name), name)
    if learn:
        limit = [world.home / "venv" / "bin" / "python", HARNESS / "limit.py", world.data("train"), world.data("d200")]
        _run(*limit, PERF_HOME=str(world.home))
    if "m1000" in names:
        _mixed(world)
    for name in sorted(n for n in names if n.startswith("p")):
        product = [sys.executable, Path(__file__).with_name("product.py"), world.data(name), name.removeprefix("p")]
        _run(*product)


def _generate(folder: Path, name: str) -> None:
    number, seed = _BENCH[name]
    if not (folder / "dossiers.jsonl").exists():
        attach = ["--attach"] if name == "a20" else []
        _run(sys.executable, HARNESS / "gen.py", folder, "--n", str(number), "--seed", str(seed), *attach)


def _mixed(world: World) -> None:
    """1,000 dossiers of which 20 have scans, for the memory of the sync process."""
    folder, scans = world.data("m1000"), world.data("a20")
    folder.mkdir(parents=True, exist_ok=True)
    plain = (world.data("d1000") / "dossiers.jsonl").read_text("utf-8").splitlines()[:980]
    lines = [*plain, *(scans / "dossiers.jsonl").read_text("utf-8").splitlines()]
    lines.sort(key=lambda text: str(json.loads(text)["received_at"]))
    (folder / "dossiers.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    if not (folder / "blobs").exists():
        (folder / "blobs").symlink_to(scans / "blobs")


def _run(*command: object, **environment: str) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=os.environ | environment)
    if done.returncode:
        raise SystemExit(f"A workload could not be made: {done.stderr[-800:]}")


def _certificate(folder: Path) -> None:
    """A throw-away P-256 certificate for the emulated host: trusted by whoever names its file, known to nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=7))
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    made = builder.add_extension(host, critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "tls.crt").write_bytes(made.public_bytes(pem))
    (folder / "tls.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
