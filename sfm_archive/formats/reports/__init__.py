"""What the vendor's programs print of an event: Blastware's ASCII report and THOR's CSV."""
