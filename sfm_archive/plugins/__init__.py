"""The contract of plug-ins, and the registry in which what they offer is found by name."""
