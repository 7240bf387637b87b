"""What the operating system believes of its networks, as one signal. It only wakes: no screen and no decision hangs on it.

Qt's network information has a back end for Windows, NetworkManager, ConnMan and GLib; a machine without any gives no hints.
"""

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

_Feature = QNetworkInformation.Feature
_FEATURES = (_Feature.Reachability, _Feature.Metered, _Feature.CaptivePortal)
_Reach = QNetworkInformation.Reachability


def system_network() -> QNetworkInformation | None:
    """The back end that Qt chooses, loaded once for the process; None when there is none, or one that knows nothing (as Qt
    6.11 has where no plug-in is found)."""
    if QNetworkInformation.instance() is None:
        QNetworkInformation.loadDefaultBackend()
    found = QNetworkInformation.instance()
    return found if found and any(map(found.supports, _FEATURES)) else None


class NetworkHints(QObject):
    """``hint(connected, metered, captive)``: each ``bool``, or None where the system does not say; once at :meth:`start`, then
    whenever one of them changes. Without a back end it is never emitted."""

    hint = Signal(object, object, object)

    def __init__(self, network: QNetworkInformation | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = network
        self._last: tuple[bool | None, bool | None, bool | None] | None = None

    def start(self) -> None:
        """Begin to listen: connect ``hint`` before."""
        network = self._network = self._network or system_network()
        if network is None:
            return
        for changed in (network.reachabilityChanged, network.isMeteredChanged, network.isBehindCaptivePortalChanged):
            changed.connect(self._tell)
        self._tell()

    def _tell(self, *_: object) -> None:
        """All three are read again: a change of one often comes before that of another."""
        network = self._network
        if network is None:
            return
        reach = network.reachability() if network.supports(_Feature.Reachability) else _Reach.Unknown
        now = (
            None if reach == _Reach.Unknown else reach != _Reach.Disconnected,
            network.isMetered() if network.supports(_Feature.Metered) else None,
            network.isBehindCaptivePortal() if network.supports(_Feature.CaptivePortal) else None,
        )
        if now != self._last:
            self._last = now
            self.hint.emit(*now)
