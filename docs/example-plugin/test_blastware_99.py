from sfm_blastware_99 import BlastwareStrict

from sfm_archive.testing.conformance import EncoderConformance


class TestStrict(EncoderConformance):
    encoder = BlastwareStrict()
    only_event_memory = True
