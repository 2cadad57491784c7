from sfm_archive.testing.conformance import EncoderConformance
from sfm_blastware_99 import BlastwareStrict


class TestStrict(EncoderConformance):
    encoder = BlastwareStrict()
    only_event_memory = True
