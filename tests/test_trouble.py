"""What of a fault the log tells."""

import logging

import pytest

from mlart_jupyter.trouble import trouble


@pytest.mark.parametrize(("level", "told"), [(logging.WARNING, False), (logging.DEBUG, True)])
def test_a_traceback_is_for_the_debug_level(caplog, level, told):
    with caplog.at_level(level, "mlart_jupyter"):
        try:
            raise ValueError("the fault")
        except ValueError:
            trouble("a shown %s was not kept", "Figure")
    (record,) = caplog.records
    assert record.getMessage() == "a shown Figure was not kept"
    assert ("the fault" in caplog.text) is told
