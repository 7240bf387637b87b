"""``product.py FOLDER N``: the product workload as neutral documents, FOLDER/dossiers.jsonl, for the anchors and the comparison.

The very receptions that each run makes are made once on a counter beside it, and their bodies written down whole: an
anchor carries what we carry, and what arrives must equal it to the last field.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def main() -> None:
    from sync import vault
    from sync.counter import Counter
    from sync.enrolment import enrol
    from tests.bench import workload
    from tests.bench.link_client import OPERATOR, PASSPHRASE
    from tests.conftest import GatewayProcess

    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blobs").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"XDG_STATE_HOME": name, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        data, clock = Path(name) / "counter", workload.Clock(workload.START["product"])
        gateway = GatewayProcess(Path(name) / "gw", "--numbers", "9000")
        try:
            operator = enrol(data, gateway.url, gateway.code, OPERATOR, PASSPHRASE, clock())["operator"]
        finally:
            gateway.stop()
        counter = Counter.open(data, vault.unlock(data, operator, PASSPHRASE), clock=clock)
        workload.receive_product(counter, clock, operator, number)
        with (folder / "dossiers.jsonl").open("w", encoding="utf-8") as out:
            for document in workload.product_documents(counter):
                out.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
        counter.close()


if __name__ == "__main__":
    main()
