"""Where things lie, told from this file: the checkout need not be on the path."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT_SCRIPT = ROOT / "client_script.py"
EXAMPLE_CONFIG = ROOT / "api_examples" / "example_config.json"
FULL_MNIST = ROOT.parent / "shared" / "mnist"
WRITER_TABLES = ROOT.parent / "shared" / "qmnist"
