import re
import sys

import pytest

from edm_core.errors import ModelError
from edm_core.models.catalogue import WEIGHTS, PackagedFile, locate


def test_every_entry_is_pinned_and_licensed():
    for weights in WEIGHTS:
        assert weights.licence in {"MIT", "Apache-2.0"} and weights.source
        for file in weights.files:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256) and "==" in file.distribution


def test_locating_imports_nothing():
    for file in (file for weights in WEIGHTS for file in weights.files):
        loaded = file.package in sys.modules
        assert locate(file).is_file()
        assert (file.package in sys.modules) == loaded


def test_a_file_missing_from_its_package():
    with pytest.raises(ModelError, match="no_file"):
        locate(PackagedFile("x", "yaml", "no_file", "0", "yaml"))
