"""The one command of this repository: `python3 dev.py <command>`; standard library only.

It makes `.venv` from `requirements.lock` (every file checked by its hash), adds the system libraries that Qt
needs where it may, and runs the command inside. A second call finds all this done and adds nothing.

    run                 the app in practice mode; without a display, the demo
    test [pytest args]  lint, types, staircase, tests
    check               lint, types, staircase
    demo [--out DIR]    a day at the counter, drawn into pictures
    bench               the figures
    faults [--nightly]  injected faults; --only REGEX for some of them
    bundle              the frozen app in dist/motcua, self-checked
    lock [--upgrade]    makes requirements.lock again from pyproject.toml
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"  # the hash of the lock that is wholly installed; written last
OLDEST = (3, 11)

# Shared library → Debian package. The first six let Qt draw at all, the others open a window on X11.
DRAWING = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
WINDOW = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
}


class Stop(Exception):
    """A reason to stop that the person at the keyboard can do something about."""


def say(text: str) -> None:
    print(text, flush=True)


# -- the machine ---------------------------------------------------------------------------------------------


def missing_libraries() -> dict[str, str]:
    """The shared libraries Qt needs that this machine cannot load → their Debian packages."""
    missing = {}
    for library, package in (DRAWING | WINDOW).items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[library] = package
    return missing


def root_prefix() -> list[str] | None:
    """What to put before a command to run it as root; None when that needs a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def renamed(package: str) -> str:
    """The package under the name this release gives it (`libglib2.0-0` became `libglib2.0-0t64`)."""
    known = subprocess.run(["apt-cache", "show", f"{package}t64"], capture_output=True)
    return f"{package}t64" if known.returncode == 0 else package


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages, saying so; False, after naming them and the command, when that cannot be."""
    prefix = root_prefix() if shutil.which("apt-get") else None
    if prefix is not None:
        say(f"Installing system packages / Đang cài gói hệ thống: {' '.join(packages)}")
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt, "update"], capture_output=True)  # if it fails, the install says what is wrong
        names = [renamed(package) for package in packages]
        if quiet_run([*apt, "install", "-y", "--no-install-recommends", *names]):
            return True
    say(f"Missing system packages / Còn thiếu gói hệ thống: sudo apt-get install {' '.join(packages)}")
    return False


def quiet_run(command: list[str]) -> bool:
    """Run without a word; show everything when it fails. True when it did not."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        say(f"{' '.join(command)}\n{done.stdout.rstrip()}")
    return done.returncode == 0


def ready_machine() -> None:
    """Qt's system libraries are there, or the person knows which are not.

    Raises:
        Stop: Qt could not even draw offscreen.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = missing_libraries()
    if missing and apt_install(sorted(missing.values())):
        missing = missing_libraries()
    if missing.keys() & DRAWING.keys():
        raise Stop(f"Qt cannot start without / Qt không chạy được nếu thiếu: {', '.join(missing)}")


def ready_compiler() -> None:
    """A C compiler is there, for the faults between a program and its disk (tests/faults/shim.c)."""
    if sys.platform.startswith("linux") and not shutil.which("cc"):
        apt_install(["gcc", "libc6-dev"])


# -- the virtual environment ---------------------------------------------------------------------------------


def ready_venv() -> None:
    """`.venv` holds exactly the lock. An install that was cut short has no stamp and is made anew.

    Raises:
        Stop: the environment could not be made.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == wanted:
        return
    say("Installing the pinned packages into .venv, once / Đang cài các gói vào .venv, chỉ một lần …")
    began = time.monotonic()
    STAMP.unlink(missing_ok=True)
    make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
    if not quiet_run([*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK)]):
        raise Stop("The packages could not be installed / Chưa cài được các gói.")
    STAMP.write_text(wanted)
    say(f"Ready in {time.monotonic() - began:.0f} s / Đã cài xong.")


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu split it off
        apt_install([f"python3.{sys.version_info.minor}-venv"])
    base = getattr(sys, "_base_executable", sys.executable)  # not the .venv that is about to be cleared
    if not quiet_run([base, "-m", "venv", "--clear", str(VENV)]):
        raise Stop("This Python cannot make a virtual environment / Python này chưa tạo được môi trường ảo.")


def environment(**extra: str) -> dict[str, str]:
    """The environment of everything run inside: our packages importable, UTF-8 throughout."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "VIRTUAL_ENV": str(VENV)} | extra
    env["PATH"] = f"{PYTHON.parent}{os.pathsep}{env.get('PATH', '')}"
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if os.name != "nt" and not re.search(r"utf-?8", locale, re.IGNORECASE):
        env["LC_ALL"] = "C.UTF-8"  # Qt warns about any other encoding
    return env


def python(*args: str, **extra: str) -> int:
    """Run `.venv`'s Python at the root of the repository; its exit code."""
    return subprocess.run([str(PYTHON), *args], cwd=ROOT, env=environment(**extra)).returncode


def offscreen(*args: str) -> int:
    return python(*args, QT_QPA_PLATFORM=os.environ.get("QT_QPA_PLATFORM", "offscreen"))


# -- the commands --------------------------------------------------------------------------------------------


def run(args: list[str]) -> int:
    if sys.platform.startswith("linux") and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        say("No display here: playing the demo instead / Máy này không có màn hình: chạy bản trình diễn.")
        return demo([])
    return python("-m", "desktop", "--practice", *args)


def section(title: str, *command: str) -> bool:
    """One part of the checks under its heading; True when it passed."""
    say(f"\n== {title} ==")
    return offscreen(*command) == 0


def verdict(failed: list[str]) -> int:
    if failed:
        say(f"\nFAILED / KHÔNG ĐẠT: {', '.join(failed)}")
    return 1 if failed else 0


STAIRCASE = "import sys; from importlinter.cli import lint_imports as c; sys.exit(c(no_cache=True, no_logo=True))"


def failed_checks() -> list[str]:
    checks = {
        "lint": ["-m", "ruff", "check", "--no-cache", "--output-format=concise", "."],
        "types": ["-m", "mypy", "--no-pretty"],
        "staircase": ["-c", STAIRCASE],
    }
    return [title for title, command in checks.items() if not section(title, *command)]


def check(args: list[str]) -> int:
    return verdict(failed_checks())


def test(args: list[str]) -> int:
    ready_compiler()
    failed = failed_checks()
    if not section("tests", "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *args):
        failed.append("tests")
    return verdict(failed)


def demo(args: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py demo")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "demo")
    options, others = parser.parse_known_args(args)
    out = options.out.resolve()
    code = offscreen("tests/demo/day.py", "--out", str(out), *others)
    if code == 0:
        say(f"The pictures are in / Ảnh nằm ở: {out}")
    return code


def bench(args: list[str]) -> int:
    return offscreen("tests/bench/run.py", *args)


def faults(args: list[str]) -> int:
    ready_compiler()
    return offscreen("tests/faults/run.py", *args)


def bundle(args: list[str]) -> int:
    """Freeze the app into dist/motcua and let the frozen app check itself from elsewhere, without `.venv`."""
    if sys.platform.startswith("linux") and not (shutil.which("objdump") and shutil.which("strip")):
        apt_install(["binutils"])
    began = time.monotonic()
    build = ["--noconfirm", "--log-level", "ERROR", "--distpath", "dist", "--workpath", "build", *args]
    if code := python("-m", "PyInstaller", *build, "installer/motcua.spec"):
        return code
    folder = ROOT / "dist" / "motcua"
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    say(f"dist/motcua: {size / 2**20:.0f} MB in {time.monotonic() - began:.0f} s")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    began = time.monotonic()
    code = subprocess.run([str(folder / "motcua"), "--self-check"], cwd=ROOT.parent, env=outside).returncode
    say(f"self-check: exit {code} in {time.monotonic() - began:.1f} s")
    return code


def lock(args: list[str]) -> int:
    """One lock for Linux and Windows and every supported Python, naming no machine and no index."""
    wanted = ["--extra", "dev", "--universal", "--python-version", ".".join(map(str, OLDEST))]
    form = ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "-q", "-o", LOCK.name]
    header = ["--custom-compile-command", "python3 dev.py lock"]
    return python("-m", "uv", "pip", "compile", "pyproject.toml", *wanted, *form, *header, *args)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    command.__name__: command for command in (run, test, check, demo, bench, faults, bundle, lock)
}


def main(argv: list[str]) -> int:
    if sys.version_info < OLDEST:
        say("Python 3.11 or newer is needed / Cần Python 3.11 trở lên.")
        return 2
    if not argv or argv[0] not in COMMANDS:
        say(__doc__ or "")
        return 0 if argv and argv[0] in ("-h", "--help") else 2
    try:
        ready_machine()
        ready_venv()
        return COMMANDS[argv[0]](argv[1:])
    except Stop as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("Stopped / Đã dừng.")
        return 130


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # a Windows console may not be UTF-8
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
