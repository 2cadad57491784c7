"""What ships beside the encoders: exporters, the decoder `waveform@1` and the importer `capture@1`."""
