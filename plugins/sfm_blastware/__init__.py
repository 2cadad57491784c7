"""The encoders `blastware@0` to `blastware@3`, one module each: released bytes, which never change."""
