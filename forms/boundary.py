"""Beyond the boundary (phi địa giới): who may be received here, and who decides. The deciding unit comes from the procedure and
its case, never from the address.

Any resident of the province is received at any commune centre; residents of other provinces for procedures on the published
national list (NĐ 118/2025/NĐ-CP Điều 14 as amended by NĐ 309/2026/NĐ-CP). The list is not in our hands: it is a rule of the
house (``forms.local_rules``, kind ``nationwide``), each entry with its source; until then it says *cần xác nhận*.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from forms.address import Gazetteer
from forms.local_rules import LocalRules
from forms.names import fold
from forms.procedure import Procedure

Where = Literal["here", "province", "country", "unknown"]
_KINDS = ("tinh ", "thanh pho ")


@dataclass(frozen=True)
class Boundary:
    """``where``: the resident's commune beside ours. ``listed``: for a resident of another province, the source of the list the
    procedure stands on, "" when none is known here. ``decides``: who decides, as published."""

    where: Where
    listed: str
    decides: str

    @property
    def doubtful(self) -> bool:
        """Whether reception here still needs an official's word."""
        return self.where == "country" and not self.listed


def boundary(procedure: Procedure, applicant: Mapping[str, Any], profile: Mapping[str, Any], rules: LocalRules) -> Boundary:
    """How a resident stands to this commune. An address that is only text, or a commune whose code the profile does not name,
    leaves it unknown or compares names: nothing is guessed from words inside an address."""
    listed = rules.nationwide.get(procedure.code, "")
    return Boundary(_where(applicant.get("address"), profile), listed, procedure.competent)


def _where(address: Any, profile: Mapping[str, Any]) -> Where:
    unit = Gazetteer.load().unit(str(address["unit"])) if isinstance(address, dict) and address.get("unit") else None
    if unit is None:
        return "unknown"
    if _bare(unit.province) != _bare(str(profile.get("province") or "")):
        return "country"
    same = unit.code == profile.get("area") or fold(unit.name) == fold(str(profile.get("name") or ""))
    return "here" if same else "province"


def _bare(name: str) -> str:
    """A province's name without its kind."""
    folded = fold(name)
    return next((folded.removeprefix(k) for k in _KINDS if folded.startswith(k)), folded)
