"""The operating system's hints: passed on as they are, silent where there is no back end."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation
from pytestqt.qtbot import QtBot

from desktop.network_hints import NetworkHints, system_network

ROOT = Path(__file__).resolve().parents[2]
Feature, Reach = QNetworkInformation.Feature, QNetworkInformation.Reachability


class PlayedNetwork(QObject):
    """A network card whose cable can be pulled; the signals are Qt's."""

    reachabilityChanged = Signal(Reach)
    isMeteredChanged = Signal(bool)
    isBehindCaptivePortalChanged = Signal(bool)

    def __init__(self, *features: Feature) -> None:
        super().__init__()
        self.features, self.reach, self.metered, self.captive = features, Reach.Online, False, False

    def supports(self, feature: Feature) -> bool:
        return feature in self.features

    def reachability(self) -> Reach:
        return self.reach

    def isMetered(self) -> bool:
        return self.metered

    def isBehindCaptivePortal(self) -> bool:
        return self.captive


def listen(network: PlayedNetwork | None) -> tuple[NetworkHints, list[tuple[object, ...]]]:
    hints, heard = NetworkHints(network), []  # type: ignore[arg-type, var-annotated]
    hints.hint.connect(lambda *words: heard.append(words))
    hints.start()
    return hints, heard


def test_a_pulled_cable_a_phone_and_a_login_page_are_heard_once_each(qtbot: QtBot) -> None:
    network = PlayedNetwork(Feature.Reachability, Feature.Metered, Feature.CaptivePortal)
    _hints, heard = listen(network)
    assert heard == [(True, False, False)]
    network.reach = Reach.Disconnected
    network.reachabilityChanged.emit(network.reach)
    network.reachabilityChanged.emit(network.reach)  # said twice, heard once
    network.reach, network.metered = Reach.Local, True
    network.isMeteredChanged.emit(True)
    network.captive = True
    network.isBehindCaptivePortalChanged.emit(True)
    assert heard[1:] == [(False, False, False), (True, True, False), (True, True, True)]


def test_what_the_system_does_not_say_is_none(qtbot: QtBot) -> None:
    network = PlayedNetwork(Feature.Reachability)
    network.reach = Reach.Unknown
    _hints, heard = listen(network)
    assert heard == [(None, None, None)]


def test_the_backend_of_this_machine_if_any(qtbot: QtBot) -> None:
    there = system_network() is not None
    _hints, heard = listen(None)
    assert len(heard) == (1 if there else 0)
    assert all(word in (True, False, None) for words in heard for word in words)


def test_without_a_backend_nothing_is_emitted_and_nothing_fails() -> None:
    code = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QNetworkInformation
QCoreApplication.setLibraryPaths([])
app = QCoreApplication([])
QCoreApplication.setLibraryPaths([])
from desktop.network_hints import NetworkHints
hints, heard = NetworkHints(), []
hints.hint.connect(lambda *words: heard.append(words))
hints.start()
app.processEvents()
print(QNetworkInformation.availableBackends(), heard)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[] []", 0), done.stderr
