"""The folder of this checkout, and the folder for everything that is made here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
