from autogen.data.open import open_data
from autogen.metrics.memorization.lookup import copy_evidence


def test_images_have_no_more_evidence_than_the_gate():
    data = open_data("digits")
    assert copy_evidence(data.split("test"), data.split("train"), data.codec) == {}
